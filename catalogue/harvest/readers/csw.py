"""CSW 2.0.2: ``GetRecords`` in ISO 19139, by position.

Catalogues count wrongly in many ways: a ``nextRecord`` that skips one, that goes round, or that is
0 before the end.  So the next page begins where the records of this one end, whatever
``nextRecord`` says, until as many were passed as the catalogue says it has.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit
from xml.sax.saxutils import escape

from catalogue.harvest.fetch import Fetched, Fetcher, FetchError
from catalogue.harvest.iso19139 import Metadata, local
from catalogue.harvest.parsing import Parser
from catalogue.harvest.reading import Asked, Page, Place, Remote, Unreadable
from catalogue.harvest.telling import once, told
from catalogue.harvest.xml import NotXml, parsed, text_of

_GMD = "http://www.isotc211.org/2005/gmd"
_ROWS = 50
#: Arguments of a request that people may have pasted; these are ours to say.
_OURS = {
    "service",
    "version",
    "request",
    "typenames",
    "resulttype",
    "outputschema",
    "elementsetname",
    "startposition",
    "maxrecords",
    "constraint",
    "constraintlanguage",
    "constraint_language_version",
    "outputformat",
    "namespace",
    "id",
}


def make(asked: Asked, fetcher: Fetcher, parser: Parser) -> CswReader:
    """The reader of a source."""
    return CswReader(asked, fetcher, parser)


class _Refused(Exception):
    """The catalogue does not answer a way of asking."""


class CswReader:
    """Reads the records of a catalogue service."""

    def __init__(self, asked: Asked, fetcher: Fetcher, parser: Parser) -> None:
        parts = urlsplit(asked.address)
        kept = [(k, v) for k, v in parse_qsl(parts.query) if k.lower() not in _OURS]
        self.base = urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(kept), ""))
        self.constraint = str(asked.options.get("constraint") or "")
        self.fetcher = fetcher
        self.parser = parser

    def page(self, place: Place | None) -> Page:
        """The page that begins at a ``start``; the first record is 1."""
        start = int(place["start"]) if place else 1
        ways = [str(place["way"])] if place else ["post", "get"]
        problems: list[str] = []
        for way in ways:
            try:
                results = self._results(way, start, problems)
                break
            except _Refused as refused:
                if way == ways[-1]:
                    after = self._after(place)
                    raise Unreadable(f"{self.base}: {refused}", after) from None
        return self._page(start, way, results, problems)

    def _after(self, place: Place | None) -> Place | None:
        """Where to go on behind a page that cannot be had, if there is anything there."""
        if not place or place["start"] + _ROWS > (place["total"] or 0):
            return None
        return {**place, "start": place["start"] + _ROWS}

    def _page(self, start: int, way: str, results: Any, problems: list[str]) -> Page:
        records = [one for one in results if local(one).endswith("_Metadata")]
        others = len(results) - len(records)
        whole = True
        if others:
            whole = False
            problems.append(
                f"{others} records from {start} on are not in ISO 19139, which was asked for."
            )
        matched = _number(results.get("numberOfRecordsMatched"))
        stated = _number(results.get("numberOfRecordsReturned")) or 0
        if stated > len(results):
            whole = False
            problems.append(
                f"The catalogue says that it returned {stated} records from {start} on, "
                f"and returned {len(results)}."
            )
        after = start + max(len(results), min(stated, _ROWS))
        if matched is None:
            more = bool(results) and _number(results.get("nextRecord")) != 0
        else:
            more = after <= matched
        if more and after == start:
            more, whole = False, False
            problems.append(
                f"The catalogue counts {matched} records but gives none from {start} on."
            )
        remotes, nameless = self._remotes(records)
        if nameless:
            whole = False
            problems.append(f"{nameless} records have no fileIdentifier, by which they are known.")
        return Page(
            self._query(start),
            remotes,
            {"start": after, "way": way, "total": matched} if more else None,
            total=matched,
            problems=problems,
            whole=whole,
        )

    def _remotes(self, records: list[Any]) -> tuple[list[Remote], int]:
        found: list[Remote] = []
        nameless = 0
        for record in records:
            metadata = Metadata(self.parser.profile, record)
            if not metadata.id:
                nameless += 1
                continue
            telling = metadata.telling(self._one(metadata.id))
            found += told(self.parser, telling, metadata.id, self.base)
        return once(found), nameless

    def _results(self, way: str, start: int, problems: list[str]) -> Any:
        """The search results; raises :class:`_Refused` if this way of asking fails."""
        accept = "application/xml, text/xml;q=0.9, */*;q=0.1"
        try:
            if way == "post":
                body = self._body(start).encode("utf-8")
                fetched = self.fetcher.post(self.base, body, "application/xml", accept=accept)
            else:
                fetched = self.fetcher.get(self._query(start), accept=accept)
        except FetchError as error:
            if not error.answered:
                raise Unreadable(str(error)) from None
            if words := _exception_in(Fetched(self.base, error.status, "", {}, error.content)):
                raise _Refused(words) from None
            raise _Refused(str(error)) from None
        if words := _exception_in(fetched):
            raise _Refused(words)
        try:
            document = parsed(fetched.content, fetched.charset)
        except NotXml as error:
            raise _Refused(str(error)) from None
        problems += document.problems
        results = next((one for one in document.root.iter() if local(one) == "SearchResults"), None)
        if results is None:
            raise _Refused("It does not answer as a CSW 2.0.2 does.")
        return results

    def _query(self, start: int) -> str:
        asked = {
            "service": "CSW",
            "version": "2.0.2",
            "request": "GetRecords",
            "typeNames": "gmd:MD_Metadata",
            "namespace": f"xmlns(gmd={_GMD})",
            "resultType": "results",
            "outputSchema": _GMD,
            "elementSetName": "full",
            "startPosition": str(start),
            "maxRecords": str(_ROWS),
        }
        if self.constraint:
            asked |= {
                "constraintLanguage": "CQL_TEXT",
                "constraint_language_version": "1.1.0",
                "constraint": self.constraint,
            }
        return self._with(asked)

    def _one(self, id_: str) -> str:
        """Where one record can be had alone."""
        return self._with(
            {
                "service": "CSW",
                "version": "2.0.2",
                "request": "GetRecordById",
                "outputSchema": _GMD,
                "elementSetName": "full",
                "id": id_,
            }
        )

    def _with(self, asked: dict[str, str]) -> str:
        joint = "&" if urlsplit(self.base).query else "?"
        return f"{self.base}{joint}{urlencode(asked, quote_via=quote)}"

    def _body(self, start: int) -> str:
        constraint = (
            f'<csw:Constraint version="1.1.0"><csw:CqlText>{escape(self.constraint)}'
            "</csw:CqlText></csw:Constraint>"
            if self.constraint
            else ""
        )
        # Sorted, or a catalogue that has no order of its own may shuffle between pages.
        return (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<csw:GetRecords xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" '
            f'xmlns:ogc="http://www.opengis.net/ogc" xmlns:gmd="{_GMD}" '
            'service="CSW" version="2.0.2" resultType="results" '
            f'outputFormat="application/xml" outputSchema="{_GMD}" '
            f'startPosition="{start}" maxRecords="{_ROWS}">'
            '<csw:Query typeNames="gmd:MD_Metadata">'
            f"<csw:ElementSetName>full</csw:ElementSetName>{constraint}"
            "<ogc:SortBy><ogc:SortProperty><ogc:PropertyName>dc:identifier</ogc:PropertyName>"
            "<ogc:SortOrder>ASC</ogc:SortOrder></ogc:SortProperty></ogc:SortBy>"
            "</csw:Query></csw:GetRecords>"
        )


def _exception_in(fetched: Fetched) -> str:
    """What an OWS exception report says; empty if it is none."""
    if b"ExceptionReport" not in fetched.content[:4_000]:
        return ""
    try:
        root = parsed(fetched.content, fetched.charset).root
    except NotXml:
        return "It answers with an exception report that cannot be read."
    texts = [text_of(one) for one in root.iter() if local(one) == "ExceptionText"]
    codes = [one.get("exceptionCode", "") for one in root.iter() if local(one) == "Exception"]
    return "It answers: " + (" ".join(texts) or " ".join(codes) or "an exception")[:500]


def _number(said: str | None) -> int | None:
    return int(said) if said and re.fullmatch(r"\d{1,12}", said.strip()) else None
