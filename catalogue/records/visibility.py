"""Who may see what: one rule for page, API, RDF, feeds, facets, counts and index.

Only a published record is seen by everybody, and of it only the properties whose
``visibility`` is public.  A record may withhold its holder: then what the table marks
``holder`` is hidden as well.
"""

from __future__ import annotations

from catalogue.profile import Document, Shape
from catalogue.records.models import PUBLISHED, Record

_EVERYBODY = frozenset({"public", "holder"})
_HOLDER_WITHHELD = frozenset({"public"})


def public(shape: Shape, record: Record) -> Document | None:
    """What everybody may see of a record; None if nothing."""
    if record.state != PUBLISHED or record.document is None:
        return None
    withheld = record.document.get("holder_withheld") is True
    return shape.only(record.document, _HOLDER_WITHHELD if withheld else _EVERYBODY)
