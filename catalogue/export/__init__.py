"""The addresses for machines: records, the catalogue in pages and whole, profile, health."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("export", __name__)

from catalogue.export import (  # noqa: E402
    catalogue,  # noqa: F401
    health,  # noqa: F401
    profile,  # noqa: F401
    records,  # noqa: F401
    sitemap,  # noqa: F401
    sparql,  # noqa: F401
)
