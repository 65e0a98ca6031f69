"""The workspace: where those who look after records write, review and publish them."""

from __future__ import annotations

from catalogue.web.workspace import (  # noqa: F401 - each adds its pages to the blueprint
    audience,
    beginning,
    history,
    lists,
    overview,
    preview,
    review,
    steps,
)
from catalogue.web.workspace.frame import blueprint

__all__ = ["blueprint"]
