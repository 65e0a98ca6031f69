"""Harvesting for those who look after it: sources, their runs, and what came of each item."""

from __future__ import annotations

from catalogue.web.harvest import (  # noqa: F401 - each adds its pages to the blueprint
    form,
    items,
    leaving,
    runs,
    sources,
)
from catalogue.web.harvest.frame import blueprint

__all__ = ["blueprint"]
