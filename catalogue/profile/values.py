"""The kinds of value a property can have; complexity grows with these, not with the properties.

Each kind knows everything about its values, in both directions: the marshmallow field
(JSON), the statements (RDF out), how to read them back (RDF in, lenient about the ways
other portals write it), the SHACL constraints, the JSON-LD term, the texts to index and
the form widget.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, ClassVar

from marshmallow import ValidationError, fields, validate

from catalogue.errors import FaultyTable, Problem
from catalogue.profile.dates import (
    PRECISIONS,
    datatype_of,
    fault_of_date,
    fault_of_duration,
)
from catalogue.profile.names import Names, is_record
from catalogue.profile.places import WKT_LITERAL, fault_of_geometry
from catalogue.terms import (
    RDF_TYPE,
    XSD,
    Statement,
    Statements,
    fault_of_iri,
    fault_of_language,
    fault_of_length,
    fault_of_text,
    iri,
    iri_of,
    is_blank,
    is_iri,
    is_node,
    literal,
    parts_of,
)

if TYPE_CHECKING:
    from catalogue.profile.profile import Profile
    from catalogue.profile.shape import Shape

#: The longest single text; a description of a dataset is a page, not a book.
LONGEST_TEXT = 50_000
#: JSON-LD's key for a text whose language nobody stated.
NO_LANGUAGE = "@none"


def _sound(fault_of: Callable[[str], str], longest: int = LONGEST_TEXT) -> Callable[[str], None]:
    """A marshmallow validator from a function that names the fault of a text."""

    def check(value: str) -> None:
        if len(value) > longest:
            raise ValidationError(f"is longer than {longest} characters")
        if fault := fault_of_text(value) or fault_of(value):
            raise ValidationError(fault)

    return check


def _not_empty(value: str) -> str:
    return "" if value.strip() else "is empty"


class Value:
    """A kind of value.  ``values`` is the cell of the table; a wrong one is a faulty row."""

    kind: ClassVar[str]
    widget: ClassVar[str] = "text"
    #: Whether one JSON value holds all the repeats itself, as a language map does.
    gathers: ClassVar[bool] = False

    def __init__(self, values: str, profile: Profile, *, repeatable: bool) -> None:
        self.values = values
        self.profile = profile
        self.repeatable = repeatable
        self.prepare()

    def prepare(self) -> None:
        """Read the ``values`` cell; raises :class:`FaultyTable` without place."""
        if self.values:
            raise FaultyTable(f'the type {self.kind} takes no values, not "{self.values}"')

    def field(self) -> fields.Field[Any]:
        """The marshmallow field of one value."""
        return fields.String(validate=_sound(_not_empty))

    def faults(self, value: Any) -> Iterator[tuple[str, str]]:
        """What keeps a well-typed value from being published: (severity, message)."""
        yield from ()

    def write(self, subject: str, predicate: str, value: Any, names: Names) -> Iterator[Statement]:
        """The statements of one value; nested ones bring their own."""
        yield subject, predicate, self.term(value, names)

    def term(self, value: Any, names: Names) -> str:
        """The object term of one value."""
        return literal(value)

    def support(self, value: Any, names: Names) -> Iterator[Statement]:
        """What a self-contained document says of the things a value points to."""
        yield from ()

    def claims(self, term: str, statements: Statements, names: Names) -> bool:
        """Whether a term found under the property is one of this kind."""
        return self.value(term, statements, names, ()) is not None

    def value(
        self, term: str, statements: Statements, names: Names, within: tuple[str, ...]
    ) -> Any:
        """The value of a term, or None if it cannot be one; ``within`` are the nodes above."""
        text, _, _ = parts_of(term)
        return text if not is_node(term) and text.strip() and not fault_of_text(text) else None

    def rules(self) -> Iterator[str]:
        """SHACL constraints on one value, in Turtle."""
        yield "sh:nodeKind sh:Literal"

    def context(self) -> dict[str, str]:
        """The JSON-LD term definition, without its ``@id``."""
        return {}

    def linked(self, value: Any, names: Names) -> Any:
        """One value as JSON-LD under :meth:`context`."""
        return value

    def texts(self, value: Any) -> Iterator[str]:
        """The texts of one value for the full-text index."""
        yield value

    def canonical(self, value: Any) -> Any:
        """The one form of equal values, for comparing."""
        return value


class String(Value):
    """A literal without language: an identifier, a version, a name of a team."""

    kind = "string"

    def prepare(self) -> None:
        if self.values not in ("", "email"):
            raise FaultyTable(f'a string may be an "email" or anything, not "{self.values}"')

    def field(self) -> fields.Field[Any]:
        if self.values == "email":
            return fields.Email(validate=_sound(_not_empty, 320))
        return super().field()


class Text(Value):
    """A text in one or more languages: ``{"en": "Heart failure"}``, or lists if repeatable."""

    kind = "text"
    widget = "languages"
    gathers = True

    def field(self) -> fields.Field[Any]:
        text = fields.String(validate=_sound(_not_empty))
        return _Texts(
            keys=fields.String(validate=_check_language),
            values=fields.List(text, validate=validate.Length(min=1)) if self.repeatable else text,
        )

    def write(self, subject: str, predicate: str, value: Any, names: Names) -> Iterator[Statement]:
        for language, text in _pairs(value):
            tag = "" if language == NO_LANGUAGE else language
            yield subject, predicate, literal(text, language=tag)

    def value(
        self, term: str, statements: Statements, names: Names, within: tuple[str, ...]
    ) -> Any:
        if is_node(term):
            return None
        text, _, language = parts_of(term)
        if not text.strip() or fault_of_text(text):
            return None
        return {language.lower() or NO_LANGUAGE: text}

    def gather(self, values: list[dict[str, str]]) -> dict[str, Any]:
        """One language map of the maps read from single terms; the first of a language wins."""
        gathered: dict[str, Any] = {}
        for value in values:
            for language, text in value.items():
                if not self.repeatable:
                    gathered.setdefault(language, text)
                elif text not in gathered.setdefault(language, []):
                    gathered[language].append(text)
        return gathered

    def rules(self) -> Iterator[str]:
        yield "sh:nodeKind sh:Literal"
        if not self.repeatable:
            yield "sh:uniqueLang true"

    def context(self) -> dict[str, str]:
        return {"@container": "@language"}

    def texts(self, value: Any) -> Iterator[str]:
        for _, text in _pairs(value):
            yield text

    def canonical(self, value: Any) -> Any:
        return {
            language: sorted(set(text)) if isinstance(text, list) else text
            for language, text in sorted(value.items())
        }


def _pairs(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for language, texts in value.items():
        for text in texts if isinstance(texts, list) else [texts]:
            yield language, text


class _Texts(fields.Dict):
    """A language map; its tags are in lower case, for RDF compares them so."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        texts = super()._deserialize(value, *args, **kwargs)  # type: ignore[no-untyped-call]
        lower = {tag.lower(): text for tag, text in texts.items()}
        if len(lower) != len(texts):
            raise ValidationError("gives one language twice")
        return lower


