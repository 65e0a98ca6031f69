"""The workspace: where those who look after records write, review and publish them."""

from __future__ import annotations

from catalogue.web.workspace import (  # noqa: F401 - each adds its pages to the blueprint
    audience,
    beginning,
    completeness,
    dashboard,
    dictionary,
    fingerprint,
    history,
    lists,
    overview,
    preview,
    questions,
    review,
    steps,
    upkeep,
)
from catalogue.web.workspace.frame import blueprint

__all__ = ["blueprint"]
