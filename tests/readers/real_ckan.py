"""Harvests with ckanext-dcat itself; run by the Python of ``.venv-readers``, not by that of the tests.

Whatever reads here is unchanged code of ckan, ckanext-harvest and ckanext-dcat: the loop over
pages (``DCATRDFHarvester.gather_stage``), fetching (HEAD, then GET), parsing, the next page, the
profile ``euro_dcat_ap_3``, what is to be deleted.  CKAN wants PostgreSQL; this gives it the six
tables of a harvest in SQLite, in memory, and the two functions their constraints call.  What
comes after (``package_create``, the search index) is CKAN's own affair and is not run.

Usage: ``real_ckan.py <address of a feed> …``; prints one line of JSON for each: the packages,
what would be deleted now, and the errors.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import pylibmagic  # noqa: F401  brings the C library that CKAN wants to find

import ckan.model as model  # isort: skip
import sqlalchemy as sa
from ckan.model import meta
from ckanext.dcat.harvesters.rdf import DCATRDFHarvester
from ckanext.harvest.model import HarvestGatherError, HarvestJob, HarvestObject, HarvestSource
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles


@compiles(JSONB, "sqlite")
def _json(*_: object, **__: object) -> str:
    return "JSON"


def _functions_of_postgresql(connection: Any, _: object) -> None:
    connection.create_function("jsonb_typeof", 1, lambda _: "object", deterministic=True)
    connection.create_function("jsonb_path_exists", 2, lambda *_: 0, deterministic=True)


def open_ckan() -> None:
    """A database with the tables that a harvest needs."""
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    event.listen(engine, "connect", _functions_of_postgresql)
    model.init_model(engine)
    with engine.begin() as connection:
        for name, table in meta.metadata.tables.items():
            if name.startswith("harvest") or name == "package":
                connection.execute(sa.schema.CreateTable(table))


def harvest(address: str, number: int) -> dict[str, Any]:
    """One run over a source of its own."""
    source = HarvestSource(url=address, type="dcat_rdf", title=address)
    source.save()
    model.Session.add(model.Package(id=source.id, name=f"source-{number}", url=address))
    # A package of an earlier run that the feed does not list any more.
    gone = f"{address}#gone"
    job = HarvestJob(source=source)
    job.save()
    HarvestObject(guid=gone, job=job, source=source, current=True).save()
    model.Session.commit()
    run = HarvestJob(source=source)
    run.save()
    found = DCATRDFHarvester().gather_stage(run)
    objects = [model.Session.get(HarvestObject, one) for one in found]
    errors = model.Session.query(HarvestGatherError).filter_by(harvest_job_id=run.id)
    return {
        "address": address,
        "packages": [
            {"guid": one.guid, **json.loads(one.content)} for one in objects if one.content
        ],
        "deleted": [one.guid.replace(gone, "gone") for one in objects if not one.content],
        "errors": [error.message for error in errors],
    }


if __name__ == "__main__":
    open_ckan()
    for number, address in enumerate(sys.argv[1:]):
        print(json.dumps(harvest(address, number)), flush=True)
