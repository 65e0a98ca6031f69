"""Between documents and forms: nothing is lost, nothing raises, nothing is guessed."""

from __future__ import annotations

import json

import pytest
from factories import EHDS, EU, dataset
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import any_record, documents

from catalogue.profile import Profile
from catalogue.profile.folding import Candidate, Wish, fold, too_many, unfold
from catalogue.profile.form import ASKED_TIERS, fields_of, form
from catalogue.profile.inputs import about, read, rearranged
from catalogue.profile.merging import MINE, THEIRS, digest, merge, state, tidy

REASON = "https://w3id.org/outcome-catalogue/reason/"
SOURCE = "https://w3id.org/outcome-catalogue/source-type/"
AGENTS = {"id/agent/ghent": "Hospital of Ghent", "id/agent/gent": "Ghent University"}


class Agents:
    """Two organisations that sound alike."""

    def find(self, kinds, text):
        assert kinds == ("Agent",)
        return [
            Candidate(reference, name, exact=text.casefold() == name.casefold())
            for reference, name in AGENTS.items()
            if text.casefold() in name.casefold()
        ]

    def label(self, reference):
        return AGENTS.get(reference, "")


@pytest.fixture(scope="module")
def shape(profile: Profile):
    return profile["Dataset"]


def folded(shape, data, base=None, **more):
    pairs = [
        (name, value)
        for name, some in data.items()
        for value in ([some] if isinstance(some, str) else some)
    ]
    return fold(shape, fields_of(shape), read(pairs), base=base or {}, lookup=Agents(), **more)


def asked(document, shape, depth=0):
    """A document without what no form asks for, as a form would say it."""
    kept = {}
    for field in fields_of(shape, depth):
        if field.name not in document:
            continue
        value = document[field.name]
        if field.widget == "part":
            inner = field.property.value.shape
            parts = value if isinstance(value, list) else [value]
            parts = [
                {"id": part["id"], **rest}
                for part in parts
                if (rest := asked(part, inner, depth + 1))
            ]
            if not parts:
                continue
            value = parts if field.repeatable else parts[0]
        kept[field.name] = value
    return kept


def same(shape, one, other):
    assert shape.canonical(tidy(one)) == shape.canonical(tidy(other))


@given(st.data())
def test_what_is_unfolded_is_folded_the_same(profile: Profile, data):
    shape, drawn = data.draw(any_record(profile))
    document = asked(shape.identify(shape.load(drawn)[0]), shape)
    inputs = unfold(shape, fields_of(shape), document)
    again = fold(shape, fields_of(shape), inputs, base=document)
    assert again.faults == []
    same(shape, {name: v for name, v in again.values.items() if v is not None}, document)


@pytest.mark.slow
@settings(max_examples=30)
@given(st.data())
def test_every_part_by_itself_is_folded_the_same(profile: Profile, data):
    for shape in profile.values():
        drawn = data.draw(documents(shape))
        document = asked(shape.identify(shape.load(drawn)[0]), shape)
        again = fold(
            shape, fields_of(shape), unfold(shape, fields_of(shape), document), base=document
        )
        assert again.faults == []
        same(shape, {name: v for name, v in again.values.items() if v is not None}, document)


@pytest.mark.parametrize("tier", ASKED_TIERS)
@given(st.data())
def test_a_page_says_nothing_of_what_is_not_on_it(profile: Profile, tier, data):
    shape, drawn = data.draw(any_record(profile))
    document = shape.identify(shape.load(drawn)[0])
    sections = form(shape, tier, document)
    section = data.draw(st.sampled_from(sections))
    folded = fold(shape, section.fields, unfold(shape, section.fields, document), base=document)
    was = {one.name: state(one.property, document) for one in section.fields}
    merged = merge(shape, document, folded, was)
    assert merged.conflicts == ()
    same(shape, shape.identify(merged.document), document)


NAMES = st.lists(
    st.sampled_from(
        ["title", "keyword", "spatial", "distribution", "contact_point", "variables", "reason",
         "0", "1", "2", "99999999999", "id", "en", "de", "xx-yy-zz", "access_url", "table", "column",
         "temporal", "start_date", "was", "pick", "new", "for", "publisher", "", "²", "number_of_unique_individuals"]
    ),
    min_size=1,
    max_size=7,
).map("-".join)  # fmt: skip
ANYTHING = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "\x00",
            "\ud800",
            "a" * 50_001,
            "NON_PUBLIC",
            "id/agent/x",
            "#part-1",
            "1e999",
            "9" * 400,
            ";;;",
            "٣",
            "https://[",
            "yes",
        ]
    ),
)


