"""What is asked, and what is refused before any store sees it.

Source: SPARQL 1.1 Protocol, section 2.1 (query operation).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from catalogue.errors import TooLarge
from catalogue.sparql.store import Form, Malformed, Question
from catalogue.sparql.tokens import Token, place, tokens
from catalogue.terms import fault_of_iri

#: The longest query, in bytes of UTF-8; and how deep its brackets may be nested.
LONGEST, DEEPEST = 20_000, 100
#: How many graphs a request may name.
MOST_GRAPHS = 50
_FORMS: Mapping[str, Form] = {
    "SELECT": "SELECT",
    "ASK": "ASK",
    "CONSTRUCT": "CONSTRUCT",
    "DESCRIBE": "DESCRIBE",
}
#: SPARQL 1.1 Update, section 3; none of these words is a keyword of a query.
_UPDATES = frozenset(
    ["INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"]
)
_SERVICE = (
    "SERVICE is not answered here: this catalogue asks no other store. "
    "Ask each store by itself and join what they answer."
)
_UPDATE = "{} changes a store, and this one is only read."
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_OPENS, _CLOSES = frozenset("([{"), frozenset(")]}")


def checked(
    text: str,
    prefixes: Mapping[str, str],
    default_graphs: Sequence[str] = (),
    named_graphs: Sequence[str] = (),
) -> Question:
    """A query that may be put to a store; ``prefixes`` are known without being declared.

    Raises :class:`Malformed` and :class:`TooLarge`.  The store still reads the query by its
    own grammar; this only refuses what must never come to it.
    """
    if len(text.encode("utf-8", "surrogatepass")) > LONGEST:
        raise TooLarge(
            f"A query may have {LONGEST:,} bytes. For everything there is, take /dump.nt.gz."
        )
    if not text.strip():
        raise Malformed("The query is empty.")
    if not text.isascii():
        _refuse_surrogates(text)
    found = list(tokens(text))
    _refuse_escapes(text, found)
    _refuse_depth(text, found)
    form = _form(text, found)
    return Question(
        text=text,
        form=form,
        default_graphs=_graphs(default_graphs),
        named_graphs=_graphs(named_graphs),
        prefixes=tuple(_undeclared(found, prefixes)),
    )


def _refuse_surrogates(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Malformed("This is no character.", *place(text, error.start)) from None


def _refuse_escapes(text: str, found: Sequence[Token]) -> None:
    r"""Refuse ``\u`` where it could hide a keyword or the end of a text.

    Section 19.2 has them read before anything else, so ``SERV\u0049CE`` is a keyword and
    ``\u0022`` may end a text; no honest query writes ASCII that way.
    """
    for token in found:
        if token.kind in ("string", "iri"):
            for match in _ESCAPE.finditer(token.text):
                if int(match[1] or match[2], 16) < 0x80:
                    where = place(text, token.at + match.start())
                    raise Malformed(f"Write the character itself instead of {match[0]}.", *where)
        elif token.text == "\\":
            raise Malformed("A backslash has no meaning here.", *place(text, token.at))


def _refuse_depth(text: str, found: Sequence[Token]) -> None:
    depth = 0
    for token in found:
        if token.kind == "sign":
            depth += (token.text in _OPENS) - (token.text in _CLOSES)
            if depth > DEEPEST:
                where = place(text, token.at)
                raise Malformed(f"Brackets are nested deeper than {DEEPEST}.", *where)


def _form(text: str, found: Sequence[Token]) -> Form:
    """The form of the query; refuses the keywords that reach out or change something."""
    form: Form | None = None
    for token in found:
        if token.kind != "word":
            continue
        word = token.text.upper()
        if word == "SERVICE":
            raise Malformed(_SERVICE, *place(text, token.at))
        if word in _UPDATES:
            raise Malformed(_UPDATE.format(word), *place(text, token.at))
        form = form or _FORMS.get(word)
    if form is None:
        raise Malformed("A query says SELECT, ASK, CONSTRUCT or DESCRIBE.")
    return form


def _graphs(names: Sequence[str]) -> tuple[str, ...]:
    if len(names) > MOST_GRAPHS:
        raise Malformed(f"A request may name {MOST_GRAPHS} graphs.")
    for name in names:
        if fault := fault_of_iri(name):
            raise Malformed(f"The name of a graph: {name[:200]} {fault}")
    return tuple(names)


def _undeclared(found: Sequence[Token], prefixes: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """The known prefixes that are used and not declared."""
    declared, used = set(), {}
    before = ""
    for token in found:
        if token.kind == "prefixed":
            prefix = token.text.partition(":")[0]
            if before == "PREFIX":
                declared.add(prefix)
            elif prefix in prefixes:
                used[prefix] = prefixes[prefix]
        before = token.text.upper() if token.kind == "word" else ""
    return [(prefix, iri) for prefix, iri in used.items() if prefix not in declared]
