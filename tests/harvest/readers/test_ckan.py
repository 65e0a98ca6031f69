"""CKAN: every field, pages, a package that breaks its page, and what is no dataset."""

from __future__ import annotations

import json

import pytest
from harvest.sites import Reply
from harvested import ADDRESS, all_of, document_of, messages, reading, walk
from hypothesis import given
from hypothesis import strategies as st

from catalogue.harvest.parsing import Parser
from catalogue.harvest.readers.ckan import make, site_of
from catalogue.harvest.readers.packages import Packages, table
from catalogue.harvest.reading import Unreadable
from catalogue.harvest.telling import _WORDS, _words, told

EU = "http://publications.europa.eu/resource/authority/"
SEARCH = "/api/3/action/package_search"


def package(number: int, **changed):
    return {
        "id": f"p-{number:04}",
        "name": f"heart-failure-{number}",
        "title": f"Heart failure registry {number}",
        "notes": "Everybody treated for **heart failure** in Ghent.",
        "state": "active",
        "private": False,
        "type": "dataset",
        "organization": {"id": "org-1", "name": "uz-gent", "title": "UZ Gent"},
        "resources": [],
        "extras": [],
        **changed,
    }


class Ckan:
    """Answers as package_search does; ``broken`` are ids that make it fail."""

    def __init__(self, site, packages, broken=(), most=1000):
        self.site, self.packages, self.broken, self.most = site, packages, set(broken), most
        self.asked = []
        site.put(SEARCH, self.answer)

    @property
    def address(self):
        return self.site.address

    def answer(self, request):
        asked = request.query
        self.asked.append(asked)
        assert asked["sort"] == "id asc"
        start, rows = int(asked["start"]), min(int(asked["rows"]), self.most)
        listed = sorted(self.packages, key=lambda one: one["id"])
        found = listed[start : start + rows]
        if "fl" in asked:
            found = [{"id": one["id"], "name": one["name"]} for one in found]
        elif any(one["id"] in self.broken for one in found):
            return Reply("Internal Server Error", "text/plain", 500)
        said = {"success": True, "result": {"count": len(listed), "results": found}}
        return Reply(json.dumps(said), "application/json")


@pytest.fixture
def ckan(site):
    return lambda packages, **more: Ckan(site, packages, **more)


def read_one(profile, ckan, described):
    """The one dataset of a CKAN and its document."""
    with reading(make, ckan([described]).address, profile) as reader:
        [page] = walk(reader)
    [remote] = all_of([page]).values()
    return remote, document_of(profile, remote)


def test_all_packages_come_over_many_pages_each_once(profile, ckan):
    source = ckan([package(n) for n in range(1, 251)])
    with reading(make, source.address, profile) as reader:
        pages = walk(reader)
    assert len(pages) == 3
    assert list(all_of(pages)) == [f"p-{n:04}" for n in range(1, 251)]
    assert {page.total for page in pages} == {250}
    assert all(page.whole and not page.problems for page in pages)


def test_a_ckan_that_gives_fewer_than_asked_for_is_read_to_its_end(profile, ckan):
    source = ckan([package(n) for n in range(1, 26)], most=10)
    with reading(make, source.address, profile) as reader:
        pages = walk(reader)
    assert len(all_of(pages)) == 25
    assert all(page.whole for page in pages)


def test_a_package_deleted_while_the_list_is_read_makes_the_run_incomplete(profile, ckan):
    source = ckan([package(n) for n in range(1, 151)])
    with reading(make, source.address, profile) as reader:
        first = reader.page(None)
        del source.packages[3]
        second = reader.page(first.next)
    assert not second.whole
    assert "moved while it was read" in second.problems[0]


def test_one_package_that_breaks_its_page_hides_no_other_and_is_named(profile, ckan):
    source = ckan([package(n) for n in range(1, 131)], broken=["p-0057", "p-0115"])
    with reading(make, source.address, profile) as reader:
        pages = walk(reader)
    assert len(all_of(pages)) == 128
    assert [name for page in pages for name in page.named] == ["p-0057", "p-0115"]
    assert "Package p-0057" in pages[0].problems[0]
    assert [page.whole for page in pages] == [False, False]


def test_a_broken_package_at_the_end_of_a_page_does_not_stop_the_walk(profile, ckan):
    source = ckan([package(n) for n in range(1, 131)], broken=["p-0100", "p-0130"])
    with reading(make, source.address, profile) as reader:
        pages = walk(reader)
    assert len(all_of(pages)) == 128
    assert [name for page in pages for name in page.named] == ["p-0100", "p-0130"]