@settings(max_examples=200)
@given(st.lists(st.tuples(NAMES | st.text(max_size=20), ANYTHING), max_size=40))
def test_whatever_is_sent_is_folded(profile: Profile, pairs):
    for shape in (profile["Dataset"], profile["Agent"]):
        folded = fold(shape, fields_of(shape), read(pairs), base={}, lookup=None)
        kept = {name: value for name, value in folded.values.items() if value is not None}
        _, problems = shape.load(kept)
        assert problems == []
        for fault in folded.faults:
            assert about(fault.name) in shape.properties
            assert fault.message.isprintable()
        merged = merge(shape, {}, folded, {"title": "garbled === x", "keyword": "*"})
        json.dumps(merged.document)
        assert shape.load(merged.document)[1] == []


@pytest.mark.slow
def test_five_thousand_parts_are_folded_in_no_time(shape):
    data = {f"contact_point-{n}-email": [f"desk-{n}@example.org"] for n in range(5_000)}
    assert len(folded(shape, data).values["contact_point"]) == 5_000
    assert too_many(
        next(f for f in fields_of(shape) if f.name == "contact_point"),
        {"contact_point": [{"id": f"#c-{n}"} for n in range(5_000)]},
    )


def test_one_faulty_input_does_not_lose_the_others(shape):
    said = folded(
        shape,
        {
            "title-en": "Registry",
            "number_of_unique_individuals": "about 5000",
            "landing_page": "www.example.org/registry\nnot an address",
            "contact_point-0-contact_name": "Desk",
            "contact_point-0-email": "desk at example.org",
        },
        base={"number_of_unique_individuals": 12},
    )
    assert said.values["title"] == {"en": "Registry"}
    assert said.values["number_of_unique_individuals"] == 12
    assert said.values["landing_page"] == ["https://www.example.org/registry"]
    assert said.values["contact_point"] == [{"contact_name": "Desk"}]
    assert [fault.name for fault in said.faults] == [
        "contact_point-0-email",
        "landing_page",
        "number_of_unique_individuals",
    ]
    assert said.faults[2].message == (
        "“about 5000” is not a whole number; write it in digits, such as 12,000"
    )


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("2009", "2009"),
        ("06/2009", "2009-06"),
        ("June 2009", "2009-06"),
        ("30.6.2009", "2009-06-30"),
        ("30 June 2009", "2009-06-30"),
        ("30. Juni 2009", "2009-06-30"),
        ("2009-06-30", "2009-06-30"),
        ("13/04/2009", "2009-04-13"),
    ],
)
def test_dates_are_taken_as_people_write_them(shape, typed, stored):
    said = folded(shape, {"issued": typed})
    assert (said.values["issued"], said.faults) == (stored, [])


def test_a_date_that_could_be_two_is_refused_with_the_way_out(shape):
    said = folded(shape, {"issued": "03/04/2009"})
    assert said.values["issued"] is None
    assert "could be 3 April or 4 March 2009; write 3 April 2009" in said.faults[0].message


@pytest.mark.parametrize("typed", ["12,000", "12 000", "12\u202f000", "12.000", "12000", "12’000"])
def test_counts_are_taken_as_people_write_them(shape, typed):
    assert folded(shape, {"number_of_unique_individuals": typed}).values == {
        "number_of_unique_individuals": 12000
    }


@pytest.mark.parametrize(
    "typed", ["Belgium", "belgium", "Belgien", "BEL", "Belgique ", EU + "country/BEL"]
)
def test_a_concept_is_known_by_all_its_names(shape, typed):
    said = folded(shape, {"spatial": [EU + "country/FRA", typed]})
    assert said.faults == []
    assert said.values["spatial"] == [EU + "country/FRA", EU + "country/BEL"]


def test_a_name_that_is_not_clear_comes_back_with_candidates(shape):
    said = folded(shape, {"spatial": ["Guinea"[:5]]})
    [fault] = said.faults
    assert fault.name == "spatial"
    assert 1 < len(fault.candidates) <= 8
    assert "Guinea" in [candidate.label for candidate in fault.candidates]
    chosen = fault.candidates[0].value
    again = folded(
        shape, {"spatial": ["Guine"], "for-spatial": ["Guine"], "pick-spatial": [chosen]}
    )
    assert (again.values["spatial"], again.faults) == ([chosen], [])


def test_a_slip_is_understood_but_not_taken_unasked(shape):
    [fault] = folded(shape, {"spatial": ["Belgum"]}).faults
    assert [candidate.label for candidate in fault.candidates] == ["Belgium"]


def test_several_concepts_may_be_typed_at_once(shape):
    assert folded(shape, {"spatial": ["Belgium; France"]}).values["spatial"] == [
        EU + "country/BEL",
        EU + "country/FRA",
    ]


