"""Questions are addresses and back, in words, and say what is wrong with them."""

from functools import partial
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.errors import BadRequest
from catalogue.outcomes.from_search import question_of
from catalogue.outcomes.questions import MOST_CRITERIA, Criterion, Question, Questions, among
from catalogue.outcomes.wording import Wording
from catalogue.search.query import parse

ADDRESS = (
    "/questions?condition=prostate-cancer;stage=localised;persons=5000.."
    "&variable=prostate-specific-antigen&outcome=urinary-function;instrument=epic-26"
    "&omop_status=mapped,partly-mapped&follow_up_median_years=5..&year=2010..2020"
)


@pytest.fixture(scope="module")
def questions(profile):
    return Questions(profile)


@pytest.fixture(scope="module")
def wording(profile):
    return Wording(profile)


@pytest.fixture
def read(questions):
    return lambda address: questions.parse(parse_qsl(urlsplit(address).query))


def test_an_address_is_a_question_and_back(questions, read):
    question = read(ADDRESS)
    assert len(question.criteria) == 6
    assert questions.address(question) == ADDRESS


def _numbers():
    return st.one_of(st.integers(0, 10**9).map(float), st.sampled_from([0.5, 2.25, 18.0]))


@st.composite
def criteria(draw, kinds):
    kind = draw(st.sampled_from(kinds))
    values, span = (), None
    if kind.vocabulary is None:
        is_year = kind.range is not None and kind.range.is_year
        numbers = st.integers(1000, 2999).map(float) if is_year else _numbers()
        low, high = sorted((draw(numbers), draw(numbers)))
        bounds = [(low, None)] if kind.test == "least" else [(None, high)]
        if kind.test in ("covers", "overlaps"):
            bounds = [(low, None), (None, high), (low, high)]
        span = draw(st.sampled_from(bounds))
    else:
        known = sorted(one.iri for one in among(kind, kind.vocabulary))
        values = tuple(draw(st.lists(st.sampled_from(known), min_size=1, max_size=4, unique=True)))
    beside = []
    for name, vocabulary in kind.qualifiers.items():
        if draw(st.booleans()):
            known = sorted(vocabulary.concepts) if vocabulary else []
            one = st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True).map(tuple)
            beside.append((name, draw(one if vocabulary else _numbers().map(partial(max, 1.0)))))
    return Criterion(kind.name, values, span, tuple(beside))


def test_every_question_comes_back_from_its_address_and_is_said_in_words(
    questions, wording, read, profile
):
    some = st.lists(criteria(list(profile.criteria.values())), max_size=8, unique=True)

    @given(asked=some, text=st.sampled_from(["", "men", "a & b = c; d, e"]))
    def check(asked, text):
        question = Question(tuple(asked), text)
        assert read(questions.address(question)) == question
        for one in asked:
            assert wording.whole(one).startswith(f"{questions.kinds[one.kind].label}: ")

    check()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("condition=prostate-cancer;stage=localised;persons=5000..",
         "Condition: Localised prostate cancer, at least 5,000 people"),
        ("condition=heart-failure,stroke", "Condition: Heart failure or Stroke"),
        ("core_outcome_set=ichom-hf;least=8..",
         "Core outcome set: ICHOM standard set for heart failure, at least 8 of 15 items"),
        ("outcome=pain;instrument=bpi;timing=baseline;completeness_percent=80..",
         "Outcome: Pain, measured with Brief Pain Inventory, At baseline, at least 80 % complete"),
        ("year=2010..2020", "Years covered: 2010 to 2020"),
        ("year=2005..", "Years covered: since 2005"),
        ("typical_age=18..65", "Ages: 18 to 65 years"),
        ("lag_months=..6", "Lag: at most 6 months"),
        ("number_of_unique_individuals=1000000..", "People in the dataset: at least 1,000,000 people"),
        ("number_of_unique_individuals=1..", "People in the dataset: at least 1 person"),
        ("condition=stroke;persons=1..", "Condition: Stroke, at least 1 person"),
        ("core_outcome_set=ichom-hf;least=1..",
         "Core outcome set: ICHOM standard set for heart failure, at least 1 of 15 items"),
        ("follow_up_median_years=1..", "Follow-up: at least 1 year"),
        ("typical_age=1..1", "Ages: 1 year"),
        ("typical_age=0..1", "Ages: 0 to 1 years"),
        ("lag_months=..1", "Lag: at most 1 month"),
        ("lag_months=..0", "Lag: at most 0 months"),
    ],
)  # fmt: skip
def test_criteria_are_said_in_words(questions, wording, address, said):
    (criterion,) = questions.parse(parse_qsl(address)).criteria
    assert wording.whole(criterion) == said


