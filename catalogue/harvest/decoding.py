"""Bytes to text, whatever a document says of its encoding.

RDF is in UTF-8, and most of what is said to be something else is UTF-8 all the same; so that is
tried first, and every byte that does not fit is read as what it most likely is.
"""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: it begins with the same bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
#: It says an encoding that the text is not in any more.
_DECLARATION = re.compile(rb"\A\s*<\?xml\b[^>]*\?>\s*")
#: What XML cannot carry (XML 1.0, production 2), and so nothing here does.
_CONTROLS = bytes((*range(9), 11, 12, *range(14, 32), 127))
_OLD = "windows-1252"
#: Those that are meant when others are named (WHATWG Encoding).
_MEANT = {"iso8859-1": _OLD, "ascii": _OLD, "cp1252": _OLD}


def decoded(content: bytes, charset: str = "") -> tuple[bytes, list[str]]:
    """A document in UTF-8 without mark and declaration, and what was wrong with it."""
    text, problems = _utf8(content, charset)
    plain = text.translate(None, _CONTROLS)
    if len(plain) != len(text):
        problems.append("It holds control characters, which were left out.")
    return _DECLARATION.sub(b"", plain, count=1), problems


def _utf8(content: bytes, charset: str) -> tuple[bytes, list[str]]:
    for mark, name in _MARKS:
        if content.startswith(mark):
            content = content[len(mark) :]
            if name == "utf-8":
                break
            return content.decode(name, "replace").encode("utf-8", "replace"), []
    if name := _wide(content):
        return content.decode(name, "replace").encode("utf-8", "replace"), []
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _other(content, charset)
    return content, []


def _wide(content: bytes) -> str:
    """UTF-16 without a mark, which shows in the zeros of its first characters."""
    head = content[:4]
    if len(head) == 4 and head[0] and head[2] and not head[1] and not head[3]:
        return "utf-16-le"
    if len(head) == 4 and head[1] and head[3] and not head[0] and not head[2]:
        return "utf-16-be"
    return ""


def _other(content: bytes, charset: str) -> tuple[bytes, list[str]]:
    """What is not UTF-8: as declared, else byte by byte."""
    found = _DECLARED.match(content[:400])
    for name in (found[1].decode("ascii") if found else "", charset):
        try:
            known = codecs.lookup(name).name
        except LookupError:
            continue
        if not known.startswith("utf"):
            return content.decode(_MEANT.get(known, known), _EACH).encode("utf-8"), []
    text = content.decode("utf-8", _EACH).encode("utf-8", "replace")
    return text, [f"It is not in UTF-8, as it should be; what does not fit was read as {_OLD}."]


def _byte_by_byte(error: UnicodeError) -> tuple[str, int]:
    """The characters that bytes are in the encoding of old."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return wrong.decode(_OLD, "replace"), error.end


_EACH = "catalogue-byte-by-byte"
codecs.register_error(_EACH, _byte_by_byte)