def test_a_typed_concept_takes_the_place_of_a_single_one(profile):
    said = folded(profile["Dataset"], {"frequency": [EU + "frequency/MONTHLY", "Annual"]})
    assert said.values["frequency"] == EU + "frequency/ANNUAL"


def test_a_foreign_concept_that_is_there_already_stays(shape):
    foreign = "http://www.wikidata.org/entity/Q12078"
    said = folded(shape, {"health_theme": [foreign]}, base={"health_theme": [foreign]})
    assert (said.values["health_theme"], said.faults) == ([foreign], [])
    assert folded(shape, {"health_theme": [foreign]}).faults


def test_a_record_is_known_by_its_name_and_a_new_one_is_wished_for(shape):
    assert folded(shape, {"publisher": "hospital of ghent"}).values["publisher"] == "id/agent/ghent"
    [fault] = folded(shape, {"publisher": "Ghent"}).faults
    assert [candidate.label for candidate in fault.candidates] == [*AGENTS.values()]
    said = folded(shape, {"publisher": "Ghent Heart Centre", "new-publisher": "Ghent Heart Centre"})
    assert said.faults == []
    assert said.wishes == [Wish("publisher", ("Agent",), "Ghent Heart Centre")]


def test_a_reason_stands_for_a_value_and_not_beside_one(shape):
    field = "number_of_unique_individuals"
    said = folded(shape, {field: "", f"reason-{field}": "suppressed"})
    assert said.reasons[field] == REASON + "suppressed"
    document = merge(shape, {}, said, {}).document
    assert document == {"not_stated": [{"field": field, "reason": REASON + "suppressed"}]}
    both = folded(shape, {field: "12", f"reason-{field}": "unknown"})
    assert [fault.name for fault in both.faults] == [f"reason-{field}"]
    gone = folded(shape, {field: "12", f"reason-{field}": ""}, base=document)
    assert merge(shape, document, gone, {}).document == {field: 12}


def test_an_empty_new_part_is_not_stored_nor_one_with_what_it_began_with(shape):
    assert folded(
        shape, {"contact_point": "", "contact_point-0-id": "", "contact_point-0-email": ""}
    ).values == {"contact_point": None}
    begun = {"distribution-0-id": "", "distribution-0-applicable_legislation": [EHDS, ""]}
    assert folded(shape, begun).values == {"distribution": None}
    filled = folded(shape, {**begun, "distribution-0-access_url": "example.org/data"})
    assert filled.values["distribution"] == [
        {"access_url": ["https://example.org/data"], "applicable_legislation": [EHDS]}
    ]
    assert list(filled.fresh) == ["distribution-0"]


def test_what_a_part_holds_beyond_the_form_stays(profile, shape):
    statement = {"id": "#outcome-statement-1", "checked": True, "statement_note": {"en": "Old"}}
    said = folded(
        shape,
        {"outcome_statement-0-id": statement["id"], "outcome_statement-0-statement_note-en": "New"},
        base={"outcome_statement": [statement]},
    )
    assert said.values["outcome_statement"] == [{**statement, "statement_note": {"en": "New"}}]


def test_parts_are_moved_and_removed_by_their_buttons(shape):
    data = unfold(
        shape,
        fields_of(shape),
        {
            "contact_point": [
                {"id": f"#contact-point-{n}", "contact_name": f"{n}"} for n in (1, 2, 3)
            ]
        },
    )

    def names(data):
        return [
            part["contact_name"] for part in folded(shape, data, base=None).values["contact_point"]
        ]

    assert names(rearranged(data, "up contact_point-1")) == ["2", "1", "3"]
    assert names(rearranged(data, "down contact_point-1")) == ["1", "3", "2"]
    assert names(rearranged(data, "remove contact_point-0")) == ["2", "3"]
    for odd in (
        "up contact_point-0",
        "down contact_point-2",
        "up nothing-5",
        "up",
        "remove",
        "dance",
    ):
        assert names(rearranged(data, odd)) == ["1", "2", "3"]


# two people at once ------------------------------------------------------------------


def states(shape, document):
    return {one.name: state(one, document) for one in shape.stored}


def edited(shape, before, changes):
    """What a form says of a document with some fields changed."""
    document = {**before, **changes}
    fields = [one for one in fields_of(shape) if one.name in changes]
    return fold(shape, fields, unfold(shape, fields, document), base=document)


def test_changes_of_two_people_to_different_fields_are_both_kept(shape):
    before = dataset()
    stored = {**before, "title": {"en": "Theirs"}}
    said = edited(shape, before, {"title": before["title"], "description": {"en": "Mine"}})
    merged = merge(shape, stored, said, states(shape, before))
    assert merged.conflicts == ()
    assert merged.document["title"] == {"en": "Theirs"}
    assert merged.document["description"] == {"en": "Mine"}


