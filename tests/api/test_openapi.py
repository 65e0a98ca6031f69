"""The OpenAPI document and the page drawn from it: valid, whole, and true."""

import re
from copy import deepcopy
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from conftest import ADDRESS
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from sqlalchemy import select

from catalogue.records.models import PUBLISHED, Record
from catalogue.web.paths import path_of


@pytest.fixture(scope="session")
def document(app):
    return app.test_client().get("/api/v1/openapi.json").get_json()


@pytest.fixture(scope="session")
def conforms(document):
    """Checks an answer against a schema of the document, and that nothing in it is untold."""
    strict = deepcopy(document)
    for schema in strict["components"]["schemas"].values():
        schema["additionalProperties"] = False

    def conforms(answer, name):
        schema = {"$ref": f"#/components/schemas/{name}", "components": strict["components"]}
        faults = [
            f"{list(fault.absolute_path)}: {fault.message[:300]}"
            for fault in Draft202012Validator(schema).iter_errors(answer)
        ]
        assert not faults, "\n".join(faults[:5])

    return conforms


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def reading(document):
    """The operations for everybody; those of people have tests of their own."""
    for path, method, operation in operations(document):
        if {} in operation["security"]:
            assert method == "get"
            yield path, method, operation


def schema_of(operation):
    (content, *_) = operation["responses"]["200"]["content"].values()
    return content["schema"].get("$ref", "").rpartition("/")[2]


def samples(document):
    for _, _, operation in reading(document):
        for sample in operation["x-codeSamples"]:
            address = re.fullmatch(r"curl '([^']+)'", sample["source"])[1]
            assert address.startswith(f"{ADDRESS}api/v1/")
            yield operation, address.removeprefix(ADDRESS.rstrip("/"))


