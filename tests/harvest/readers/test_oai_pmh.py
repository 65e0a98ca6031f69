"""OAI-PMH: our own end point walked for real, and repositories with every defect."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import ADDRESS, free_port, served
from factories import dataset, plant
from harvest.sites import Reply
from harvested import all_of, document_of, messages, reading, walk

from catalogue.config import Settings
from catalogue.harvest.readers.oai_pmh import make
from catalogue.harvest.reading import Expired, Unreadable
from catalogue.instance import Catalogue

EU = "http://publications.europa.eu/resource/authority/"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
HEADER = (
    "<record><header{status}><identifier>{id}</identifier>"
    "<datestamp>2024-01-01</datestamp></header>"
)


def answer(inner: str, head: str = HEAD) -> str:
    return (
        f'{head}<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        f"<responseDate>2024-01-01T00:00:00Z</responseDate><request/>{inner}</OAI-PMH>"
    )


def formats(*names: str) -> str:
    inner = "".join(
        f"<metadataFormat><metadataPrefix>{one}</metadataPrefix></metadataFormat>" for one in names
    )
    return answer(f"<ListMetadataFormats>{inner}</ListMetadataFormats>")


def plain(id_: str, elements: str) -> str:
    return (
        HEADER.format(id=id_, status="")
        + '<metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/">{elements}</oai_dc:dc></metadata></record>'
    )


def rdf(id_: str, inner: str) -> str:
    return (
        HEADER.format(id=id_, status="")
        + f'<metadata><rdf:RDF xmlns:rdf="{RDF}" xmlns:dcat="http://www.w3.org/ns/dcat#" '
        f'xmlns:dct="http://purl.org/dc/terms/">{inner}</rdf:RDF></metadata></record>'
    )


def deleted(id_: str) -> str:
    return HEADER.format(id=id_, status=' status="deleted"') + "</record>"


def listed(*records: str, token: str = "", size: int | None = None) -> str:
    stated = f' completeListSize="{size}"' if size is not None else ""
    ends = f"<resumptionToken{stated}>{token}</resumptionToken>" if token or stated else ""
    return answer(f"<ListRecords>{''.join(records)}{ends}</ListRecords>")


class Repository:
    """Answers with ``formats`` and with pages by token; "" is the first."""

    def __init__(self, site, pages, prefixes=("oai_dc",)):
        self.site, self.pages, self.prefixes, self.asked = site, pages, prefixes, []
        self.address = site.put("/oai", self.answer)

    def answer(self, request):
        asked = dict(request.query)
        self.asked.append(asked)
        if asked["verb"] == "ListMetadataFormats":
            return Reply(formats(*self.prefixes), "text/xml")
        page = self.pages.get(asked.get("resumptionToken", ""))
        if page is None:
            page = answer('<error code="badResumptionToken">expired</error>')
        return page if not isinstance(page, str | bytes) else Reply(page, "text/xml")


@pytest.fixture
def repository(site):
    return lambda pages, **more: Repository(site, pages, **more)


def read_one(profile, repository, elements: str):
    source = repository({"": listed(plain("oai:ghent.example:1", elements))})
    with reading(make, source.address, profile) as reader:
        page = reader.page(None)
    [remote] = all_of([page]).values()
    return remote, document_of(profile, remote)


# our own ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ours(tmp_path_factory) -> Iterator[str]:
    """A server of ours with five datasets, one withdrawn, two to a page."""
    settings = Settings(
        public_address=ADDRESS,
        instance=str(tmp_path_factory.mktemp("repository")),
        feed_page_size=2,
    )
    catalogue = Catalogue(settings)
    catalogue.database.migrate()
    plant(catalogue, *(dataset(title={"en": f"Registry {n} of Ghent"}) for n in range(5)))
    with catalogue.changing() as session:
        record = catalogue.records.get(session, "dataset", "hf-4")
        catalogue.records.withdraw(session, record, author="test")
    catalogue.catch_up()
    catalogue.close()
    with served(settings, free_port()) as address:
        yield address + "oai"


def test_our_own_repository_is_read_whole_in_dcat(profile, ours):
    with reading(make, ours, profile) as reader:
        pages = walk(reader)
    found = all_of(pages)
    assert len(pages) > 1
    assert sorted(found) == [
        f"oai:catalogue.example.org:dataset/{key}" for key in ("hf", "hf-2", "hf-3", "hf-5")
    ]
    assert [one for page in pages for one in page.deleted] == [
        "oai:catalogue.example.org:dataset/hf-4"
    ]
    assert all(page.whole and not page.problems for page in pages)
    one = found["oai:catalogue.example.org:dataset/hf-2"]
    assert one.iri == f"{ADDRESS}id/dataset/hf-2"
    assert document_of(profile, one)["title"] == {"en": "Registry 1 of Ghent"}


def test_our_own_repository_gives_the_same_hashes_each_time(profile, ours):
    def hashes() -> dict[str, str]:
        with reading(make, ours, profile) as reader:
            return {key: one.hash for key, one in all_of(walk(reader)).items()}

    assert hashes() == hashes()


def test_our_own_repository_is_read_in_dublin_core_if_that_is_asked_for(profile, ours):
    with reading(make, ours, profile, prefix="oai_dc") as reader:
        found = all_of(walk(reader))
    one = found["oai:catalogue.example.org:dataset/hf-2"]
    document = document_of(profile, one)
    assert document["title"] == {"en": "Registry 1 of Ghent"}
    assert document["publisher"]


def test_a_set_of_our_own_that_is_empty_gives_nothing(profile, ours):
    with reading(make, ours, profile, set="catalogue:nothing") as reader:
        assert reader.page(None).found == ()


# forms and walks --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "asked"),
    [
        (("oai_dc", "rdf", "dcat_ap"), "dcat_ap"),
        (("oai_dc", "rdf"), "rdf"),
        (("oai_dc", "DCAT-AP-NL"), "DCAT-AP-NL"),
        (("oai_dc", "oai_datacite", "marc21"), "oai_dc"),
    ],
)
def test_the_form_that_says_most_is_asked_for(profile, repository, known, asked):
    source = repository({"": listed()}, prefixes=known)
    with reading(make, source.address, profile) as reader:
        reader.page(None)
    assert source.asked[-1]["metadataPrefix"] == asked


def test_a_walk_goes_from_token_to_token_and_tells_the_size(profile, repository):
    page = [plain(f"oai:x.example:{n}", f"<dc:title>Cohort {n}</dc:title>") for n in range(5)]
    source = repository(
        {
            "": listed(*page[:2], token="a b&amp;c", size=5),
            "a b&c": listed(*page[2:4], token="next"),
            "next": listed(page[4], size=5),
        }
    )
    with reading(make, source.address + "?verb=Identify", profile) as reader:
        pages = walk(reader)
    assert len(all_of(pages)) == 5
    assert pages[0].total == 5
    assert [one.get("resumptionToken") for one in source.asked[1:]] == [None, "a b&c", "next"]
    assert "metadataPrefix" not in source.asked[-1]


def test_a_token_that_the_repository_forgot_means_to_begin_again(profile, repository):
    source = repository({"": listed(plain("oai:x:1", "<dc:title>A</dc:title>"), token="old")})
    with reading(make, source.address, profile) as reader:
        first = reader.page(None)
        with pytest.raises(Expired, match="expired"):
            reader.page(first.next)


def test_a_token_that_leads_behind_the_end_ends_the_walk_without_counting_as_whole(
    profile, repository
):
    none = answer('<error code="noRecordsMatch">Nothing</error>')
    source = repository(
        {"": listed(plain("oai:x:1", "<dc:title>A</dc:title>"), token="end"), "end": none}
    )
    with reading(make, source.address, profile) as reader:
        pages = walk(reader)
    assert [page.whole for page in pages] == [True, False]
    assert list(all_of(pages)) == ["oai:x:1"]


def test_a_token_that_leads_to_itself_ends_the_walk_with_words(profile, repository):
    page = listed(plain("oai:x:1", "<dc:title>A</dc:title>"), token="again")
    source = repository({"": page, "again": page})
    with reading(make, source.address, profile) as reader:
        first = reader.page(None)
        with pytest.raises(Unreadable, match="leads to itself"):
            reader.page(first.next)


@pytest.mark.parametrize("status", [200, 404, 422])
def test_a_repository_without_records_is_empty_however_it_says_so(
    profile, repository, site, status
):
    none = answer('<error code="noRecordsMatch">The set is empty</error>')
    source = repository({"": Reply(none, "text/xml", status)})
    with reading(make, source.address, profile) as reader:
        page = reader.page(None)
    assert (list(page.found), page.total, page.whole) == ([], 0, True)


def test_another_refusal_is_told_in_the_words_of_the_repository(profile, repository):
    source = repository({"": answer('<error code="noSetHierarchy">No sets here</error>')})
    with (
        reading(make, source.address, profile, set="health") as reader,
        pytest.raises(Unreadable, match="noSetHierarchy: No sets here"),
    ):
        reader.page(None)
    assert source.asked[-1]["set"] == "health"


def test_a_web_page_at_the_address_is_told_in_words(profile, site):
    address = site.put("/oai", "<!DOCTYPE html><html><body>Hello</body></html>", "text/html")
    with (
        reading(make, address, profile) as reader,
        pytest.raises(Unreadable, match="a web page, not XML"),
    ):
        reader.page(None)


# records ----------------------------------------------------------------------------------


def test_a_deleted_record_is_told_by_its_id(profile, repository):
    source = repository(
        {"": listed(deleted("oai:x:1"), plain("oai:x:2", "<dc:title>B</dc:title>"))}
    )
    with reading(make, source.address, profile) as reader:
        page = reader.page(None)
    assert page.deleted == ["oai:x:1"]
    assert list(all_of([page])) == ["oai:x:2"]


def test_one_record_that_is_no_rdf_hides_no_other(profile, repository):
    good = (
        '<dcat:Dataset rdf:about="https://x.example/{0}"><dct:title xml:lang="en">Cohort {0}'
        "</dct:title></dcat:Dataset>"
    )
    source = repository(
        {
            "": listed(
                rdf("oai:x:1", good.format(1)),
                rdf("oai:x:2", '<dcat:Dataset rdf:about="a" rdf:ID="b" rdf:nodeID="c"/>'),
                HEADER.format(id="oai:x:3", status="") + "</record>",
                rdf("oai:x:4", good.format(4)),
            )
        },
        prefixes=("dcat_ap",),
    )
    with reading(make, source.address, profile) as reader:
        page = reader.page(None)
    found = all_of([page])
    assert sorted(found) == ["oai:x:1", "oai:x:2", "oai:x:3", "oai:x:4"]
    assert found["oai:x:1"].iri == "https://x.example/1"
    assert not found["oai:x:4"].problems
    for bad in ("oai:x:2", "oai:x:3"):
        assert "violation" in {one.severity for one in found[bad].problems}, bad


def test_a_record_without_an_identifier_is_told_of_and_the_page_is_not_whole(profile, repository):
    nameless = plain("", "<dc:title>Nobody</dc:title>")
    source = repository({"": listed(nameless, plain("oai:x:2", "<dc:title>B</dc:title>"))})
    with reading(make, source.address, profile) as reader:
        page = reader.page(None)
    assert not page.whole
    assert "no identifier" in page.problems[0]
    assert list(all_of([page])) == ["oai:x:2"]


def test_dublin_core_becomes_a_description(profile, repository):
    remote, found = read_one(
        profile,
        repository,
        """
        <dc:title xml:lang="en">Heart failure cohort</dc:title>
        <dc:title xml:lang="nl">Cohort hartfalen</dc:title>
        <dc:creator>Cardiology Ghent</dc:creator>
        <dc:subject>cardiology</dc:subject><dc:subject>Health</dc:subject>
        <dc:description>First.</dc:description><dc:description>Second.</dc:description>
        <dc:publisher>UZ Gent</dc:publisher>
        <dc:date>2021-03-04</dc:date>
        <dc:type>Dataset</dc:type>
        <dc:identifier>https://doi.org/10.5281/ZENODO.1234</dc:identifier>
        <dc:identifier>https://uzgent.example/cohort</dc:identifier>
        <dc:language>dut</dc:language>
        <dc:rights>info:eu-repo/semantics/restrictedAccess</dc:rights>
        <dc:rights>https://creativecommons.org/licenses/by/4.0/</dc:rights>
        <dc:relation>https://uzgent.example/protocol</dc:relation>
        <dc:coverage>Belgium</dc:coverage>
        """,
    )
    assert messages(remote) == ""
    assert remote.id == "oai:ghent.example:1"
    assert remote.iri == "https://doi.org/10.5281/zenodo.1234"
    assert found["title"] == {"en": "Heart failure cohort", "nl": "Cohort hartfalen"}
    assert found["description"] == {"@none": "First.\n\nSecond."}
    assert found["keyword"] == {"@none": ["cardiology"]}
    assert found["theme"] == [EU + "data-theme/HEAL"]
    assert found["issued"] == "2021-03-04"
    assert "https://doi.org/10.5281/zenodo.1234" in found["identifier"]
    assert found["landing_page"] == ["https://uzgent.example/cohort"]
    assert found["language"] == [EU + "language/NLD"]
    assert found["access_rights"] == EU + "access-right/RESTRICTED"
    assert found["relation"] == ["https://uzgent.example/protocol"]
    assert found["spatial"] == [EU + "country/BEL"]
    [distribution] = found["distribution"]
    assert distribution["licence"]["id"] == "https://creativecommons.org/licenses/by/4.0/"
    assert found["publisher"]
    assert found["creator"]


def test_a_text_in_a_repository_of_everything_is_not_taken_for_a_dataset(profile, repository):
    source = repository(
        {
            "": listed(
                plain(
                    "oai:x:1",
                    "<dc:title>A</dc:title><dc:type>info:eu-repo/semantics/article</dc:type>",
                ),
                plain(
                    "oai:x:2",
                    "<dc:title>B</dc:title><dc:type>Text</dc:type><dc:type>Dataset</dc:type>",
                ),
            )
        }
    )
    with reading(make, source.address, profile) as reader:
        found = all_of([reader.page(None)])
    assert "It is no dataset" in messages(found["oai:x:1"])
    assert messages(found["oai:x:2"]) == ""


# junk -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda text: "\ufeff".encode() + text.encode(), ""),
        (lambda text: b"\n \r\n" + text.encode(), ""),
        (lambda text: text.replace("Café", "Caf\x0bé").encode(), "control characters"),
        (lambda text: text.replace("Café", "Caf&#x1;é").encode(), "control characters"),
        (lambda text: text.encode("latin-1"), "windows-1252"),
        (lambda text: text.replace("UTF-8", "ISO-8859-1").encode(), "is in UTF-8"),
        (lambda text: text.replace("UTF-8", "ISO-8859-1").encode("latin-1"), ""),
        (lambda text: text.replace("UTF-8", "UTF-16").encode("utf-16"), ""),
        (lambda text: text.replace(HEAD, "<!-- <a> made by hand -->").encode(), ""),
    ],
)
def test_harmless_junk_is_mended_and_told_of(profile, repository, spoil, told):
    page = listed(plain("oai:x:1", "<dc:title>Café cohort</dc:title>"))
    source = repository({"": spoil(page)})
    with reading(make, source.address, profile) as reader:
        read = reader.page(None)
    [remote] = all_of([read]).values()
    assert document_of(profile, remote)["title"] == {"@none": "Café cohort"}
    assert told in " ".join(read.problems)
    assert bool(told) == bool(read.problems)


@pytest.mark.parametrize(
    "before",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
        '<!-- <a> --><!DOCTYPE x [<!ENTITY a "b">]>',
    ],
)
def test_a_document_type_is_refused(profile, repository, before):
    page = listed(plain("oai:x:1", "<dc:title>A</dc:title>")).replace(HEAD, HEAD + before)
    source = repository({"": page})
    with (
        reading(make, source.address, profile) as reader,
        pytest.raises(Unreadable, match="not read for safety"),
    ):
        reader.page(None)


def test_a_document_type_in_a_description_is_only_text(profile, repository):
    remote, found = read_one(
        profile,
        repository,
        "<dc:title>A</dc:title><dc:description><![CDATA[<!DOCTYPE html>]]></dc:description>",
    )
    assert found["description"] == {"@none": "<!DOCTYPE html>"}
    assert messages(remote) == ""