def _check_language(tag: str) -> None:
    if tag != NO_LANGUAGE and (fault := fault_of_language(tag)):
        raise ValidationError(fault)


class Typed(Value):
    """A literal with one XSD datatype."""

    datatype: ClassVar[str]

    def term(self, value: Any, names: Names) -> str:
        return literal(self.lexical(value), XSD + self.datatype)

    def lexical(self, value: Any) -> str:
        """The lexical form of a value."""
        return str(value)

    def rules(self) -> Iterator[str]:
        yield f"sh:datatype <{XSD}{self.datatype}>"

    def context(self) -> dict[str, str]:
        return {"@type": XSD + self.datatype}

    def texts(self, value: Any) -> Iterator[str]:
        yield from ()


class Integer(Typed):
    """A count: xsd:nonNegativeInteger, as every number of the profiles is."""

    kind = "integer"
    widget = "number"
    datatype = "nonNegativeInteger"

    def field(self) -> fields.Field[Any]:
        return _WholeNumber(validate=validate.Range(min=0, max=2**63 - 1))

    def value(
        self, term: str, statements: Statements, names: Names, within: tuple[str, ...]
    ) -> Any:
        text = parts_of(term)[0].strip()
        return int(text) if not is_node(term) and re.fullmatch(r"\+?\d{1,18}", text) else None


