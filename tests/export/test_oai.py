"""OAI-PMH: every verb, every refusal, walks while things change, and nothing withheld."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from conftest import ADDRESS
from factories import EHDS, agent, dataset, plant
from sqlalchemy import select, update
from test_nothing_leaks import SECRETS, told

from catalogue.app import create_app
from catalogue.changes import Position
from catalogue.export.oai.dublin_core import ELEMENTS
from catalogue.export.oai.items import SETS
from catalogue.export.oai.metadata import FORMS
from catalogue.export.oai.requests import VERBS
from catalogue.rdf.formats import RDF_XML, read
from catalogue.records.models import Fragment, Record

assert told  # the fixture of the walk through every route
OAI = "{http://www.openarchives.org/OAI/2.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
HOST = "oai:catalogue.example.org:"


class Harvester:
    """Asks one application; every answer is parsed, so every answer is well formed."""

    def __init__(self, app) -> None:
        self.client = app.test_client()

    def __call__(self, verb: str = "", post: bool = False, **arguments: str) -> ET.Element:
        said = {"verb": verb} if verb else {}
        said |= {name.rstrip("_"): value for name, value in arguments.items()}
        if post:
            return self.parsed(self.client.post("/oai", data=said))
        return self.parsed(self.client.get("/oai?" + urlencode(said)))

    @staticmethod
    def parsed(answer) -> ET.Element:
        assert answer.status_code == 200, answer.get_data(as_text=True)
        assert answer.content_type == "text/xml; charset=utf-8"
        root = ET.fromstring(answer.data)
        assert root.tag == OAI + "OAI-PMH"
        assert [one.tag for one in root][:2] == [OAI + "responseDate", OAI + "request"]
        assert root.findtext(OAI + "request") == ADDRESS + "oai"
        assert len(root) == 3
        return root

    def code(self, *said: str, **arguments: str) -> str:
        """The code of a refusal, with what was said of it."""
        error = self(*said, **arguments).find(OAI + "error")
        assert error is not None
        assert error.text
        return error.get("code", "")

    def pages(self, verb: str, **arguments: str):
        """The pages of a list, to its end."""
        while True:
            page = self(verb, **arguments)[2]
            yield page
            token = page.findtext(OAI + "resumptionToken")
            if not token:
                return
            arguments = {"resumptionToken": token}

    def walk(self, verb: str = "ListIdentifiers", **arguments: str) -> list[str]:
        """What a list tells, deleted records with a minus."""
        arguments.setdefault("metadataPrefix", "oai_dc")
        return [line for page in self.pages(verb, **arguments) for line in lines(page)]


def lines(page: ET.Element) -> list[str]:
    return [
        ("-" if header.get("status") == "deleted" else "")
        + header.findtext(OAI + "identifier", "").removeprefix(HOST + "dataset/")
        for header in page.iter(OAI + "header")
    ]


def spec(header: ET.Element) -> list[str]:
    return [one.text or "" for one in header.iter(OAI + "setSpec")]


def harvester_of(catalogue) -> Harvester:
    app = create_app(catalogue=catalogue)
    app.testing = False
    return Harvester(app)


@pytest.fixture
def three(new_catalogue):
    catalogue = new_catalogue(feed_page_size=2)
    plant(catalogue, *(dataset(title={"en": f"Registry {n} of Ghent"}) for n in range(3)))
    return catalogue


@pytest.fixture
def ask(three) -> Harvester:
    return harvester_of(three)


@pytest.fixture
def public(app) -> Harvester:
    """Over the demonstration records, in pages of 100."""
    return Harvester(app)


def change(catalogue, key: str, **changed: object) -> None:
    with catalogue.changing() as session:
        catalogue.records.put(session, "dataset", dataset(**changed), key=key, author="t")


def withdraw(catalogue, key: str) -> None:
    with catalogue.changing() as session:
        record = catalogue.records.get(session, "dataset", key)
        catalogue.records.withdraw(session, record, author="t")


def restore(catalogue, key: str) -> None:
    with catalogue.changing() as session:
        record = catalogue.records.get(session, "dataset", key)
        catalogue.records.restore(session, record, author="t")


def add_organisation(catalogue, key: str, name: str) -> str:
    with catalogue.changing() as session:
        catalogue.records.put(session, "agent", agent(name), key=key, author="t")
    return f"id/agent/{key}"


def add_catalogue(catalogue, key: str) -> str:
    with catalogue.changing() as session:
        title = {"title": {"en": f"The network {key}"}, "description": {"en": "A network."}}
        said = title | {"publisher": "id/agent/ghent", "applicable_legislation": [EHDS]}
        catalogue.records.put(session, "catalogue", said, key=key, author="t")
    return f"id/catalogue/{key}"


# the verbs --------------------------------------------------------------------------


def test_the_catalogue_says_who_it_is(three, ask):
    said = {one.tag.removeprefix(OAI): one.text for one in ask("Identify")[2]}
    assert said["repositoryName"] == "Outcome Catalogue"
    assert said["baseURL"] == ADDRESS + "oai"
    assert said["protocolVersion"] == "2.0"
    assert said["deletedRecord"] == "persistent"
    assert said["granularity"] == "YYYY-MM-DDThh:mm:ssZ"
    first = said["earliestDatestamp"] or ""
    stamps = [
        header.findtext(OAI + "datestamp", "")
        for page in ask.pages("ListIdentifiers", metadataPrefix="oai_dc")
        for header in page.iter(OAI + "header")
    ]
    assert first <= min(stamps)
    assert list(said) == [
        "repositoryName",
        "baseURL",
        "protocolVersion",
        "adminEmail",
        "earliestDatestamp",
        "deletedRecord",
        "granularity",
    ]


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({"contact": "desk@example.org"}, "desk@example.org"),
        ({"mail_from": "Catalogue <post@example.org>"}, "post@example.org"),
        ({}, "not-stated@contact.invalid"),
    ],
)
def test_whoever_runs_the_catalogue_is_told_as_the_settings_say(new_catalogue, settings, address):
    ask = harvester_of(new_catalogue(**settings))
    assert ask("Identify")[2].findtext(OAI + "adminEmail") == address


def test_an_empty_catalogue_answers_too(empty):
    ask = harvester_of(empty)
    assert ask("Identify")[2].tag == OAI + "Identify"
    assert ask.code("ListRecords", metadataPrefix="oai_dc") == "noRecordsMatch"
    assert ask.code("ListSets") == "noSetHierarchy"
    assert ask.code("GetRecord", metadataPrefix="oai_dc", identifier="x") == "idDoesNotExist"


def test_the_forms_are_listed_also_those_of_one_record(ask):
    for arguments in ({}, {"identifier": HOST + "dataset/hf"}):
        page = ask("ListMetadataFormats", **arguments)[2]
        assert [one.findtext(OAI + "metadataPrefix") for one in page] == list(FORMS)
        assert all(one.findtext(OAI + "schema") for one in page)
        assert all(one.findtext(OAI + "metadataNamespace") for one in page)


def test_sets_are_the_catalogues_and_organisations_that_list_something(three, ask):
    network = add_catalogue(three, "net")
    add_organisation(three, "idle", "Nobody's publisher")
    change(three, "hf", listed_in=[network])
    found = {
        one.findtext(OAI + "setSpec"): one.findtext(OAI + "setName")
        for page in ask.pages("ListSets")
        for one in page.iter(OAI + "set")
    }
    assert found == {
        "organisation:ghent": "Hospital of Ghent",
        "catalogue:net": "The network net",
    }
    header = ask("GetRecord", metadataPrefix="oai_dc", identifier=HOST + "dataset/hf")
    assert spec(header) == ["catalogue:net", "organisation:ghent"]
    assert ask.walk(set="catalogue:net") == ["hf"]


def test_many_sets_come_in_pages(three, ask):
    for n in range(4):
        holder = add_organisation(three, f"place-{n}", f"Place {n}")
        change(three, f"of-{n}", publisher=holder)
    pages = list(ask.pages("ListSets"))
    assert [len(list(page.iter(OAI + "set"))) for page in pages] == [2, 2, 1]
    names = [one.text for page in pages for one in page.iter(OAI + "setSpec")]
    assert len(names) == len(set(names)) == 5


def test_every_kind_the_feed_lists_is_there_and_organisations_are_not(public, catalogue):
    told = public.walk()
    with catalogue.database.read() as session:
        kinds = select(Record.kind, Record.key).where(Record.state == "published")
        every = {(kind, key) for kind, key in session.execute(kinds)}
    listed = {key for kind, key in every if kind == "dataset"}
    assert {one for one in told if ":" not in one} == listed
    assert not [one for one in told if "/agent/" in one or "/catalogue/" in one]


@pytest.mark.parametrize("prefix", FORMS)
def test_records_and_headers_tell_the_same_records(public, prefix):
    assert public.walk("ListRecords", metadataPrefix=prefix) == public.walk(metadataPrefix=prefix)


def test_post_asks_as_get_does_from_anywhere(ask):
    client = ask.client
    headers = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    answer = client.post(
        "/oai", data={"verb": "ListRecords", "metadataPrefix": "oai_dc"}, headers=headers
    )
    assert lines(Harvester.parsed(answer)) == ["hf", "hf-2"]
    assert "Set-Cookie" not in answer.headers
    assert client.post("/sign-out", headers=headers).status_code == 403  # only this address is free
    assert client.post("/oai/", headers=headers).status_code in (403, 404)
    assert ask("Identify", post=True)[2].tag == OAI + "Identify"
    assert ask.code("Nonsense", post=True) == "badVerb"


def test_a_head_request_is_answered(ask):
    answer = ask.client.head("/oai?verb=Identify")
    assert answer.status_code == 200
    assert answer.data == b""


# what a record says -----------------------------------------------------------------


def test_dublin_core_says_titles_with_languages_concepts_by_label_and_organisations_by_name(ask):
    record = ask("GetRecord", metadataPrefix="oai_dc", identifier=HOST + "dataset/hf")
    said = {
        (one.tag.removeprefix(DC), one.text, one.get(LANGUAGE))
        for one in record.iter()
        if one.tag.startswith(DC)
    }
    assert {name for name, _, _ in said} <= set(ELEMENTS)
    assert {
        ("title", "Registry 0 of Ghent", "en"),
        ("description", "Everybody admitted with heart failure since 2009.", "en"),
        ("publisher", "Hospital of Ghent", None),
        ("identifier", "ghent-hf", None),
        ("identifier", ADDRESS + "id/dataset/hf", None),
        ("subject", "heart failure", "en"),
        ("subject", "Health", "en"),
        ("subject", "http://publications.europa.eu/resource/authority/data-theme/HEAL", None),
        ("coverage", "Belgium", "en"),
        ("coverage", "2009/..", None),
        ("rights", "Non-public", "en"),
        ("type", "Dataset", "en"),
    } <= said


def test_dcat_ap_is_the_record_with_the_organisations_it_names(ask):
    record = ask("GetRecord", metadataPrefix="dcat_ap", identifier=HOST + "dataset/hf")
    metadata = record.find(f".//{OAI}metadata")
    assert metadata is not None
    assert len(metadata) == 1
    statements = set(read(ET.tostring(metadata[0]), RDF_XML, ADDRESS))
    dataset_, holder = f"<{ADDRESS}id/dataset/hf>", f"<{ADDRESS}id/agent/ghent>"
    dct, foaf = "http://purl.org/dc/terms/", "http://xmlns.com/foaf/0.1/"
    assert (dataset_, f"<{dct}title>", '"Registry 0 of Ghent"@en') in statements
    assert (dataset_, f"<{dct}publisher>", holder) in statements
    assert (holder, f"<{foaf}name>", '"Hospital of Ghent"@en') in statements


NASTY = [
    "</dc:title><script>alert(1)</script>",
    "]]> & &amp; <!-- \"quoted' -->",
    "tab\tnew\nline \U0001f9ec \u202e right to left",
]


@pytest.mark.parametrize("title", NASTY)
@pytest.mark.parametrize("prefix", FORMS)
def test_no_title_breaks_an_answer(empty, title, prefix):
    plant(empty, dataset(title={"en": title}, keyword={"en": [title]}))
    ask = harvester_of(empty)
    add_catalogue(empty, "net")
    with empty.changing() as session:
        empty.records.put(session, "agent", agent(title), key="ghent", author="t")
    record = ask("ListRecords", metadataPrefix=prefix)[2]
    assert title in [one.text for one in record.iter()]
    assert title in [one.text for one in ask("ListSets")[2].iter(OAI + "setName")]


def test_what_xml_cannot_carry_breaks_no_answer(three, ask):
    """Such texts are refused when they are stored; a hand in the database may bring them in."""
    with three.database.write() as session:
        record = three.records.get(session, "dataset", "hf")
        record.document = {**record.document, "title": {"en": "\x00\x0b\ufffe\ud800 title"}}
        record.title = "x\x0b"
    for prefix in FORMS:
        assert "hf" in ask.walk("ListRecords", metadataPrefix=prefix)


@pytest.mark.parametrize("prefix", FORMS)
def test_a_damaged_record_is_left_out_and_its_neighbours_are_told(three, ask, prefix):
    with three.changing() as session:
        record = three.records.get(session, "dataset", "hf-2")
        record.document = {"title": 5, "publisher": ["x"], "listed_in": 7, "keyword": "one"}
        fragment = session.get_one(Fragment, record.id)
        fragment.rdf_xml = b"no gzip"
    assert ask.walk("ListRecords", metadataPrefix=prefix) == ["hf", "hf-3"]
    identifier = HOST + "dataset/hf-2"
    code = ask.code("GetRecord", metadataPrefix=prefix, identifier=identifier)
    assert code in ("cannotDisseminateFormat", "idDoesNotExist")


# what is refused --------------------------------------------------------------------

LIST = {"metadataPrefix": "oai_dc"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "badVerb"),
        ("verb=", "badVerb"),
        ("verb=identify", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=Nonsense%00%ff", "badVerb"),
        ("verb=Identify&metadataPrefix=oai_dc", "badArgument"),
        ("verb=Identify&__proto__=1", "badArgument"),
        ("verb=ListMetadataFormats&identifier=nobody", "idDoesNotExist"),
        ("verb=ListMetadataFormats&identifier=", "badArgument"),
        ("verb=ListSets&metadataPrefix=oai_dc", "badArgument"),
        ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
        ("verb=GetRecord&identifier=x", "badArgument"),
        ("verb=GetRecord&identifier=x&metadataPrefix=marc", "cannotDisseminateFormat"),
        ("verb=GetRecord&identifier=x&metadataPrefix=oai_dc", "idDoesNotExist"),
        ("verb=GetRecord&identifier=x%00/%ff&metadataPrefix=oai_dc", "idDoesNotExist"),
        ("verb=ListRecords", "badArgument"),
        ("verb=ListRecords&metadataPrefix=marc", "cannotDisseminateFormat"),
        ("verb=ListIdentifiers&metadataPrefix=marc", "cannotDisseminateFormat"),
        ("verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai+dc", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=a%20b", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=:", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=catalogue", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=organisation:nobody", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=dataset:hf", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-02-30", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-2-3", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=0000-01-01", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01T10:00:00", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01T10:00Z", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01T10:00:00%2B01:00", "badArgument"),
        (
            "verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01&until=2026-01-01T10:00:00Z",
            "badArgument",
        ),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-02&until=2026-01-01", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&until=2001-01-01", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=9999-12-31", "noRecordsMatch"),
        ("verb=ListRecords&resumptionToken=x", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=x&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListSets&resumptionToken=x", "badResumptionToken"),
        ("verb=GetRecord&resumptionToken=x", "badArgument"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_its_code(ask, query, code):
    root = Harvester.parsed(ask.client.get("/oai?" + query))
    error = root.find(OAI + "error")
    assert error is not None
    assert error.get("code") == code
    repeated = root.find(OAI + "request").attrib  # type: ignore[union-attr]
    assert bool(repeated) is (code not in ("badVerb", "badArgument"))


def test_the_request_is_repeated_in_the_answer(ask):
    root = ask("ListIdentifiers", metadataPrefix="oai_dc", set="organisation:ghent")
    assert root.find(OAI + "request").attrib == {  # type: ignore[union-attr]
        "verb": "ListIdentifiers",
        "metadataPrefix": "oai_dc",
        "set": "organisation:ghent",
    }


def token_of(page: ET.Element) -> str:
    return page.findtext(f".//{OAI}resumptionToken") or ""


def test_a_token_fits_only_its_verb_and_its_catalogue(three, ask, new_catalogue):
    token = token_of(ask("ListRecords", metadataPrefix="oai_dc"))
    assert lines(ask("ListRecords", resumptionToken=token)) == ["hf-3"]
    assert ask.code("ListIdentifiers", resumptionToken=token) == "badResumptionToken"
    assert ask.code("ListSets", resumptionToken=token) == "badResumptionToken"
    other = new_catalogue("other", feed_page_size=2)
    plant(other)
    foreign = harvester_of(other)
    assert foreign.code("ListRecords", resumptionToken=token) == "badResumptionToken"


def test_no_token_makes_an_error_of_ours(three, ask):
    token = token_of(ask("ListRecords", metadataPrefix="oai_dc"))
    for place in range(0, len(token), 3):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert ask.code("ListRecords", resumptionToken=changed) == "badResumptionToken"
    for said in (token[:-1], token + "A", token * 100, "\x00", "é", ".", "W10.x", "null", "[]"):
        assert ask.code("ListRecords", resumptionToken=said) == "badResumptionToken"


def test_a_token_of_a_form_that_is_no_longer_offered_is_refused(ask, monkeypatch):
    token = token_of(ask("ListRecords", metadataPrefix="dcat_ap"))
    monkeypatch.delitem(FORMS, "dcat_ap")
    assert ask.code("ListRecords", resumptionToken=token) == "badResumptionToken"


def test_every_verb_and_code_of_the_protocol_is_known():
    assert set(VERBS) == {
        "Identify",
        "ListMetadataFormats",
        "ListSets",
        "GetRecord",
        "ListIdentifiers",
        "ListRecords",
    }
    assert set(SETS) == {"catalogue", "agent"}


def test_while_the_view_is_built_anew_the_answer_is_later(three, ask):
    """Half a list would look like deletions."""
    with three.database.write() as session:
        session.execute(
            update(Position).where(Position.name == "rdf").values(seq=1, whole_from=100)
        )
    for query in (
        "verb=ListRecords&metadataPrefix=oai_dc",
        "verb=ListIdentifiers&metadataPrefix=oai_dc",
        "verb=ListSets",
        f"verb=GetRecord&metadataPrefix=oai_dc&identifier={HOST}dataset/hf",
    ):
        answer = ask.client.get("/oai?" + query)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
    assert ask("Identify")[2].tag == OAI + "Identify"


# walks ------------------------------------------------------------------------------


def test_a_list_comes_in_pages_and_the_last_has_an_empty_token(ask):
    pages = list(ask.pages("ListRecords", metadataPrefix="oai_dc"))
    assert [lines(page) for page in pages] == [["hf", "hf-2"], ["hf-3"]]
    tokens = [page.find(OAI + "resumptionToken") for page in pages]
    assert [one.get("cursor") for one in tokens] == ["0", "2"]  # type: ignore[union-attr]
    assert tokens[1].text is None  # type: ignore[union-attr]


def test_a_list_of_one_page_has_no_token(three, ask):
    withdraw(three, "hf-3")
    three.settings.__dict__["feed_page_size"] = 3
    page = ask("ListRecords", metadataPrefix="oai_dc")[2]
    assert page.find(OAI + "resumptionToken") is None


def test_what_changes_during_a_walk_comes_again_and_nothing_is_missed(three, ask):
    pages = ask.pages("ListIdentifiers", metadataPrefix="oai_dc")
    told = lines(next(pages))
    assert told == ["hf", "hf-2"]
    change(three, "hf", title={"en": "Changed"})
    change(three, "hf-3", title={"en": "Changed as well"})
    change(three, "hf-4", title={"en": "New"})
    withdraw(three, "hf-2")
    for page in pages:
        told += lines(page)
    assert told == ["hf", "hf-2", "hf", "hf-3", "hf-4", "-hf-2"]


def test_a_walk_ends_well_when_what_was_left_has_gone(three, ask):
    """Nothing is left to tell, and that is no error: the list ends."""
    until = datetime.now(UTC) + timedelta(seconds=2)
    page = ask("ListIdentifiers", metadataPrefix="oai_dc", until=f"{until:%Y-%m-%dT%H:%M:%SZ}")
    token = token_of(page)
    with three.changing() as session:
        three.records.put(
            session,
            "dataset",
            dataset(title={"en": "Later"}),
            key="hf-3",
            author="t",
            at=until + timedelta(hours=1),
        )
    rest = ask("ListIdentifiers", resumptionToken=token)[2]
    assert lines(rest) == []
    assert rest.tag == OAI + "ListIdentifiers"
    assert token_of(rest) == ""


def test_a_withdrawn_record_is_deleted_and_comes_back_when_restored(three, ask):
    withdraw(three, "hf-2")
    assert ask.walk() == ["hf", "hf-3", "-hf-2"]
    record = ask("GetRecord", metadataPrefix="dcat_ap", identifier=HOST + "dataset/hf-2")
    assert lines(record) == ["-hf-2"]
    assert record.find(f".//{OAI}metadata") is None
    assert spec(record) == ["organisation:ghent"]
    restore(three, "hf-2")
    assert ask.walk() == ["hf", "hf-3", "hf-2"]


def test_a_record_that_moves_to_another_set_is_deleted_from_the_first(three, ask):
    leuven = add_organisation(three, "leuven", "Hospital of Leuven")
    change(three, "hf-2", publisher=leuven)
    assert ask.walk() == ["hf", "hf-3", "hf-2"]
    assert ask.walk(set="organisation:ghent") == ["hf", "hf-3", "-hf-2"]
    assert ask.walk(set="organisation:leuven") == ["hf-2"]
    page = list(ask.pages("ListIdentifiers", metadataPrefix="oai_dc", set="organisation:ghent"))[-1]
    assert spec(page) == ["organisation:ghent"]
    # A later change elsewhere does not tell the first set anything again.
    change(three, "hf-2", publisher=leuven, title={"en": "Of Leuven now"})
    assert ask.walk(set="organisation:ghent") == ["hf", "hf-3", "-hf-2"]
    change(three, "hf-2", title={"en": "Back"})
    assert ask.walk(set="organisation:ghent") == ["hf", "hf-3", "hf-2"]
    assert ask.walk(set="organisation:leuven") == ["-hf-2"]


def test_a_rebuilt_view_remembers_what_is_gone(three, ask):
    withdraw(three, "hf")
    before = ask.walk()
    three.follow.rebuild(three.followers["rdf"])
    assert ask.walk() == before == ["hf-2", "hf-3", "-hf"]


# from and until ---------------------------------------------------------------------


@pytest.fixture
def dated(new_catalogue):
    """Four records of known moments, an hour out of order once, as clocks may be."""
    catalogue = new_catalogue(feed_page_size=2)
    with catalogue.changing() as session:
        put = catalogue.records.put
        put(session, "agent", agent(), key="ghent", author="t", at=at("2026-01-01T00:00:00"))
        for key, moment in (
            ("a", "2026-01-10T10:00:00.700000"),
            ("b", "2026-01-10T23:59:59.999999"),
            ("c", "2026-01-10T23:10:00"),
            ("d", "2026-01-12T00:00:00"),
        ):
            document = dataset(title={"en": key}, identifier=[key])
            put(session, "dataset", document, key=key, author="t", at=at(moment))
    return harvester_of(catalogue)


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("from_", "until", "expected"),
    [
        ("2026-01-10", "2026-01-10", "abc"),
        ("2026-01-10", "", "abcd"),
        ("2026-01-11", "", "d"),
        ("", "2026-01-10", "abc"),
        ("", "2026-01-11", "abc"),
        ("2026-01-10T10:00:00Z", "2026-01-10T10:00:00Z", "a"),
        ("2026-01-10T10:00:01Z", "", "bcd"),
        ("2026-01-10T23:59:59Z", "2026-01-10T23:59:59Z", "b"),
        ("2026-01-10T23:10:00Z", "2026-01-10T23:10:00Z", "c"),
        ("2026-01-10T23:30:00Z", "", "bd"),
        ("", "2026-01-10T23:30:00Z", "ac"),
        ("2026-01-12T00:00:00Z", "2026-01-12T00:00:00Z", "d"),
        ("0001-01-01", "9999-12-31", "abcd"),
        ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "abcd"),
    ],
)
def test_from_and_until_include_both_ends(dated, from_, until, expected):
    said = {name: value for name, value in (("from_", from_), ("until", until)) if value}
    assert "".join(dated.walk(**said)) == expected
    assert "".join(dated.walk("ListRecords", **said)) == expected


@pytest.mark.parametrize(
    ("from_", "until"),
    [("2026-01-11", "2026-01-11"), ("2026-01-10T10:00:01Z", "2026-01-10T10:00:02Z")],
)
def test_a_span_without_a_change_matches_nothing(dated, from_, until):
    code = dated.code("ListIdentifiers", metadataPrefix="oai_dc", from_=from_, until=until)
    assert code == "noRecordsMatch"


def test_the_datestamp_is_that_of_the_change_in_whole_seconds(dated):
    page = dated("GetRecord", metadataPrefix="oai_dc", identifier=HOST + "dataset/a")
    assert page.findtext(f".//{OAI}datestamp") == "2026-01-10T10:00:00Z"


def test_the_deletion_from_a_set_has_the_moment_of_leaving_it(three, ask):
    leuven = add_organisation(three, "leuven", "Hospital of Leuven")
    with three.changing() as session:
        put = three.records.put
        left, later = at("2031-01-01T00:00:00"), at("2031-06-01T00:00:00")
        moved = dataset(title={"en": "Moved"}, publisher=leuven)
        put(session, "dataset", moved, key="hf", author="t", at=left)
    with three.changing() as session:
        put(session, "dataset", moved | {"version": "2"}, key="hf", author="t", at=later)
    ghent = {"set": "organisation:ghent"}
    assert ask.walk(from_="2031-01-01", until="2031-01-01", **ghent) == ["-hf"]
    assert ask.walk(from_="2031-01-01", **ghent) == ["-hf"]
    code = ask.code("ListRecords", **LIST, **ghent, from_="2031-01-02")
    assert code == "noRecordsMatch"


# nothing leaks ----------------------------------------------------------------------


def test_nothing_unpublished_personal_or_withheld_is_told(told):
    ask = harvester_of(told)
    every = ""
    for query in ("verb=Identify", "verb=ListSets", "verb=ListIdentifiers&metadataPrefix=oai_dc"):
        every += ask.client.get("/oai?" + query).get_data(as_text=True)
    for prefix in FORMS:
        query = f"verb=ListRecords&metadataPrefix={prefix}"
        every += ask.client.get("/oai?" + query).get_data(as_text=True)
        for key in ("draft", "submitted", "published", "withdrawn", "restricted", "withheld"):
            query = f"verb=GetRecord&metadataPrefix={prefix}&identifier={HOST}dataset/{key}"
            every += ask.client.get("/oai?" + query).get_data(as_text=True)
    assert "dataset/published</identifier>" in every
    assert "dataset/withheld</identifier>" in every
    for kind, word in SECRETS.items():
        assert word.casefold() not in every.casefold(), kind
    assert "agent/hidden" not in every
    assert "organisation:hidden" not in every
    assert sorted(ask.walk()) == ["-withdrawn", "published", "restricted", "withheld"]


@pytest.mark.parametrize(
    "kept_back",
    [
        {"holder_withheld": True},
        {"restricted": [{"field": "publisher", "audience": "members"}]},
    ],
    ids=["the holder is withheld", "the field is for members"],
)
def test_a_holder_who_is_kept_back_from_now_on_was_never_one(three, ask, kept_back):
    if "restricted" in kept_back:
        members = three.vocabularies["audience"].by_code["members"].iri
        kept_back = {"restricted": [{"field": "publisher", "audience": members}]}
    add_organisation(three, "leuven", "Hospital of Leuven")
    change(three, "hf", publisher="id/agent/leuven")
    assert ask.walk(set="organisation:leuven") == ["hf"]
    with three.changing() as session:
        record = three.records.get(session, "dataset", "hf")
        hidden = dataset(publisher="id/agent/leuven", **kept_back)
        document, problems = three.profile["Dataset"].load(hidden)
        assert problems == []
        record.document = three.profile["Dataset"].identify(document)
        # The shortest way to a change that the world sees, whatever the rules of publishing are.
        three.records._commit(session, record, "updated", author="t")
    assert "hf" in ask.walk()
    code = ask.code("ListRecords", metadataPrefix="oai_dc", set="organisation:leuven")
    assert code == "noRecordsMatch"
    withdraw(three, "hf")
    assert "-hf" in ask.walk()
    code = ask.code("ListRecords", metadataPrefix="oai_dc", set="organisation:leuven")
    assert code == "noRecordsMatch"
    assert "leuven" not in ET.tostring(ask("ListSets"), "unicode")
    record = ask("GetRecord", metadataPrefix="oai_dc", identifier=HOST + "dataset/hf")
    assert spec(record) == []


def test_a_set_of_an_organisation_that_is_not_public_is_none(three, ask):
    with three.changing() as session:
        record = three.records.get(session, "agent", "ghent")
        three.records.withdraw(session, record, author="t")
    assert ask.code("ListSets") == "noSetHierarchy"
    assert ask.code("ListIdentifiers", **LIST, set="organisation:ghent") == "noRecordsMatch"
    assert "Hospital" not in ET.tostring(ask("ListRecords", **LIST), "unicode")
