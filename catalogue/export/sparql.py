"""SPARQL 1.1 over what everybody may see: for programs, and a page with an editor for people.

Source: SPARQL 1.1 Protocol, https://www.w3.org/TR/sparql11-protocol/
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import Response, g, request

from catalogue.errors import BadRequest, CatalogueError, NotFound, NotRead, TooOften, Unavailable
from catalogue.export import blueprint
from catalogue.rdf.formats import Format, write
from catalogue.sparql.description import description
from catalogue.sparql.examples import Example, examples
from catalogue.sparql.formats import ResultFormat, formats_of, negotiate, wants_html
from catalogue.sparql.request import LONGEST, checked
from catalogue.sparql.results import JSON
from catalogue.sparql.store import GRAPH_FORMS, Answer, Form, Limits, Malformed, Question
from catalogue.web import limits
from catalogue.web.current import catalogue
from catalogue.web.linked import wanted
from catalogue.web.views import page

#: The longest body that is read: a query, percent-encoded, with the names of graphs.
_LONGEST_BODY = 4 * LONGEST
#: Rows or statements shown on the page; the documents hold more.
_ON_PAGE = 500
#: The longest address that every server and browser takes.
_LONGEST_ADDRESS = 2_000
_FORM, _QUERY = "application/x-www-form-urlencoded", "application/sparql-query"
_EXPOSED = "Catalogue-Position, Catalogue-Truncated, Retry-After"


@dataclass(frozen=True)
class Asked:
    """What a request says; ``query`` is None where it asks nothing."""

    query: str | None
    format: str = ""
    default_graphs: Sequence[str] = ()
    named_graphs: Sequence[str] = ()


@blueprint.route("/sparql", methods=["GET", "POST", "OPTIONS"], provide_automatic_options=False)
def sparql() -> Response:
    """SPARQL 1.1 queries, read only; a page with an editor for browsers, else a service description."""
    if request.method == "OPTIONS":
        return Response(status=204)
    g.wants_page = wants_html(request.headers.get("Accept"), "")  # for faults in what follows
    asked = _asked()
    if asked.query is None:
        described_in = wanted(None)
        return _page(None, "") if described_in is None else _describe(described_in)
    g.wants_page = wants_html(request.headers.get("Accept"), asked.format)
    if g.wants_page:
        return _answer_on_page(asked)
    limits.count("sparql", limits.here())
    question = _question(asked)
    format = negotiate(question.form, request.headers.get("Accept"), asked.format)
    answer = _ask(question, format, Limits())
    response = Response(answer.body, content_type=format.content_type)
    if asked.format:
        name = f"answer.{format.suffix}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Vary"] = "Accept"
    return _tell(response, answer)


@blueprint.after_request
def _share(response: Response) -> Response:
    """Let scripts of other sites read answers; pages are for people who are here."""
    is_page = response.mimetype == "text/html" and request.method != "OPTIONS"
    if request.endpoint == "export.sparql" and not is_page:
        headers = response.headers
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Access-Control-Expose-Headers"] = _EXPOSED
        if request.method == "OPTIONS":
            headers["Allow"] = "GET, HEAD, POST, OPTIONS"
            headers["Access-Control-Allow-Methods"] = "GET, POST"
            headers["Access-Control-Allow-Headers"] = "Accept, Content-Type"
            headers["Access-Control-Max-Age"] = "86400"
    return response


def _asked() -> Asked:
    """The request as the protocol has it: by GET, by a form, or with the query as its body."""
    if request.method != "POST":
        if name := request.args.get("example"):
            return Asked(_example(name).query)
        values = request.args
        queries = values.getlist("query")
    else:
        request.max_content_length = _LONGEST_BODY
        if request.mimetype == _QUERY:
            values = request.args
            try:
                queries = [request.get_data().decode()]
            except UnicodeDecodeError:
                raise Malformed("The query is not UTF-8.") from None
        elif request.mimetype == _FORM:
            values = request.form
            queries = values.getlist("query")
        else:
            raise NotRead(f"A query is sent as {_FORM} or {_QUERY}.")
    if len(queries) > 1:
        raise BadRequest("A request holds one query.")
    if "update" in values:
        raise Malformed("This store is only read.")
    return Asked(
        query=queries[0] if queries else None,
        format=values.get("format", ""),
        default_graphs=values.getlist("default-graph-uri"),
        named_graphs=values.getlist("named-graph-uri"),
    )


def _example(name: str) -> Example:
    if name not in examples():
        raise NotFound(f'There is no example "{name[:60]}".')
    return examples()[name]


def _question(asked: Asked) -> Question:
    return checked(
        asked.query or "", catalogue.profile.prefixes, asked.default_graphs, asked.named_graphs
    )


def _ask(question: Question, format: ResultFormat, most: Limits) -> Answer:
    seconds = catalogue.settings.sparql_seconds
    return catalogue.sparql.query(question, format.media_type, replace(most, seconds=seconds))


def _tell(response: Response, answer: Answer) -> Response:
    """How fresh the answer is, and whether it is all."""
    response.headers["Cache-Control"] = "no-cache"
    if answer.position is not None:
        response.headers["Catalogue-Position"] = str(answer.position)
    if answer.truncated:
        response.headers["Catalogue-Truncated"] = str(answer.count)
    return response


def _describe(format: Format) -> Response:
    profile = catalogue.profile
    said = description(f"{catalogue.settings.public_address}sparql", profile.expand)
    response = Response(write(said, format, profile.prefixes), content_type=format.content_type)
    response.headers["Vary"] = "Accept"
    return response


# the page ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """An answer as the page shows it: a table, statements, or yes or no."""

    form: Form
    answer: Answer
    formats: Sequence[ResultFormat]
    names: Sequence[str] = ()
    rows: Sequence[Sequence[dict[str, str] | None]] = ()
    statements: str = ""
    said: bool | None = None


def _answer_on_page(asked: Asked) -> Response:
    """The page with the answer, or with what was wrong beside the editor."""
    text = asked.query or ""
    try:
        limits.count("sparql", limits.here())
        question = _question(asked)
        shown = _shown(question)
    except CatalogueError as error:
        response = _page(None, text, error)
        response.status_code = error.status
        if isinstance(error, TooOften | Unavailable) and error.wait:
            response.headers["Retry-After"] = str(error.wait)
        return response
    return _tell(_page(shown, text), shown.answer)


def _shown(question: Question) -> Shown:
    form, formats = question.form, formats_of(question.form)
    answer = _ask(question, formats[0], Limits(rows=_ON_PAGE, statements=_ON_PAGE))
    if form in GRAPH_FORMS:
        return Shown(form, answer, formats, statements=answer.body.decode())
    assert formats[0].media_type == JSON
    found = json.loads(answer.body)
    if form == "ASK":
        return Shown(form, answer, formats, said=found["boolean"])
    names = found["head"]["vars"]
    rows = [[row.get(name) for name in names] for row in found["results"]["bindings"]]
    return Shown(form, answer, formats, names=names, rows=rows)


def _page(shown: Shown | None, text: str, error: CatalogueError | None = None) -> Response:
    some = examples()
    text = text or next(iter(some.values())).query
    address = f"/sparql?{urlencode({'query': text})}"
    lines = text.splitlines()
    fault = error if isinstance(error, Malformed) and error.line else None
    return page(
        "sparql/query.html",
        shown=shown,
        text=text,
        error=error,
        fault=fault,
        faulty=lines[fault.line - 1] if fault and fault.line <= len(lines) else "",
        examples=some.values(),
        address=address if shown and len(address) <= _LONGEST_ADDRESS else "",
        longest=LONGEST,
        most=Limits(),
        seconds=catalogue.settings.sparql_seconds,
        prefixes=catalogue.profile.prefixes,
        short=_short,
    )


def _short(address: str) -> str:
    """An address as it would be written in a query, where a prefix fits."""
    for prefix, namespace in catalogue.profile.prefixes.items():
        if address.startswith(namespace) and (local := address[len(namespace) :]).isalnum():
            return f"{prefix}:{local}"
    return address.removeprefix(catalogue.settings.public_address)