class _WholeNumber(fields.Integer):
    """An integer that ``true`` and ``"8"`` are not."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError("is not a whole number")
        return int(super()._deserialize(value, *args, **kwargs) or 0)


class DecimalNumber(Typed):
    """A number with a unit: ``percent``, ``years`` or ``months``; none for metres and others."""

    kind = "decimal"
    widget = "number"
    datatype = "decimal"
    units: ClassVar[Mapping[str, float]] = {"": 1e15, "percent": 100, "years": 200, "months": 2400}

    def prepare(self) -> None:
        if self.values not in self.units:
            raise FaultyTable(f'unknown unit "{self.values}"; one of {", ".join(self.units)}')

    def field(self) -> fields.Field[Any]:
        return _Number(validate=validate.Range(min=0, max=self.units[self.values]))

    def lexical(self, value: Any) -> str:
        return format(Decimal(repr(value)), "f")

    def value(
        self, term: str, statements: Statements, names: Names, within: tuple[str, ...]
    ) -> Any:
        try:
            number = float(Decimal(parts_of(term)[0].strip())) if not is_node(term) else None
        except InvalidOperation:
            return None
        if number is None or not 0 <= number <= self.units[self.values]:
            return None
        return self.canonical(number)

    def linked(self, value: Any, names: Names) -> Any:
        return self.lexical(value)

    def canonical(self, value: Any) -> Any:
        return int(value) if value == int(value) else float(value)


class _Number(fields.Float):
    """A number that ``true``, ``"8"``, NaN and infinities are not."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("is not a number")
        number = super()._deserialize(value, *args, **kwargs)
        return int(number) if number is not None and number == int(number) else number


class Boolean(Typed):
    """Yes or no; silence is neither."""

    kind = "boolean"
    widget = "yes-no"
    datatype = "boolean"

    def field(self) -> fields.Field[Any]:
        return fields.Boolean(truthy={True}, falsy={False})

    def lexical(self, value: Any) -> str:
        return "true" if value else "false"

    def value(
        self, term: str, statements: Statements, names: Names, within: tuple[str, ...]
    ) -> Any:
        forms = {"true": True, "1": True, "false": False, "0": False}
        return None if is_node(term) else forms.get(parts_of(term)[0].strip())

    def context(self) -> dict[str, str]:
        return {}


class Date(Value):
    """A date of any precision; ``values`` may ask for a ``day`` or an ``instant``."""

    kind = "date"
    widget = "date"

    def prepare(self) -> None:
        if self.values not in PRECISIONS:
            raise FaultyTable(f'unknown precision "{self.values}"; day, instant or nothing')

    def field(self) -> fields.Field[Any]:
        return fields.String(validate=_sound(lambda value: fault_of_date(value, self.values), 40))

    def term(self, value: Any, names: Names) -> str:
        return literal(value, datatype_of(value))

    def value(
        self, term: str, statements: Statements, names: Names, within: tuple[str, ...]
    ) -> Any:
        text = parts_of(term)[0].strip()
        return None if is_node(term) or fault_of_date(text, self.values) else text

    def rules(self) -> Iterator[str]:
        types = " ".join(f"[ sh:datatype <{XSD}{name}> ]" for name in PRECISIONS[self.values])
        yield f"sh:or ( {types} )"

    def linked(self, value: Any, names: Names) -> Any:
        return {"@value": value, "@type": datatype_of(value)}

    def texts(self, value: Any) -> Iterator[str]:
        yield from ()


class Duration(Typed):
    """An ISO 8601 duration."""

    kind = "duration"
    datatype = "duration"

    def field(self) -> fields.Field[Any]:
        return fields.String(validate=_sound(fault_of_duration, 40))

    def value(
        self, term: str, statements: Statements, names: Names, within: tuple[str, ...]
    ) -> Any:
        text = parts_of(term)[0].strip()
        return None if is_node(term) or fault_of_duration(text) else text


