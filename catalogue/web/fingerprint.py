"""What OMOP datasets hold, for everybody: the sums over the network, and numbers to keep."""

from __future__ import annotations

from flask import Response

from catalogue.errors import NotFound
from catalogue.outcomes.fingerprint.network import LEAST_DATABASES, network
from catalogue.outcomes.fingerprint.store import KIND
from catalogue.web import fingerprints
from catalogue.web.current import catalogue, session
from catalogue.web.spreadsheets import as_csv
from catalogue.web.views import page, pages

blueprint = pages("fingerprint", __name__)


@blueprint.get("/network")
def sums() -> Response:
    """What all OMOP databases with a fingerprint hold together."""
    found = network(session)
    return page(
        "fingerprint/network.html",
        databases=found.databases,
        fingerprint=found.fingerprint,
        least=LEAST_DATABASES,
    )


@blueprint.get("/network.csv")
def sums_to_keep() -> Response:
    """The same as a table to keep."""
    found = network(session)
    said = fingerprints.lines(found.fingerprint) if found.fingerprint else ()
    return as_csv("network", fingerprints.COLUMNS, list(said))


@blueprint.get("/datasets/<slug:slug>/fingerprint.csv")
def one_to_keep(slug: str) -> Response:
    """The fingerprint of a dataset as a table to keep."""
    record = catalogue.records.by_slug(session, KIND, slug)
    released = fingerprints.of(record)
    if released is None:
        raise NotFound("Of this dataset no fingerprint was released.")
    lines = list(fingerprints.lines(released.fingerprint))
    return as_csv(f"fingerprint-{slug}", fingerprints.COLUMNS, lines)
