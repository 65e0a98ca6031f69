"""Descriptions as reference managers read them: RIS and BibTeX.

Both are lines of text in which a break or a brace would begin something else, so every value
is one line and nothing in it is taken for markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

#: What special characters of TeX are written as.
_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


@dataclass(frozen=True)
class Reference:
    """One description to be cited: a dataset, who holds it, and which state of it was read.

    ``key`` names it in a bibliography; ``holder`` is empty where it is not known or not named.
    """

    key: str
    title: str
    address: str
    catalogue: str
    holder: str = ""
    year: int | None = None
    note: str = ""
    read: date | None = None


def ris(references: Iterable[Reference]) -> Iterator[str]:
    """References as RIS, one text each."""
    for one in references:
        lines = [
            ("TY", "DATA"),
            ("ID", one.key),
            ("TI", one.title),
            ("AU", f"{one.holder}," if one.holder else ""),  # the comma: a body, not a person
            ("PB", one.holder),
            ("PY", str(one.year or "")),
            ("DB", one.catalogue),
            ("UR", one.address),
            ("N1", one.note),
            ("Y2", f"{one.read:%Y/%m/%d}" if one.read else ""),
        ]
        said = "".join(f"{tag}  - {_line(value)}\r\n" for tag, value in lines if _line(value))
        yield f"{said}ER  - \r\n\r\n"


def bibtex(references: Iterable[Reference]) -> Iterator[str]:
    """References as BibTeX, one entry each; keys that would be the same are told apart."""
    used: dict[str, int] = {}
    for one in references:
        key = _key(one.key)
        used[key] = used.get(key, 0) + 1
        if used[key] > 1:
            key = f"{key}-{used[key]}"
        fields = [
            ("title", f"{{{tex(one.title)}}}"),  # twice in braces: no style changes its letters
            ("author", f"{{{tex(one.holder)}}}" if one.holder else ""),
            ("publisher", tex(one.holder)),
            ("year", str(one.year or "")),
            ("howpublished", tex(f"Description in {one.catalogue}")),
            ("url", _address(one.address)),
            ("urldate", one.read.isoformat() if one.read else ""),
            ("note", tex(one.note)),
        ]
        said = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields if value)
        yield f"@dataset{{{key},\n{said}\n}}\n\n"


def tex(text: str) -> str:
    """A text in one line in which TeX takes nothing for markup."""
    return "".join(_TEX.get(one, one) for one in _line(text))


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _key(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9:.-]+", "-", text).strip("-") or "dataset"


def _address(text: str) -> str:
    """An address, in which styles expect no markup; what would end the field is encoded."""
    return "".join(
        f"%{ord(one):02X}" if one in "{}\\" else one for one in _line(text).replace(" ", "%20")
    )