class Hex(Typed):
    """Hexadecimal digits: the value of a checksum."""

    kind = "hex"
    datatype = "hexBinary"

    def field(self) -> fields.Field[Any]:
        return fields.String(
            validate=validate.Regexp(
                r"(?:[0-9A-Fa-f]{2}){1,64}\Z", error="is not pairs of hexadecimal digits"
            )
        )

    def value(
        self, term: str, statements: Statements, names: Names, within: tuple[str, ...]
    ) -> Any:
        text = parts_of(term)[0].strip()
        valid = not is_node(term) and re.fullmatch(r"(?:[0-9A-Fa-f]{2}){1,64}", text)
        return text if valid else None


class Geometry(Value):
    """A geometry in well-known text."""

    kind = "geometry"

    def field(self) -> fields.Field[Any]:
        return fields.String(validate=_sound(fault_of_geometry, 100_000))

    def term(self, value: Any, names: Names) -> str:
        return literal(value, WKT_LITERAL)

    def value(
        self, term: str, statements: Statements, names: Names, within: tuple[str, ...]
    ) -> Any:
        text = parts_of(term)[0].strip()
        return None if is_node(term) or fault_of_geometry(text) else text

    def rules(self) -> Iterator[str]:
        yield f"sh:datatype <{WKT_LITERAL}>"

    def context(self) -> dict[str, str]:
        return {"@type": WKT_LITERAL}

    def texts(self, value: Any) -> Iterator[str]:
        yield from ()


class Node(Value):
    """A value that is a resource rather than a literal."""

    def term(self, value: Any, names: Names) -> str:
        return iri(names.absolute(value))

    def value(
        self, term: str, statements: Statements, names: Names, within: tuple[str, ...]
    ) -> Any:
        # A literal that holds an address is a common mistake, and its meaning is plain.
        if term.startswith("_:"):
            return None
        address = self.profile.vocabularies.aliases.follow(parts_of(term)[0].strip())
        return None if fault_of_iri(address) else names.relative(address)

    def rules(self) -> Iterator[str]:
        yield "sh:nodeKind sh:IRI"

    def context(self) -> dict[str, str]:
        return {"@type": "@id"}

    def linked(self, value: Any, names: Names) -> Any:
        return names.absolute(value)

    def texts(self, value: Any) -> Iterator[str]:
        yield from ()


def _fault_of_reference(value: str) -> str:
    if is_record(value) or value.startswith("#"):
        return ""
    return fault_of_length(value) or fault_of_iri(value)


class Iri(Node):
    """An address; ``values`` may name the class of what is there, such as ``foaf:Document``."""

    kind = "iri"
    widget = "address"

    def prepare(self) -> None:
        self.class_ = self.profile.expand(self.values) if self.values else ""

    def field(self) -> fields.Field[Any]:
        return fields.String(validate=_sound(_fault_of_reference, 2_000))

    def support(self, value: Any, names: Names) -> Iterator[Statement]:
        if self.class_:
            yield self.term(value, names), RDF_TYPE, iri(self.class_)
        if (scheme := self.profile.vocabularies.by_iri.get(value)) is not None:
            yield from scheme.header()


class Address(Node):
    """An address with a fixed scheme that people write without it."""

    scheme: ClassVar[str]

    def term(self, value: Any, names: Names) -> str:
        return iri(self.scheme + value)

    def value(
        self, term: str, statements: Statements, names: Names, within: tuple[str, ...]
    ) -> Any:
        text = parts_of(term)[0].strip().removeprefix(self.scheme)
        try:
            self.field().deserialize(text)
        except ValidationError:
            return None
        return text

    def linked(self, value: Any, names: Names) -> Any:
        return self.scheme + value


class Email(Address):
    """An e-mail address, written ``mailto:`` in RDF (vCard)."""

    kind = "email"
    widget = "email"
    scheme = "mailto:"

    def field(self) -> fields.Field[Any]:
        return fields.Email(validate=_sound(lambda value: fault_of_iri("mailto:" + value), 320))


