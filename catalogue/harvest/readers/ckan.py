"""CKAN's API: ``package_search``, a hundred packages a page in the order of their ids.

CKAN has offsets, not keys, to page by: if a package is deleted while the list is read, the next
page begins one too late.  So each page is asked to begin with the last package of the one before;
if it does not, the page is not whole, and nothing counts as gone because of this run.

One package that CKAN cannot write down makes it answer 500 for the page that holds it.  The page
is then read in tens, and the ten in ones, so that one package hides no other; it is named.

What the packages say stands in ``packages.py``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from catalogue.harvest.fetch import Fetcher, FetchError
from catalogue.harvest.parsing import Parser
from catalogue.harvest.readers.packages import Packages, id_of
from catalogue.harvest.reading import Asked, Page, Place, Remote, Unreadable
from catalogue.harvest.telling import once, told

_ROWS, _STEPS = 100, (10, 1)
#: So many packages in a row that cannot be had are not bad packages but a bad server.
_MOST_FAILURES = 5
#: What a package is when it is no dataset: a source of the harvester that filled this CKAN.
_OTHER_TYPES = ("harvest", "showcase")


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
        total = (place or {}).get("total")
        after = {"start": start + _ROWS, "total": total, "last": ""}
        if total is None or start + _ROWS >= total:
            after = {}  # a place that may be behind the end leads nowhere
        read = self._read(start - overlap, _ROWS + overlap, after)
        problems, whole = list(read.problems), not read.missing
        found = read.packages
        if overlap and found and id_of(found[0]) == last:
            found = found[1:]
        elif overlap and whole:
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
            ends = id_of(read.packages[-1]) if read.packages and not read.missing else ""
            next_ = {"start": reached, "total": read.count, "last": ends}
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
            id_ = id_of(package)
            if not id_:
                problems.append("A package has no id; it cannot be told from others.")
            elif not _is_public(package):
                deleted.append(id_)
            else:
                found += told(self.parser, self.packages.telling(package), id_, self.site)
        return once(found), deleted

    def _read(self, start: int, rows: int, after: Place) -> _Read:
        """A stretch of the list; raises :class:`Unreadable` if nothing of it can be had."""
        try:
            return self._search(start, rows)
        except _Broken as failed:
            read = _Read()
            self._read_in(_STEPS, start, rows, read)
            if not read.packages:
                raise Unreadable(
                    f"CKAN gave none of the packages from {start + 1} on: {failed}", after or None
                ) from None
            return read

    def _read_in(self, steps: Sequence[int], start: int, rows: int, read: _Read) -> None:
        """Read a stretch in smaller pieces, down to single packages."""
        step = steps[0]
        for at in range(start, start + rows, step):
            if not read.packages and len(read.missing) >= _MOST_FAILURES:
                return
            if read.count is not None and at >= read.count:
                return
            size = min(step, start + rows - at)
            try:
                piece = self._search(at, size)
            except _Broken as fault:
                if step > 1:
                    self._read_in(steps[1:], at, size, read)
                else:
                    self._miss(at, read, fault)
            else:
                read.packages += piece.packages
                read.count = piece.count
                read.passed += piece.passed

    def _miss(self, at: int, read: _Read, fault: _Broken) -> None:
        """Take note of a package that cannot be had."""
        name = self._name_at(at)
        read.missing.append(name or f"package {at + 1}")
        read.problems.append(
            f"Package {name or at + 1} ({at + 1} in the order of ids) cannot be had: {fault}"
        )
        read.passed += 1

    def _name_at(self, at: int) -> str:
        """The id at a place of the list, from the index, which a bad package does not break."""
        try:
            return id_of(self._search(at, 1, "id,name").packages[0])
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


def site_of(address: str) -> str:
    """The address of a CKAN, from that or from one of its API or its list of datasets."""
    parts = urlsplit(address)
    path = parts.path
    for tail in ("/api/", "/dataset", "/organization", "/group"):
        path = path.partition(tail)[0] if tail in path + "/" else path
    return urlunsplit((parts.scheme, parts.netloc, path.rstrip("/"), "", ""))


def _is_public(package: Mapping[str, Any]) -> bool:
    private = package.get("private")
    return (
        package.get("state", "active") == "active"
        and private not in (True, "true", "True")
        and package.get("type") not in _OTHER_TYPES
    )
