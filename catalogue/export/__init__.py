"""The addresses for machines: records, the catalogue in pages and whole, profile, health."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("export", __name__)

from catalogue.export import (  # noqa: E402, F401
    atom,
    catalogue,
    changes,
    citations,
    croissant,
    dumps,
    ema,
    fair_data_point,
    health,
    ldes,
    linkset,
    oai,
    profile,
    records,
    saved,
    sitemap,
    sparql,
)