class Telephone(Address):
    """A telephone number, written ``tel:`` in RDF (vCard)."""

    kind = "telephone"
    widget = "telephone"
    scheme = "tel:"

    def field(self) -> fields.Field[Any]:
        return fields.String(
            validate=validate.Regexp(
                r"\+?[0-9()./ -]{3,30}\Z", error="is not a telephone number such as +32 2 555 01 01"
            )
        )

    def term(self, value: Any, names: Names) -> str:
        return iri("tel:" + value.replace(" ", "-"))

    def linked(self, value: Any, names: Names) -> Any:
        return "tel:" + value.replace(" ", "-")

    def canonical(self, value: Any) -> Any:
        return value.replace(" ", "-")


class ConceptValue(Node):
    """A concept of a vocabulary: its IRI, though a code or label is understood.

    ``values`` is ``<vocabulary>``, or ``<vocabulary> including <CODE>`` where one concept
    must be among the values.
    """

    kind = "concept"
    widget = "concept"

    def prepare(self) -> None:
        name, _, included = self.values.partition(" including ")
        if name not in self.profile.vocabularies:
            raise FaultyTable(f'unknown vocabulary "{name}": there is no vocabularies/{name}.ttl')
        self.vocabulary = self.profile.vocabularies[name]
        self.included = ""
        if included:
            if included not in self.vocabulary.by_code:
                raise FaultyTable(f'no concept "{included}" in the vocabulary {name}')
            self.included = self.vocabulary.by_code[included].iri

    def field(self) -> fields.Field[Any]:
        return _ConceptField(self, validate=_sound(_fault_of_reference, 2_000))

    def resolve(self, value: str) -> str:
        """The IRI meant by an IRI, an old one, a code or a label; empty if none is."""
        return self.profile.vocabularies.resolve(self.vocabulary.name, value)

    def faults(self, value: Any) -> Iterator[tuple[str, str]]:
        concept = self.vocabulary.concepts.get(value)
        if concept is None and not self.vocabulary.accepts(value):
            yield "violation", f"{value} is not in the list “{self.vocabulary.title}”"
        elif concept is not None and concept.deprecated:
            yield "warning", f"“{concept.label()}” is no longer in use; choose another"

    def support(self, value: Any, names: Names) -> Iterator[Statement]:
        yield from self.vocabulary.statements(value)

    def claims(self, term: str, statements: Statements, names: Names) -> bool:
        value = self.value(term, statements, names, ())
        return value is not None and self.vocabulary.accepts(value)

    def value(
        self, term: str, statements: Statements, names: Names, within: tuple[str, ...]
    ) -> Any:
        if term.startswith("_:"):
            return None
        address = self.resolve(parts_of(term)[0])
        return address if address and not fault_of_iri(address) else None

    def rules(self) -> Iterator[str]:
        yield "sh:nodeKind sh:IRI"
        if self.vocabulary.pattern:
            yield f"sh:pattern {literal(self.pattern())}"
        else:
            members = " ".join(iri(concept) for concept in self.vocabulary.concepts)
            yield f"sh:in ( {members} )"

    def pattern(self) -> str:
        """A pattern that the members and the other IRIs of an open list match."""
        stems = {
            re.escape(concept)
            for concept in self.vocabulary.concepts
            if not re.match(self.vocabulary.pattern, concept)
        }
        return "|".join([self.vocabulary.pattern, *(f"^{stem}$" for stem in sorted(stems))])

    def texts(self, value: Any) -> Iterator[str]:
        if concept := self.profile.vocabularies.concept(value):
            yield from concept.texts()


class _ConceptField(fields.String):
    """A concept given by IRI, code or label."""

    def __init__(self, value: ConceptValue, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._value = value

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs) or ""
        if address := self._value.resolve(text):
            return address
        title = self._value.vocabulary.title
        raise ValidationError(f"“{text}” is not in the list “{title}”; choose one of its entries")


