"""Variables across datasets: what finds them, who may see them, and how they follow a change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from factories import OWN, dataset, plant
from sqlalchemy import func, select

from catalogue.instance import Catalogue
from catalogue.search.query import Query
from catalogue.variables.describing import VARIABLE
from catalogue.variables.models import VariableRow


def column(name: str, label: str, datatype: str = "decimal", **more: Any) -> dict[str, Any]:
    return {
        "column_name": name,
        "column_title": {"en": label},
        "description": {"en": label},
        "datatype": datatype,
        **more,
    }


def with_variables(title: str, *columns: dict[str, Any], **more: Any) -> dict[str, Any]:
    tables = [{"title": {"en": "Base"}, "column": list(columns)}]
    return dataset(
        title={"en": title},
        structured_data=True,
        variables=[{"title": {"en": "Dictionary"}, "table": tables}],
        **more,
    )


PROSTATE = with_variables(
    "Prostate registry",
    column(
        "psa_diag",
        "PSA at diagnosis",
        unit="ng/ml",
        property_url=f"{OWN}variable/prostate-specific-antigen",
    ),
    column("haemoglobin", "Haemoglobin at baseline", unit="g/dl"),
    column("epic26_q1", "Leaking urine", "integer", codes=["1 = Often", "5 = Never"]),
)
HEART = with_variables(
    "Heart cohort",
    column("nyhaClass", "NYHA class", "integer"),
    column("hb", "Hemoglobin", unit="mmol/l"),
)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """A catalogue of two datasets with dictionaries; to be read, not changed."""
    yield from _planted(tmp_path_factory.mktemp("variables"), "whoosh")


@pytest.fixture(scope="module", params=["whoosh", "tantivy"])
def either(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Catalogue]:
    """The same on each engine."""
    if request.param == "tantivy":
        pytest.importorskip("tantivy")
    yield from _planted(tmp_path_factory.mktemp("either"), request.param)


def _planted(folder: Any, engine: str) -> Iterator[Catalogue]:
    from catalogue.config import Settings

    catalogue = Catalogue(
        Settings(
            public_address="https://c.example.org/", instance=str(folder), search_engine=engine
        )
    )
    catalogue.database.migrate()
    plant(catalogue, PROSTATE, HEART)
    yield catalogue
    catalogue.close()


def found(catalogue: Catalogue, text: str = "", **more: Any) -> list[str]:
    """The names of the variables that some words find, best first."""
    answer = catalogue.variables.find(Query(text=text, kind=VARIABLE, **more))
    with catalogue.database.read() as session:
        rows = session.execute(select(VariableRow.id, VariableRow.name))
        names = {row.id: row.name for row in rows}
    return [names[number] for number in answer.records]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("PSA at diagnosis", "psa_diag"),
        ("psa", "psa_diag"),
        ("prostate specific antigen", "psa_diag"),  # by the concept that it states
        ("epic26", "epic26_q1"),
        ("EPIC-26", "epic26_q1"),
        ("nyha class", "nyhaClass"),
        ("unit:g/dl", "haemoglobin"),
        ('"leaking urine"', "epic26_q1"),
        ("leak*", "epic26_q1"),
        ("often", "epic26_q1"),  # by a code
        ("column_name:hb", "hb"),
    ],
)
def test_words_find_variables_on_either_engine(either: Catalogue, text: str, first: str) -> None:
    assert found(either, text)[:1] == [first]


def test_british_and_american_spelling_find_the_same(two: Catalogue) -> None:
    assert set(found(two, "haemoglobin")) == set(found(two, "hemoglobin")) == {"haemoglobin", "hb"}


def test_minus_excludes_and_facets_narrow(two: Catalogue) -> None:
    assert found(two, "hemoglobin -baseline") == ["hb"]
    assert found(two, chosen={"datatype": frozenset({"integer"})}) == ["epic26_q1", "nyhaClass"]
    assert found(two, "hemoglobin", chosen={"dataset": frozenset({"id/dataset/hf-2"})}) == ["hb"]
    concept = frozenset({f"{OWN}variable/prostate-specific-antigen"})
    assert found(two, chosen={"key_variable": concept}) == ["psa_diag"]


def test_counts_are_over_all_hits(two: Catalogue) -> None:
    answer = two.variables.find(Query(kind=VARIABLE, size=1))
    assert answer.total == 5
    assert answer.counts["datatype"] == {"decimal": 3, "integer": 2}
    assert answer.counts["dataset"] == {"id/dataset/hf": 3, "id/dataset/hf-2": 2}


def test_a_word_that_no_variable_holds_is_put_right(two: Catalogue) -> None:
    answer = two.variables.find(Query(text="haemoglobinn", kind=VARIABLE))
    assert answer.corrections
    assert answer.total == 2


class TestFollowing:
    def test_an_update_is_there_at_once_and_what_is_gone_is_gone(self, empty: Catalogue) -> None:
        plant(empty, PROSTATE)
        plant(empty, with_variables("Prostate registry", column("gleason", "Gleason score")))
        assert found(empty, "gleason") == ["gleason"]
        assert found(empty, "psa") == []
        assert found(empty) == ["gleason"]

    def test_a_withdrawn_dataset_takes_its_variables_along(self, empty: Catalogue) -> None:
        (record,) = plant(empty, PROSTATE)
        with empty.changing() as session:
            again = empty.records.get(session, "dataset", record.key)
            empty.records.withdraw(session, again, author="test", note="gone")
        assert found(empty) == []
        with empty.database.read() as session:
            assert session.scalar(select(func.count()).select_from(VariableRow)) == 0

    def test_drafts_are_not_seen(self, empty: Catalogue) -> None:
        plant(empty, PROSTATE)
        with empty.changing() as session:
            empty.records.save(session, "dataset", {**HEART}, key="hf", author="test")
            empty.records.save(session, "dataset", {**HEART}, key="draft", author="test")
        assert set(found(empty)) == {"psa_diag", "haemoglobin", "epic26_q1"}

    def test_variables_kept_for_members_are_not_found(self, empty: Catalogue) -> None:
        restricted = [{"field": "variables", "audience": f"{OWN}audience/members"}]
        plant(empty, {**PROSTATE, "structured_data": False, "restricted": restricted})
        assert found(empty) == []

    def test_another_title_changes_no_row_and_no_entry(self, empty: Catalogue) -> None:
        plant(empty, PROSTATE)
        before = _rows(empty)
        written: list[int] = []
        engine = empty.variables.engine
        update = engine.update

        def counted(entries: Any, gone: Any, position: int) -> None:
            entries = list(entries)
            written.append(len(entries) + len(gone))
            update(entries, gone, position)

        engine.update = counted  # type: ignore[method-assign]
        plant(empty, {**PROSTATE, "title": {"en": "Another title"}})
        assert sum(written) == 0
        assert _rows(empty) == before

    def test_index_and_table_can_be_built_anew(self, empty: Catalogue) -> None:
        plant(empty, PROSTATE, HEART)
        before = found(empty, "hemoglobin")
        for name in ("variables", "variable-search"):
            empty.follow.rebuild(empty.followers[name])
        assert found(empty, "hemoglobin") == before
        assert len(_rows(empty)) == 5

    def test_a_damaged_dictionary_hides_nothing_else(self, empty: Catalogue) -> None:
        (_, other) = plant(empty, HEART, PROSTATE)
        with empty.database.write() as session:
            record = empty.records.get(session, "dataset", other.key)
            record.document = {**record.document, "variables": [7, "x"]}
        for name in ("variables", "variable-search"):
            empty.follow.rebuild(empty.followers[name])
        assert set(found(empty)) == {"nyhaClass", "hb"}


def _rows(catalogue: Catalogue) -> list[tuple[int, str]]:
    with catalogue.database.read() as session:
        query = select(VariableRow.id, VariableRow.name).order_by(VariableRow.id)
        return [tuple(row) for row in session.execute(query)]


def test_the_index_of_datasets_is_another(
    new_catalogue: Callable[..., Catalogue],
) -> None:
    catalogue = new_catalogue("other")
    plant(catalogue, PROSTATE)
    assert catalogue.finder.find(Query(text="")).total == 1
    assert catalogue.variables.find(Query(kind=VARIABLE)).total == 3
