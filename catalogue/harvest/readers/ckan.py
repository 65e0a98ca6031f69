"""CKAN's API: ``package_search``, a hundred packages a page in the order of their ids.

CKAN has offsets, not keys, to page by: if a package is deleted while the list is read, the next
page begins one too late.  So each page is asked to begin with the last package of the one before;
if it does not, the page is not whole, and nothing counts as gone because of this run.

One package that CKAN cannot write down makes it answer 500 for the page that holds it.  The page
is then read in tens, and the ten in ones, so that one package hides no other; it is named.

Which field says which of our properties stands in ``ckan.csv``: those of CKAN itself and those
that ckanext-dcat stores, as extras or as fields of a schema.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from catalogue.harvest.fetch import Fetcher, FetchError
from catalogue.harvest.geojson import well_known
from catalogue.harvest.parsing import Parser
from catalogue.harvest.reading import Asked, Page, Place, Remote, Unreadable
from catalogue.harvest.telling import Telling, broken, concept_of, once, told
from catalogue.profile import Profile
from catalogue.profile.values import Nested, Reference
from catalogue.terms import fault_of_iri, iri, literal

_ROWS, _STEPS = 100, (10, 1)
#: So many packages in a row that cannot be had are not bad packages but a bad server.
_MOST_FAILURES = 5
_TABLE = Path(__file__).with_suffix(".csv")
#: What a package is when it is no dataset: a source of the harvester that filled this CKAN.
_OTHER_TYPES = ("harvest", "showcase")
_SERIES = "dataset_series"
#: Extras that say how a package came into this CKAN, and change without it.
_VOLATILE = ("harvest_", "import_source", "guid", "metadata_", "metadata-", "_")
_EXTRA = "urn:ckan:extra:"
_DIGESTS = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}


def make(asked: Asked, fetcher: Fetcher, parser: Parser) -> CkanReader:
    """The reader of a source."""
    return CkanReader(asked, fetcher, parser)


@dataclass
class _Read:
    """What was had of a stretch of the list."""

    packages: list[Any] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    count: int | None = None
    #: How many places of the list it covers.
    passed: int = 0


class CkanReader:
    """Reads the packages of a CKAN."""

    def __init__(self, asked: Asked, fetcher: Fetcher, parser: Parser) -> None:
        self.site = site_of(asked.address)
        self.options = asked.options
        self.fetcher = fetcher
        self.parser = parser
        self.packages = Packages(parser.profile, self.site)

    def page(self, place: Place | None) -> Page:
        """The page that begins at the ``start`` of a place."""
        start = int((place or {}).get("start", 0))
        last = str((place or {}).get("last", ""))
        # One package of the page before, to see whether the list moved meanwhile.
        overlap = 1 if start and last else 0
        read = self._read(start - overlap, _ROWS + overlap)
        problems, whole = list(read.problems), not read.missing
        found = read.packages
        if overlap and found and not read.missing:
            if _id_of(found[0]) == last:
                found = found[1:]
            else:
                whole = False
                problems.append(
                    "The list of packages moved while it was read, for something was added or "
                    "deleted there; what was passed by is found by the next run."
                )
        reached = start - overlap + read.passed
        more = read.count is not None and reached < read.count
        if more and reached <= start:
            more, whole = False, False
            problems.append(
                f"CKAN counts {read.count} packages but gives none from {start + 1} on."
            )
        next_ = None
        if more:
            ends = _id_of(read.packages[-1]) if read.packages and not read.missing else ""
            next_ = {"start": reached, **({"last": ends} if ends else {})}
        remotes, deleted = self._remotes(found, problems)
        return Page(
            self._address(start, _ROWS),
            remotes,
            next_,
            total=read.count,
            named=read.missing,
            deleted=deleted,
            problems=problems,
            whole=whole,
        )

    def _remotes(
        self, packages: Sequence[Any], problems: list[str]
    ) -> tuple[list[Remote], list[str]]:
        found: list[Remote] = []
        deleted: list[str] = []
        for package in packages:
            id_ = _id_of(package)
            if not id_:
                problems.append("A package has no id; it cannot be told from others.")
            elif not _is_public(package):
                deleted.append(id_)
            else:
                found += told(self.parser, self.packages.telling(package), id_)
        return once(found), deleted

    def _read(self, start: int, rows: int) -> _Read:
        try:
            return self._search(start, rows)
        except _Broken as broken_:
            failed = broken_
        read = _Read()
        self._read_in(_STEPS, start, rows, read, failed)
        if not read.packages:
            raise Unreadable(
                f"CKAN gave none of the {rows} packages from {start + 1} on: {failed}",
                {"start": start + rows},
            )
        return read

    def _read_in(
        self, steps: Sequence[int], start: int, rows: int, read: _Read, failed: _Broken
    ) -> None:
        """Read a stretch in smaller pieces, down to single packages."""
        step = steps[0]
        for at in range(start, start + rows, step):
            if read.count is not None and at >= read.count:
                return
            size = min(step, start + rows - at)
            try:
                piece = self._search(at, size)
            except _Broken as broken_:
                if step > 1:
                    self._read_in(steps[1:], at, size, read, broken_)
                    continue
                name = self._name_at(at)
                read.missing.append(name or f"package {at + 1}")
                read.problems.append(
                    f"Package {name or at + 1} ({at + 1} in the order of ids) cannot be had: "
                    f"{broken_}"
                )
                read.passed += 1
                if not read.packages and len(read.missing) >= _MOST_FAILURES:
                    raise Unreadable(
                        f"CKAN gave none of the first {_MOST_FAILURES} packages from "
                        f"{start + 1} on: {failed}",
                        {"start": start + _ROWS},
                    ) from None
                continue
            read.packages += piece.packages
            read.count = piece.count
            read.passed += piece.passed

    def _name_at(self, at: int) -> str:
        """The id at a place of the list, from the index, which a bad package does not break."""
        try:
            return _id_of(self._search(at, 1, "id,name").packages[0])
        except (_Broken, Unreadable, IndexError):
            return ""

    def _search(self, start: int, rows: int, fields: str = "") -> _Read:
        address = self._address(start, rows, fields)
        try:
            fetched = self.fetcher.get(address, accept="application/json")
        except FetchError as error:
            if error.answered and error.status >= 500:
                raise _Broken(str(error)) from None
            raise Unreadable(str(error)) from None
        try:
            said = json.loads(fetched.content)
        except (ValueError, RecursionError):
            raise _Broken("The answer is not JSON.") from None
        result = said.get("result") if isinstance(said, Mapping) else None
        if not isinstance(result, Mapping) or not isinstance(result.get("results"), list):
            raise Unreadable(
                f"{address} does not answer as package_search of CKAN does; is {self.site} "
                "the address of a CKAN?"
            )
        packages, count = result["results"], result.get("count")
        counted = count if isinstance(count, int) and not isinstance(count, bool) else None
        return _Read(list(packages), count=counted, passed=len(packages))

    def _address(self, start: int, rows: int, fields: str = "") -> str:
        narrowed = [str(self.options["fq"])] if self.options.get("fq") else []
        if organisation := self.options.get("organisation"):
            quoted = str(organisation).replace("\\", "\\\\").replace('"', '\\"')
            narrowed.append(f'organization:"{quoted}"')
        asked = {
            "q": str(self.options.get("query") or "*:*"),
            "fq": " AND ".join(f"({one})" for one in narrowed)
            if len(narrowed) > 1
            else "".join(narrowed),
            "sort": "id asc",
            "start": str(start),
            "rows": str(rows),
            "fl": fields,
        }
        said = {name: value for name, value in asked.items() if value}
        return f"{self.site}/api/3/action/package_search?{urlencode(said)}"


class _Broken(Exception):
    """The server fails at an answer: maybe at one package in it."""


class Packages:
    """What packages of one CKAN say, in statements."""

    def __init__(self, profile: Profile, site: str) -> None:
        self.profile = profile
        self.site = site

    def telling(self, package: Mapping[str, Any]) -> Telling | Remote:
        """What a package says, or that it cannot be read."""
        id_ = _id_of(package)
        kind = "series" if package.get("type") == _SERIES else "dataset"
        said = _fields(package)
        address = str(said.get("uri") or "").strip()
        if fault_of_iri(address) or not address.startswith(("http://", "https://", "urn:")):
            address = f"{self.site}/dataset/{quote(id_)}"
        if not isinstance(package.get("resources") or [], list):
            title = str(package.get("title") or package.get("name") or "")[:500]
            return broken(
                id_, kind, "Its resources are no list; the package is broken.", address, title
            )
        telling = Telling(self.profile, self.profile.records[kind], iri(address))
        for key in said.pop("__unread__", ()):
            telling.warn(key, "is not the JSON it begins as")
        self._say_fields(telling, "dataset", said)
        self._say_people(telling, package)
        self._say_subjects(telling, package)
        self._say_rest(telling, package, said)
        for resource in package.get("resources") or []:
            if isinstance(resource, Mapping) and resource.get("state", "active") == "active":
                self._say_resource(telling, package, resource)
        return telling

    def _say_fields(self, telling: Telling, level: str, said: Mapping[str, Any]) -> None:
        """Say every field that the table knows; dotted ones are gathered into one part."""
        parts: dict[str, dict[str, Any]] = {}
        for name, property_ in _table()[level].items():
            value = said.get(name)
            if value in (None, "", [], {}):
                continue
            head, _, rest = property_.partition(".")
            if rest:
                parts.setdefault(head, {})[rest] = value
            elif not telling.has(head) or name.endswith("_translated"):
                telling.say(head, self._value(telling, head, value))
        for head, about in parts.items():
            if not telling.has(head) or head == "location":
                for key in ("geometry", "bbox", "centroid"):
                    if key in about:
                        about[key] = well_known(about[key])
                telling.say(head, {key: _first(each) for key, each in about.items()})

    def _value(self, telling: Telling, name: str, value: Any) -> Any:
        """A value with the fields of its parts renamed to ours."""
        one = telling.shape.properties.get(name)
        if isinstance(value, list):
            return [self._value(telling, name, each) for each in value]
        if one is None or not isinstance(value, Mapping):
            return value
        if isinstance(one.value, Nested):
            shape = one.value.values
        elif isinstance(one.value, Reference):
            shape = "Agent"
        else:
            return value
        below: dict[str, Any] = {}
        for key, property_ in _table().get(shape, {}).items():
            each = value.get(key)
            if each in (None, "", [], {}):
                continue
            if property_ in ("geometry", "bbox", "centroid"):
                each = well_known(each)
            if property_ == "agent":
                agents = each if isinstance(each, list) else [each]
                each = [
                    {
                        ours: one_.get(theirs)
                        for theirs, ours in _table()["Agent"].items()
                        if "." not in ours
                    }
                    for one_ in agents
                    if isinstance(one_, Mapping)
                ]
            head, _, rest = property_.partition(".")
            below.setdefault(head, {rest: each} if rest else each)
        return below

    def _say_people(self, telling: Telling, package: Mapping[str, Any]) -> None:
        organisation = package.get("organization")
        if not telling.has("publisher") and isinstance(organisation, Mapping):
            name = organisation.get("id") or organisation.get("name")
            telling.say(
                "publisher",
                {
                    "iri": f"{self.site}/organization/{quote(str(name))}" if name else "",
                    "name": organisation.get("title") or organisation.get("name"),
                    "description": organisation.get("description"),
                },
            )
        if not telling.has("creator") and package.get("author"):
            telling.say("creator", {"name": package["author"]})
        for role in ("maintainer", "author"):
            name, email = package.get(role), package.get(f"{role}_email")
            if not telling.has("contact_point") and email:
                telling.say("contact_point", {"contact_name": name, "email": email})

    def _say_subjects(self, telling: Telling, package: Mapping[str, Any]) -> None:
        for tag in _mappings(package.get("tags")):
            telling.say("keyword", tag.get("display_name") or tag.get("name"))
        for group in _mappings(package.get("groups")):
            names = [group.get("title"), group.get("display_name"), group.get("name")]
            known = (
                concept_of(self.profile.vocabularies, "data-theme", str(name))
                for name in names
                if name
            )
            if theme := next((one for one in known if one), ""):
                telling.say("theme", theme)
            else:
                telling.say("keyword", next((str(name) for name in names if name), ""))

    def _say_rest(
        self, telling: Telling, package: Mapping[str, Any], said: Mapping[str, Any]
    ) -> None:
        for name, property_ in (("metadata_created", "issued"), ("metadata_modified", "modified")):
            if not telling.has(property_):  # as ckanext-dcat tells it
                telling.say(property_, package.get(name))
        if not telling.has("identifier"):
            telling.say("identifier", said.get("guid") or _id_of(package))
        for place in _mappings(said.get("spatial_coverage")):
            telling.say("spatial", place.get("uri") or None)
        for series in said.get("in_series") or []:
            if isinstance(series, str) and series:
                address = (
                    series if series.startswith("http") else f"{self.site}/dataset/{quote(series)}"
                )
                telling.say("in_series", address)
        known = {*_table()["dataset"], "uri", "in_series", "spatial_text"}
        for key, value in _extras(package).items():
            # What nobody has a property for is told all the same: so a profile learns to grow.
            if key not in known and not key.startswith(_VOLATILE) and isinstance(value, str):
                telling.add(iri(_EXTRA + quote(key, safe="")), literal(value[:5_000]))

    def _say_resource(
        self, telling: Telling, package: Mapping[str, Any], resource: Mapping[str, Any]
    ) -> None:
        said = _fields(resource)
        said.pop("__unread__", None)
        address = str(said.get("uri") or "").strip()
        if (not address or fault_of_iri(address)) and resource.get("id"):
            address = f"{self.site}/dataset/{quote(_id_of(package))}/resource/{quote(str(resource['id']))}"
        if "distribution" not in telling.shape.properties:
            return
        distribution = telling.part("distribution", iri(address) if address else "")
        self._say_fields(distribution, "resource", said)
        url = said.get("url")
        distribution.say("access_url", said.get("access_url") or url)
        if url and said.get("url_type") == "upload" and not distribution.has("download_url"):
            distribution.say("download_url", url)
        digest = str(said.get("hash") or "").strip()
        algorithm, _, value = digest.rpartition(":")
        algorithm = str(said.get("hash_algorithm") or algorithm or _DIGESTS.get(len(value), ""))
        if value and algorithm:
            distribution.say("checksum", {"algorithm": algorithm, "checksum_value": value})
        if not distribution.has("licence"):
            distribution.say(
                "licence",
                {
                    "iri": package.get("license_url"),
                    "title": package.get("license_title") or package.get("license_id"),
                },
            )


def site_of(address: str) -> str:
    """The address of a CKAN, from that or from one of its API or its list of datasets."""
    parts = urlsplit(address)
    path = parts.path
    for tail in ("/api/", "/dataset", "/organization", "/group"):
        path = path.partition(tail)[0] if tail in path + "/" else path
    return urlunsplit((parts.scheme, parts.netloc, path.rstrip("/"), "", ""))


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    """Our properties by the fields of CKAN and ckanext-dcat, level by level."""
    found: dict[str, dict[str, str]] = {}
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            found.setdefault(row["level"], {})[row["field"]] = row["property"]
    return found


def _id_of(package: Any) -> str:
    id_ = package.get("id") if isinstance(package, Mapping) else None
    return id_.strip()[:2000] if isinstance(id_, str) else ""


def _is_public(package: Mapping[str, Any]) -> bool:
    private = package.get("private")
    return (
        package.get("state", "active") == "active"
        and private not in (True, "true", "True")
        and package.get("type") not in _OTHER_TYPES
    )


def _extras(package: Mapping[str, Any]) -> dict[str, Any]:
    return {
        str(extra["key"]): extra.get("value")
        for extra in _mappings(package.get("extras"))
        if extra.get("key")
    }


def _fields(thing: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a package or resource, those of extras among them; JSON in texts is read.

    What began as JSON and is none stands under ``__unread__``, by its name.
    """
    said = _extras(thing)
    said |= {key: value for key, value in thing.items() if value not in (None, "", [], {})}
    unread: list[str] = []
    for key, value in said.items():
        if (
            isinstance(value, str)
            and value.strip()[:1] in ("[", "{")
            and key not in ("notes", "title")
        ):
            try:
                said[key] = json.loads(value)
            except (ValueError, RecursionError):
                unread.append(key)
    if unread:
        said["__unread__"] = unread
    return said


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    for each in value if isinstance(value, list) else []:
        if isinstance(each, Mapping):
            yield each


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value