def test_a_server_that_fails_at_everything_is_not_asked_for_every_package(profile, ckan):
    packages = [package(n) for n in range(1, 131)]
    source = ckan(packages, broken=[one["id"] for one in packages])
    with reading(make, source.address, profile) as reader, pytest.raises(Unreadable) as refused:
        reader.page(None)
    assert refused.value.after is None
    assert len(source.asked) < 20


def test_a_page_that_fails_whole_is_passed_over_if_there_is_more_behind_it(profile, ckan):
    packages = [package(n) for n in range(1, 251)]
    source = ckan(packages)
    with reading(make, source.address, profile) as reader:
        first = reader.page(None)
        source.broken = {f"p-{n:04}" for n in range(100, 202)}
        with pytest.raises(Unreadable) as refused:
            reader.page(first.next)
        source.broken = set()
        assert len(reader.page(refused.value.after).found) >= 50


def test_an_address_that_is_no_ckan_is_told_in_words(profile, site):
    site.put(SEARCH, json.dumps({"hello": "world"}), "application/json")
    with (
        reading(make, site.address, profile) as reader,
        pytest.raises(Unreadable, match="the address of a CKAN"),
    ):
        reader.page(None)


def test_a_source_can_be_narrowed_to_an_organisation_and_a_query(profile, ckan):
    source = ckan([package(1)])
    with reading(
        make, source.address, profile, organisation="uz-gent", fq="tags:health", query="heart"
    ) as reader:
        reader.page(None)
    assert source.asked[0]["q"] == "heart"
    assert source.asked[0]["fq"] == '(tags:health) AND (organization:"uz-gent")'


@pytest.mark.parametrize(
    "address",
    [
        "https://data.example/ckan/",
        "https://data.example/ckan/api/3",
        "https://data.example/ckan/api/3/action/package_search?rows=5",
        "https://data.example/ckan/dataset",
    ],
)
def test_people_may_paste_any_address_of_a_ckan(address):
    assert site_of(address) == "https://data.example/ckan"


def test_what_is_private_or_deleted_or_no_dataset_is_told_as_gone(profile, ckan):
    source = ckan(
        [
            package(1),
            package(2, private=True),
            package(3, state="draft"),
            package(4, state="deleted"),
            package(5, type="harvest"),
        ]
    )
    with reading(make, source.address, profile) as reader:
        page = reader.page(None)
    assert list(all_of([page])) == ["p-0001"]
    assert page.deleted == ["p-0002", "p-0003", "p-0004", "p-0005"]


def test_the_fields_of_ckan_itself_become_a_description(profile, ckan):
    remote, found = read_one(
        profile,
        ckan,
        package(
            1,
            tags=[{"name": "cardiology"}, {"name": "registry", "display_name": "Registry"}],
            groups=[{"name": "health", "title": "Health"}, {"title": "Ghent studies"}],
            author="Cardiology Ghent",
            maintainer="Data desk",
            maintainer_email="data@uzgent.example",
            url="https://uzgent.example/registry",
            version="2024-1",
            license_id="cc-by",
            license_title="CC BY 4.0",
            license_url="https://creativecommons.org/licenses/by/4.0/",
            metadata_created="2020-01-02T03:04:05.678901",
            metadata_modified="2024-05-06T07:08:09.101112",
            resources=[
                {
                    "id": "r-1",
                    "url": "https://uzgent.example/data.csv",
                    "url_type": "upload",
                    "name": "Table",
                    "format": "csv",
                    "mimetype": "text/csv",
                    "size": 245000,
                    "hash": "d41d8cd98f00b204e9800998ecf8427e",
                    "created": "2021-01-01T00:00:00.000000",
                },
                None,
                {"id": "r-2", "state": "deleted", "url": "https://uzgent.example/old.csv"},
            ],
        ),
    )
    assert remote.id == "p-0001"
    assert remote.iri.endswith("/dataset/p-0001")
    assert messages(remote) == ""
    assert found["title"] == {"@none": "Heart failure registry 1"}
    assert found["description"] == {"@none": "Everybody treated for **heart failure** in Ghent."}
    assert set(found["keyword"]["@none"]) == {"cardiology", "Registry", "Ghent studies"}
    assert found["theme"] == [EU + "data-theme/HEAL"]
    assert found["publisher"].endswith("/organization/org-1")
    assert [c["contact_name"] for c in found["contact_point"]] == ["Data desk"]
    assert found["contact_point"][0]["email"] == "data@uzgent.example"
    assert found["landing_page"] == ["https://uzgent.example/registry"]
    assert found["version"] == "2024-1"
    assert found["issued"].startswith("2020-01-02")
    [distribution] = found["distribution"]
    assert distribution["id"].endswith("/dataset/p-0001/resource/r-1")
    assert distribution["access_url"] == ["https://uzgent.example/data.csv"]
    assert distribution["download_url"] == ["https://uzgent.example/data.csv"]
    assert distribution["format"] == EU + "file-type/CSV"
    assert distribution["media_type"].endswith("/media-types/text/csv")
    assert distribution["byte_size"] == 245000
    assert distribution["checksum"]["algorithm"].endswith("checksumAlgorithm_md5")
    assert distribution["licence"]["id"] == "https://creativecommons.org/licenses/by/4.0/"


