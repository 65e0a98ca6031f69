"""What all datasets state, kept as arrays: current, whole, and nothing that is not public."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from datetime import UTC, datetime

import pytest
from factories import dataset, plant
from sqlalchemy import select, text

from catalogue import changes
from catalogue.errors import Unavailable
from catalogue.outcomes import facts as facts_module
from catalogue.outcomes.facts import Fact, FactFollower
from catalogue.outcomes.questions import Criterion
from catalogue.records.models import Record

OWN = "https://w3id.org/outcome-catalogue/"
MAPPED, PLANNED = OWN + "omop-status/mapped", OWN + "omop-status/planned"
OMOP = Criterion("omop_status", (MAPPED,))


def _table(catalogue):
    with catalogue.database.read() as session:
        return catalogue.facts.table(session)


def _answers(catalogue, criterion=OMOP):
    table = _table(catalogue)
    return dict(zip(table.records.tolist(), table.answers(criterion).tolist(), strict=True))


def _mapped(number, **changed):
    return dataset(identifier=[f"hf-{number}"], omop_status=MAPPED, **changed)


def _stated(catalogue):
    with catalogue.database.read() as session:
        return {
            fact.record_id: fact.stated and json.loads(fact.stated)
            for fact in session.scalars(select(Fact))
        }


def test_every_published_dataset_is_in_the_table_and_nothing_else_is(catalogue):
    with catalogue.database.read() as session:
        table = catalogue.facts.table(session)
        known = session.scalars(
            select(Record.id).where(Record.kind == "dataset", Record.state == "published")
        ).all()
        assert sorted(table.records) == sorted(known)
        assert table.position == changes.position(session, "facts")


def test_the_follower_may_see_a_record_twice_and_records_of_other_kinds(empty):
    plant(empty, _mapped(1), _mapped(2))
    follower, before = empty.followers["facts"], _stated(empty)
    with empty.database.write() as session:
        records = session.scalars(select(Record).order_by(Record.id)).all()
        follower.apply(session, records, changes.position(session, "facts"))
        follower.apply(session, records[:2], changes.position(session, "facts"))
    assert _stated(empty) == before
    assert len(before) == 2


def test_what_is_saved_is_there_at_the_next_request(empty):
    first, second = plant(empty, _mapped(1), _mapped(2))
    assert _answers(empty) == {first.id: 2, second.id: 2}
    with empty.changing() as session:
        empty.records.put(session, "dataset", dataset(omop_status=PLANNED), key="hf", author="test")
    assert _answers(empty) == {first.id: 0, second.id: 2}
    with empty.changing() as session:
        empty.records.put(session, "dataset", dataset(), key="hf", author="test")
    assert _answers(empty) == {first.id: 1, second.id: 2}


def test_what_is_withdrawn_is_gone_and_an_unchanged_catalogue_costs_no_new_table(empty):
    first, second = plant(empty, _mapped(1), _mapped(2))
    assert _table(empty) is _table(empty)
    with empty.changing() as session:
        empty.records.withdraw(session, session.get(Record, first.id), author="test")
    assert _answers(empty) == {second.id: 2}
    assert _stated(empty)[first.id] is None


def test_a_restricted_value_is_not_stated_and_stands_in_no_row(empty):
    audience = empty.vocabularies["audience"].by_code["members"].iri
    hidden = {"restricted": [{"field": "omop_status", "audience": audience}]}
    first, second = plant(empty, _mapped(1, **hidden), _mapped(2))
    assert _answers(empty) == {first.id: 1, second.id: 2}
    assert "omop" not in json.dumps(_stated(empty)[first.id])


def test_a_draft_answers_nothing(empty):
    plant(empty, _mapped(1))
    with empty.changing() as session:
        empty.records.save(session, "dataset", _mapped(9), key="later", author="test")
    assert len(_table(empty).records) == 1


def test_a_damaged_record_is_left_out_and_the_others_answer(empty):
    first, second = plant(empty, _mapped(1), _mapped(2))
    with empty.database.write() as session:
        record = session.get(Record, first.id)
        record.document = {**record.document, "outcome_statement": ["no part at all"]}
        changes.append(session, record, "updated", datetime.now(UTC))
    empty.catch_up()
    assert _answers(empty) == {second.id: 2}


def test_a_damaged_row_is_left_out_and_the_others_answer(empty):
    first, second, third = plant(empty, _mapped(1), _mapped(2), _mapped(3))
    with empty.database.write() as session:
        session.get(Fact, first.id).stated = "{not json"
        session.get(Fact, third.id).stated = '["A title", 1, 2, 3]'
    assert _answers(empty) == {second.id: 2}


def _again(new_catalogue):
    """The same instance opened by another process, as far as that can be had in one."""
    return new_catalogue()


def test_another_process_begins_with_the_file_and_sees_what_came_after_it(
    empty, new_catalogue, monkeypatch
):
    first, second = plant(empty, _mapped(1), _mapped(2))
    _table(empty)
    with empty.changing() as session:
        empty.records.put(session, "dataset", dataset(omop_status=PLANNED), key="hf", author="test")
    asked = []
    of = facts_module.Columns.of
    monkeypatch.setattr(
        facts_module.Columns,
        "of",
        lambda plan, stated: (asked.append(len(stated)), of(plan, stated))[1],
    )
    other = _again(new_catalogue)
    assert _answers(other) == {first.id: 0, second.id: 2}
    assert asked == [1]  # only what changed was read from its row


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.unlink(),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(file.read_bytes()[:-100]),
        lambda file: file.write_bytes(file.read_bytes()[:3000]),
        lambda file: file.write_bytes(_flipped(file.read_bytes())),
        lambda file: file.write_bytes(b"something else entirely"),
    ],
    ids=["missing", "empty", "cut", "cut within", "a byte changed", "another file"],
)
def test_a_damaged_file_is_made_again(empty, new_catalogue, damage):
    first, second = plant(empty, _mapped(1), _mapped(2))
    expected = _answers(empty)
    file = empty.settings.instance_folder / "facts" / "facts.columns"
    assert file.exists()
    damage(file)
    other = _again(new_catalogue)
    assert _answers(other) == expected == {first.id: 2, second.id: 2}
    whole = file.read_bytes()
    assert _answers(_again(new_catalogue)) == expected
    assert file.read_bytes() == whole


def _flipped(content):
    """The file with another number of a record in it."""
    size = int.from_bytes(content[8:16], "little")
    changed = bytearray(content)
    changed[16 + size] ^= 1
    return bytes(changed)


def test_a_file_of_another_past_is_not_believed(empty, new_catalogue):
    first, _ = plant(empty, _mapped(1), _mapped(2))
    _table(empty)
    with empty.database.write() as session:  # an older copy was put back and went on otherwise
        for change in session.scalars(select(changes.Change)):
            change.at = datetime(2020, 1, 1, tzinfo=UTC)
        session.get(Fact, first.id).stated = None
    assert len(_table(_again(new_catalogue)).records) == 1


def test_much_that_changed_is_folded_into_the_arrays(empty, monkeypatch):
    monkeypatch.setattr(facts_module, "MOST_BESIDE", 2)
    first, second = plant(empty, _mapped(1), _mapped(2))
    file = empty.settings.instance_folder / "facts" / "facts.columns"
    assert _answers(empty) == {first.id: 2, second.id: 2}
    made = file.read_bytes()
    (third, fourth) = plant(empty, _mapped(3), _mapped(4), key="more")
    assert len(_answers(empty)) == 4
    assert file.read_bytes() == made
    (fifth,) = plant(empty, _mapped(5, title={"en": "Fifth"}), key="last")
    assert _answers(empty) == dict.fromkeys(
        [r.id for r in (first, second, third, fourth, fifth)], 2
    )
    assert file.read_bytes() != made


def test_while_the_facts_are_read_anew_nobody_is_given_half_of_them(empty):
    plant(empty, _mapped(1))
    _table(empty)
    with empty.database.write() as session:
        session.get(changes.Position, "facts").version = "older"
    with pytest.raises(Unavailable):
        _table(empty)
    empty.catch_up()
    assert len(_table(empty).records) == 1


def test_a_session_of_an_earlier_state_and_a_later_one_may_ask_in_turn(empty):
    first, second = plant(empty, _mapped(1), _mapped(2))
    with empty.database.read() as earlier:
        before = empty.facts.table(earlier).position
        with empty.changing() as session:
            empty.records.withdraw(session, session.get(Record, first.id), author="test")
        assert _answers(empty) == {second.id: 2}
        assert empty.facts.table(earlier).position >= before
    assert _answers(empty) == {second.id: 2}


def test_the_worker_keeps_the_file_and_the_view_is_reported_like_the_others(empty):
    plant(empty, _mapped(1))
    file = empty.settings.instance_folder / "facts" / "facts.columns"
    assert not file.exists()
    empty.tenders["facts"](lambda: False)
    assert file.exists()
    assert isinstance(empty.followers["facts"], FactFollower)
    with empty.database.read() as session:
        assert changes.lag(session)["facts"] == 0


@pytest.mark.slow
def test_a_second_process_answers_what_the_first_one_saved(empty):
    first, second = plant(empty, _mapped(1), _mapped(2))
    program = textwrap.dedent(
        f"""
        from catalogue.config import Settings
        from catalogue.instance import Catalogue
        from catalogue.outcomes.questions import Criterion
        catalogue = Catalogue(Settings(public_address={empty.settings.public_address!r},
                                       instance={empty.settings.instance!r},
                                       database={empty.settings.database_address!r}))
        with catalogue.database.read() as session:
            table = catalogue.facts.table(session)
        print(sorted(table.records.tolist()), table.answers(Criterion("omop_status", ({MAPPED!r},))).tolist())
        """
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == f"{sorted([first.id, second.id])} [2, 2]"


def test_a_server_has_what_is_stated_before_somebody_asks_and_starts_without_any(empty):
    from catalogue.app import _ready_for_questions

    plant(empty)
    _ready_for_questions(empty)
    assert empty.facts._kept is not None
    with empty.database.write() as session:
        session.execute(text("DROP TABLE fact"))
    empty.facts._kept = None
    _ready_for_questions(empty)  # whatever is wrong is told when somebody asks
