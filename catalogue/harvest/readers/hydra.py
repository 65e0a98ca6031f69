"""Where the next page of a feed is and how much there is in all, as its pages say.

They say it in as many ways as there are products: with the terms of Hydra of 2013
(``PagedCollection``, ``nextPage``) or of 2015 (``PartialCollectionView``, ``next``), on the page
or on the collection, as a link or as text, absolute or relative, by the name that the server has
behind its proxy; or in the header ``Link``.
Source: Hydra Core Vocabulary, https://www.hydra-cg.com/spec/latest/core/
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from catalogue.harvest.readers.links import host_of, join
from catalogue.terms import Statements, is_blank, parts_of

_HYDRA = ("http://www.w3.org/ns/hydra/core#", "https://www.w3.org/ns/hydra/core#")
_PAGES = ("PartialCollectionView", "PagedCollection")
_NUMBER = re.compile(r"\s*(\d{1,15})(?:\.0*)?\s*\Z")


@dataclass(frozen=True)
class Paging:
    """What a page says of the feed it is of.

    ``next`` is empty after the last page, ``faults`` what was wrong; ``is_sure`` is false if
    there may be more pages than can be found.
    """

    is_feed: bool
    next: str = ""
    total: int | None = None
    faults: tuple[str, ...] = ()
    is_sure: bool = True


def paging(said: Statements, address: str, header: str = "") -> Paging:
    """What the statements of a page say, which was had from an address.

    ``header`` is the next page by its ``Link`` header, which counts if they do not say.
    """
    views = _views(said, address)
    total = _total(said, views)
    targets = list(
        dict.fromkeys(
            found
            for view in views
            for one in _objects(said, view, "next", "nextPage")
            if (found := join(address, parts_of(one)[0]))
        )
    )
    if not targets and header:
        targets = [header]
    if not targets:
        return Paging(bool(views), "", total)
    following, faults = reached(targets[0], address)
    if len(targets) > 1:
        faults = (*faults, f"It names {len(targets)} next pages; {following} was read.")
    if following == address:
        # Some say so on the last page.  Whether this is the last one, only "last" tells.
        last = {
            join(address, parts_of(one)[0])
            for view in views
            for one in _objects(said, view, "last", "lastPage")
        }
        is_last = any(reached(one, address)[0] == address for one in last if one)
        said_so = "It says that the next page is this page itself; nothing was read after it."
        return Paging(True, "", total, (*faults, said_so), is_last)
    return Paging(True, following, total, faults)


def reached(target: str, address: str) -> tuple[str, tuple[str, ...]]:
    """A page as it can be reached from the page that names it, and what was wrong.

    Servers behind a proxy take themselves to be at ``http:``, or at a host that only they know.
    """
    if not host_of(target):
        return target, ()
    there, here = urlsplit(target), urlsplit(address)
    if there.hostname == here.hostname:
        if there.scheme == "http" and here.scheme == "https" and there.port in (None, 80):
            return urlunsplit((here.scheme, here.netloc, there.path, there.query, "")), ()
        return target, ()
    if _is_private(there.hostname or "") and not _is_private(here.hostname or ""):
        mended = urlunsplit((here.scheme, here.netloc, there.path, there.query, ""))
        return mended, (
            f"It says that the next page is at {there.netloc}, which nobody can reach from "
            f"outside; {mended} was read.",
        )
    return target, ()


def page_after(address: str) -> str:
    """The page after one that cannot be read, where its address makes that plain; or nothing."""
    if not host_of(address):
        return ""
    parts = urlsplit(address)
    asked = parse_qsl(parts.query, keep_blank_values=True)
    numbers = [value for name, value in asked if name.lower() == "page"]
    if len(numbers) != 1 or not (numbers[0].isascii() and numbers[0].isdigit()):
        return ""
    following = str(int(numbers[0][:12]) + 1)
    query = [(name, following if name.lower() == "page" else value) for name, value in asked]
    return urlunsplit(parts._replace(query=urlencode(query), fragment=""))


def _views(said: Statements, address: str) -> list[str]:
    """The nodes that stand for this page, those first that surely do."""
    typed = [node for name in _PAGES for node in _of_type(said, name)]
    viewed = [one for _, p, one in said if p in _terms("view")]
    saying = [node for node, p, _ in said if p in _terms("next", "nextPage")]
    nodes = list(dict.fromkeys([*viewed, *typed, *saying]))
    itself = [one for one in nodes if not is_blank(one) and _is_page(one, address)]
    # Neighbours may be typed as well, and have a next page of their own.
    return itself or [one for one in nodes if one in viewed and one in saying] or nodes


def _is_page(node: str, address: str) -> bool:
    return reached(parts_of(node)[0].partition("#")[0], address)[0] == address.partition("#")[0]


def _total(said: Statements, views: list[str]) -> int | None:
    """How much there is, as this page or its collection says, or as nobody contradicts."""
    collections = [node for node, p, one in said if p in _terms("view") and one in views]
    for nodes in ((*views, *collections), [node for node, _, _ in said]):
        numbers = {
            int(match[1])
            for node in nodes
            for one in _objects(said, node, "totalItems")
            if (match := _NUMBER.match(parts_of(one)[0]))
        }
        if len(numbers) == 1:
            return numbers.pop()
        if numbers:
            return None
    return None


def _terms(*names: str) -> frozenset[str]:
    return frozenset(f"<{space}{name}>" for space in _HYDRA for name in names)


def _objects(said: Statements, node: str, *names: str) -> Iterable[str]:
    return [
        one for space in _HYDRA for name in names for one in said.objects(node, f"<{space}{name}>")
    ]


def _of_type(said: Statements, name: str) -> Iterable[str]:
    return [node for space in _HYDRA for node in said.of_type(f"<{space}{name}>")]


def _is_private(host: str) -> bool:
    """Whether a name means something only within somebody's network."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".localhost", ".lan"))
