"""Which type a variable has: from how its type is spelt, its codes, or a few of its values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from catalogue.dictionary.words import plain
from catalogue.harvest.sheets import Cell

STRING, INTEGER, DECIMAL, BOOLEAN, DATE = "string", "integer", "decimal", "boolean", "date"
_MOST_CODES, _LONGEST_CODE = 200, 300
_SPACES = re.compile(r"[^\S\n]+")
_SIZED = re.compile(r"([a-z][a-z ]*?)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)\Z")
#: The formats of SPSS, SAS and Stata: F8.2, A20, $20, DATE11, str20, %td.
_FORMATS: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (re.compile(pattern + r"\Z"), datatype)
    for pattern, datatype in (
        (r"(f|n|comma|best)\d+(\.0)?\.?", INTEGER),
        (r"(f|n|comma|best|dot)\d*\.[1-9]\d*", DECIMAL),
        (r"(a|\$|\$char|str)\d+\.?", STRING),
        (r"strl", STRING),
        (r"(date|adate|edate|sdate|yymmdd|ddmmyy|mmddyy|%td.*)\d*\.?", DATE),
        (r"(datetime|%tc.*)\d*(\.\d*)?", "dateTime"),
        (r"time\d+(\.\d*)?", "time"),
    )
)
_CODE = re.compile(r"\s*([^\s=:,]{1,60})\s*(?:=|:|,|\s-\s|–|→)\s*(.+?)\s*\Z", re.S)
_WHOLE, _NUMBER = re.compile(r"[+-]?\d{1,18}\Z"), re.compile(r"[+-]?\d+[.,]\d+(e[+-]?\d+)?\Z", re.I)
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z|\d{1,2}[./]\d{1,2}[./]\d{4}\Z")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_YES_NO = frozenset(
    [
        "yes",
        "no",
        "true",
        "false",
        "y",
        "n",
        "t",
        "f",
        "ja",
        "nein",
        "nee",
        "oui",
        "non",
        "si",
        "sí",
        "sì",
        "nej",
    ]
)


def spelt(said: str, types: Mapping[str, str], known: Iterable[str]) -> str:
    """The type that somebody spelt out; empty if nobody can tell."""
    text = plain(said).removeprefix("xsd:").removeprefix("xs:")
    by_code = {code.casefold(): code for code in known}
    if text in types or text in by_code:
        return types.get(text) or by_code[text]
    if sized := _SIZED.match(text):
        if sized[3] is not None:
            return INTEGER if sized[3] == "0" else DECIMAL
        return types.get(sized[1].strip(), "")
    for pattern, datatype in _FORMATS:
        if pattern.match(text):
            return datatype
    return types.get(re.split(r"[,;(\[/|]", text)[0].strip(), "")


def codes_of(said: str) -> tuple[list[str], bool]:
    """The codes in a cell, each as ``1 = Yes``; and whether there were too many."""
    text = _SPACES.sub(" ", said).strip()
    separator = next((one for one in ("|", "\n", ";") if one in text), "")
    parts = [part.strip() for part in text.split(separator)] if separator else [text]
    if not separator and text.count(",") > 1 and "=" in text:
        parts = [part.strip() for part in text.split(",")]
    found: list[str] = []
    for part in parts:
        if not part:
            continue
        part = part[:_LONGEST_CODE]
        pair = _CODE.match(part)
        one = f"{pair[1]} = {pair[2]}" if pair else part
        one = " ".join(one.split())
        if one in found:
            continue
        if len(found) == _MOST_CODES:
            return found, True
        found.append(one)
    return found, False


def of_codes(codes: Sequence[str]) -> str:
    """The type that codes have; empty if there are none."""
    keys = [one.partition(" = ")[0].strip() for one in codes]
    if not keys:
        return ""
    words = {one.partition(" = ")[2].strip().casefold() for one in codes}
    if len(keys) == 2 and (words <= _YES_NO or {one.casefold() for one in keys} <= _YES_NO):
        return BOOLEAN
    return INTEGER if all(_WHOLE.match(one) for one in keys) else STRING


def of_values(values: Iterable[Cell]) -> str:
    """The type that some values have; empty if there are none."""
    given = [one for one in values if one not in (None, "")]
    if not given:
        return ""
    kinds = {_kind(one) for one in given}
    if kinds == {INTEGER, DECIMAL}:
        return DECIMAL
    return kinds.pop() if len(kinds) == 1 else STRING


def _kind(value: Cell) -> str:
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, int):
        return INTEGER
    if isinstance(value, float):
        return DECIMAL
    text = str(value).strip()
    for pattern, datatype in (
        (_WHOLE, INTEGER),
        (_NUMBER, DECIMAL),
        (_MOMENT, "dateTime"),
        (_DAY, DATE),
    ):
        if pattern.match(text):
            return datatype
    return BOOLEAN if text.casefold() in _YES_NO else STRING
