"""What does not come as RDF, told in statements: from fields of other systems to our properties.

A reader of CKAN, Dublin Core or ISO 19139 says ``telling.say("title", …)``; the property table
knows the predicate and the kind.  Values are mended where their meaning is plain (a date with a
blank for the T, a language tag for a concept); what cannot be said is told as a problem of that
one description.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from catalogue.errors import CatalogueError, Problem
from catalogue.harvest.parsing import Parser
from catalogue.harvest.reading import Remote
from catalogue.profile import Profile, Property, Shape
from catalogue.profile.dates import datatype_of, fault_of_date, fault_of_duration
from catalogue.profile.places import WKT_LITERAL, fault_of_geometry
from catalogue.profile.values import (
    Address,
    Code,
    ConceptValue,
    Nested,
    Reference,
    Text,
)
from catalogue.terms import (
    RDF_TYPE,
    XSD,
    Statement,
    fault_of_iri,
    fault_of_language,
    fault_of_text,
    iri,
    iri_of,
    is_iri,
    literal,
)
from catalogue.vocabulary import Vocabularies

#: Where a text goes that stands in place of a part: the first of these that the part has.
_MAIN = ("access_url", "label", "notation", "title", "description", "contact_name", "body")
#: The note of a concept that holds its short code, by vocabulary.
_SHORT = {"language": "languageTag", "country": "iso2"}
_WORDS = Path(__file__).parent / "words.csv"
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:Z|[+-]\d{2}:\d{2})\Z")
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?(\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?\Z"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})\Z")
_SLASHED = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})\Z")
_LOCAL = re.compile(r"(\d{1,2})([./])(\d{1,2})\2(\d{4})\Z")
_MEDIA_TYPE = re.compile(r"[a-z]+/[A-Za-z0-9][A-Za-z0-9.+_-]*\Z")
_IANA = "https://www.iana.org/assignments/media-types/"


class Telling:
    """The statements about one thing and its parts, as they are gathered."""

    def __init__(
        self,
        profile: Profile,
        shape: Shape,
        node: str,
        above: Telling | None = None,
    ) -> None:
        self.profile = profile
        self.shape = shape
        self.node = node
        #: In the order they were said, each once; parts share them with what they are parts of.
        self.statements: dict[Statement, None] = above.statements if above else {}
        self.problems: list[Problem] = above.problems if above else []
        self._said: set[str] = set()
        self.add(RDF_TYPE, iri(shape.class_))

    def add(self, predicate: str, term: str) -> None:
        """State something as it is; both are terms."""
        self.statements[(self.node, predicate, term)] = None
        self._said.add(predicate)

    def has(self, name: str) -> bool:
        """Whether something is said by a property already."""
        one = self.shape.properties.get(name)
        return one is not None and one.predicate in self._said

    def warn(self, name: str, message: str) -> None:
        """Tell that a value could not be said."""
        self.problems.append(Problem((name,), message, "warning", "source"))

    def say(self, name: str, value: Any, language: str = "") -> None:
        """Say a value of a property: a text, a number, a list, or a mapping for a part.

        What the profile in force has no property for is passed over.
        """
        one = self.shape.properties.get(name)
        if one is None or value is None:
            return
        if isinstance(value, list | tuple):
            for each in value:
                self.say(name, each, language)
            return
        if isinstance(one.value, Nested):
            self._say_part(one, one.value, value, language)
        elif isinstance(one.value, Reference):
            self._say_reference(one, one.value, value, language)
        elif isinstance(value, Mapping) and isinstance(one.value, Text):
            for tag, text in value.items():
                self.say(name, text, str(tag))
        elif isinstance(value, Mapping):
            self.warn(name, "is an object where a single value is due")
        elif text := clean(value):
            term, fault = term_of(one, text, language)
            if fault:
                self.warn(name, f"“{text[:100]}” {fault}")
            else:
                self.add(one.predicate, term)

    def part(self, name: str, node: str = "") -> Telling:
        """A part to say things of, under a node of its own or a blank one."""
        one = self.shape[name]
        assert isinstance(one.value, Nested)
        return self._below(one, one.value.shape, node)

    def agent(self, name: str, about: Mapping[str, Any], language: str = "") -> None:
        """Say an organisation by what is known of it: ``iri``, ``name`` and our own properties."""
        one = self.shape.properties.get(name)
        if one is None or not (about.get("iri") or about.get("name")):
            return
        assert isinstance(one.value, Reference)
        address = str(about.get("iri") or "").strip()
        if fault_of_iri(address):
            address = ""
        if not address and not about.get("name"):
            return
        told = self._below(one, self.profile[one.value.targets[0]], iri(address) if address else "")
        for property_, value in about.items():
            if property_ != "iri":
                told.say(property_, value, language)

    def _say_part(self, one: Property, value: Nested, said: Any, language: str) -> None:
        shape = value.shape
        if isinstance(said, Mapping):
            address = str(said.get("iri") or "").strip()
            about = {key: each for key, each in said.items() if key != "iri" and not _empty(each)}
            sound = bool(address) and not fault_of_iri(address)
            if about or sound:
                told = self._below(one, shape, iri(address) if sound else "")
                for key, each in about.items():
                    told.say(key, each, language)
        elif text := clean(said):
            main = next((each for each in _MAIN if each in shape.properties), "")
            if main == "access_url":
                self._below(one, shape, "").say(main, text)
            elif text.startswith(("http://", "https://")) and not fault_of_iri(text):
                self._below(one, shape, iri(text))
            elif main:
                self._below(one, shape, "").say(main, text, language)

    def _say_reference(self, one: Property, value: Reference, said: Any, language: str) -> None:
        agents = value.targets[0] == "Agent"
        if isinstance(said, Mapping) and agents:
            self.agent(one.name, said, language)
        elif text := clean(said.get("iri") if isinstance(said, Mapping) else said):
            if not fault_of_iri(text) and text.startswith(("http", "urn:")):
                self.add(one.predicate, iri(text))
            elif agents:
                self.agent(one.name, {"name": text}, language)
            else:
                self.warn(one.name, f"“{text[:100]}” is not the address of a description")

    def _below(self, one: Property, shape: Shape, node: str) -> Telling:
        # Numbered in the order they are met: the same source gives the same names.
        node = node or f"_:part{len(self.statements)}"
        self.add(one.predicate, node)
        return Telling(self.profile, shape, node, self)


def told(parser: Parser, telling: Telling | Remote, id: str, source: str) -> list[Remote]:
    """The descriptions in what was told: the one of the id, with its problems, and others.

    ``source`` is the address of where it was told.
    """
    if isinstance(telling, Remote):
        return [telling]
    kind = telling.shape.path
    address = iri_of(telling.node) if is_iri(telling.node) else ""
    try:
        found = list(parser.remotes(list(telling.statements), id, source).found)
    except CatalogueError as error:
        return [broken(id, kind, str(error), address)]
    problems = tuple(telling.problems)
    # A description without a title is not known for the entry of what was told.
    found = [
        replace(one, id=id) if (one.kind, one.iri) == (kind, address) else one for one in found
    ]
    if not any(one.id == id for one in found):
        found.append(broken(id, kind, "It says nothing that could be read.", address))
    return [
        replace(one, problems=(*one.problems, *problems)) if one.id == id else one for one in found
    ]


def once(remotes: Iterable[Remote]) -> list[Remote]:
    """Each description once; of one that is told in several places, the fullest."""
    found: dict[str, Remote] = {}
    for one in remotes:
        other = found.get(one.id)
        # Also by the text itself, or it would hang on the order of the page.
        if other is None or (len(other.raw), other.raw) < (len(one.raw), one.raw):
            found[one.id] = one
    return list(found.values())


def broken(id: str, kind: str, message: str, iri: str = "", title: str = "") -> Remote:
    """A description that cannot be taken in, to be told of."""
    return Remote(id, kind, iri, b"", "", title=title, problems=(Problem((), message),))


def term_of(one: Property, text: str, language: str = "") -> tuple[str, str]:
    """The term that a text means as a value of a property, or what is wrong with it."""
    value, kind = one.value, one.value.kind
    if isinstance(value, Text):
        return literal(text, language="" if fault_of_language(language) else language), ""
    if isinstance(value, ConceptValue):
        if address := concept_of(value.profile.vocabularies, value.vocabulary.name, text):
            return iri(address), ""
        return "", f"is not in the list “{value.vocabulary.title}”"
    if isinstance(value, Address):
        return iri(value.scheme + text.removeprefix(value.scheme).replace(" ", "-")), fault_of_iri(
            value.scheme + text.removeprefix(value.scheme).replace(" ", "-")
        )
    if isinstance(value, Code) or kind == "string":
        return literal(text), fault_of_text(text)
    if kind == "iri":
        return iri(text), fault_of_iri(text)
    if kind == "date":
        date = date_of(text)
        return literal(date, datatype_of(date)), fault_of_date(date, value.values)
    if kind == "boolean":
        truth = {"true": "true", "yes": "true", "1": "true", "false": "false", "no": "false"}
        said = {**truth, "0": "false"}.get(text.lower(), "")
        return literal(said, XSD + "boolean"), "" if said else "is neither yes nor no"
    if kind == "integer":
        number = whole_number_of(text)
        fault = "" if number else "is not a whole number"
        return literal(number, XSD + "nonNegativeInteger"), fault
    if kind == "decimal":
        try:
            number = format(Decimal(text.replace(",", ".")), "f")
        except InvalidOperation:
            return "", "is not a number"
        return literal(number, XSD + "decimal"), ""
    if kind == "duration":
        return literal(text, XSD + "duration"), fault_of_duration(text)
    if kind == "geometry":
        return literal(text, WKT_LITERAL), fault_of_geometry(text)
    if kind == "hex":
        sound = re.fullmatch(r"(?:[0-9A-Fa-f]{2}){1,64}", text)
        fault = "" if sound else "is not pairs of hexadecimal digits"
        return literal(text, XSD + "hexBinary"), fault
    return literal(text), ""


def whole_number_of(text: str) -> str:
    """The digits of a whole number, written ``8000``, ``8000.0`` or ``8 000``; else empty."""
    digits = re.sub(r"[\s\u00a0\u202f']", "", text)
    digits = re.sub(r"\.0+\Z", "", digits)
    return digits if re.fullmatch(r"\d{1,18}", digits) else ""


def date_of(text: str) -> str:
    """A date as XSD writes it, where it is plain which one is meant; else the text as it is."""
    text = text.strip()
    if match := _DAY.match(text):
        return match[1]
    if match := _MOMENT.match(text):
        zone = match[5] or ""
        zone = zone if zone in ("", "Z") or ":" in zone else f"{zone[:3]}:{zone[3:]}"
        return f"{match[1]}T{match[2]}{match[3] or ':00'}{(match[4] or '')[:7]}{zone}"
    if match := _COMPACT.match(text):
        return "-".join(match.groups())
    if match := _SLASHED.match(text):
        return f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}"
    if match := _LOCAL.match(text):
        first, second = int(match[1]), int(match[3])
        # 03/04/2020 is April in Ghent and March in Boston; with dots the day always comes first.
        if match[2] == "." or first > 12 or first == second:
            return f"{match[4]}-{second:02}-{first:02}"
        if second > 12:
            return f"{match[4]}-{first:02}-{second:02}"
    return text


def language_of(vocabularies: Vocabularies, text: str) -> str:
    """The language tag of a tag, an ISO 639-2 code or a name; empty if it is not known."""
    text = text.strip().replace("_", "-")
    if re.fullmatch(r"[A-Za-z]{2}(-[A-Za-z0-9]{2,8})*", text):
        return text.lower()
    concept = vocabularies.concept(concept_of(vocabularies, "language", text))
    tags = concept.notes.get("languageTag", ()) if concept else ()
    return tags[0] if tags else ""


def concept_of(vocabularies: Vocabularies, name: str, text: str) -> str:
    """The IRI of the concept that an address, a code, a label or a word of other systems means."""
    vocabulary = vocabularies[name]
    text = text.strip()
    word = _words(_WORDS).get((name, text.casefold()), text)
    if ":" in word and "/" in word:
        address = vocabularies.resolve(name, word)
        return "" if fault_of_iri(address) else address
    for form in (word, word.upper(), word.upper().replace("-", "_").replace(" ", "_")):
        if address := vocabularies.resolve(name, form):
            return address
    if note := _SHORT.get(name):
        lower = word.lower()
        for concept in vocabulary.concepts.values():
            if lower in (each.lower() for each in concept.notes.get(note, ())):
                return concept.iri
    if name == "language" and re.match(r"[A-Za-z]{2}[-_]", word):
        return concept_of(vocabularies, name, word[:2])
    if name == "media-type" and _MEDIA_TYPE.match(word):
        return _IANA + word
    if name == "checksum-algorithm":
        code = "checksumAlgorithm_" + re.sub(r"[^a-z0-9]", "", word.lower())
        return vocabulary.by_code[code].iri if code in vocabulary.by_code else ""
    return ""


@cache
def _words(file: Path) -> Mapping[tuple[str, str], str]:
    """Words of other systems by vocabulary, and the codes they mean."""
    with file.open(encoding="utf-8", newline="") as lines:
        return {
            (row["vocabulary"], row["word"].casefold()): row["code"]
            for row in csv.DictReader(lines)
        }


def clean(value: Any) -> str:
    """The text of a value, without what XML cannot carry; empty if it is no single value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return _CONTROLS.sub("", str(value)).strip()
    return ""


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], {})
