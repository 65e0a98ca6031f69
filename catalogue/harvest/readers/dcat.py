"""DCAT in RDF: a file, a feed in pages, a tree of documents as FAIR Data Points have it.

Every document is read alike; what it says of others decides how to go on:

* it is a page of a feed (Hydra, or a ``Link`` header): the next page comes next, and whatever
  LDP says beside that is the same told twice;
* it is an LDP container: what it contains is read breadth first;
* it lists datasets (``dcat:dataset``) without describing them: they are fetched, twenty for one
  page of ours.  Those at other hosts are only named, so that the run says what is missing.  So
  are single ones that a page of a feed leaves out, for another page may have them.

Of a dataset that was fetched by itself, the distributions that have documents of their own are
fetched too and read together with it.  How much is kept of what is still to be read, and why
that stays small, is told in ``agenda.py``.
Sources: Hydra Core Vocabulary; Linked Data Platform 1.0, https://www.w3.org/TR/ldp/; FAIR Data
Point specification, https://specs.fairdatapoint.org/
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from catalogue.errors import Problem, Severity
from catalogue.harvest.fetch import Fetcher, FetchError
from catalogue.harvest.parsing import Parsed, Parser, SourceDocument
from catalogue.harvest.readers import documents, hydra, links
from catalogue.harvest.readers.agenda import Agenda, Listing
from catalogue.harvest.readers.batches import GONE, digest_of, failure, gather, parsed
from catalogue.harvest.reading import Asked, Page, Place, Remote, Unreadable
from catalogue.terms import iri_of, is_iri

_DCAT = "http://www.w3.org/ns/dcat#"
_LDP = "http://www.w3.org/ns/ldp#"
_MEMBERS = (f"<{_DCAT}dataset>", "<http://www.w3.org/ns/hydra/core#member>")
_PARTS = (f"<{_DCAT}distribution>", "<http://www.w3.org/ns/adms#sample>")
#: A page of ours ends early where it took so many requests for distributions.
_MOST_PARTS = 200


@dataclass(frozen=True)
class _Read:
    """A document and what is in it; ``asked`` is what it was asked for as."""

    asked: str
    got: documents.Got
    parsed: Parsed

    @property
    def address(self) -> str:
        return self.got.answer.address

    def is_of(self, iri: str) -> bool:
        """Whether it is the document of something, and not only one that tells of it."""
        return _same(iri, self.address, self.asked)

    @property
    def iris(self) -> set[str]:
        return {one.iri for one in self.parsed.found}


class DcatReader:
    """Reads RDF from document to document."""

    def __init__(self, asked: Asked, fetcher: Fetcher, parser: Parser) -> None:
        self.asked, self.fetcher, self.parser = asked, fetcher, parser

    def page(self, place: Place | None) -> Page:
        """The next document that may lead on, or the next datasets that are fetched by name."""
        agenda = Agenda.at(place) if place else Agenda(lists=(Listing(self.asked.address),))
        return self._datasets(agenda) if agenda.documents else self._document(agenda, place is None)

    # a document that may lead on ------------------------------------------------------------

    def _document(self, agenda: Agenda, is_first: bool) -> Page:
        listing, rest = agenda.first()
        read = self._read(listing, rest, is_first)
        header = links.following(read.got.answer.headers, read.address)
        told = hydra.paging(read.parsed.paging, read.address, header)
        following = told.next
        if not following and not read.parsed.whole:
            following = hydra.page_after(read.address)  # what was lost may have been the link
        faults = [*read.got.told, *read.parsed.problems, *told.faults]
        is_paged = bool(following) or (told.is_feed and not is_first)
        contained = set() if told.is_feed or following else _contained(read)
        rest, named = self._led(read, listing, rest, contained, is_paged, faults)
        if following and not listing.after:
            rest = rest.next(following)
        found = () if listing.after else self._with_parts([read], faults)[0]
        if is_first and not found and not rest.place:
            faults.append(
                f"{read.address} is RDF but describes no dataset; check that it is a catalogue."
            )
        if rest.is_full:
            faults.append(
                "It leads to more containers than are followed in one source; harvest its "
                "catalogues as sources of their own."
            )
        # In a tree two empty containers may say the same, word for word.
        name = (listing.address if agenda.seen else "") + listing.after
        return Page(
            address=read.address,
            found=found,
            next=rest.place,
            # What one of several catalogues says of itself is not the whole.
            total=None if agenda.seen else told.total,
            named=named,
            problems=faults,
            whole=read.parsed.whole and told.is_sure and not rest.is_full,
            digest=digest_of([(name, read.got.answer.content)]),
        )

    def _read(self, listing: Listing, rest: Agenda, is_first: bool) -> _Read:
        """The document to be read, or an error that says where to go on."""
        guessed = hydra.page_after(listing.address)
        after = (rest.next(guessed) if guessed else rest).place
        try:
            got = documents.get(self.fetcher, listing.address, guess=is_first)
        except FetchError as error:
            # A source that cannot be had at all is not asked for its second page.
            raise Unreadable(str(error), None if is_first else after) from None
        header = links.following(got.answer.headers, got.answer.address)
        after = rest.next(header).place if header else after
        one = parsed(self.parser, [got])[0]
        if got.is_page and not one.found:
            raise Unreadable(_no_rdf(listing.address), None if is_first else after)
        if not one.whole and not one.found and not list(one.paging):
            faults = " ".join(one.problems) or "It is not RDF that can be understood."
            raise Unreadable(f"{got.answer.address} cannot be read: {faults}", after)
        return _Read(listing.address, got, one)

    def _led(
        self,
        read: _Read,
        listing: Listing,
        rest: Agenda,
        contained: set[str],
        is_paged: bool,
        faults: list[str],
    ) -> tuple[Agenda, Sequence[str]]:
        """What is to be read because of a document, and the datasets it only names."""
        listed = _listed(read)
        missing = listed - read.iris
        if is_paged and len(missing) < len(listed):
            return rest, sorted(missing)
        elsewhere = {one for one in missing | contained if not self._is_here(one, read)}
        if strangers := sorted(contained & elsewhere - listed):
            faults.append(
                f"It contains {len(strangers)} documents at other hosts, which are not followed: "
                f"{', '.join(strangers[:3])}{' …' if len(strangers) > 3 else ''}."
            )
        if any(one.kind == "dataset" and read.is_of(one.iri) for one in read.parsed.found):
            contained = set()  # its distributions, which are read together with it
        if contained and not listing.after:
            rest = rest.having(listing.address)
        lists = {one for one in contained - elsewhere - missing - read.iris if not read.is_of(one)}
        return rest.listed(listing, missing - elsewhere, lists), sorted(missing & elsewhere)

    def _is_here(self, iri: str, read: _Read) -> bool:
        """Whether something is to be had from the source itself, in another document."""
        host = urlsplit(iri).hostname
        ours = {urlsplit(one).hostname for one in (read.address, self.asked.address)}
        return host in ours and not _same(iri, read.address)

    def _reached(self, iri: str) -> str:
        return hydra.reached(iri, self.asked.address)[0]

    # datasets fetched by name ---------------------------------------------------------------

    def _datasets(self, agenda: Agenda) -> Page:
        """Descriptions of the next datasets; one that cannot be had is told of by itself."""
        batch, rest = agenda.batch()
        gathered = gather(self.fetcher, batch, self._reached)
        said = parsed(self.parser, gathered.got.values())
        read = [
            _Read(iri, got, one) for (iri, got), one in zip(gathered.got.items(), said, strict=True)
        ]
        faults: list[str] = []
        failed = [
            *gathered.failed,
            *(failure(one.asked, _nothing_in(one)) for one in read if not one.parsed.found),
        ]
        found, later = self._with_parts([one for one in read if one.parsed.found], faults)
        rest = rest.before([*(one.asked for one in later), *gathered.left])
        return Page(
            address=batch[0],
            found=[*found, *failed],
            next=rest.place,
            deleted=gathered.deleted,
            problems=faults,
            digest=digest_of((iri, gathered.content(iri)) for iri in batch),
        )

    # the distributions of a dataset -----------------------------------------------------------

    def _with_parts(
        self, read: Sequence[_Read], faults: list[str]
    ) -> tuple[Sequence[Remote], Sequence[_Read]]:
        """The descriptions in some documents with those of their distributions elsewhere.

        Also the documents that have to wait for the next page, because there are many.
        """
        found: list[Remote] = []
        joined: list[SourceDocument] = []
        problems: list[list[Problem]] = []
        asked = 0
        for position, one in enumerate(read):
            parts = sorted(self._parts(one))
            if len(parts) > _MOST_PARTS:
                faults.append(
                    f"{one.address} has {len(parts):,} distributions in documents of their own; "
                    f"the first {_MOST_PARTS} were read."
                )
            if not parts:
                found += one.parsed.found
                continue
            if asked and asked + len(parts) > _MOST_PARTS:
                return [*found, *self._joined(joined, problems)], read[position:]
            asked += len(parts)
            more, wrong = self._fetched(parts[:_MOST_PARTS])
            joined.append(replace(SourceDocument.of(one.got.answer), parts=tuple(more)))
            problems.append(wrong)
        return [*found, *self._joined(joined, problems)], ()

    def _joined(
        self, joined: Sequence[SourceDocument], problems: Sequence[Sequence[Problem]]
    ) -> list[Remote]:
        together = self.parser.read(joined) if joined else ()
        return [
            replace(remote, problems=(*remote.problems, *wrong))
            if remote.kind == "dataset"
            else remote
            for one, wrong in zip(together, problems, strict=True)
            for remote in one.found
        ]

    def _fetched(self, parts: Iterable[str]) -> tuple[list[SourceDocument], list[Problem]]:
        found, problems = [], []
        for iri in parts:
            try:
                got = documents.get(self.fetcher, self._reached(iri))
            except FetchError as error:
                # One that is gone is gone; of one that may come back nothing may be lost.
                severity: Severity = "warning" if error.status in GONE else "violation"
                problems.append(Problem(("distribution",), str(error), severity, "fetch"))
            else:
                if not got.is_page:
                    found.append(SourceDocument.of(got.answer))
        return found, problems

    def _parts(self, read: _Read) -> set[str]:
        """The distributions of the datasets of a document that are described elsewhere."""
        return {
            part
            for remote in read.parsed.found
            if remote.kind == "dataset" and read.is_of(remote.iri)
            for part in _undescribed(remote)
            if self._is_here(part, read)
        }


def make(asked: Asked, fetcher: Fetcher, parser: Parser) -> DcatReader:
    """A reader of a source."""
    return DcatReader(asked, fetcher, parser)


def _no_rdf(address: str) -> str:
    return (
        f"{address} is a web page, and no RDF was found behind it. Give the address of the feed "
        "itself, which often ends in .ttl, .rdf or .jsonld, or choose how the source is read."
    )


def _nothing_in(read: _Read) -> str:
    """Why a document that should describe a dataset does not."""
    if read.got.is_page:
        return _no_rdf(read.asked)
    return " ".join(read.parsed.problems) or f"{read.address} describes no dataset."


def _listed(read: _Read) -> set[str]:
    """The IRIs of the datasets that a document says are in a catalogue."""
    for way in _MEMBERS:  # the second where the first is not used
        listed = {
            iri_of(one)
            for _, predicate, one in read.parsed.paging
            if predicate == way and is_iri(one)
        }
        if found := {one for one in listed if one.startswith(("http://", "https://"))}:
            return found
    return set()


def _contained(read: _Read) -> set[str]:
    """The addresses of the documents that the containers of a document hold."""
    return {
        address
        for _, predicate, one in read.parsed.paging
        if predicate == f"<{_LDP}contains>" and is_iri(one)
        if (address := links.join(read.address, iri_of(one)))
    }


def _same(iri: str, *addresses: str) -> bool:
    """Whether an IRI leads to a document itself."""
    plain = iri.partition("#")[0]
    return any(hydra.reached(plain, one)[0] == one.partition("#")[0] for one in addresses)


def _undescribed(remote: Remote) -> set[str]:
    """The distributions that a description points to and says nothing of."""
    subjects, objects = set(), set()
    for line in remote.raw.decode("utf-8").splitlines():
        subject, _, rest = line.partition(" ")
        predicate, _, value = rest.partition(" ")
        subjects.add(subject)
        if predicate in _PARTS and value.startswith("<"):
            objects.add(value.removesuffix(".").rstrip())
    return {iri_of(one) for one in objects - subjects}
