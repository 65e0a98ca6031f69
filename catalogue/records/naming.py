"""What a record is called: its title for people, the names inside it for machines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalogue.profile import Names, Shape
from catalogue.records.models import Record


def names_of(record: Record, base: str) -> Names:
    """The names inside a record."""
    return Names(base, record.iri)


def title_of(shape: Shape, document: Mapping[str, Any], *languages: str) -> str:
    """The title of a record in the first language there is."""
    for one in shape:
        if one.column == "title":
            return text_in(document.get(one.name) or {}, *languages)
    return ""


def text_in(texts: Mapping[str, Any], *languages: str) -> str:
    """The text of a language map in the first language there is; English, then any, at last."""
    for language in (*languages, "en"):
        if language in texts:
            return str(texts[language])
    return str(next(iter(texts.values()), ""))
