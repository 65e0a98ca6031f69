"""What packages of CKAN say, in statements.

Which field says which of our properties stands in ``ckan.csv``: those of CKAN itself and those
that ckanext-dcat stores, as extras or as fields of a schema.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from catalogue.harvest.geojson import well_known
from catalogue.harvest.reading import Remote
from catalogue.harvest.telling import Telling, broken, clean, concept_of
from catalogue.profile import Profile
from catalogue.profile.values import Nested, Reference
from catalogue.terms import fault_of_iri, iri, literal

_TABLE = Path(__file__).with_name("ckan.csv")
_SERIES = "dataset_series"
#: Extras that say how a package came into this CKAN, and change without it.
_VOLATILE = ("harvest_", "import_source", "guid", "metadata_", "metadata-", "_")
_EXTRA = "urn:ckan:extra:"
_DIGESTS = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}


class Packages:
    """What packages of one CKAN say, in statements."""

    def __init__(self, profile: Profile, site: str) -> None:
        self.profile = profile
        self.site = site

    def telling(self, package: Mapping[str, Any]) -> Telling | Remote:
        """What a package says, or that it cannot be read."""
        id_ = id_of(package)
        kind = "series" if package.get("type") == _SERIES else "dataset"
        said = _fields(package)
        address = str(said.get("uri") or "").strip()
        if fault_of_iri(address) or not address.startswith(("http://", "https://", "urn:")):
            address = f"{self.site}/dataset/{_quoted(id_)}"
        if not isinstance(package.get("resources") or [], list):
            title = clean(package.get("title") or package.get("name"))[:500]
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
        for name, property_ in table()[level].items():
            value = said.get(name)
            if value in (None, "", [], {}):
                continue
            head, _, rest = property_.partition(".")
            if rest:
                parts.setdefault(head, {})[rest] = value
            elif said.get(f"{name}_translated"):
                continue  # the same in one language
            elif not telling.has(head):
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
        for key, property_ in table().get(shape, {}).items():
            each = value.get(key)
            if each in (None, "", [], {}):
                continue
            if property_ in ("geometry", "bbox", "centroid"):
                each = well_known(each)
            if property_ == "agent":
                agents = each if isinstance(each, list) else [each]
                each = [
                    {
                        ours: agent.get(theirs)
                        for theirs, ours in table()["Agent"].items()
                        if "." not in ours
                    }
                    for agent in agents
                    if isinstance(agent, Mapping)
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
                    "iri": f"{self.site}/organization/{_quoted(name)}" if name else "",
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
            telling.say("identifier", said.get("guid") or id_of(package))
        for place in _mappings(said.get("spatial_coverage")):
            telling.say("spatial", place.get("uri") or None)
        within = said.get("in_series")
        for series in within if isinstance(within, list) else [within]:
            if isinstance(series, str) and series:
                address = (
                    series
                    if series.startswith("http")
                    else f"{self.site}/dataset/{_quoted(series)}"
                )
                telling.say("in_series", address)
        known = {*table()["dataset"], "uri", "in_series", "spatial_text"}
        for key, value in _extras(package).items():
            # What nobody has a property for is told all the same: so a profile learns to grow.
            if key not in known and not key.startswith(_VOLATILE) and isinstance(value, str):
                telling.add(iri(_EXTRA + _quoted(key)), literal(clean(value)[:5_000]))

    def _say_resource(
        self, telling: Telling, package: Mapping[str, Any], resource: Mapping[str, Any]
    ) -> None:
        said = _fields(resource)
        said.pop("__unread__", None)
        address = str(said.get("uri") or "").strip()
        if fault_of_iri(address):
            own = _quoted(resource.get("id") or "")
            package_ = f"{self.site}/dataset/{_quoted(id_of(package))}"
            address = f"{package_}/resource/{own}" if own else ""
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


@cache
def table() -> Mapping[str, Mapping[str, str]]:
    """Our properties by the fields of CKAN and ckanext-dcat, level by level."""
    found: dict[str, dict[str, str]] = {}
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            found.setdefault(row["level"], {})[row["field"]] = row["property"]
    return found


def id_of(package: Any) -> str:
    """The id of a package; empty if it has none."""
    id_ = package.get("id") if isinstance(package, Mapping) else None
    return clean(id_)[:2000] if isinstance(id_, str) else ""


def _quoted(name: Any) -> str:
    """A name as a step of an address; JSON may hold halves of characters."""
    return quote(str(name), safe="", errors="replace")


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
