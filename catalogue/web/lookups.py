"""Records by the names people know them by, for a form that refers to them.

Who describes a dataset may refer to a record of one's own that is not published yet, such as
the organisation that was added a moment ago: it is found by its whole name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from catalogue.accounts.viewer import Viewer
from catalogue.instance import Catalogue
from catalogue.profile.folding import Candidate
from catalogue.records.identifiers import slug_of
from catalogue.records.models import WITHDRAWN, Record


class RecordLookup:
    """The records of a catalogue, as :class:`catalogue.profile.folding.Lookup` asks for them."""

    def __init__(self, catalogue: Catalogue, session: Session, viewer: Viewer) -> None:
        self._catalogue, self._session = catalogue, session
        self._seen = catalogue.workspace.known_to(viewer)
        self._labels: dict[str, str] = {}

    def find(self, kinds: Sequence[str], text: str) -> Sequence[Candidate]:
        """The records of some classes that a text may mean, the likeliest first."""
        found: dict[str, Candidate] = {}
        for kind in (self._catalogue.profile[name].path for name in kinds):
            named = self._of_that_name(kind, text)
            for record, short in [(one, "") for one in named] + self._like(kind, text):
                title = record.title or record.slug
                names = {name.casefold() for name in (title, short) if name}
                exact = text.strip().casefold() in names
                found.setdefault(record.iri, Candidate(record.iri, title, short, exact))
        return sorted(found.values(), key=lambda one: not one.exact)

    def label(self, reference: str) -> str:
        """The name of a record; empty if there is none."""
        self.remember([reference])
        return self._labels[reference]

    def remember(self, references: Iterable[str]) -> None:
        """Look up the names of some records at once."""
        new = [one for one in references if one not in self._labels]
        seen = select(Record).where(Record.iri.in_(new), self._seen)
        known = {one.iri: one for one in self._session.scalars(seen)} if new else {}
        for reference in new:
            record = known.get(reference)
            self._labels[reference] = (record.title or record.slug) if record else ""

    def _of_that_name(self, kind: str, text: str) -> Sequence[Record]:
        """The records, drafts too, whose whole name it is: the slug of a record says so."""
        slug = slug_of(text, lambda _: False)
        named = select(Record).where(
            Record.kind == kind,
            Record.state != WITHDRAWN,
            self._seen,
            or_(Record.slug == slug, Record.slug == f"{slug}-2"),
        )
        same = text.strip().casefold()
        return [
            one for one in self._session.scalars(named) if same in (one.title.casefold(), one.slug)
        ]

    def _like(self, kind: str, text: str) -> list[tuple[Record, str]]:
        suggested = self._catalogue.suggester.records(self._session, text, kind)
        return [(one.record, one.also) for one in suggested if one.record is not None]
