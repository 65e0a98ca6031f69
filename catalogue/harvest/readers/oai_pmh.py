"""OAI-PMH 2.0: ``ListRecords`` from token to token, in the form that says most.

A repository that gives DCAT in RDF is read in that; any other in Dublin Core, which every
repository has.  What the repository calls an item is its remote id; deleted items are told.
A token that the repository no longer knows means to begin again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from lxml import etree

from catalogue.errors import Problem
from catalogue.harvest.dublin_core import telling_of
from catalogue.harvest.fetch import Fetched, Fetcher, FetchError
from catalogue.harvest.parsing import Parser, SourceDocument
from catalogue.harvest.reading import Asked, Expired, Page, Place, Remote, Unreadable
from catalogue.harvest.telling import broken, once, told
from catalogue.harvest.xml import NotXml, parsed, text_of

_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_RDF_XML = "application/rdf+xml"
_DUBLIN_CORE = "oai_dc"
#: The form asked for: by name if there is one of these, then any that speaks of DCAT.
_PREFERRED = ("dcat_ap", "dcat-ap", "dcatap", "dcat", "rdf")


def make(asked: Asked, fetcher: Fetcher, parser: Parser) -> OaiReader:
    """The reader of a source."""
    return OaiReader(asked, fetcher, parser)


class _Said(Exception):
    """The repository answers with an error of the protocol."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message or code)
        self.code = code


@dataclass(frozen=True)
class _Record:
    """One record of a list."""

    id: str
    deleted: bool
    metadata: Any


