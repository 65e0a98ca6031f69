"""Who may do what with a record: one table of action × role × stage, and nothing else decides.

An organisation's roles hold for its own records only; reviewer and administrator are roles
over all.  What needs no account, reading what is published, is decided in
``visibility.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from catalogue.accounts.viewer import EDITORS, ROLES, Viewer
from catalogue.records.models import STAGES

_OWNERS = frozenset(ROLES)
_WRITERS = frozenset({"contributor", "editor", "manager"})
_EDITORS = frozenset(EDITORS)
_MANAGER = frozenset({"manager"})
_REVIEWER = frozenset({"reviewer"})
_ADMINISTRATOR = frozenset({"administrator"})

_ALL = frozenset(STAGES)
_IN_REVIEW = frozenset({"submitted", "revision-submitted"})
_IN_WORK = frozenset({"draft", "returned", "revised", "revision-returned"})
_NEVER_PUBLIC = frozenset({"draft", "submitted", "returned"})
_WITHDRAWN = frozenset({"withdrawn"})
_PUBLIC = _ALL - _NEVER_PUBLIC - _WITHDRAWN
#: What a reviewer is shown: whatever was handed in once, not what is still being written.
_HANDED_IN = _ALL - {"draft", "revised"}


@dataclass(frozen=True)
class Rule:
    """Who may do one thing, and in which stages of a record.

    ``unreviewed`` rules let an organisation's own people publish; they hold only where the
    network asks for no review.
    """

    action: str
    roles: frozenset[str]
    stages: frozenset[str]
    unreviewed: bool = False


RULES: tuple[Rule, ...] = (
    Rule("view", _OWNERS | _ADMINISTRATOR, _ALL),
    Rule("view", _REVIEWER, _HANDED_IN),
    Rule("comment", _OWNERS | _ADMINISTRATOR, _ALL - _WITHDRAWN),
    Rule("comment", _REVIEWER, _HANDED_IN - _WITHDRAWN),
    Rule("edit", _WRITERS | _ADMINISTRATOR, _IN_WORK | {"published"}),
    Rule("submit", _EDITORS | _ADMINISTRATOR, _IN_WORK),
    Rule("recall", _EDITORS | _ADMINISTRATOR, _IN_REVIEW),
    Rule("return", _REVIEWER | _ADMINISTRATOR, _IN_REVIEW),
    Rule("publish", _REVIEWER | _ADMINISTRATOR, _IN_REVIEW),
    Rule("publish", _ADMINISTRATOR, _IN_WORK),
    Rule("publish", _EDITORS, _IN_WORK, unreviewed=True),
    Rule("discard", _EDITORS | _ADMINISTRATOR, frozenset({"revised", "revision-returned"})),
    Rule("delete", _EDITORS | _ADMINISTRATOR, frozenset({"draft", "returned"})),
    Rule("confirm", _EDITORS | _ADMINISTRATOR, _PUBLIC),
    Rule("withdraw", _MANAGER | _REVIEWER | _ADMINISTRATOR, _PUBLIC),
    Rule("restore", _REVIEWER | _ADMINISTRATOR, _WITHDRAWN),
    Rule("restore", _MANAGER, _WITHDRAWN, unreviewed=True),
    Rule("assign", _ADMINISTRATOR, _ALL),
)

#: The actions there are, in the order in which pages offer them.
ACTIONS: tuple[str, ...] = tuple(dict.fromkeys(rule.action for rule in RULES))

#: What one may do to an organisation, by its own roles or those over all.
_ORGANISATION: Mapping[str, frozenset[str]] = {
    "see": _OWNERS | _REVIEWER | _ADMINISTRATOR,
    "see inside": _OWNERS | _ADMINISTRATOR,
    "describe": _WRITERS | _ADMINISTRATOR,
    "release": _EDITORS | _ADMINISTRATOR,
    "manage": _MANAGER | _ADMINISTRATOR,
}
#: What one may do to the catalogue as a whole.
_CATALOGUE: Mapping[str, frozenset[str]] = {
    "review": _REVIEWER | _ADMINISTRATOR,
    "administer": _ADMINISTRATOR,
    "see waiting": _REVIEWER | _ADMINISTRATOR,
    "see policies": _ADMINISTRATOR,
    "harvest": _ADMINISTRATOR,
    "see harvest": _REVIEWER | _ADMINISTRATOR,
}


def may(
    viewer: Viewer, action: str, organisation: int | None, stage: str, *, reviewed: bool
) -> bool:
    """Whether somebody may do something with a record.

    ``organisation`` holds the record, ``stage`` is where it stands, ``reviewed`` whether the
    networks that list it ask for a review.
    """
    if viewer.reads_only and action != "view":
        return False
    roles = _roles_in(viewer, organisation)
    return any(
        rule.action == action
        and stage in rule.stages
        and roles & rule.roles
        and not (rule.unreviewed and reviewed)
        for rule in RULES
    )


def may_in(viewer: Viewer, action: str, organisation: int) -> bool:
    """Whether somebody may ``see`` (``inside``) one, ``describe`` or ``release`` for, or ``manage`` it."""
    if viewer.reads_only and not action.startswith("see"):
        return False
    return bool(_roles_in(viewer, organisation) & _ORGANISATION[action])


def may_over_all(viewer: Viewer, action: str) -> bool:
    """Whether somebody may ``review``, ``administer`` or ``harvest``, or ``see`` what those see."""
    if viewer.reads_only and not action.startswith("see"):
        return False
    return viewer.role in _CATALOGUE[action]


def _roles_in(viewer: Viewer, organisation: int | None) -> frozenset[str]:
    own = viewer.roles.get(organisation, "") if organisation is not None else ""
    return frozenset({own, viewer.role} - {""})
