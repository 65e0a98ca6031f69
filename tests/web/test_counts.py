"""Counts are worked out once for each state of the catalogue, and never for another."""

import threading

import pytest
from conftest import ROOT
from sqlalchemy import event

from catalogue.app import create_app
from catalogue.memory import Memory
from catalogue.seed import seed
from catalogue.web import counts


@pytest.fixture
def questions(catalogue):
    """The statements that reach the database."""
    asked = []
    note = lambda *arguments: asked.append(arguments[2])  # noqa: E731
    event.listen(catalogue.database.engine, "before_cursor_execute", note)
    yield asked
    event.remove(catalogue.database.engine, "before_cursor_execute", note)


def test_the_home_page_counts_only_once(client, questions):
    client.get("/")
    questions.clear()
    first = client.get("/").get_data()
    assert not [one for one in questions if "count(" in one.lower()]
    assert client.get("/").get_data() == first


@pytest.mark.slow
def test_what_changes_is_counted_anew(new_catalogue):
    catalogue = new_catalogue()
    client = create_app(catalogue=catalogue).test_client()
    assert 'class="place"' not in client.get("/").get_data(as_text=True)
    seed(catalogue, ROOT / "seed_data")
    catalogue.catch_up()
    page = client.get("/").get_data(as_text=True)
    assert 'class="place"' in page
    assert ">107</span> datasets" in page


def test_one_facet_and_several_are_counted_alike(app):
    with app.test_request_context("/"):
        alone = counts.of_values(["spatial"], 400)
        assert alone == counts.of_values(["spatial", "nothing"], 400)
        assert alone[0][1] >= alone[-1][1] > 0


def test_memory_forgets_what_was_not_asked_for_long():
    memory = Memory(size=2)
    for question in "abcb":
        memory(question, lambda: question)
    assert len(memory) == 2
    assert memory("a", lambda: "anew") == "anew"
    assert memory("b", lambda: "anew") == "b"


def test_a_failure_is_not_remembered():
    memory = Memory()
    with pytest.raises(ZeroDivisionError):
        memory("a", lambda: 1 / 0)
    assert memory("a", lambda: 1) == 1


def test_who_asks_at_the_same_time_shares_one_answer():
    memory, worked, gate = Memory(), [], threading.Event()

    def slow():
        gate.wait(5)
        worked.append(1)
        return "answer"

    found = []
    asking = [threading.Thread(target=lambda: found.append(memory("a", slow))) for _ in range(5)]
    for one in asking:
        one.start()
    gate.set()
    for one in asking:
        one.join()
    assert (found, worked) == (["answer"] * 5, [1])
