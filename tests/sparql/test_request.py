"""What is refused before any store sees it: as a keyword, never as a word in a text or name."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.errors import TooLarge
from catalogue.sparql.request import checked
from catalogue.sparql.store import Malformed
from catalogue.sparql.tokens import tokens

PREFIXES = {"ex": "http://example.org/", "dct": "http://purl.org/dc/terms/"}
UPDATES = [
    "INSERT DATA { <a> <b> <c> }",
    "DELETE DATA { <a> <b> <c> }",
    "DELETE WHERE { ?s ?p ?o }",
    "delete { ?s ?p ?o } insert { ?s ?p 1 } where { ?s ?p ?o }",
    "WITH <g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "LOAD <http://127.0.0.1/>",
    "LOAD SILENT <http://127.0.0.1/> INTO GRAPH <g>",
    "CLEAR ALL",
    "CLEAR GRAPH <g>",
    "DROP SILENT DEFAULT",
    "CREATE GRAPH <g>",
    "ADD <a> TO <b>",
    "MOVE <a> TO <b>",
    "COPY DEFAULT TO <b>",
    "PREFIX ex: <http://example.org/> INSERT DATA { ex:a ex:b ex:c }",
    "SELECT * { ?s ?p ?o } ; DROP ALL",
]


@pytest.mark.parametrize("text", UPDATES)
def test_updates_are_refused_in_all_their_forms(text):
    with pytest.raises(Malformed, match="only read"):
        checked(text, PREFIXES)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "SELECT * { service silent <http://127.0.0.1/> { ?s ?p ?o } }",
        "SELECT * { #\nSERVICE<http://127.0.0.1/>{ ?s ?p ?o } }",
        "SELECT * { ?s ?p '#' SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "SELECT * { ?s ?p <http://x/#> SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        'SELECT * { ?s ?p """a"#""" SERVICE ?x { ?s ?p ?o } }',
        "SELECT * { ?s ?p 'a\\'' . SERVICE ?x {} # '\n }",
        "SELECT * { FILTER(?a<?b)SERVICE<http://127.0.0.1/>{} FILTER(1>0) }",
        "SELECT * { ?s ex:a\\'SERVICE ?o . SERVICE ex:x {} }",
        "SELECT * { ?s ?p 'x'@en-service . SERVICE ex:x {} }",
        "SELECT * {{SELECT * {SERVICE ex:x {?s ?p ?o}}}}",
        "ASK { FILTER EXISTS { SERVICE ?x { ?s ?p ?o } } }",
    ],
)
def test_other_stores_are_never_asked(text):
    with pytest.raises(Malformed, match="SERVICE is not answered"):
        checked(text, PREFIXES)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?service { ?service ex:load $insert }",
        "PREFIX service: <http://x/> SELECT * { ?s service:drop service:clear }",
        "SELECT * { ?s ex:insert 'SERVICE LOAD' ; ex:x \"DROP ALL\" }",
        'SELECT * { ?s ?p """SERVICE <x> {\n DROP "ALL" """ }',
        "SELECT * { ?s ?p <http://x/SERVICE/LOAD> } # SERVICE <x> DROP ALL",
        "SELECT * { ?s ?p 'chat'@add } # INSERT\r\n",
        "SELECT * { ?s ?p _:load }",
        "SELECT * { ?s ?p ?o FILTER(?o < 5 && ?o > 3) }",
        "SELECT ?moved ?created { ?moved ?createds ?created }",
        "SELECT * { ?s ex:a\\'b ?o . ?s ex:clear.load ?x }",
        "SELECT * { ?s ?p 'Zoë' ; <http://x/é> ?größe }",
    ],
)
def test_words_that_only_look_like_keywords_are_let_through(text):
    assert checked(text, PREFIXES).form == "SELECT"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERV\\u0049CE <http://127.0.0.1/> { ?s ?p ?o } }",
        'SELECT * { ?s ?p "\\u0022 } SERVICE <http://127.0.0.1/> {} #" }',
        'SELECT * { ?s ?p "\\U00000022" }',
        "SELECT * { ?s ?p <http://x/\\u003E> }",
    ],
)
def test_escapes_that_could_hide_something_are_refused(text):
    with pytest.raises(Malformed):
        checked(text, PREFIXES)


def test_escapes_of_other_characters_are_let_through():
    assert checked('SELECT * { ?s ?p "\\u00e9" }', PREFIXES)


def test_the_place_is_told():
    with pytest.raises(Malformed) as caught:
        checked("SELECT *\nWHERE {\n  SERVICE <x> {}\n}", PREFIXES)
    assert (caught.value.line, caught.value.column) == (3, 3)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("PREFIX select: <x> ASK {}", "ASK"),
        ("# SELECT\nconstruct where { ?s ?p ?o }", "CONSTRUCT"),
        ("BASE <http://ask/> DESCRIBE <select>", "DESCRIBE"),
        ("ASK { { SELECT * {} } }", "ASK"),
    ],
)
def test_the_form_is_that_of_the_outer_query(text, form):
    assert checked(text, PREFIXES).form == form


@pytest.mark.parametrize("text", ["", "  \n", "# nothing", "?s ?p ?o"])
def test_what_asks_nothing_is_refused(text):
    with pytest.raises(Malformed):
        checked(text, PREFIXES)


def test_length_and_depth_are_bounded():
    with pytest.raises(TooLarge):
        checked("SELECT * { } #" + "é" * 10_000, PREFIXES)
    for opening, closing in ("()", "{}", "[]"):
        text = f"SELECT * {{ FILTER({opening * 5000}1{closing * 5000}) }}"
        with pytest.raises(Malformed, match="nested"):
            checked(text, PREFIXES)
    assert checked(f"SELECT * {{ FILTER({'(' * 90}1{')' * 90}) }}", PREFIXES)


def test_only_prefixes_that_are_used_and_not_declared_are_added():
    text = "PREFIX ex: <http://other/> SELECT * { ?s ex:a ?o ; dct:title 'x:y' }"
    assert checked(text, PREFIXES).prefixes == (("dct", PREFIXES["dct"]),)


def test_names_of_graphs_must_be_addresses():
    for name in ("x", "http://x/ y", "javascript:alert(1)", ""):
        with pytest.raises(Malformed, match="name of a graph"):
            checked("ASK {}", PREFIXES, [name])
    with pytest.raises(Malformed):
        checked("ASK {}", PREFIXES, [], ["http://x/"] * 51)


@pytest.mark.parametrize(
    "piece", ["a.", "<a", '"', "'''", "<\\u00e9", "a:", "\\", "((", "{?a<", "é."]
)
def test_reading_tokens_takes_no_longer_for_a_nasty_text(piece):
    text = piece * (20_000 // len(piece.encode()))
    begun = time.process_time()
    assert sum(1 for _ in tokens(text)) > 0
    assert time.process_time() - begun < 2


@given(st.text(max_size=200))
def test_any_text_is_let_through_or_refused_in_words(text):
    try:
        checked(text, PREFIXES)
    except (Malformed, TooLarge) as error:
        assert str(error)  # noqa: PT017
