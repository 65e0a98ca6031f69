"""XML from strangers: no entities, no fetching, no giants; harmless junk is taken off first.

Feeds come with a byte order mark, with blank lines before the declaration, with control
characters out of old databases, in another encoding than they say.  All of that is mended
where the meaning is plain, and told; a document type is never read, for entities live there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

from catalogue.errors import CatalogueError

#: The deepest nesting that is read; metadata in ISO 19139 has about 20.
_DEEPEST = 200
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_DECLARATION = re.compile(r"\s*<\?xml\s[^>]*\?>", re.I)
_ENCODING = re.compile(rb"""<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z][\w.:-]{0,40})["']""")
#: What XML 1.0 cannot carry (production 2), plainly or as a reference.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_REFERENCE = re.compile(r"&#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,10}));")


class NotXml(CatalogueError):
    """What came is no XML that can be read; the words say why."""

    title = "Not XML"


@dataclass(frozen=True)
class Xml:
    """A document, and what had to be mended in it."""

    root: Any
    problems: tuple[str, ...] = ()


def parsed(content: bytes, charset: str = "") -> Xml:
    """The document in some bytes; raises :class:`NotXml`.

    ``charset`` is what the server said; the document's own word counts more.
    """
    problems: list[str] = []
    text = _text(content, charset, problems)
    text = _DECLARATION.sub("", text.lstrip("\ufeff"), count=1).lstrip()
    text = _without_illegal(text, problems)
    if not text.startswith("<"):
        raise NotXml(f"It does not begin as XML does but with “{text[:60].strip()}”.")
    # A document type can stand only before the root; comments and instructions may be there too.
    if "<!doctype" in text[: _start_of_root(text)].lower():
        if re.match(r"<!doctype\s+html", text, re.I):
            raise NotXml("It is a web page, not XML.")
        raise NotXml("It has a document type (<!DOCTYPE), which is not read for safety.")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
    )
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotXml(f"It is not well-formed XML: {error}.") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotXml("It has a document type (<!DOCTYPE), which is not read for safety.")
    if _too_deep(root):
        raise NotXml(f"Its elements are nested more than {_DEEPEST} deep.")
    return Xml(root, tuple(problems))


def text_of(element: Any) -> str:
    """All text in an element, without spaces at its ends."""
    return "".join(element.itertext()).strip() if element is not None else ""


def _text(content: bytes, charset: str, problems: list[str]) -> str:
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return content[len(bom) :].decode(encoding, "replace")
    if content.lstrip()[:4] in (b"<\x00?\x00", b"<\x00r\x00"):
        return content.decode("utf-16-le", "replace")
    said = _ENCODING.search(content[:400])
    tried = [said[1].decode("ascii") if said else "", charset, "utf-8"]
    # UTF-8 first even so: text of another encoding hardly ever happens to be UTF-8, but feeds
    # in UTF-8 often say to be in another one.
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        if (tried[0] or "utf-8").lower() not in ("utf-8", "utf8", "us-ascii", "ascii") and any(
            byte > 127 for byte in content
        ):
            problems.append(f"It says to be in {tried[0]} but is in UTF-8, and was read so.")
        return text
    for encoding in dict.fromkeys(one.lower() for one in tried if one):
        if encoding in ("utf-8", "utf8"):
            continue
        try:
            return content.decode(encoding)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    problems.append("It is not in the encoding that it says, and was read as windows-1252.")
    return content.decode("windows-1252", "replace")


def _without_illegal(text: str, problems: list[str]) -> str:
    def legal(match: re.Match[str]) -> str:
        code = int(match[1], 16) if match[1] else int(match[2])
        allowed = code in (9, 10, 13) or 32 <= code <= 0x10FFFF
        return match[0] if allowed and not _ILLEGAL.match(chr(code)) else ""

    cleaned = _ILLEGAL.sub("", text)
    if "&#" in cleaned:
        cleaned = _REFERENCE.sub(legal, cleaned)
    if cleaned != text:
        problems.append("It held control characters that XML cannot carry; they were left out.")
    return cleaned


def _start_of_root(text: str) -> int:
    match = re.search(r"<[^!?\s]", text)
    return match.start() if match else len(text)


def _too_deep(root: Any) -> bool:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > _DEEPEST:
            return True
    return False
