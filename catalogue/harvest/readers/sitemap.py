"""A sitemap: the addresses of pages or documents, each asked for the RDF that it has.

An index of sitemaps is walked, packed or not.  Addresses are read in their order, twenty for
one page of ours.  ``lastmod`` is not trusted: many sites write the day of the sitemap there, and
others never change it.  The option ``match`` is a part that addresses must have, for sites whose
sitemap lists everything (``/dataset/``).
Source: https://www.sitemaps.org/protocol.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalogue.harvest import xml
from catalogue.harvest.fetch import Fetcher, FetchError
from catalogue.harvest.parsing import Parser
from catalogue.harvest.readers import links
from catalogue.harvest.readers.agenda import Agenda, Listing
from catalogue.harvest.readers.batches import digest_of, failure, gather, parsed
from catalogue.harvest.reading import Asked, Page, Place, Remote, Unreadable


@dataclass(frozen=True)
class Sitemap:
    """What a sitemap lists: other sitemaps if it is an index, or addresses."""

    addresses: Sequence[str]
    is_index: bool
    problems: Sequence[str] = ()


class SitemapReader:
    """Reads what the addresses of a sitemap have to say."""

    def __init__(self, asked: Asked, fetcher: Fetcher, parser: Parser) -> None:
        self.asked, self.fetcher, self.parser = asked, fetcher, parser
        self.match = str(asked.options.get("match", ""))

    def page(self, place: Place | None) -> Page:
        """A sitemap, or what the next of its addresses say."""
        agenda = Agenda.at(place) if place else Agenda(lists=(Listing(self.asked.address),))
        return self._addresses(agenda) if agenda.documents else self._map(agenda)

    def _map(self, agenda: Agenda) -> Page:
        listing, rest = agenda.first()
        try:
            answer = self.fetcher.get(
                listing.address, accept="application/xml, text/xml, */*;q=0.5"
            )
            found = listed(answer.content, answer.charset, answer.address)
        except FetchError as error:
            raise Unreadable(str(error), rest.place) from None
        except xml.NotXml as error:
            raise Unreadable(
                f"{listing.address} is not a sitemap. {error} Give the address of the sitemap "
                "itself, which robots.txt often names.",
                rest.place,
            ) from None
        faults = list(found.problems)
        if found.is_index:
            rest = rest.having(listing.address).listed(listing, (), found.addresses)
        else:
            kept = [one for one in found.addresses if self.match in one]
            rest = rest.listed(listing, kept)
            if not kept:
                faults.append(_empty(listing.address, found, self.match))
        if rest.is_full:
            faults.append("It leads to more sitemaps than are followed in one source.")
        return Page(
            address=answer.address,
            found=(),
            next=rest.place,
            problems=faults,
            whole=not rest.is_full,
            digest=digest_of([(listing.address + listing.after, answer.content)]),
        )

    def _addresses(self, agenda: Agenda) -> Page:
        batch, rest = agenda.batch()
        gathered = gather(self.fetcher, batch)
        rest = rest.before(gathered.left)
        found: list[Remote] = []
        failed, silent = gathered.failed, list[str]()
        # What an address described is known by a name of its own, which is not seen now.
        whole = gathered.is_sure
        said = parsed(self.parser, gathered.got.values())
        for (address, got), one in zip(gathered.got.items(), said, strict=True):
            found += one.found
            if not one.found and (got.is_page or one.whole):
                silent.append(address)
            elif not one.found:
                failed.append(failure(address, " ".join(one.problems)))
            whole = whole and (one.whole or got.is_page)
        return Page(
            address=batch[0],
            found=[*found, *failed],
            next=rest.place,
            deleted=gathered.deleted,
            problems=_silence(silent),
            whole=whole,
            digest=digest_of((one, gathered.content(one)) for one in batch),
        )


def make(asked: Asked, fetcher: Fetcher, parser: Parser) -> SitemapReader:
    """A reader of a source."""
    return SitemapReader(asked, fetcher, parser)


def listed(content: bytes, charset: str, address: str) -> Sitemap:
    """What a sitemap lists; raises :class:`xml.NotXml`."""
    document = xml.parsed(content, charset)
    name = _name(document.root)
    if name not in ("urlset", "sitemapindex"):
        raise xml.NotXml(f"Its root is <{name}>, not <urlset> or <sitemapindex>.")
    found = [
        links.join(address, xml.text_of(part))
        for entry in document.root
        for part in entry
        if _name(part) == "loc"
    ]
    return Sitemap(
        tuple(dict.fromkeys(one for one in found if one)),
        name == "sitemapindex",
        document.problems,
    )


def _name(element: Any) -> str:
    # Without the namespace, which some write with https: or leave out.
    return str(element.tag).rpartition("}")[2].lower()


def _empty(address: str, found: Sitemap, match: str) -> str:
    if found.addresses:
        return f"None of the {len(found.addresses)} addresses in {address} contains “{match}”."
    return f"{address} lists no address."


def _silence(silent: Sequence[str]) -> list[str]:
    """That some addresses have nothing for a catalogue, in one sentence."""
    if not silent:
        return []
    shown = ", ".join(silent[:3]) + (" …" if len(silent) > 3 else "")
    return [
        f"{len(silent)} addresses describe no dataset ({shown}); the option “match” leaves such "
        "addresses out."
    ]