def test_two_people_add_to_one_list(shape):
    before = dataset(keyword={"en": ["a"]}, spatial=[EU + "country/BEL", EU + "country/FRA"])
    stored = {**before, "spatial": [EU + "country/BEL", EU + "country/FRA", EU + "country/DEU"]}
    said = edited(shape, before, {"spatial": [EU + "country/BEL", EU + "country/ITA"]})
    merged = merge(shape, stored, said, states(shape, before))
    assert merged.document["spatial"] == [EU + f"country/{c}" for c in ("BEL", "ITA", "DEU")]


def test_two_people_change_different_parts_and_languages(shape):
    contacts = [
        {"id": "#contact-point-1", "contact_name": "A"},
        {"id": "#contact-point-2", "contact_name": "B"},
    ]
    before = dataset(contact_point=contacts, title={"en": "One", "de": "Eins"})
    stored = {
        **before,
        "contact_point": [contacts[0], {**contacts[1], "contact_name": "Theirs"}],
        "title": {"en": "Two", "de": "Eins"},
    }
    said = edited(
        shape,
        before,
        {
            "contact_point": [
                {**contacts[0], "contact_name": "Mine"},
                contacts[1],
                {"contact_name": "New"},
            ],
            "title": {"en": "One", "de": "Erstes"},
        },
    )
    merged = merge(shape, stored, said, states(shape, before))
    assert merged.conflicts == ()
    assert [part["contact_name"] for part in merged.document["contact_point"]] == [
        "Mine",
        "Theirs",
        "New",
    ]
    assert merged.document["title"] == {"en": "Two", "de": "Erstes"}


def test_what_both_changed_waits_for_a_choice(shape):
    before, stored = dataset(), dataset(title={"en": "Theirs"})
    said = edited(shape, before, {"title": {"en": "Mine"}})
    was = states(shape, before)
    merged = merge(shape, stored, said, was)
    [conflict] = merged.conflicts
    assert (conflict.field, conflict.mine, conflict.theirs) == (
        "title",
        {"en": "Mine"},
        {"en": "Theirs"},
    )
    assert merged.document == stored
    assert merge(shape, stored, said, was, {"title": MINE}).document["title"] == {"en": "Mine"}
    assert merge(shape, stored, said, was, {"title": THEIRS}).document["title"] == {"en": "Theirs"}


def test_the_same_new_part_sent_twice_is_stored_once(shape):
    before = dataset(contact_point=None, variables=None)
    data = {
        "contact_point-0-email": "desk@example.org",
        "variables-0-title-en": "Book",
        "variables-0-table-0-title-en": "Diagnoses",
    }
    once = merge(shape, before, folded(shape, data), states(shape, before))
    stored = shape.identify(once.document)
    again = merge(shape, stored, folded(shape, data, base=stored), states(shape, before))
    assert again.conflicts == ()
    assert shape.identify(again.document) == stored


def test_a_reason_and_a_value_of_two_people_wait_for_a_choice(shape):
    field = "number_of_records"
    before = dataset()
    said = folded(shape, {field: "", f"reason-{field}": "unknown"}, base=before)
    merged = merge(shape, {**before, field: 5}, said, states(shape, before))
    assert [conflict.field for conflict in merged.conflicts] == [field]
    assert merged.document[field] == 5
    assert "not_stated" not in merged.document


def test_a_part_that_one_removed_and_another_changed_waits_for_a_choice(shape):
    part = {"id": "#contact-point-1", "contact_name": "A"}
    before = dataset(contact_point=[part])
    stored = dataset(contact_point=[{**part, "contact_name": "B"}])
    said = folded(shape, {"contact_point": ""}, base=before)
    assert [c.field for c in merge(shape, stored, said, states(shape, before)).conflicts] == [
        "contact_point"
    ]


@given(st.data())
def test_whoever_changes_nothing_disturbs_nobody(profile: Profile, data):
    shape, drawn = data.draw(any_record(profile))
    before = shape.identify(shape.load(drawn)[0])
    stored = shape.identify(shape.load(data.draw(documents(shape)))[0])
    said = fold(shape, fields_of(shape), unfold(shape, fields_of(shape), before), base=before)
    merged = merge(shape, stored, said, states(shape, before))
    assert merged.conflicts == ()
    same(shape, shape.identify(merged.document), stored)


def test_a_digest_does_not_see_spaces_at_the_ends():
    assert digest({"en": " A "}) == digest({"en": "A"})
    assert digest(["A", "B"]) != digest(["B", "A"])
