"""Between a document and the inputs of a form, in both directions.

``unfold`` says what the inputs of a document hold, ``fold`` what a document says by its
inputs.  Folding never raises: what is well typed is in the values, what is not is told at its
input, and one faulty input never loses the others.  What the form does not ask for (a row
that is filled in by the program, a question that another answer hides) stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from marshmallow import ValidationError

from catalogue.profile import typed
from catalogue.profile.defaults import Places
from catalogue.profile.form import Field, is_asked
from catalogue.profile.inputs import FOR, NEW, PICK, REASON, Data, Inputs
from catalogue.profile.names import is_record
from catalogue.profile.shape import Document, Shape, reasons_in
from catalogue.profile.values import (
    Boolean,
    Code,
    ConceptValue,
    Date,
    DecimalNumber,
    Integer,
    Iri,
    Nested,
    Reference,
    Text,
)
from catalogue.vocabulary import Vocabulary

#: How many candidates are offered for a name that is not clear.
MOST_CANDIDATES = 8
#: A field with more parts than this, at any depth, is not for a form; it is kept as it is.
MOST_PARTS = 150
#: How many parts a form may add to one field at once.
_MOST_GROUPS = 6_000


_NOWHERE = Places()
_NAME_OF_PART = re.compile(r"#[a-z][a-z0-9-]*-[0-9]+\Z")


@dataclass(frozen=True)
class Candidate:
    """Something that a typed name may mean; ``exact`` if it is called just that."""

    value: str
    label: str
    note: str = ""
    exact: bool = False


class Lookup(Protocol):
    """What knows the records that a form may refer to."""

    def find(self, kinds: Sequence[str], text: str) -> Sequence[Candidate]:
        """The records of some kinds that a text may mean, the likeliest first."""
        ...

    def label(self, reference: str) -> str:
        """The name of a record; empty if there is none."""
        ...


@dataclass(frozen=True)
class Fault:
    """What is wrong at one input: with a text that was not understood, what it may mean."""

    name: str
    message: str
    candidates: tuple[Candidate, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class Wish:
    """A record that is not here yet and that somebody wants to refer to."""

    name: str
    kinds: tuple[str, ...]
    text: str


@dataclass
class Folded:
    """What a form says.

    ``values`` and ``reasons`` are by field, None and empty where nothing is said; a field
    that is in neither was not on the page.  ``understood`` tells of names that were typed: the
    input, the text and what it means.  ``fresh`` are the parts that have no name yet, by
    the path of their group.
    """

    values: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    understood: list[tuple[str, str, str]] = field(default_factory=list)
    fresh: dict[str, Document] = field(default_factory=dict)


def fold(
    shape: Shape,
    fields: Sequence[Field],
    data: Mapping[str, list[str]],
    *,
    base: Mapping[str, Any] | None = None,
    lookup: Lookup | None = None,
    places: Places = _NOWHERE,
) -> Folded:
    """What the inputs of some fields say; ``base`` is the document that the form was drawn from."""
    reader = _Reader(Inputs(data), lookup, places)
    folded = reader.folded
    base = base or {}
    for one in fields:
        if one.name not in reader.inputs:
            continue
        value = reader.value(shape, one, one.name, base.get(one.name))
        reason = reader.reason(one) if one.reasons else ""
        if value is not None and reason:
            reader.fault(f"{REASON}-{one.name}", "There is a value; take it out or the reason")
            reason = reasons_in(base).get(one.name, "")
            value = base.get(one.name)
        folded.values[one.name] = value
        folded.reasons[one.name] = reason
    return folded


def unfold(shape: Shape, fields: Sequence[Field], document: Mapping[str, Any]) -> Data:
    """What the inputs of some fields hold for a document; every field has at least one input."""
    data: Data = {}
    reasons = reasons_in(document)
    for one in fields:
        _unfold(one, one.name, document.get(one.name), data)
        if one.reasons:
            data[f"{REASON}-{one.name}"] = [reasons.get(one.name, "")]
    return data


def too_many(one: Field, document: Mapping[str, Any]) -> bool:
    """Whether a field has more parts than a form can show."""
    if not isinstance(one.property.value, Nested):
        return False
    parts = one.property.values(document)
    counted = len(parts)
    for part in parts:
        counted += sum(1 for _ in one.property.value.shape.parts(part))
        if counted > MOST_PARTS:
            return True
    return counted > MOST_PARTS


# a document as inputs ---------------------------------------------------------------


def _unfold(one: Field, path: str, value: Any, data: Data) -> None:
    kind = one.property.value
    if isinstance(kind, Text):
        data[path] = [""]  # the field is on the page, whatever languages it has
        for language, texts in (value or {}).items():
            data[f"{path}-{language}"] = _lines(texts) if one.repeatable else [texts]
    elif isinstance(kind, Nested):
        data[path] = [""]
        for number, part in enumerate(_many(value)):
            unfold_part(one, f"{path}-{number}", part, data)
    else:
        written = [written_as(one, single) for single in _many(value)]
        if one.widget in ("concept", "reference"):
            data[path] = [*written, ""]
        else:
            data[path] = _lines(written) if one.repeatable else written or [""]


def unfold_part(one: Field, path: str, part: Mapping[str, Any], data: Data) -> None:
    """The inputs of one part, its name among them."""
    assert isinstance(one.property.value, Nested)
    data[f"{path}-id"] = [str(part.get("id", ""))]
    for inner in one.fields:
        if is_asked(inner.property, part, one.property.value.shape):
            _unfold(inner, f"{path}-{inner.name}", part.get(inner.name), data)


def _lines(texts: Sequence[str]) -> list[str]:
    """Texts of one line each as one input; texts of several lines as an input each."""
    if any("\n" in text for text in texts):
        return [*texts, ""]
    return ["\n".join(texts)]


def written_as(one: Field, value: Any) -> str:
    """A single value as people would type it."""
    kind = one.property.value
    if isinstance(kind, Boolean):
        return "yes" if value else "no"
    if isinstance(kind, Integer):
        return f"{value:,}"
    if isinstance(kind, DecimalNumber):
        return kind.lexical(value)
    return str(value)


def _many(value: Any) -> list[Any]:
    if value in (None, "", [], {}):
        return []
    return value if isinstance(value, list) else [value]


# inputs as a document ---------------------------------------------------------------


class _Reader:
    """Reads the inputs of one form; gathers faults and wishes on its way."""

    def __init__(self, inputs: Inputs, lookup: Lookup | None, places: Places) -> None:
        self.inputs, self.lookup, self.places = inputs, lookup, places
        self.folded = Folded()

    def fault(
        self, name: str, message: str, candidates: Sequence[Candidate] = (), text: str = ""
    ) -> None:
        """Note what is wrong at an input."""
        self.folded.faults.append(Fault(name, message, tuple(candidates), text))

    def reason(self, one: Field) -> str:
        """The reason for there being no value; empty if none is given."""
        name = f"{REASON}-{one.name}"
        text = self.inputs.first(name)
        if not text:
            return ""
        profile = one.property.value.profile
        value = profile["NotStated"]["reason"].value
        assert isinstance(value, ConceptValue)
        if value.vocabulary.concepts.get(iri := value.resolve(text)) is None:
            self.fault(name, "Choose one of the reasons")
            return ""
        return iri

    def value(self, shape: Shape, one: Field, path: str, base: Any) -> Any:
        """What a document would hold for a field; None if nothing is said."""
        kind = one.property.value
        if isinstance(kind, Text):
            return self._text(one, path, base)
        if isinstance(kind, Nested):
            return self._parts(one, path, base)
        values = self._named(one, path, base) if _is_named(one) else self._typed(one, path, base)
        if not values:
            return None
        values = list(dict.fromkeys(values))
        if fault := _fault_of_many(one, values):
            self.fault(path, fault)
            return base
        return values if one.repeatable else values[-1]

    # texts ---------------------------------------------------------------------------

    def _text(self, one: Field, path: str, base: Any) -> Any:
        texts: dict[str, Any] = {}
        for language in self.inputs.tails(path):
            name, tag = f"{path}-{language}", language.lower()
            given = self._several(name) if one.repeatable else [self.inputs.first(name)]
            given = list(dict.fromkeys(text for text in given if text))
            if not given:
                continue
            said: Any = given if one.repeatable else given[0]
            if fault := _fault_of(one, {language: said}):
                self.fault(name, fault)
                said = (base or {}).get(tag)
            if said:
                texts[tag] = said
        return texts or None

    def _several(self, name: str) -> list[str]:
        """The texts of an input for several: one a line, unless each has an input of its own."""
        given = self.inputs.given(name)
        if len(given) == 1:
            given = given[0].split("\n")
        return [text.strip() for text in given if text.strip()]

    # single values -------------------------------------------------------------------

    def _typed(self, one: Field, path: str, base: Any) -> list[Any]:
        texts = self._several(path) if one.repeatable else [self.inputs.first(path)]
        values, faulty = [], False
        for text in filter(None, texts):
            try:
                value = _READERS.get(type(one.property.value), _as_it_is)(text)
                fault = _fault_of(one, value)
            except typed.Unclear as unclear:
                fault = f"“{_cut(text)}” {unclear}"
            if not fault:
                values.append(value)
                continue
            self.fault(path, fault)
            faulty = True
        # What cannot be taken may be what stood there before, being changed: that stays.
        return (
            values + [value for value in _many(base) if value not in values] if faulty else values
        )

    # concepts and records ------------------------------------------------------------

    def _named(self, one: Field, path: str, base: Any) -> list[str]:
        kept = {written_as(one, value): value for value in _many(base)}
        picked = self.inputs.all(f"{PICK}-{path}")
        answered = set(self.inputs.all(f"{FOR}-{path}")) if picked else set()
        values: list[str] = []
        for text in (text.strip() for text in (*self.inputs.all(path), *picked)):
            if text in answered and text not in picked:
                continue
            found = kept[text] if text in kept else meant(one, text, self.lookup)
            if isinstance(found, str) and found:
                values.append(found)
                if found != text:
                    self.folded.understood.append((path, text, found))
            elif one.repeatable and ";" in text:
                pieces = [piece.strip() for piece in text.split(";") if piece.strip()]
                values += filter(None, (self._clear(one, path, piece) for piece in pieces))
            elif clear := self._clear(one, path, text):
                values.append(clear)
        return values

    def _clear(self, one: Field, path: str, text: str) -> str:
        """The one thing a text means; a fault with candidates if it is none or several."""
        found = meant(one, text, self.lookup)
        if isinstance(found, str):
            return found
        if text in self.inputs.all(f"{NEW}-{path}"):
            self.folded.wishes.append(Wish(path, one.kinds, text))
            return ""
        said = f"“{_cut(text)}” "
        exact = [candidate for candidate in found if candidate.exact]
        if len(exact) > 1:
            self.fault(path, said + "can mean several; choose which", exact, text)
        elif found:
            self.fault(path, said + "is not in the list; choose what is meant", found, text)
        elif one.kinds:
            self.fault(path, said + "is not known here yet; try another name or add it", (), text)
        else:
            self.fault(path, said + "is not in the list; try another word for it", (), text)
        return ""

    # parts ---------------------------------------------------------------------------

    def _parts(self, one: Field, path: str, base: Any) -> Any:
        assert isinstance(one.property.value, Nested)
        stored = {part.get("id"): part for part in _many(base) if isinstance(part, Mapping)}
        taken: set[str] = set()
        parts = []
        for number in self.inputs.numbers(path)[:_MOST_GROUPS]:
            group = f"{path}-{number}"
            name = self.inputs.first(f"{group}-id")
            if name in taken or (name not in stored and not _NAME_OF_PART.match(name)):
                name = ""
            part = self._part(one, group, stored.get(name), name)
            if part is not None:
                parts.append(part)
                taken.add(name)
        if not parts:
            return None
        return parts if one.repeatable else parts[0]

    def _part(
        self, one: Field, path: str, known: Mapping[str, Any] | None, name: str
    ) -> Document | None:
        """One part; None if nothing is said in it beyond what every new one begins with.

        One that is not known has a name where somebody else removed it meanwhile.
        """
        assert isinstance(one.property.value, Nested)
        shape = one.property.value.shape
        begun = {} if known is not None or name else shape.begun(self.places)
        said: Document = {}
        for inner in one.fields:
            place = f"{path}-{inner.name}"
            if place in self.inputs:
                before = (known or {}).get(inner.name)
                said[inner.name] = self.value(shape, inner, place, before)
        answers = {key: value for key, value in said.items() if value is not None}
        if not answers or (not name and all(begun.get(k) == v for k, v in answers.items())):
            return None
        part = {k: v for k, v in (known or begun).items() if k not in said}
        part.update(answers)
        part.pop("id", None)
        if name:
            return {"id": name, **part}
        self.folded.fresh[path] = part
        return part


def meant(one: Field, text: str, lookup: Lookup | None = None) -> str | Sequence[Candidate]:
    """The concept or record that a text means, or those that it may mean."""
    kind = one.property.value
    if len(text) > 2_000:
        return ()
    if isinstance(kind, Reference):
        return _record_meant(one, text, lookup)
    assert isinstance(kind, ConceptValue | Code)
    vocabulary, coded = kind.vocabulary, isinstance(kind, Code)
    if isinstance(kind, ConceptValue):
        moved: str = kind.profile.vocabularies.aliases.follow(text)
        if vocabulary.accepts(moved) and not _fault_of(one, moved):
            return moved
    exact = vocabulary.picker.exactly(text)
    concept = vocabulary.by_code.get(text) or vocabulary.concepts.get(text)
    if concept is None and len(exact) == 1:
        concept = vocabulary.concepts[exact[0]]
    if concept is None:
        return candidates(vocabulary, text, coded=coded)
    return concept.code if coded else concept.iri


def _record_meant(one: Field, text: str, lookup: Lookup | None) -> str | Sequence[Candidate]:
    if (is_record(text) or "://" in text) and not _fault_of(one, text):
        return text
    if lookup is None:
        return ()
    found = lookup.find(one.kinds, text)[:MOST_CANDIDATES]
    exact = [candidate.value for candidate in found if candidate.exact]
    return exact[0] if len(exact) == 1 else found


def candidates(
    vocabulary: Vocabulary, text: str, most: int = MOST_CANDIDATES, *, coded: bool = False
) -> list[Candidate]:
    """The entries of a list that a text may mean, the likeliest first; ``coded`` by their codes."""
    exact = set(vocabulary.picker.exactly(text))
    found = []
    for iri, name in vocabulary.picker.like(text, most):
        concept = vocabulary.concepts[iri]
        label = concept.label()
        notes = [name] if name not in (label, text, concept.code) else []
        above = (vocabulary.concepts.get(broader) for broader in concept.broader)
        notes += [one.label() for one in above if one is not None]
        notes += [some.label() for some in vocabulary.collections.values() if iri in some.members]
        value = concept.code if coded else iri
        found.append(Candidate(value, label, "; ".join(notes[:2]), iri in exact))
    return found


def _is_named(one: Field) -> bool:
    """Whether values are chosen by their names rather than typed."""
    return one.widget in ("concept", "reference")


def _as_it_is(text: str) -> str:
    return text


def _yes_or_no(text: str) -> bool:
    said = {"yes": True, "no": False, "true": True, "false": False}.get(text.lower())
    if said is None:
        raise typed.Unclear("is neither yes nor no")
    return said


_READERS: Mapping[type, Callable[[str], Any]] = {
    Integer: typed.whole_number,
    DecimalNumber: typed.number,
    Boolean: _yes_or_no,
    Date: typed.day,
    Iri: typed.address,
}


def _fault_of(one: Field, value: Any) -> str:
    """What is wrong with one value by its type; empty if nothing is."""
    try:
        one.property.value.field().deserialize(value)
    except ValidationError as error:
        return _sentence(next(_messages(error.messages), "cannot be used"), value)
    return ""


def _fault_of_many(one: Field, values: Sequence[Any]) -> str:
    """What is wrong with there being so many values."""
    try:
        one.property.field().deserialize(values if one.repeatable else values[-1])
    except ValidationError as error:
        return _sentence(next(_messages(error.messages), "cannot be used"), values[-1])
    return ""


def _messages(errors: Any) -> Iterator[str]:
    if isinstance(errors, Mapping):
        for below in errors.values():
            yield from _messages(below)
    elif isinstance(errors, list):
        for one in errors:
            yield from _messages(one)
    else:
        yield str(errors)


def _sentence(message: str, value: Any) -> str:
    """A fault as a sentence: those of our own begin with a verb and want a subject."""
    if not message[:1].islower():
        return message.rstrip(".")
    text = next(iter(value.values())) if isinstance(value, Mapping) else value
    text = text[-1] if isinstance(text, list) and text else text
    return f"“{_cut(str(text))}” {message}"


def _cut(text: str) -> str:
    """A text short enough for a message, without what cannot be shown."""
    shown = "".join(one if one.isprintable() else "·" for one in text[:60])
    return shown + ("…" if len(text) > 60 else "")