def test_the_extras_of_ckanext_dcat_become_a_description(profile, ckan):
    extras = {
        "uri": "https://uzgent.example/id/heart-failure",
        "identifier": "heart-failure",
        "frequency": "annually",
        "language": '["nl", "http://publications.europa.eu/resource/authority/language/FRA"]',
        "access_rights": "restricted",
        "temporal_start": "2006-01-01",
        "temporal_end": "2024-12-31",
        "spatial_uri": EU + "country/BEL",
        "spatial": '{"type": "Polygon", "coordinates": [[[3,51],[4,51],[4,52],[3,51]]]}',
        "contact_name": "Registry office",
        "contact_email": "office@uzgent.example",
        "publisher_uri": "https://uzgent.example/id/org",
        "publisher_name": "UZ Gent",
        "provenance": "Collected during care",
        "conforms_to": '["https://www.ohdsi.org/cdm"]',
        "alternate_identifier": '["EUPAS1234"]',
        "sustainability": "funded until 2030",
        "harvest_object_id": "changes-each-night",
        "empty": None,
    }
    remote, found = read_one(
        profile, ckan, package(1, extras=[{"key": k, "value": v} for k, v in extras.items()])
    )
    assert messages(remote) == ""
    assert remote.iri == "https://uzgent.example/id/heart-failure"
    assert found["identifier"] == ["heart-failure"]
    assert found["frequency"] == EU + "frequency/ANNUAL"
    assert set(found["language"]) == {EU + "language/NLD", EU + "language/FRA"}
    assert found["access_rights"] == EU + "access-right/RESTRICTED"
    assert found["temporal"][0]["start_date"] == "2006-01-01"
    assert found["temporal"][0]["end_date"] == "2024-12-31"
    assert found["spatial"] == [EU + "country/BEL"]
    assert found["location"][0]["geometry"] == "POLYGON((3 51, 4 51, 4 52, 3 51))"
    assert found["contact_point"][0]["email"] == "office@uzgent.example"
    assert found["publisher"] == "https://uzgent.example/id/org"
    assert found["provenance"][0]["label"] == {"@none": "Collected during care"}
    assert found["other_identifier"][0]["notation"] == "EUPAS1234"
    # What no property is for is kept to be told of; what changes by itself is not.
    assert b"urn:ckan:extra:sustainability" in remote.raw
    assert b"changes-each-night" not in remote.raw


def test_the_fields_of_the_health_schema_become_a_description(profile, ckan):
    remote, found = read_one(
        profile,
        ckan,
        package(
            1,
            title_translated={"en": "Heart failure registry", "nl": "Register hartfalen"},
            title="Heart failure registry",
            contact=[{"name": "Office", "email": "office@uzgent.example"}],
            publisher=[{"uri": "https://uzgent.example/id/org", "name": "UZ Gent"}],
            hdab=[{"name": "Health Data Agency", "email": "info@hda.example"}],
            temporal_coverage=[{"start": "2006", "end": "2024"}],
            retention_period=[{"start": "2006", "end": "2036"}],
            spatial_coverage=[{"uri": EU + "country/BEL"}, {"centroid": "POINT(3.7 51)"}],
            health_category=["EHRS"],
            number_of_records="1850000",
            number_of_unique_individuals=6700,
            min_typical_age=18,
            max_typical_age="99",
            code_values=["I50"],
            population_coverage=["Everybody in Ghent"],
            purpose=["Quality of care"],
            legal_basis=["Consent of the participant"],
            analytics=["https://uzgent.example/dashboard"],
            provenance_activity=[{"label": "Care", "uri": "https://uzgent.example/activity"}],
            qualified_attribution=[
                {"agent": [{"uri": "https://bsc.example/id"}], "role": "processor"}
            ],
        ),
    )
    assert "violation" not in {one.severity for one in remote.problems}
    assert found["title"] == {"en": "Heart failure registry", "nl": "Register hartfalen"}
    assert found["number_of_records"] == 1850000
    assert found["number_of_unique_individuals"] == 6700
    assert (found["min_typical_age"], found["max_typical_age"]) == (18, 99)
    assert found["code_values"] == ["I50"]
    assert found["population_coverage"] == {"@none": "Everybody in Ghent"}
    assert found["purpose"][0]["description"] == {"@none": "Quality of care"}
    assert found["legal_basis"][0]["description"] == {"@none": "Consent of the participant"}
    assert found["analytics"][0]["access_url"] == ["https://uzgent.example/dashboard"]
    assert found["temporal"][0]["start_date"] == "2006"
    assert found["retention_period"]["end_date"] == "2036"
    assert found["spatial"] == [EU + "country/BEL"]
    assert found["contact_point"][0]["contact_name"] == "Office"
    assert found["hdab"]
    assert found["qualified_attribution"][0]["agent"] == "https://bsc.example/id"