class OaiReader:
    """Reads the records of a repository."""

    def __init__(self, asked: Asked, fetcher: Fetcher, parser: Parser) -> None:
        parts = urlsplit(asked.address)
        # People paste the address of a request; the verb and its arguments are ours to say.
        kept = [
            one
            for one in parts.query.split("&")
            if one and not re.match(r"(verb|metadataPrefix|set|from|until|resumptionToken)=", one)
        ]
        self.base = urlunsplit((parts.scheme, parts.netloc, parts.path, "&".join(kept), ""))
        self.options = asked.options
        self.fetcher = fetcher
        self.parser = parser

    def page(self, place: Place | None) -> Page:
        """The page at a token; the first one without."""
        problems: list[str] = []
        prefix = str(place["prefix"]) if place else self._prefix()
        if place:
            address = self._address(verb="ListRecords", resumptionToken=str(place["token"]))
        else:
            arguments = {"verb": "ListRecords", "metadataPrefix": prefix}
            if self.options.get("set"):
                arguments["set"] = str(self.options["set"])
            address = self._address(**arguments)
        try:
            root = self._answer(address, problems)
        except _Said as said:
            return self._refused(said, address, place)
        records = self._records(root, problems)
        whole = len(records) == len(root.findall(f".//{_OAI}record"))
        token = root.find(f".//{_OAI}resumptionToken")
        next_ = text_of(token)
        if place and next_ == place["token"]:
            raise Unreadable(f"{address} leads to itself: its resumptionToken is its own.")
        living = [one for one in records if not one.deleted]
        found = self._dcat(living, address) if prefix != _DUBLIN_CORE else self._plain(living)
        return Page(
            address,
            once(found),
            {"token": next_, "prefix": prefix} if next_ else None,
            total=_whole(token.get("completeListSize")) if token is not None else None,
            deleted=[one.id for one in records if one.deleted],
            problems=problems,
            whole=whole,
        )

    def _prefix(self) -> str:
        """The form to ask for."""
        if self.options.get("prefix"):
            return str(self.options["prefix"])
        try:
            root = self._answer(self._address(verb="ListMetadataFormats"), [])
        except _Said as said:
            raise Unreadable(f"The repository tells no forms of metadata: {said}") from None
        known = [text_of(one) for one in root.iter(f"{_OAI}metadataPrefix")]
        lower = {one.lower(): one for one in known}
        for name in _PREFERRED:
            if name in lower:
                return lower[name]
        return next((one for one in known if "dcat" in one.lower()), _DUBLIN_CORE)

    def _answer(self, address: str, problems: list[str]) -> Any:
        """The answer to a request; raises :class:`_Said` if it is an error of the protocol."""
        try:
            fetched = self.fetcher.get(address, accept="text/xml, application/xml;q=0.9, */*;q=0.1")
        except FetchError as error:
            # Some say "no records" with 404 or 422.
            if error.answered and b"OAI-PMH" in error.content and b"<error" in error.content:
                fetched = Fetched(address, error.status, "text/xml", {}, error.content)
            else:
                raise Unreadable(str(error)) from None
        try:
            document = parsed(fetched.content, fetched.charset)
        except NotXml as error:
            raise Unreadable(f"{address}: {error}") from None
        if document.root.tag != f"{_OAI}OAI-PMH":
            raise Unreadable(f"{address} does not answer as OAI-PMH does; is it its address?")
        problems += document.problems
        fault = document.root.find(f"{_OAI}error")
        if fault is not None:
            raise _Said(fault.get("code", ""), text_of(fault))
        return document.root

    def _refused(self, said: _Said, address: str, place: Place | None) -> Page:
        if said.code == "noRecordsMatch":
            if not place:
                return Page(address, (), total=0)
            # Nothing in the protocol tells whether this is the end or a fault.
            words = "The repository led to a page behind its last record."
            return Page(address, (), problems=[words], whole=False)
        if place and said.code == "badResumptionToken":
            raise Expired(f"The repository no longer knows where we were: {said}")
        raise Unreadable(f"{address}: the repository answers {said.code}: {said}")

    def _records(self, root: Any, problems: list[str]) -> list[_Record]:
        found: list[_Record] = []
        for record in root.iter(f"{_OAI}record"):
            header = record.find(f"{_OAI}header")
            id_ = text_of(header.find(f"{_OAI}identifier")) if header is not None else ""
            if not id_ or len(id_) > 2000:
                problems.append("A record has no identifier; it cannot be told from others.")
                continue
            metadata = record.find(f"{_OAI}metadata")
            inner = next(iter(metadata), None) if metadata is not None else None
            found.append(_Record(id_, header.get("status") == "deleted", inner))
        return found

    def _dcat(self, records: Sequence[_Record], address: str) -> list[Remote]:
        """Records in RDF: all of a page are parsed together."""
        found = [_empty(one) for one in records if one.metadata is None]
        full = [one for one in records if one.metadata is not None]
        documents = [
            SourceDocument(etree.tostring(one.metadata, with_tail=False), _RDF_XML, address, one.id)
            for one in full
        ]
        for record, parsed_ in zip(full, self.parser.read(documents), strict=True):
            said = tuple(Problem((), one, "warning", "source") for one in parsed_.problems)
            if any(one.id == record.id for one in parsed_.found):
                found += [
                    replace(one, problems=(*one.problems, *said)) if one.id == record.id else one
                    for one in parsed_.found
                ]
            else:
                words = " ".join(parsed_.problems) or "It describes no dataset, series or service."
                found += [broken(record.id, "dataset", words), *parsed_.found]
        return found

    def _plain(self, records: Sequence[_Record]) -> list[Remote]:
        """Records in Dublin Core."""
        found: list[Remote] = []
        for one in records:
            if one.metadata is None:
                found.append(_empty(one))
                continue
            address = self._address(
                verb="GetRecord", metadataPrefix=_DUBLIN_CORE, identifier=one.id
            )
            telling = telling_of(self.parser.profile, one.id, one.metadata, address)
            found += told(self.parser, telling, one.id, self.base)
        return found

    def _address(self, **arguments: str) -> str:
        joint = "&" if urlsplit(self.base).query else "?"
        return f"{self.base}{joint}{urlencode(arguments, quote_via=quote)}"


def _empty(record: _Record) -> Remote:
    return broken(record.id, "dataset", "The record has no metadata, and is not told as deleted.")


def _whole(said: str | None) -> int | None:
    return int(said) if said and re.fullmatch(r"\d{1,12}", said.strip()) else None