def test_the_document_is_valid_openapi(document):
    assert document["openapi"].startswith("3.1")
    assert [str(fault) for fault in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_the_document_tells_of_every_address_and_of_no_other(app, document):
    there = {
        (re.sub(r"<(?:[^:<>]+:)?([a-z_]+)>", r"{\1}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert {(path, method.upper()) for path, method, _ in operations(document)} == there
    for path, _, operation in operations(document):
        in_path = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
        assert in_path == set(re.findall(r"{(\w+)}", path))
        assert operation["description"]


def test_names_of_operations_are_unique(document):
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))


def test_every_facet_range_and_property_is_told_with_its_words_from_the_table(document, profile):
    search = document["paths"]["/api/v1/datasets"]["get"]
    told = {one["name"]: one for one in search["parameters"]}
    for name, one in (*profile.facets.items(), *profile.ranges.items()):
        assert one.label in told[name]["description"]
        assert one.note in told[name]["description"]
    for shape in profile.records.values():
        schema = document["components"]["schemas"][shape.name]
        for one in shape.stored:
            assert schema["properties"][one.name]["description"] == one.note
            assert schema["properties"][one.name]["title"] == one.label


def test_every_documented_parameter_is_understood(client, document):
    examples = {operation["operationId"]: address for operation, address in samples(document)}
    for _, _, operation in reading(document):
        for one in operation["parameters"]:
            if one["in"] == "path" or one["name"] == "cursor":
                continue
            if operation["operationId"] == "read_statement":
                continue  # nobody has made one here; see test_compare
            schema = one["schema"].get("items", one["schema"])
            asked = (
                []
                if one["name"] == "at"
                else schema.get("examples", [schema.get("default", "2005..")])[:1]
            )
            example = urlsplit(examples.get(operation["operationId"], ""))
            needed = {
                name: value
                for name, value in parse_qsl(example.query)
                if any(p["name"] == name and p.get("required") for p in operation["parameters"])
            }
            for value in schema.get(
                "enum", [needed[one["name"]]] if one["name"] in needed else asked
            ):
                path = example.path
                response = client.get(f"{path}?{urlencode({**needed, one['name']: value})}")
                assert response.status_code == 200, (path, one["name"], value)


def test_every_example_works_and_answers_as_documented(client, document, conforms):
    told = {operation["operationId"] for operation, _ in samples(document)}
    for operation, address in samples(document):
        response = client.get(address)
        assert response.status_code == 200, address
        if schema_of(operation):
            conforms(response.get_json(), schema_of(operation))
    without = {operation["operationId"] for _, _, operation in reading(document)} - told
    assert without <= {"read_series", "read_service", "read_fingerprint", "read_statement"}, (
        "no record to show it with"
    )


@pytest.mark.parametrize(
    "query",
    [
        "size=100&include=why,document&q=cancer",
        "q=MI&size=3",
        "q=zzzzqqq&spatial=FRA&year=2005..2010&year=not-stated",
        "q=heart+failure+biobank&include=why",
        "q=dementai+-trial+title:cohort",
        "q=acute+coronary+syndrome",
    ],
)
def test_a_search_answers_as_documented(client, conforms, query):
    conforms(client.get(f"/api/v1/datasets?{query}").get_json(), "Search")


def test_every_record_and_vocabulary_answers_as_documented(client, catalogue, conforms):
    with catalogue.database.read() as session:
        records = session.scalars(select(Record).where(Record.state == PUBLISHED)).all()
    for record in records:
        answer = client.get(f"/api/v1/{path_of(record)}").get_json()
        conforms(answer, catalogue.records.shape(record.kind).name)
    for path in ("organisations", "catalogues", "series", "services"):
        conforms(client.get(f"/api/v1/{path}?size=100").get_json(), "Records")
    conforms(client.get("/api/v1/vocabularies").get_json(), "Vocabularies")
    for vocabulary in catalogue.vocabularies.values():
        address = f"/api/v1/vocabularies/{vocabulary.name}"
        conforms(client.get(f"{address}?size=100").get_json(), "Vocabulary")
        some = [*vocabulary.concepts.values()][:3] + [*vocabulary.collections.values()][:3]
        for one in some:
            conforms(client.get(f"{address}/{one.code}").get_json(), "Concept")
    for text in ("hea", "sidi", "dementai", "uni"):
        conforms(client.get(f"/api/v1/suggest?q={text}").get_json(), "Suggestions")


def test_problems_are_as_documented(client, conforms):
    for address in ("datasets?size=0", "datasets?colour=x", "datasets/nothing", "nothing"):
        conforms(client.get(f"/api/v1/{address}").get_json(), "Problem")


def test_what_changes_something_tells_what_is_sent_and_who_may(document):
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    for path, method, operation in operations(document):
        headers = {one["name"]: one for one in operation["parameters"] if one["in"] == "header"}
        assert ("Idempotency-Key" in headers) == (method == "post")
        if method == "get":
            continue
        assert operation["security"] == [{"token": []}]
        statuses = set(operation["responses"])
        assert {"401", "403", "409", "422"} <= statuses
        if "workspace/{path}/{key}" in path and method in ("put", "patch", "delete"):
            assert headers["If-Match"]["required"]
            assert {"412", "428"} <= statuses
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            if kind == "text/csv":  # a file, as it is
                assert content["schema"] == {"type": "string"}
                continue
            schema = document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
            assert schema["additionalProperties"] is False
        (sample, *_) = operation["x-codeSamples"]
        assert f"-X {method.upper()}" in sample["source"]
        assert "Bearer $TOKEN" in sample["source"]


def test_drafts_are_told_property_by_property(document, profile):
    for shape in profile.records.values():
        draft = document["components"]["schemas"][f"{shape.name}Draft"]
        assert set(draft["properties"]) == {"id", *(one.name for one in shape.stored)}
        assert "required" not in draft


def test_an_empty_catalogue_is_described_too(empty):
    from catalogue.app import create_app

    client = create_app(catalogue=empty).test_client()
    document = client.get("/api/v1/openapi.json").get_json()
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    assert client.get("/api/docs").status_code == 200


# the page ---------------------------------------------------------------------------


def test_the_page_tells_of_every_operation_parameter_and_part(client, document):
    page = unescape(client.get("/api/docs").get_data(as_text=True))
    for path, method, operation in operations(document):
        assert f"{method.upper()} {path}" in page
        assert f'id="{operation["operationId"]}"' in page
        for one in operation["parameters"]:
            assert f"<code>{one['name']}</code>" in page
    anchors = set(re.findall(r'href="#([^"]+)"', page))
    ids = re.findall(r' id="([^"]+)"', page)
    assert anchors <= set(ids)
    assert len(ids) == len(set(ids))


def test_every_call_on_the_page_works(client):
    page = unescape(client.get("/api/docs").get_data(as_text=True))
    calls = re.findall(r"curl '([^']+)'", page)
    assert len(calls) > 12
    for address in calls:
        assert client.get(address.removeprefix(ADDRESS.rstrip("/"))).status_code == 200, address


def test_the_page_needs_nothing_from_elsewhere(client):
    page = client.get("/api/docs").get_data(as_text=True)
    sources = re.findall(r'<(?:script|img|iframe)[^>]* src="([^"]+)"', page)
    sources += re.findall(r'<link rel="(?:stylesheet|icon)" href="([^"]+)"', page)
    assert sources
    assert all(one.startswith("/static/") for one in sources)


def test_the_page_for_developers_leads_there(client):
    page = client.get("/developers").get_data(as_text=True)
    assert 'href="/api/docs"' in page
    call = re.search(r"curl &#39;|curl '([^']+/api/v1/[^']+)'", page)
    assert call
