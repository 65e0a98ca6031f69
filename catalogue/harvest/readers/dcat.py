"""DCAT in RDF: a file, a feed in pages, a tree of documents as FAIR Data Points have it.

Every document is read alike; what it says of others decides how to go on:

* it is a page of a feed (Hydra, or a ``Link`` header): the next page comes next, and whatever
  LDP says beside that is the same told twice;
* it is an LDP container: what it contains is read breadth first;
* it lists datasets (``dcat:dataset``) without describing them: they are fetched, twenty for one
  page of ours.  Those at other hosts are only named, so that the run says what is missing.  So
  are single ones that a page of a feed leaves out, for another page may have them.

Of a dataset that was fetched by itself, the distributions that have documents of their own are
fetched too (``parts.py``).  How much is kept of what is still to be read, and why
that stays small, is told in ``agenda.py``.
Sources: Hydra Core Vocabulary; Linked Data Platform 1.0, https://www.w3.org/TR/ldp/; FAIR Data
Point specification, https://specs.fairdatapoint.org/
"""

from __future__ import annotations

from collections.abc import Sequence

from catalogue.harvest.fetch import Fetcher, FetchError
from catalogue.harvest.parsing import Parser
from catalogue.harvest.readers import documents, hydra, links
from catalogue.harvest.readers.agenda import Agenda, Listing
from catalogue.harvest.readers.batches import Read, digest_of, failure, gather, is_here, parsed
from catalogue.harvest.readers.parts import Parts
from catalogue.harvest.reading import Asked, Page, Place, Unreadable
from catalogue.terms import iri_of, is_iri

_CONTAINS = "<http://www.w3.org/ns/ldp#contains>"
_MEMBERS = ("<http://www.w3.org/ns/dcat#dataset>", "<http://www.w3.org/ns/hydra/core#member>")


class DcatReader:
    """Reads RDF from document to document."""

    def __init__(self, asked: Asked, fetcher: Fetcher, parser: Parser) -> None:
        self.asked, self.fetcher, self.parser = asked, fetcher, parser
        self.parts = Parts(fetcher, parser, asked.address)

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
        found = () if listing.after else self.parts.joined([read], faults)[0]
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

    def _read(self, listing: Listing, rest: Agenda, is_first: bool) -> Read:
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
        return Read(listing.address, got, one)

    def _led(
        self,
        read: Read,
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

    def _is_here(self, iri: str, read: Read) -> bool:
        """Whether something is to be had from the source itself, in another document."""
        return is_here(iri, read, self.asked.address)

    def _reached(self, iri: str) -> str:
        return hydra.reached(iri, self.asked.address)[0]

    # datasets fetched by name ---------------------------------------------------------------

    def _datasets(self, agenda: Agenda) -> Page:
        """Descriptions of the next datasets; one that cannot be had is told of by itself."""
        batch, rest = agenda.batch()
        gathered = gather(self.fetcher, batch, self._reached)
        said = parsed(self.parser, gathered.got.values())
        read = [
            Read(iri, got, one) for (iri, got), one in zip(gathered.got.items(), said, strict=True)
        ]
        faults: list[str] = []
        failed = [
            *gathered.failed,
            *(failure(one.asked, _nothing_in(one)) for one in read if not one.parsed.found),
        ]
        found, later = self.parts.joined([one for one in read if one.parsed.found], faults)
        rest = rest.before([*(one.asked for one in later), *gathered.left])
        return Page(
            address=batch[0],
            found=[*found, *failed],
            next=rest.place,
            deleted=gathered.deleted,
            problems=faults,
            digest=digest_of((iri, gathered.content(iri)) for iri in batch),
        )


def make(asked: Asked, fetcher: Fetcher, parser: Parser) -> DcatReader:
    """A reader of a source."""
    return DcatReader(asked, fetcher, parser)


def _no_rdf(address: str) -> str:
    return (
        f"{address} is a web page, and no RDF was found behind it. Give the address of the feed "
        "itself, which often ends in .ttl, .rdf or .jsonld, or choose how the source is read."
    )


def _nothing_in(read: Read) -> str:
    """Why a document that should describe a dataset does not."""
    if read.got.is_page:
        return _no_rdf(read.asked)
    return " ".join(read.parsed.problems) or f"{read.address} describes no dataset."


def _listed(read: Read) -> set[str]:
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


def _contained(read: Read) -> set[str]:
    """The addresses of the documents that the containers of a document hold."""
    return {
        address
        for _, predicate, one in read.parsed.paging
        if predicate == _CONTAINS and is_iri(one)
        if (address := links.join(read.address, iri_of(one)))
    }