def test_a_title_in_several_languages_keeps_them_all(profile, ckan):
    _, found = read_one(
        profile, ckan, package(1, title={"fr": "Registre", "de": "Register", "??": "Registry"})
    )
    assert found["title"] == {"fr": "Registre", "de": "Register", "@none": "Registry"}


def test_one_broken_package_is_told_of_and_the_others_come(profile, ckan):
    source = ckan(
        [
            package(1, resources="none"),
            package(2, extras=None, resources=None, tags=None, organization=None),
            package(3, extras=[None, {"key": "language", "value": '["nl"'}], frequency="sometimes"),
        ]
    )
    with reading(make, source.address, profile) as reader:
        page = reader.page(None)
    found = all_of([page])
    assert list(found) == ["p-0001", "p-0002", "p-0003"]
    assert [one.severity for one in found["p-0001"].problems] == ["violation"]
    assert "resources are no list" in messages(found["p-0001"])
    assert messages(found["p-0002"]) == ""
    assert {one.severity for one in found["p-0003"].problems} == {"warning"}
    assert "language: is not the JSON it begins as" in messages(found["p-0003"])
    assert "“sometimes” is not in the list" in messages(found["p-0003"])


def test_an_organisation_of_many_packages_comes_once(profile, ckan):
    source = ckan([package(n) for n in range(1, 6)])
    with reading(make, source.address, profile) as reader:
        page = reader.page(None)
    [agent] = all_of([page], "agent").values()
    assert document_of(profile, agent)["name"] == {"@none": "UZ Gent"}


def test_the_same_packages_give_the_same_hashes_in_any_order_of_fields(profile, ckan):
    def hashes(packages):
        with reading(make, ckan(packages).address, profile) as reader:
            return {one.id: one.hash for one in reader.page(None).found}

    packages = [package(n, maintainer_email="a@b.example") for n in range(1, 4)]
    turned = [dict(reversed(one.items())) for one in packages]
    assert hashes(packages) == hashes(turned)


def test_every_field_of_the_table_leads_to_a_property(profile):
    levels = {"resource": "Distribution", "dataset": "Dataset"}
    for level, fields in table().items():
        shape = profile[levels.get(level, level)]
        for field, property_ in fields.items():
            head = property_.partition(".")[0]
            assert head == "iri" or head in shape.properties, (level, field)


def test_every_word_of_other_systems_means_a_concept(profile):
    for (name, word), code in _words(_WORDS).items():
        assert code in profile.vocabularies[name].by_code, (name, word)


_ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters() | st.just("\ud800"), max_size=8),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ("uri", "name", "email", "start", "geom", "agent", "key", "value", "en")
            )
            | st.text(max_size=3),
            below,
            max_size=3,
        )
    ),
    max_leaves=6,
)
_OTHERS = """uri type tags groups organization resources extras title_translated author
maintainer_email license_url in_series"""
_FIELDS = st.sampled_from([*table()["dataset"], *_OTHERS.split()])
_RESOURCE_FIELDS = st.sampled_from([*table()["resource"], "id", "url", "uri", "hash", "state"])


@given(
    st.dictionaries(_FIELDS, _ANYTHING, max_size=6),
    st.dictionaries(_RESOURCE_FIELDS, _ANYTHING, max_size=6),
)
def test_no_package_however_broken_stops_a_reading(profile, said, resource):
    packages = Packages(profile, "https://ckan.example")
    parser = Parser(profile, ADDRESS, "elsewhere")
    described = {"resources": [resource], **said, "id": "p-1"}
    # As it comes over the wire, and as extras hold it.
    extras = [{"key": key, "value": json.dumps(value)} for key, value in said.items()]
    for one in (described, {"id": "p-1", "title": "A", "extras": extras}):
        found = told(parser, packages.telling(json.loads(json.dumps(one))), "p-1", "")
        assert [each.id for each in found if each.kind != "agent"] == ["p-1"]
        for each in found:
            if each.raw:
                document_of(profile, each)
