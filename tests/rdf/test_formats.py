"""Formats: negotiation, and what is refused from elsewhere."""

from __future__ import annotations

import pytest

from catalogue.errors import Invalid, NotAcceptable
from catalogue.rdf.formats import FORMATS, JSON_LD, N_TRIPLES, RDF_XML, TURTLE, negotiate, read

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "format"),
    [
        (BROWSER, None),
        (None, None),
        ("*/*", None),
        ("text/turtle", TURTLE),
        ("application/ld+json", JSON_LD),
        ("application/json", JSON_LD),
        ("application/rdf+xml", RDF_XML),
        ("application/n-triples", N_TRIPLES),
        ("application/rdf+xml;q=0.4, text/turtle;q=0.9", TURTLE),
        ("text/html;q=0.1, application/ld+json", JSON_LD),
    ],
)
def test_a_page_gives_people_html_and_programs_what_they_ask_for(accept, format):
    assert negotiate(accept) is format


def test_a_feed_gives_turtle_to_whoever_says_nothing():
    assert negotiate(None, html=False) is TURTLE
    assert negotiate("*/*", html=False) is TURTLE


def test_what_does_not_exist_is_refused_with_what_does():
    with pytest.raises(NotAcceptable, match="text/turtle"):
        negotiate("image/png")


BOMB = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">&b;</rdf:RDF>"""


@pytest.mark.parametrize(
    ("source", "format", "said"),
    [
        (b"<a> <b> .", TURTLE, "not valid Turtle in line 1"),
        (b"@prefix x: <y> \n\n x:a x:b 'c", TURTLE, "not valid Turtle in line"),
        (BOMB, RDF_XML, "DOCTYPE"),
        (b"[" * 5000 + b"]" * 5000, JSON_LD, "nested deeper"),
        (b'{"@context": "http://127.0.0.1:1/c.jsonld", "a": "b"}', JSON_LD, "JSON-LD"),
        (b"\xff\xfe nonsense", N_TRIPLES, "N-Triples"),
        (b"<rdf:RDF", RDF_XML, "RDF/XML"),
    ],
)
def test_a_document_that_cannot_be_read_is_refused_with_the_reason(source, format, said):
    with pytest.raises(Invalid, match=said):
        read(source, format, "https://c.example/")


def test_reading_asks_nobody(monkeypatch):
    import socket

    def refuse(*_):
        raise AssertionError("an address was fetched")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.raises(Invalid):
        read(b'{"@context": "https://schema.org/", "name": "x"}', JSON_LD, "https://c.example/")


def test_there_are_four_formats():
    assert list(FORMATS) == ["ttl", "jsonld", "rdf", "nt"]
