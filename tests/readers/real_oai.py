"""Walk the catalogue's OAI-PMH with client libraries that others wrote.

They live in an environment of their own: ``<its python> tests/readers/real_oai.py ADDRESS`` ends
with 0 if everything is read as it should be.  It needs ``sickle`` (0.7.0), and reads with
``oaipmh-scythe`` as well if that is there.  The catalogue at the address must hold the
demonstration records, and may hold more; nothing is changed.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from datetime import datetime

from sickle import Sickle
from sickle.oaiexceptions import (
    BadArgument,
    BadResumptionToken,
    CannotDisseminateFormat,
    IdDoesNotExist,
    NoRecordsMatch,
)

PREFIXES = ("oai_dc", "dcat_ap")


def headers(oai: Sickle, **said: str) -> dict:
    return {one.identifier: one for one in oai.ListIdentifiers(metadataPrefix="oai_dc", **said)}


def it_says_who_it_is(oai: Sickle) -> None:
    found = oai.Identify()
    assert found.protocolVersion == "2.0"
    assert found.deletedRecord == "persistent"
    assert found.granularity == "YYYY-MM-DDThh:mm:ssZ"
    assert found.baseURL.endswith("/oai")
    assert datetime.fromisoformat(found.earliestDatestamp)


def the_forms_are_offered(oai: Sickle) -> None:
    assert {one.metadataPrefix for one in oai.ListMetadataFormats()} >= set(PREFIXES)


def a_walk_tells_every_record_once(oai: Sickle) -> None:
    for prefix in PREFIXES:
        told = [one.header.identifier for one in oai.ListRecords(metadataPrefix=prefix)]
        assert len(told) == len(set(told)) >= 100
        assert set(told) == set(headers(oai))


def dublin_core_has_what_a_library_shows(oai: Sickle) -> None:
    for record in oai.ListRecords(metadataPrefix="oai_dc", ignore_deleted=True):
        assert record.metadata["title"][0]
        assert record.metadata["description"][0]
        assert any(one.startswith("http") for one in record.metadata["identifier"])


def one_record_is_the_same_alone_as_in_the_list(oai: Sickle) -> None:
    for record in list(oai.ListRecords(metadataPrefix="oai_dc", ignore_deleted=True))[::25]:
        alone = oai.GetRecord(identifier=record.header.identifier, metadataPrefix="oai_dc")
        assert alone.metadata == record.metadata
        assert alone.header.setSpecs == record.header.setSpecs


def sets_divide_the_records_as_their_headers_say(oai: Sickle) -> None:
    sets = [one.setSpec for one in oai.ListSets()]
    assert len(sets) == len(set(sets)) > 3
    every = headers(oai)
    for spec in [one for one in sets if one.startswith("catalogue:")] + sets[:3]:
        within = {name for name, one in headers(oai, set=spec).items() if not one.deleted}
        assert within == {
            name for name, one in every.items() if spec in one.setSpecs and not one.deleted
        }


def a_harvest_since_the_last_change_tells_the_last_change(oai: Sickle) -> None:
    every = headers(oai)
    last = max(one.datestamp for one in every.values())
    found = headers(oai, **{"from": last})
    assert found
    assert {one.datestamp for one in found.values()} == {last}
    assert set(headers(oai, until=last)) == set(every)


def deleted_records_are_told_as_such(oai: Sickle) -> None:
    for name, one in headers(oai).items():
        if one.deleted:
            assert oai.GetRecord(identifier=name, metadataPrefix="oai_dc").deleted


def refusals_are_understood(oai: Sickle) -> None:
    nobody = "oai:nowhere:dataset/none"
    for error, ask in (
        (CannotDisseminateFormat, lambda: oai.ListRecords(metadataPrefix="marcxml")),
        (IdDoesNotExist, lambda: oai.GetRecord(identifier=nobody, metadataPrefix="oai_dc")),
        (NoRecordsMatch, lambda: headers(oai, until="1990-01-01")),
        (BadArgument, lambda: headers(oai, until="yesterday")),
        (BadResumptionToken, lambda: oai.ListRecords(resumptionToken="guess")),
    ):
        assert refuses(error, ask), error


def refuses(error: type[Exception], ask: Callable[[], object]) -> bool:
    try:
        ask()
    except error:
        return True
    return False


def asking_by_post_tells_the_same(oai: Sickle) -> None:
    asked = Sickle(oai.endpoint, http_method="POST", timeout=60)
    assert list(headers(asked)) == list(headers(oai))


def another_library_reads_the_same(oai: Sickle) -> None:
    if importlib.util.find_spec("oaipmh_scythe") is None:
        return
    from oaipmh_scythe import Scythe

    with Scythe(oai.endpoint) as asked:
        told = [one.header.identifier for one in asked.list_records(metadata_prefix="dcat_ap")]
    assert told == list(headers(oai))


CHECKS = (
    it_says_who_it_is,
    the_forms_are_offered,
    a_walk_tells_every_record_once,
    dublin_core_has_what_a_library_shows,
    one_record_is_the_same_alone_as_in_the_list,
    sets_divide_the_records_as_their_headers_say,
    a_harvest_since_the_last_change_tells_the_last_change,
    deleted_records_are_told_as_such,
    refusals_are_understood,
    asking_by_post_tells_the_same,
    another_library_reads_the_same,
)


def main(address: str) -> None:
    oai = Sickle(address.rstrip("/") + "/oai", timeout=60)
    for check in CHECKS:
        check(oai)
        print("read:", check.__name__.replace("_", " "))


if __name__ == "__main__":
    main(sys.argv[1])
