"""The questions of a page as templates draw them, from form data: what is stored or what was sent.

A page is always drawn from the inputs, so that a text that could not be taken is shown
again beside what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from markupsafe import Markup

from catalogue.profile.defaults import Places
from catalogue.profile.folding import Fault, meant, unfold_part
from catalogue.profile.form import Field, within
from catalogue.profile.inputs import PICK, REASON, WAS, Data, Inputs
from catalogue.profile.merging import Conflict, state
from catalogue.profile.shape import Document
from catalogue.profile.tables import TIERS
from catalogue.profile.values import NO_LANGUAGE, Nested, Reference, Text
from catalogue.vocabulary import NOT_FOR, Concept, Vocabularies
from catalogue.web.lookups import RecordLookup

#: A list this long can be opened whole below its input; a longer one has a page.
_MOST_OPENED = 40
#: The languages that a text can be added in at once; any other may be imported.
LANGUAGES = [
    "bg",
    "ca",
    "cs",
    "da",
    "de",
    "el",
    "en",
    "es",
    "et",
    "fi",
    "fr",
    "ga",
    "hr",
    "hu",
    "is",
    "it",
    "lt",
    "lv",
    "mt",
    "nl",
    "no",
    "pl",
    "pt",
    "ro",
    "sk",
    "sl",
    "sv",
    "tr",
    "uk",
]
_UNITS = {"percent": "%", "years": "years", "months": "months"}


@dataclass(frozen=True)
class Option:
    """Something that can be chosen."""

    value: str
    label: str
    note: str = ""
    chosen: bool = False


@dataclass(frozen=True)
class Version:
    """A text in one language: the inputs it has, one for each text of several lines."""

    tag: str
    label: str
    name: str
    texts: Sequence[str]
    faults: Sequence[Fault]
    focus: bool


@dataclass(frozen=True)
class Group:
    """One part with its questions; ``more`` are those above the tier."""

    name: str
    part: str
    number: int
    label: str
    first: bool
    last: bool
    focus: bool
    opened: bool
    questions: Sequence[Question]
    more: Sequence[Question]

    @property
    def title(self) -> str:
        """What the part is about: its first answer."""
        for question in self.questions:
            if question.chosen:
                return question.chosen[0].label
            if texts := [*(one.texts[0] for one in question.versions), *question.texts]:
                return texts[0]
        return ""


@dataclass(frozen=True)
class Question:
    """One field as it stands at one place of the form."""

    field: Field
    name: str
    faults: Sequence[Fault] = ()
    texts: Sequence[str] = ()
    versions: Sequence[Version] = ()
    languages: Sequence[Option] = ()
    chosen: Sequence[Option] = ()
    choices: Sequence[Option] = ()
    typed: str = ""
    groups: Sequence[Group] = ()
    part_label: str = ""
    reason: str = ""
    reasons: Sequence[Option] = ()
    reason_faults: Sequence[Fault] = ()
    was: str = ""
    conflict: bool = False
    theirs: Sequence[Any] = ()
    theirs_state: str = ""
    kind: str = ""
    kind_label: str = ""

    @property
    def unit(self) -> str:
        """What stands behind a number."""
        return _UNITS.get(self.field.unit, "")

    @property
    def long(self) -> bool:
        """Whether a text will be long: its example is."""
        return not self.field.repeatable and len(self.field.example) > 50

    @property
    def together(self) -> bool:
        """Whether it is several inputs under one name, rather than one input with a label."""
        if self.field.widget in ("part", "yes-no", "concept", "reference"):
            return True
        return len(self.versions) > 1 or len(self.texts) > 1

    @property
    def first_input(self) -> str:
        """The name of the input that its label belongs to."""
        return self.versions[0].name if self.versions else self.name


class Draughtsman:
    """Makes the questions of one page."""

    def __init__(
        self,
        data: Data,
        *,
        vocabularies: Vocabularies,
        lookup: RecordLookup,
        tier: str,
        document: Document | None = None,
        faults: Sequence[Fault] = (),
        conflicts: Sequence[Conflict] = (),
        focus: str = "",
        language: str = "en",
    ) -> None:
        self._data, self._inputs = data, Inputs(data)
        self._vocabularies, self._lookup = vocabularies, lookup
        self._tier, self._language = tier, language
        self._document, self._focus = document or {}, focus
        self._said = set(_said(self._document))
        self._faults: dict[str, list[Fault]] = {}
        for fault in faults:
            self._faults.setdefault(fault.name, []).append(fault)
        self._tongues = tongues(vocabularies)
        self._conflicts = {conflict.field for conflict in conflicts}

    def questions(self, fields: Sequence[Field]) -> list[Question]:
        """The questions of those fields that are on the page."""
        return [
            self._question(one, one.name, self._tier) for one in fields if one.name in self._inputs
        ]

    def _question(self, one: Field, name: str, tier: str) -> Question:
        more: dict[str, Any] = {}
        if one.widget == "languages":
            more["versions"] = list(self._versions(one, name))
            there = {version.tag for version in more["versions"]}
            more["languages"] = [
                Option(tag, self._tongue(tag)) for tag in LANGUAGES if tag not in there
            ]
            more["languages"].sort(key=lambda option: option.label)
        elif one.widget == "part":
            more["groups"] = list(self._groups(one, name, tier))
            assert isinstance(one.property.value, Nested)
            more["part_label"] = one.property.value.shape.label
        elif one.widget in ("concept", "reference"):
            more["chosen"], more["typed"] = self._chosen(one, name)
            more["choices"] = self._choices(one, more["chosen"])
            if isinstance(one.property.value, Reference):
                target = one.property.value.profile[one.kinds[0]]
                more["kind"], more["kind_label"] = target.path, target.label
        else:
            more["texts"] = self._inputs.given(name) or [""]
        if "-" not in name:
            more["was"] = next(iter(self._inputs.given(f"{WAS}-{name}")), "")
            if name in self._conflicts:
                more["conflict"] = True
                more["theirs"] = one.property.values(self._document)
                more["theirs_state"] = state(one.property, self._document)
        if one.reasons and "-" not in name:
            more["reason"] = self._inputs.first(f"{REASON}-{name}")
            more["reason_faults"] = self._faults.get(f"{REASON}-{name}", ())
            more["reasons"] = [
                Option(concept.iri, concept.label())
                for concept in self._vocabularies["reason"].concepts.values()
            ]
        return Question(one, name, self._faults.get(name, ()), **more)

    # texts ---------------------------------------------------------------------------

    def _versions(self, one: Field, name: str) -> Iterator[Version]:
        assert isinstance(one.property.value, Text)
        tags = [tag for tag in self._inputs.tails(name) if "-" not in tag or len(tag) < 20]
        if not tags:
            tags = [self._language]
        tags.sort(key=lambda tag: tag != self._language)
        for tag in tags:
            path = f"{name}-{tag}"
            texts = self._inputs.given(path) or [""]
            faults = self._faults.get(path, ())
            yield Version(tag, self._tongue(tag), path, texts, faults, path == self._focus)

    def _tongue(self, tag: str) -> str:
        """The name of a language."""
        if tag == NO_LANGUAGE:
            return "Language not stated"
        return self._tongues.get(tag, tag)

    # concepts and records ------------------------------------------------------------

    def _chosen(self, one: Field, name: str) -> tuple[list[Option], str]:
        """What is chosen, and what was typed and is not understood."""
        chosen: dict[str, Option] = {}
        typed = []
        for text in (*self._inputs.all(name), *self._inputs.all(f"{PICK}-{name}")):
            found = meant(one, text.strip(), self._lookup)
            if not isinstance(found, str) and self._is_value(one, text):
                found = text
            if isinstance(found, str) and found:
                chosen[found] = self._option(one, found)
            else:
                typed.append(text.strip())
        options = list(chosen.values())
        return options if one.repeatable else options[-1:], "; ".join(dict.fromkeys(typed))

    @staticmethod
    def _is_value(one: Field, text: str) -> bool:
        """Whether a text is a value rather than a name: an address that no list knows."""
        return one.property.value.kind != "code" and "://" in text

    def _option(self, one: Field, value: str) -> Option:
        if isinstance(one.property.value, Reference):
            return Option(value, self._lookup.label(value) or value, chosen=True)
        vocabulary = self._vocabularies[one.vocabulary]
        concept = vocabulary.concepts.get(value) or vocabulary.by_code.get(value)
        if concept is None:
            return Option(value, self._vocabularies.label(value), chosen=True)
        return Option(value, concept.label(), concept.definition.get("en", ""), chosen=True)

    def _choices(self, one: Field, known: Sequence[Option]) -> list[Option]:
        """The entries of a list that can be shown whole."""
        chosen = {option.value for option in known}
        if not one.vocabulary:
            return []
        vocabulary = self._vocabularies[one.vocabulary]
        if len(vocabulary.concepts) > _MOST_OPENED:
            return []
        coded = one.property.value.kind == "code"
        options = [
            Option(
                value,
                concept.label(),
                concept.definition.get("en", ""),
                chosen=value in chosen,
            )
            for concept in vocabulary.concepts.values()
            if (value := concept.code if coded else concept.iri) in chosen or self._fits(concept)
        ]
        # What is chosen stands above a list that is opened; in a short one it stands in its place.
        if not one.choices:
            return [option for option in options if not option.chosen]
        listed = {option.value for option in options}
        return [*options, *(option for option in known if option.value not in listed)]

    def _fits(self, concept: Concept) -> bool:
        """Whether an entry is in use and makes sense beside what the record says."""
        return not concept.deprecated and self._said.isdisjoint(concept.notes.get(NOT_FOR, ()))

    # parts ---------------------------------------------------------------------------

    def _groups(self, one: Field, name: str, tier: str) -> Iterator[Group]:
        assert isinstance(one.property.value, Nested)
        tier = max(tier, one.tier, key=TIERS.index)
        numbers = self._inputs.numbers(name)
        for place, number in enumerate(numbers):
            path = f"{name}-{number}"
            inner = [each for each in one.fields if f"{path}-{each.name}" in self._inputs]
            drawn = [
                (self._question(each, f"{path}-{each.name}", tier), within(each, tier))
                for each in inner
            ]
            yield Group(
                name=path,
                part=self._inputs.first(f"{path}-id"),
                number=place + 1,
                label=one.property.value.shape.label,
                first=place == 0,
                last=place == len(numbers) - 1,
                focus=path == self._focus,
                opened=path == self._focus or any(f.startswith(f"{path}-") for f in self._faults),
                questions=[question for question, at_once in drawn if at_once],
                more=[question for question, at_once in drawn if not at_once],
            )


def widget(question: Question) -> Markup:
    """The inputs of a question, by the template of its widget."""
    template = current_app.jinja_env.get_template(f"fields/{question.field.widget}.html")
    return Markup(template.render(q=question))  # noqa: S704 - a template escaped it


def with_blanks(fields: Sequence[Field], data: Data, places: Places) -> Data:
    """The data with an empty part where one is asked for and none is there.

    What is merely optional waits behind a button.
    """
    blanked = dict(data)
    for one in fields:
        if one.name in blanked and isinstance(one.property.value, Nested) and _awaited(one):
            _add_blank(one, one.name, blanked, places, 0)
    return blanked


def added(field: Field, path: str, data: Data, places: Places) -> tuple[Data, str]:
    """The data with one more empty part below a path, and the name of its group."""
    number = max(Inputs(data).numbers(path), default=-1) + 1
    grown = dict(data)
    _begin(field, f"{path}-{number}", grown, places, path.count("-"))
    return grown, f"{path}-{number}"


def field_at(fields: Sequence[Field], path: str) -> Field | None:
    """The field of a path such as ``variables-0-table``."""
    name, _, rest = path.partition("-")
    one = next((field for field in fields if field.name == name), None)
    if one is None or not rest:
        return one
    _, _, inner = rest.partition("-")
    return field_at(one.fields, inner) if inner else one


def _awaited(one: Field) -> bool:
    """Whether an answer is expected rather than possible."""
    row = one.property
    expected = row.obligation != "optional" or row.ehds is not None
    return one.required or expected or one.tier == TIERS[0]


def _add_blank(one: Field, path: str, data: Data, places: Places, depth: int) -> None:
    if not Inputs(data).numbers(path) and (depth == 0 or not one.repeatable) and _awaited(one):
        _begin(one, f"{path}-0", data, places, depth)


def _begin(one: Field, path: str, data: Data, places: Places, depth: int) -> None:
    """The inputs of a new part, with what it begins with."""
    assert isinstance(one.property.value, Nested)
    unfold_part(one, path, one.property.value.shape.begun(places), data)
    if depth < 2:
        for inner in one.fields:
            place = f"{path}-{inner.name}"
            if place in data and isinstance(inner.property.value, Nested):
                _add_blank(inner, place, data, places, depth + 1)


def _said(document: Document) -> Iterator[str]:
    """The values of a record's own lists: concepts and references."""
    for value in document.values():
        yield from (
            one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)
        )


def tongues(vocabularies: Vocabularies) -> Mapping[str, str]:
    """The names of languages by their tags."""
    return {
        tag: concept.label()
        for concept in vocabularies["language"].concepts.values()
        for tag in concept.notes.get("languageTag", ())
    }
