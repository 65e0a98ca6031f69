"""Where a document says that others are: ``Link`` headers, and the links of web pages.

Sources: RFC 8288 (Web Linking), https://www.rfc-editor.org/rfc/rfc8288; HTML, 4.6.7.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree

# Quantifiers that give nothing back: what strangers write must not be tried in every way.
_PARAMETERS = r"""(?:\s*+;\s*+[^\s;,="]{1,40}+\s*+(?:=\s*+(?:"[^"]*+"|[^\s;,"]*+))?+)*+"""
_LINK = re.compile(rf"<([^<>]{{0,4000}}+)>({_PARAMETERS})")
_PARAMETER = re.compile(r""";\s*+([^\s;,="]{1,40}+)\s*+(?:=\s*+(?:"([^"]*+)"|([^\s;,"]*+)))?+""")
#: The links of a page are in the first part of it; the rest of a giant is not looked at.
_MOST = 4_000_000
_HTML_TYPES = ("text/html", "application/xhtml+xml")
_HTML_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*+(?:(?><\?xml[^>]*>|<!--.*?-->)\s*+)*+<(?:!doctype\s+html|html)[\s>]",
    re.I | re.S,
)
_RDF_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:@(?:prefix|base)\s|prefix\s|base\s|[{\[]|_:|<\?xml[^>]*>\s*<rdf:|<rdf:|<[a-z][a-z0-9+.-]*:[^<>\s]*>\s)",
    re.I,
)


@dataclass(frozen=True)
class Link:
    """A link to another document: its absolute address, its relations, its media type."""

    address: str
    relations: frozenset[str]
    media_type: str = ""


def in_header(headers: Mapping[str, str], address: str) -> list[Link]:
    """The links that an answer from an address has in its headers."""
    found = []
    for target, parameters in _LINK.findall(headers.get("link", "")[:100_000]):
        told: dict[str, str] = {}
        for name, quoted, plain in _PARAMETER.findall(parameters):
            told.setdefault(name.lower(), quoted or plain)
        if "anchor" not in told and (joined := join(address, target)):
            found.append(_link(joined, told.get("rel", ""), told.get("type", "")))
    return found


def in_page(content: bytes, address: str) -> list[Link]:
    """The ``<link>`` elements of a web page."""
    root = _page(content)
    if root is None:
        return []
    found = []
    bases = root.xpath("//base/@href")
    base = join(address, bases[0]) if bases else address
    for element in root.iter("link"):
        joined = join(base or address, element.get("href", ""))
        if joined and element.get("href"):
            found.append(_link(joined, element.get("rel", ""), element.get("type", "")))
    return found


def is_page(content: bytes, content_type: str) -> bool:
    """Whether this is a web page for people, whatever it calls itself."""
    if _HTML_START.match(content[:4_000]):
        return True
    return content_type in _HTML_TYPES and not is_rdf(content)


def is_rdf(content: bytes) -> bool:
    """Whether a document begins as one in RDF does, whatever it calls itself."""
    return bool(_RDF_START.match(content[:4_000]))


def following(headers: Mapping[str, str], address: str) -> str:
    """The next page by the headers of this one; empty if they do not say."""
    return next((one.address for one in in_header(headers, address) if "next" in one.relations), "")


def join(base: str, reference: str) -> str:
    """The absolute address that a reference means, without fragment; empty if it is none."""
    try:
        joined = urljoin(base, reference.strip()).partition("#")[0]
    except ValueError:
        return ""
    return joined if joined.startswith(("http://", "https://")) and host_of(joined) else ""


def host_of(address: str) -> str:
    """The host of an address; empty if there is none that can be asked."""
    try:
        parts = urlsplit(address)
        return parts.hostname or "" if parts.port != 0 else ""
    except ValueError:  # a port of 99999, half an IPv6 address
        return ""


def _link(address: str, relations: str, media_type: str) -> Link:
    return Link(
        address,
        frozenset(relations.lower().split()),
        media_type.partition(";")[0].strip().lower(),
    )


def _page(content: bytes) -> Any:
    parser = etree.HTMLParser(no_network=True, recover=True, huge_tree=False)
    try:
        return etree.fromstring(content[:_MOST], parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
