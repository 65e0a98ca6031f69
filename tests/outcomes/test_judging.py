"""Answers by arrays are the answers that the rules give for every document by itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from catalogue.outcomes.columns import Columns, joined
from catalogue.outcomes.judging import Judge
from catalogue.outcomes.questions import Criterion
from catalogue.outcomes.scope import Scope
from catalogue.outcomes.stated import Plan, Stated
from outcomes.oracle import Oracle
from outcomes.strategies_of_fit import criteria, documents


@pytest.fixture(scope="module")
def plan(profile):
    return Plan(profile)


@pytest.fixture(scope="module")
def scope(plan):
    return Scope(plan)


@settings(max_examples=150)
@given(found=st.lists(documents, min_size=1, max_size=4), asked=st.lists(criteria, min_size=1, max_size=6))
def test_arrays_and_rules_agree_about_every_document(profile, plan, scope, found, asked):
    stated = [(place, plan.read(document)) for place, document in enumerate(found)]
    judge, oracle = Judge(Columns.of(plan, stated), scope), Oracle(profile)
    for criterion in asked:
        expected = [oracle.answer(document, criterion) for document in found]
        assert judge(criterion).tolist() == expected, criterion