class Code(Value):
    """A concept written as its plain code, such as the data types of CSVW."""

    kind = "code"
    widget = "concept"

    def prepare(self) -> None:
        if self.values not in self.profile.vocabularies:
            raise FaultyTable(f'unknown vocabulary "{self.values}"')
        self.vocabulary = self.profile.vocabularies[self.values]

    def faults(self, value: Any) -> Iterator[tuple[str, str]]:
        if value not in self.vocabulary.by_code:
            yield "violation", f"“{value}” is not in the list “{self.vocabulary.title}”"

    def rules(self) -> Iterator[str]:
        members = " ".join(literal(code) for code in self.vocabulary.by_code)
        yield f"sh:in ( {members} )"

    def texts(self, value: Any) -> Iterator[str]:
        yield from ()


class Reference(Node):
    """Another record: ``id/agent/inserm``, or the IRI of one elsewhere.

    ``values`` names the shapes it may have, and may go on ``with <property>``: what the
    record referred to must state.
    """

    kind = "reference"
    widget = "reference"

    def prepare(self) -> None:
        names, _, needed = self.values.partition(" with ")
        self.targets = tuple(names.split())
        self.needed = tuple(needed.split())
        for target in self.targets:
            row = self.profile.tables.classes.get(target)
            if row is None or row.kept != "record":
                raise FaultyTable(f'"{target}" is not a class that is kept as a record')
        for name in self.needed:
            if not any(name in self.profile.tables.rows.get(target, {}) for target in self.targets):
                raise FaultyTable(f'"{name}" is not a property of {names}')

    def field(self) -> fields.Field[Any]:
        return fields.String(validate=_sound(_fault_of_reference, 2_000))


class Nested(Value):
    """A part with properties of its own, such as a contact or a distribution.

    In JSON an object whose ``id`` is ``#name-1`` or a full IRI; in RDF a node with that IRI.
    """

    kind = "nested"
    widget = "part"

    def prepare(self) -> None:
        if self.values not in self.profile.tables.classes:
            raise FaultyTable(f'unknown shape "{self.values}"')

    @property
    def shape(self) -> Shape:
        """The shape of the part; looked up late, for parts may hold parts of their own kind."""
        return self.profile[self.values]

    def field(self) -> fields.Field[Any]:
        return fields.Nested(lambda: self.shape.schema())

    def problems(self, value: Any) -> Iterator[Problem]:
        """The problems inside the part."""
        return self.shape.problems(value)

    def write(self, subject: str, predicate: str, value: Any, names: Names) -> Iterator[Statement]:
        node = value["id"] if is_blank(value["id"]) else iri(names.absolute(value["id"]))
        yield subject, predicate, node
        yield from self.shape.statements(value, node, names)

    def support(self, value: Any, names: Names) -> Iterator[Statement]:
        yield from self.shape.support(value, names)

    def value(
        self, term: str, statements: Statements, names: Names, within: tuple[str, ...]
    ) -> Any:
        if not is_node(term) or term in within:
            return None
        part = self.shape.interpret(statements, term, names, within)
        if is_iri(term):
            address = iri_of(term)
            return None if fault_of_iri(address) else {"id": names.relative(address), **part}
        # The blank node's own name, until `Shape.identify` gives the part one that lasts.
        return {"id": term, **part} if part else None

    def claims(self, term: str, statements: Statements, names: Names) -> bool:
        return is_node(term)

    def rules(self) -> Iterator[str]:
        yield "sh:nodeKind sh:BlankNodeOrIRI"

    def linked(self, value: Any, names: Names) -> Any:
        return self.shape.linked(value, names)

    def texts(self, value: Any) -> Iterator[str]:
        yield from ()  # the parts' own properties say what is searched

    def canonical(self, value: Any) -> Any:
        return self.shape.canonical(value)


def _concrete(base: type[Value]) -> Iterator[type[Value]]:
    for kind in base.__subclasses__():
        if "kind" in kind.__dict__:
            yield kind
        yield from _concrete(kind)


#: Every kind of value by the word the tables use.
KINDS: Mapping[str, type[Value]] = {kind.kind: kind for kind in _concrete(Value)}
