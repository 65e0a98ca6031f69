"""Datasets as references: what RIS and BibTeX say of them, and the files they are had as."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime

from flask import Response, stream_with_context

from catalogue.outcomes.references import Reference, bibtex, ris
from catalogue.profile import Document
from catalogue.records.models import Record
from catalogue.records.naming import names_of
from catalogue.records.visibility import HOLDERS
from catalogue.web import words
from catalogue.web.current import catalogue
from catalogue.web.names import remember, short_name, target, title
from catalogue.web.sections import BROKEN

#: The formats of reference managers: what writes each, and its media type.
FORMATS: Mapping[str, tuple[Callable[[Iterable[Reference]], Iterator[str]], str]] = {
    "ris": (ris, "application/x-research-info-systems"),
    "bib": (bibtex, "application/x-bibtex"),
}
#: How they are called.
CALLED = {"ris": "RIS", "bib": "BibTeX"}


def holder_of(document: Mapping[str, object]) -> str:
    """The name of who holds a dataset, as far as the document says."""
    for name in HOLDERS:
        said = document.get(name)
        first = said[0] if isinstance(said, list) and said else said
        if isinstance(first, str) and (found := target(first).title.text):
            return found
    return ""


def remember_holders(documents: Iterable[Mapping[str, object]]) -> None:
    """Look up the holders of some datasets, all at once."""
    wanted = []
    for document in documents:
        for name in HOLDERS:
            said = document.get(name)
            wanted += [one for one in (said if isinstance(said, list) else [said]) if one]
    remember(one for one in wanted if isinstance(one, str))


def reference(
    record: Record, document: Document, revision: int, at: datetime | None, note: str = ""
) -> Reference:
    """A dataset as a reference, in the state of a revision."""
    shape = catalogue.records.shape(record.kind)
    said = f"Revision {revision}" + (f" of {words.date(at.date().isoformat())}" if at else "")
    try:
        name = title(shape, document, record).text
        short = short_name(document, name)
        holder = holder_of(document)
    except BROKEN:
        name, short, holder = record.slug, "", ""
    return Reference(
        record.slug,
        f"{name} ({short})" if short else name,
        names_of(record, catalogue.settings.public_address).absolute(record.iri),
        catalogue.settings.title,
        holder,
        at.year if at else None,
        f"{said}. {note}" if note else f"{said}.",
        date.today(),
    )


def as_file(name: str, suffix: str, references: Iterable[Reference]) -> Response:
    """References as a file to keep, written as they come."""
    write, media_type = FORMATS[suffix]
    response = Response(
        stream_with_context(write(references)), content_type=f"{media_type}; charset=utf-8"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{suffix}"'
    return response
