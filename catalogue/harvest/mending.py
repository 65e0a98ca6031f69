"""Putting right what is wrong in foreign RDF without a doubt about what was meant.

One address with a space in it must not cost a page of datasets.  What can be an address is made
one; what cannot is left out; either is told of the node it is said of.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

import pyoxigraph as ox

from catalogue.harvest.canonical import parts
from catalogue.harvest.rulebook import Rulebook
from catalogue.harvest.splitting import Defect
from catalogue.terms import LONGEST_IRI, fault_of_iri, fault_of_length, is_blank, is_iri

#: A shorter line holds no address that is too long: a character has four bytes at the most.
LONG = LONGEST_IRI // 4
_SHOWN = 80
#: What is told of one document at the most; the rest is put right all the same.
_MOST_DEFECTS = 2_000
_BREAK = re.compile(r"\s*[\r\n]\s*")
_ILLEGAL = re.compile(r'[\x00-\x20<>"{}|\\^`\x7f-\x9f\ufffe\uffff]|%(?![0-9A-Fa-f]{2})')
_AUTHORITY = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_EMPTY = re.compile(r"(?:mailto|tel):\s*\Z", re.I)
#: Addresses that parsers accept and that are none.
_SUSPECT = (
    *("<javascript:", "<data:", "<vbscript:", "<file:", "<blob:", "<mailto:>", "<tel:>"),
    *("<http://>", "<https://>", "<http:///", "<https:///"),
)


class Mender:
    """Puts the statements of one document right, and keeps what had to be."""

    def __init__(self, rules: Rulebook) -> None:
        self.defects: list[Defect] = []
        self.lost = 0
        self.changed = False
        self._rules = rules
        self._known: dict[str, tuple[str, str]] = {}
        self._languages: dict[str, str] = {}

    def lines(self, triples: Iterable[ox.Triple]) -> Iterator[str]:
        """Lines of N-Triples of what a parser gave without a look at it."""
        for triple in triples:
            subject = self._node(triple.subject)
            predicate = self._node(triple.predicate)
            object_ = triple.object
            if isinstance(object_, ox.Literal):
                term, fault = self._literal(object_)
            elif isinstance(object_, ox.NamedNode | ox.BlankNode):
                term, fault = self._node(object_)
            else:
                continue  # RDF 1.2: a statement about a statement
            if line := self._line(subject, predicate, (term, fault)):
                yield line

    def _line(
        self, subject: tuple[str, str], predicate: tuple[str, str], object_: tuple[str, str]
    ) -> str:
        if not subject[0]:
            self.lost += 1
            return ""
        if subject[1]:
            self._tell(subject[0], f"Its address {subject[1]}")
        if predicate[1]:
            self.changed = True
            self._tell(subject[0], f"A property {predicate[1]}")
        if not predicate[0]:
            return ""
        if object_[1]:
            self._tell(subject[0], f"{self._rules.shrink(predicate[0])}: {object_[1]}")
        return f"{subject[0]} {predicate[0]} {object_[0]} ." if object_[0] else ""

    def _tell(self, node: str, said: str) -> None:
        defect = Defect(node, said)
        if len(self.defects) < _MOST_DEFECTS and defect not in self.defects[-20:]:
            self.defects.append(defect)

    def _node(self, node: ox.NamedNode | ox.BlankNode | ox.Triple) -> tuple[str, str]:
        """The term of a node, "" if there can be none, and what is to be told of it."""
        if isinstance(node, ox.NamedNode):
            value = node.value
            known = self._known.get(value)
            if known is None:
                known = self._known[value] = _mended(value)
            return known
        return (str(node), "") if isinstance(node, ox.BlankNode) else ("", "is a statement")

    def _literal(self, literal: ox.Literal) -> tuple[str, str]:
        """The term of a literal, and what is to be told of it."""
        plain = str(ox.Literal(literal.value))
        if language := literal.language:
            told = self._languages.get(language)
            if told is None:
                told = self._languages[language] = _fault_of_tag(language)
            return (plain, told) if told else (str(literal), "")
        term, told = self._node(literal.datatype)
        if not told:
            return str(literal), ""
        return (f"{plain}^^{term}" if term else plain), f"the datatype {told}"

    def suspicious(self, lines: Iterable[str]) -> Iterator[str]:
        """Lines that a parser had no fault to find with, without those that it should have."""
        for line in lines:
            if len(line) > LONG or any(one in line for one in _SUSPECT):
                subject, predicate, object_ = parts(line)
                nodes = [_judged(one) for one in (subject, predicate)]
                value = _judged(object_) if is_iri(object_) else (object_, "")
                line = self._line(nodes[0], nodes[1], value)
                if not line:
                    continue
            yield line


def _fault_of_tag(language: str) -> str:
    try:
        ox.Literal("", language=language)
    except ValueError:
        return f"“{language[:_SHOWN]}” is no language (BCP 47), and was left out."
    return ""


def is_suspect(text: str) -> bool:
    """Whether lines hold anything that should be looked at again."""
    return any(one in text for one in _SUSPECT)


def _judged(term: str) -> tuple[str, str]:
    return (term, "") if is_blank(term) else _mended(term[1:-1])


def _mended(value: str) -> tuple[str, str]:
    """The term of an address, "" if it is none, and what is to be told of it."""
    value = value.translate(_UNHIDDEN)
    fault = _fault(value)
    if not fault:
        return f"<{value}>", ""
    shown = f"“{value[:_SHOWN]}{'…' if len(value) > _SHOWN else ''}”"
    mended = _encoded(value)
    if still := _fault(mended):
        return "", f"{shown} {still}, and was left out."
    return f"<{mended}>", f"{shown} {fault}; it was read as {mended[:_SHOWN]}"


def _fault(value: str) -> str:
    if fault := fault_of_length(value):
        return fault
    if _EMPTY.match(value):
        return "names nobody"
    if fault := fault_of_iri(value):
        return fault
    try:
        ox.NamedNode(value)
    except ValueError as error:
        return f"is not a proper web address ({str(error)[:80]})"
    return ""


def _encoded(value: str) -> str:
    """An address with what it may not contain written as it should be (RFC 3986, 2.1)."""
    value = _ILLEGAL.sub(lambda found: quote(found[0], safe=""), _BREAK.sub("", value.strip()))
    authority = _AUTHORITY.match(value)
    begin = authority.end() if authority else 0
    rest = value[begin:].replace("[", "%5B").replace("]", "%5D")
    first, mark, fragment = rest.partition("#")
    return f"{value[:begin]}{first}{mark}{fragment.replace('#', '%23')}"


# texts --------------------------------------------------------------------------------

# Strings and comments are passed over: only what is outside them is Turtle.
_TURTLE = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""'
    r"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    r'|"(?:[^"\\\n\r]|\\.)*"'
    r"|'(?:[^'\\\n\r]|\\.)*'"
    r"|#[^\n]*"
    # An address ends where something follows that can follow one.
    r"|<(?P<iri>(?:[^>\n]|\n(?![^>\n]*[\"'])|>(?=[^\s;,.\])}(\[<\"'#]))*)>"
    r"|(?<=[\"'])@(?P<language>[A-Za-z0-9_-]+)"
    r"|\\.",
    re.S,
)
#: Characters of nobody's in place of those that parsers stumble over.
_HIDDEN = {ord("\\"): "\ue05c", ord(">"): "\ue03e", ord(" "): "\ue020"}
_UNHIDDEN = {ord(hidden): chr(character) for character, hidden in _HIDDEN.items()}
_IN_XML = re.compile(
    r"""(\brdf:(?:about|resource|datatype)\s*=\s*)(["'])(\s+[^"'<>]*|[^"'<>]*\s+)\2"""
)
_SURROGATE = re.compile(
    r"(\\\\)|(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
_ESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))")
_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9A-Fa-f]+);)([A-Za-z0-9]+;)?")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*\Z")


def turtle(text: str) -> str:
    """Turtle, TriG, N-Triples or N-Quads in which a lenient parser can find its way."""
    return _surrogates(_TURTLE.sub(_token, text))


def _token(found: re.Match[str]) -> str:
    if (iri := found["iri"]) is not None:
        return f"<{_hidden(_ESCAPED.sub(_character, iri))}>"
    if (language := found["language"]) is not None:
        language = language.replace("_", "-").strip("-")
        return f"@{language}" if _LANGUAGE.match(language) else ""
    return found[0]


def _character(found: re.Match[str]) -> str:
    code = int(found[1] or found[2], 16)
    return "\ufffd" if 0xD800 <= code < 0xE000 or code > 0x10FFFF else chr(code)


def _hidden(iri: str) -> str:
    """An address that gets through a parser as it is, to be put right and told of afterwards.

    Spaces around it would make it a relative one.
    """
    plain = iri.strip()
    return plain.translate(_HIDDEN) + (_HIDDEN[ord(" ")] if plain != iri else "")


def _surrogates(text: str) -> str:
    """Half characters cannot be written (Unicode, D71)."""
    if "\\u" not in text:
        return text
    return _SURROGATE.sub(lambda found: found[1] or found[2] or "\\uFFFD", text)


def json_text(text: str) -> str:
    """JSON without half characters."""
    return _surrogates(text)


def xml(text: str) -> str:
    """XML whose ampersands are escaped, whose characters have no names, and addresses no ends."""
    text = _AMPERSAND.sub(_entity, text)
    return _IN_XML.sub(lambda found: f"{found[1]}{found[2]}{_hidden(found[3])}{found[2]}", text)


def _entity(found: re.Match[str]) -> str:
    named = html.unescape(found[0]) if found[1] else ""
    return named if named and named != found[0] else f"&amp;{found[1] or ''}"


def declared(text: str, prefix: str, prefixes: Mapping[str, str]) -> str:
    """Turtle with a declaration of a prefix that it uses and everybody knows; "" if nobody does.

    It comes before the first line, so that lines keep their numbers.
    """
    namespace = prefixes.get(prefix)
    return f"@prefix {prefix}: <{namespace}> . {text}" if namespace else ""
