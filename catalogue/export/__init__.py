"""The addresses for machines: records, the catalogue in pages and whole, profile, health."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("export", __name__)

from catalogue.export import atom, catalogue, health, oai, profile, records, sitemap  # noqa: E402, F401
