"""Values, changes, searches and questions in plain words, for mails and feeds.

Pages draw values with templates; a mail has only text, and a worker has no pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.outcomes.asking import Asked
from catalogue.outcomes.wording import SILENT, Wording, number, title_of, titled
from catalogue.profile import Profile, Property
from catalogue.profile.units import beside
from catalogue.profile.values import Code, ConceptValue, Nested, Reference, Text
from catalogue.records.differences import Difference
from catalogue.records.models import PUBLISHED, Record

#: How many values of a field are told, how many details of a part, and how long a text is.
_MOST_VALUES, _MOST_DETAILS, _LONGEST = 6, 4, 300
#: How many lines are told of one record that changed.
_MOST_LINES = 20


@dataclass(frozen=True)
class Line:
    """One field that says something else, in words."""

    label: str
    then: str
    now: str


class Saying:
    """Puts things into words; what records are called is looked up where they are named."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._vocabularies = profile.vocabularies
        self._wording = Wording(profile)

    # changes --------------------------------------------------------------------------

    def lines(self, session: Session, found: Sequence[Difference]) -> list[Line]:
        """What changed in a record, then and now; of very much the first of it."""
        lines: list[Line] = []
        for line in self._lines(session, found):
            if len(lines) == _MOST_LINES:
                lines.append(Line("Further fields", "", "see the page"))
                break
            lines.append(line)
        return lines

    def _lines(
        self, session: Session, found: Sequence[Difference], within: str = ""
    ) -> Iterator[Line]:
        for one in found:
            bare = caption(one.field)
            label = f"{within} › {bare}" if within else bare
            reasons = one.reason_before, one.reason_after
            if one.before or one.after or any(reasons):
                then, now = (
                    self.said(session, one.field, values) or self.silence(reason)
                    for values, reason in zip((one.before, one.after), reasons, strict=True)
                )
                yield Line(label, then, now)
            for part, inner in one.parts:
                named = self._name_of(one.field, part)
                yield from self._lines(session, inner, f"{label}: {named}" if named else label)

    def silence(self, reason: str) -> str:
        """What is said where there is no value; never “no”."""
        return f"{SILENT}: {self._vocabularies.label(reason).lower()}" if reason else SILENT

    # values ---------------------------------------------------------------------------

    def said(self, session: Session, one: Property, values: Sequence[Any]) -> str:
        """Some values of a property in a line; empty if there are none."""
        told = [text for value in values for text in self._value(session, one, value)]
        more = len(told) - _MOST_VALUES
        shown = ", ".join(told[:_MOST_VALUES]) if _short(one) else "; ".join(told[:_MOST_VALUES])
        return f"{shown} and {more} more" if more > 0 else shown

    def _value(self, session: Session, one: Property, value: Any) -> Iterator[str]:
        kind = one.value
        if isinstance(kind, Nested):
            yield self._part(session, kind, value)
        elif isinstance(kind, ConceptValue):
            yield self._vocabularies.label(value)
        elif isinstance(kind, Code):
            concept = kind.vocabulary.by_code.get(value)
            yield concept.label() if concept else str(value)
        elif isinstance(kind, Reference):
            yield self._title(session, value)
        elif isinstance(kind, Text):
            texts: Any = next(iter(_in_english(value)), [])
            for text in texts if isinstance(texts, list) else [texts]:
                plain = " ".join(str(text).split())
                yield plain if len(plain) <= _LONGEST else plain[:_LONGEST].rstrip() + " …"
        elif isinstance(value, bool):
            yield "yes" if value else "no"
        elif isinstance(value, int | float):
            yield self._number(one, value)
        else:
            yield str(value)[:_LONGEST]

    @staticmethod
    def _number(one: Property, value: float) -> str:
        said = f"{value:,}" if isinstance(value, int) else number(value)
        unit = one.value.values if one.value.kind == "decimal" else ""
        return f"{said} %" if unit == "percent" else f"{said} {beside(value, unit)}".rstrip()

    def _part(self, session: Session, kind: Nested, part: Mapping[str, Any]) -> str:
        """A part in few words: what it is about, then its details."""
        details = []
        for place, one in enumerate(kind.shape.stored):
            if values := one.values(part):
                text = self.said(session, one, values)
                named = place == 0 or not _is_number(one)
                details.append(text if named else f"{one.label.lower()} {text}")
        return ", ".join(details[:_MOST_DETAILS])

    def _name_of(self, one: Property, part: Mapping[str, Any]) -> str:
        """What a part is about: its first concept."""
        assert isinstance(one.value, Nested)
        for inner in one.value.shape.stored:
            if isinstance(inner.value, ConceptValue) and (values := inner.values(part)):
                return self._vocabularies.label(values[0])
        return ""

    @staticmethod
    def _title(session: Session, reference: str) -> str:
        """What a record is called, where the world may know it; else its address."""
        found = session.scalar(
            select(Record.title).where(Record.iri == reference, Record.state == PUBLISHED)
        )
        return found or reference

    def title_of(self, session: Session, asked: Asked) -> str:
        """What a search or question asks, as its name."""
        pairs = self._wording.pairs(asked)
        read = titled(session, [said for _, said in pairs])
        return title_of(asked.words, [(label, read(said)) for label, said in pairs])


def caption(one: Property) -> str:
    """The label of a property beside its values, which bring their unit themselves."""
    unit = one.value.values if one.value.kind == "decimal" else ""
    return one.label.removesuffix(" (%)" if unit == "percent" else f" in {unit}")


def _short(one: Property) -> bool:
    """Whether values of a property stand well between commas."""
    return not isinstance(one.value, Nested | Text)


def _is_number(one: Property) -> bool:
    return one.value.kind in ("integer", "decimal", "boolean")


def _in_english(texts: Any) -> Iterator[Any]:
    """What a language map says, English first."""
    if isinstance(texts, Mapping):
        yield from (texts[tag] for tag in sorted(texts, key=lambda tag: tag != "en"))
    elif texts:
        yield texts