# faults -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("year=2020..2010", "turned round"),
        ("year=soon", "is not a range"),
        ("condition=the-plague", 'there is no "the-plague"'),
        ("condition=,,", "nothing is chosen"),
        ("condition=stroke;colour=red", '"colour" cannot be asked beside it; stage, persons can'),
        ("condition=stroke;persons=many", "write the least number"),
        ("condition=" + "stroke," * 200, "longer than"),
        ("shoe_size=42", "is not a criterion; there are condition"),
        ("q=" + "x" * 501, "longer than 500 characters"),
        ("q=" + "x" * 501 + "&shoe_size=42", "shoe_size"),
        ("lag_months=((((((1", "is not a range"),
        ("lag_months=1e400", "is not a range"),
        ("condition=\x00", 'there is no "'),
        # never turned round: at most five years are not at least five
        ("follow_up_median_years=..5", 'at least so much can be asked; write "5.."'),
        ("follow_up_median_years=2..5", 'write "2.."'),
        ("lag_months=6..", 'at most so much can be asked; write "..6"'),
        ("lag_months=3..6", 'write "..6"'),
        ("condition=stroke;persons=..5", "write the least number"),
        ("condition=stroke;persons=1..5", "write the least number"),
        ("core_outcome_set=ichom-hf;least=0", "must be 1 or more"),
        ("year=0", "is no year"),
        ("year=99999..", "is no year"),
        ("year=2010.5", "is no year"),
    ],
)
def test_what_is_wrong_is_named_with_the_way_out(questions, address, said):
    with pytest.raises(BadRequest, match=said):
        questions.parse(parse_qsl(address))


def test_a_hundred_criteria_are_too_many(questions):
    many = [("follow_up_median_years", f"{n}..") for n in range(100)]
    with pytest.raises(BadRequest, match=f"at most {MOST_CRITERIA} criteria"):
        questions.parse(many)
    question, faults = questions.read(many)
    assert len(question.criteria) == MOST_CRITERIA
    assert len(faults) == 1


def test_what_is_right_is_kept_beside_what_is_not(questions):
    question, faults = questions.read(
        parse_qsl("condition=plague&omop_status=mapped&year=9..1&q=men")
    )
    assert [one.kind for one in question.criteria] == ["omop_status"]
    assert question.text == "men"
    assert [(one.name, one.value) for one in faults] == [("condition", "plague"), ("year", "9..1")]


# from a search ----------------------------------------------------------------------


def test_a_search_becomes_a_question(questions, profile):
    def iri(name, code):
        return profile.vocabularies[name].by_code[code].iri

    said = [
        ("condition", iri("condition", "prostate-cancer")),
        ("stage", iri("disease-stage", "localised")),
        ("persons", "1000.."),
        ("key_variable", iri("variable", "prostate-specific-antigen")),
        ("spatial", iri("country", "SWE")),
        ("spatial", iri("country", "NOR")),
        ("omop_status", iri("omop-status", "mapped")),
        ("omop_status", "not-stated"),
        ("lag_months", "3..6"),
        ("lag_months", "0..3"),
        ("follow_up_median_years", "..5"),
        ("publisher", "id/agent/ghent"),
    ]
    query = parse(said, profile.facets, profile.ranges, 20)
    taken = question_of(query, questions)
    assert questions.parameters(taken.question) == [
        ("condition", "prostate-cancer;stage=localised;persons=1000.."),
        ("variable", "prostate-specific-antigen"),
        ("spatial", "NOR,SWE"),
        ("omop_status", "mapped"),
        ("lag_months", "..6"),
    ]
    # the publisher, the sources that do not say, a greatest follow-up: nobody can ask for these
    assert taken.left == ("follow_up_median_years", "omop_status", "publisher")


@pytest.mark.parametrize(
    ("said", "asked", "left"),
    [
        # The people with some condition are not everybody in the dataset.
        ([("persons", "1000..")], [], ("persons",)),
        ([("persons", "1000.."), ("lag_months", "..6")], [("lag_months", "..6")], ("persons",)),
        ([("condition", "heart-failure"), ("persons", "1000..5000")],
         [("condition", "heart-failure;persons=1000..")], ("persons",)),
        ([("condition", "heart-failure"), ("persons", "1000.."), ("persons", "100..")],
         [("condition", "heart-failure;persons=100..")], ()),
        ([("condition", "heart-failure"), ("persons", "..100")],
         [("condition", "heart-failure")], ("persons",)),
    ],
)  # fmt: skip
def test_what_of_a_search_cannot_be_asked_is_named(questions, profile, said, asked, left):
    known = profile.vocabularies["condition"].by_code
    chosen = [(name, known[value].iri if value in known else value) for name, value in said]
    taken = question_of(parse(chosen, profile.facets, profile.ranges, 20), questions)
    assert questions.parameters(taken.question) == asked
    assert taken.left == left


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("number_of_unique_individuals", "5000.."),
        ("year", "2010.."),
        ("year", "2010..2020"),
        ("typical_age", "..17"),
        ("follow_up_median_years", "2.5.."),
        ("lag_months", "..12"),
    ],
)
def test_a_search_is_said_as_a_question_is(profile, questions, wording, name, text):
    asked = questions.criterion(name, text)
    assert wording.range(profile.ranges[name], text) == wording.said(asked)


def test_a_class_of_a_range_ends_where_the_next_begins(profile, wording):
    assert wording.range(profile.ranges["lag_months"], "0..2.99") == "0 to 3 months"
    assert wording.range(profile.ranges["lag_months"], "not-stated") == "not stated"
