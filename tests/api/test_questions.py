"""Questions for programs: criteria, counts, verdicts with evidence, sentences."""

from urllib.parse import urlencode

import pytest

ASKED = [
    ("condition", "prostate-cancer;stage=localised;persons=5000.."),
    ("outcome", "urinary-function"),
    ("follow_up_median_years", "5.."),
]


@pytest.fixture
def ask(client):
    def ask(said, status=200, path="/api/v1/questions"):
        response = client.get(f"{path}?{urlencode(said)}")
        assert response.status_code == status, response.get_data(as_text=True)[:300]
        return response.get_json()

    return ask


def test_every_dataset_answers_every_criterion_with_its_evidence(ask):
    found = ask(ASKED)
    assert [one["kind"] for one in found["question"]["criteria"]] == [name for name, _ in ASKED]
    best = found["items"][0]
    assert best["title"] == "TrueNTH Global Registry (Movember)"
    assert [one["state"] for one in best["verdicts"]] == ["met", "met", "not stated"]
    assert "13,483 people" in best["verdicts"][0]["said"]
    open_ = best["verdicts"][2]
    assert open_["field"] == "follow_up_median_years"
    assert "/ask?field=follow_up_median_years&question=" in open_["ask"]
    assert best["met"] == 2
    assert best["not_stated"] == 1


def test_the_counts_are_over_all_datasets(ask):
    counts = ask([*ASKED, ("size", "1")])["counts"]
    assert sum(one["count"] for one in counts["groups"]) == counts["total"]
    for one in counts["criteria"]:
        assert one["met"] + one["not_met"] + one["not_stated"] == counts["total"]


def test_next_leads_through_all_datasets_once(ask, client):
    found = ask([("omop_status", "mapped"), ("size", "40")])
    seen = [one["id"] for one in found["items"]]
    while found["next"]:
        response = client.get(found["next"])
        found = response.get_json()
        seen += [one["id"] for one in found["items"]]
    assert len(seen) == len(set(seen)) == found["counts"]["total"]


def test_an_answer_that_is_known_is_not_told_again(client):
    first = client.get("/api/v1/questions?omop_status=mapped")
    again = client.get(
        "/api/v1/questions?omop_status=mapped", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ([("condition", "the-plague")], 'there is no "the-plague"'),
        ([("year", "2020..2010")], "turned round"),
        ([("shoe_size", "42")], "There is no such parameter"),
        ([("lag_months", f"..{n}") for n in range(100)], "at most 20 criteria"),
        ([("condition", "stroke"), ("cursor", "mine")], "did not write it"),
        ([("condition", "stroke"), ("page", "2")], "There is no such parameter"),
        ([("q", "x" * 600)], "longer than 500"),
    ],
)
def test_faults_are_named(ask, said, message):
    assert message in ask(said, 400)["detail"]


def test_a_sentence_is_understood_piece_by_piece(ask):
    text = "MDS registries in Belgium with zebrafish, at least 100 patients"
    found = ask([("text", text)], path="/api/v1/questions/understand")
    assert [one["written"] for one in found["question"]["criteria"]] == [
        "myelodysplastic-syndromes;persons=100..",
        "registry",
        "BEL",
    ]
    assert found["left"] == "zebrafish"
    assert [one["text"] for one in found["pieces"] if one["criterion"] == 2] == ["Belgium"]
    (choice,) = found["choices"]
    assert [one["taken"] for one in choice["meanings"]] == [True, False]
    assert found["links"]["page"].startswith("https://catalogue.example.org/questions?text=")


@pytest.mark.parametrize("text", ["", " ", "x" * 1_001])
def test_a_sentence_must_be_one(ask, text):
    ask([("text", text)], 400, "/api/v1/questions/understand")
