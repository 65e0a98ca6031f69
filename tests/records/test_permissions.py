"""Who may do what: every action for every role in every stage, beside a table drawn by hand."""

from __future__ import annotations

import itertools

import pytest

from catalogue.accounts.viewer import ROLES, ROLES_OVER_ALL, Viewer
from catalogue.records.models import STAGES
from catalogue.records.permissions import ACTIONS, may, may_in, may_over_all

OURS, THEIRS = 1, 2

#: What each may do in each stage where the network reviews: v(iew) c(omment) e(dit) s(ubmit)
#: r(ecall) (re)t(urn) p(ublish) d(iscard) x (delete) (con)f(irm) w(ithdraw) o (restore) a(ssign).
_LETTERS = {
    "v": "view",
    "c": "comment",
    "e": "edit",
    "s": "submit",
    "r": "recall",
    "t": "return",
    "p": "publish",
    "d": "discard",
    "x": "delete",
    "f": "confirm",
    "w": "withdraw",
    "o": "restore",
    "a": "assign",
}
REVIEWED = """
stage               reader  contributor  editor   manager  reviewer  administrator
draft               vc      vce          vcesx    vcesx    -         vcespxa
submitted           vc      vc           vcr      vcr      vctp      vcrtpa
returned            vc      vce          vcesx    vcesx    vc        vcespxa
published           vc      vce          vcef     vcefw    vcw       vcefwa
revised             vc      vce          vcesdf   vcesdfw  w         vcespdfwa
revision-submitted  vc      vc           vcrf     vcrfw    vctpw     vcrtpfwa
revision-returned   vc      vce          vcesdf   vcesdfw  vcw       vcespdfwa
withdrawn           v       v            v        v        vo        voa
"""
#: What comes to that where no review is asked for.
UNREVIEWED = {
    ("draft", "editor"): "p",
    ("draft", "manager"): "p",
    ("returned", "editor"): "p",
    ("returned", "manager"): "p",
    ("revised", "editor"): "p",
    ("revised", "manager"): "p",
    ("revision-returned", "editor"): "p",
    ("revision-returned", "manager"): "p",
    ("withdrawn", "manager"): "o",
}


def _expected():
    head, *lines = REVIEWED.strip().splitlines()
    for line in lines:
        stage, *cells = line.split()
        yield from (
            (stage, role, set(cell) - {"-"})
            for role, cell in zip(head.split()[1:], cells, strict=True)
        )


def _viewer(role: str, organisation: int = OURS) -> Viewer:
    if role in ROLES_OVER_ALL:
        return Viewer(user=7, role=role)
    return Viewer(user=7, roles={organisation: role})


@pytest.mark.parametrize("reviewed", [True, False])
def test_every_action_role_and_stage_is_decided_as_in_the_table(reviewed):
    decided = 0
    for stage, role, letters in _expected():
        allowed = letters if reviewed else letters | set(UNREVIEWED.get((stage, role), ""))
        for letter, action in _LETTERS.items():
            answer = may(_viewer(role), action, OURS, stage, reviewed=reviewed)
            assert answer == (letter in allowed), (action, role, stage)
            decided += 1
    assert decided == len(ACTIONS) * len(STAGES) * len((*ROLES, *ROLES_OVER_ALL))


def test_the_table_speaks_of_every_action_and_stage():
    assert set(_LETTERS.values()) == set(ACTIONS)
    assert {stage for stage, _, _ in _expected()} == set(STAGES)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_in_another_organisation_or_in_none_allows_nothing(role):
    strangers = (_viewer(role, THEIRS), Viewer(user=7), Viewer())
    for viewer, action, stage, reviewed in itertools.product(
        strangers, ACTIONS, STAGES, (True, False)
    ):
        assert not may(viewer, action, OURS, stage, reviewed=reviewed)
        assert not may(viewer, action, None, stage, reviewed=reviewed)


def test_a_record_of_no_organisation_is_looked_after_by_those_over_all():
    assert may(_viewer("administrator"), "edit", None, "published", reviewed=True)
    assert may(_viewer("reviewer"), "withdraw", None, "published", reviewed=True)
    assert not may(_viewer("reviewer"), "edit", None, "published", reviewed=True)


@pytest.mark.parametrize("role", [*ROLES, *ROLES_OVER_ALL])
def test_a_token_that_only_reads_lets_its_owner_look_and_nothing_else(role):
    whole = _viewer(role)
    reading = Viewer(user=7, role=whole.role, roles=whole.roles, reads_only=True)
    for action, stage in itertools.product(ACTIONS, STAGES):
        expected = action == "view" and may(whole, action, OURS, stage, reviewed=True)
        assert may(reading, action, OURS, stage, reviewed=True) == expected
    assert not may_over_all(reading, "review")
    assert not may_in(reading, "describe", OURS)


def test_organisations_are_described_by_writers_and_managed_by_managers():
    allowed = {
        role: [what for what in ("see", "describe", "manage") if may_in(_viewer(role), what, OURS)]
        for role in (*ROLES, *ROLES_OVER_ALL)
    }
    assert allowed == {
        "reader": ["see"],
        "contributor": ["see", "describe"],
        "editor": ["see", "describe"],
        "manager": ["see", "describe", "manage"],
        "reviewer": ["see"],
        "administrator": ["see", "describe", "manage"],
    }
