"""Fingerprints through the interface: read, upload, release, take back; and their sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response
from sqlalchemy import select

from catalogue.api.acting import Acting, Undone, personal, told
from catalogue.api.answers import absolute, answer
from catalogue.api.copies import moment
from catalogue.api.operations import PREFIX, Example, Operation, get
from catalogue.api.parameters import SLUG, flag, given, is_set
from catalogue.errors import NotFound
from catalogue.outcomes.fingerprint.models import Kept, Sum
from catalogue.outcomes.fingerprint.network import network
from catalogue.outcomes.fingerprint.reading import MOST_BYTES
from catalogue.outcomes.fingerprint.store import KIND
from catalogue.profile import Profile
from catalogue.records.models import PUBLISHED, Record
from catalogue.records.naming import names_of
from catalogue.web.current import catalogue, last_change, session
from catalogue.web.limits import count
from catalogue.web.paths import path_of

_RULE, _TAG = "/datasets/<slug:slug>/fingerprint", "Fingerprints"
_DRY = flag("dry_run", "`true` to be told what would be kept; nothing is.")


def _of_one(_: Profile) -> Sequence[Any]:
    return (SLUG,)


def _example() -> Sequence[Example]:
    """A dataset that has one, if there is any."""
    slug = session.scalar(
        select(Record.slug)
        .join(Kept, Kept.record_id == Record.id)
        .where(Kept.shown, Record.state == PUBLISHED)
        .order_by(Record.id)
        .limit(1)
    )
    return [Example("", path={"slug": slug})] if slug else []


@get(
    _RULE,
    Operation(
        "read_fingerprint",
        _TAG,
        "Read a fingerprint",
        "Fingerprint",
        _of_one,
        _example,
        missing=True,
        gone=True,
    ),
)
def read(slug: str) -> Response:
    """What an OMOP dataset holds: people by sex, age and year, domains, the commonest concepts.

    Every count is rounded up to the next hundred.
    """
    given(())
    record = catalogue.records.by_slug(session, KIND, slug)
    released = catalogue.fingerprints.of(session, record)
    if released is None:
        raise NotFound("Of this dataset no fingerprint was released.")
    base = catalogue.settings.public_address
    return answer(
        lambda: {
            **released.fingerprint,
            "dataset": names_of(record, base).absolute(record.iri),
            "released": moment(released.at),
            "links": {
                "self": absolute(f"{PREFIX}/{path_of(record)}/fingerprint"),
                "page": absolute(f"{path_of(record)}#fingerprint"),
                "csv": absolute(f"{path_of(record)}/fingerprint.csv"),
            },
        },
        "fingerprint",
        record.id,
        record.revision,
        released.at.isoformat(),
    )


@get("/network", Operation("read_network", _TAG, "Read the sums over all fingerprints", "Network"))
def sums() -> Response:
    """The sums over all released fingerprints of published datasets, each of three at least."""
    given(())
    people = session.get(Sum, ("persons", ""))
    state = (people.databases, people.number) if people else ()
    return answer(_sums, "network", last_change(), state)


def _sums() -> dict[str, Any]:
    found = network(session)
    return {
        "databases": found.databases,
        **found.fingerprint,
        "links": {
            "self": absolute(f"{PREFIX}/network"),
            "page": absolute("network"),
            "csv": absolute("network.csv"),
        },
    }


def _made(acting: Acting, slug: str) -> Mapping[str, Any]:
    """The fingerprint of a file, and the release that it was held against."""
    record = _record(acting, slug, "edit")
    count("fingerprint", acting.viewer.author)
    after = catalogue.fingerprints.release_of(acting.session, record)
    made = catalogue.fingerprints.made_of(acting.session, record, acting.said["content"])
    return {"made": made, "after": after}


@personal(
    _RULE,
    Operation(
        "upload_fingerprint",
        _TAG,
        "Upload a fingerprint",
        "FingerprintUpload",
        lambda profile: (SLUG, _DRY),
        lambda: [Example("", {"slug": "heart-failure"}, [("dry_run", "true")])],
        method="PUT",
        sends=("text/csv",),
        ahead=_made,
        most=MOST_BYTES,
        missing=True,
    ),
)
def upload(acting: Acting, slug: str) -> Response:
    """Make the fingerprint of an export of aggregates (CSV); it is a draft until it is released.

    The file is not kept, and no exact number of it.  Faulty rows are told by number, and then
    nothing is kept.
    """
    record = _record(acting, slug, "edit")
    fingerprints, made = catalogue.fingerprints, acting.said["made"]
    dry = is_set("dry_run", acting.asked)
    response = told(
        {
            "stored": not dry,
            "rows": made.rows,
            "unknown": list(made.unknown),
            "notes": list(made.notes),
            "fingerprint": made.fingerprint,
        }
    )
    if dry:
        raise Undone(response)
    fingerprints.keep(acting.session, acting.viewer, record, made.fingerprint, acting.said["after"])
    return response


@personal(
    f"{_RULE}/release",
    Operation(
        "release_fingerprint",
        _TAG,
        "Release a fingerprint",
        "FingerprintState",
        _of_one,
        lambda: [Example("", {"slug": "heart-failure"})],
        method="POST",
        missing=True,
    ),
)
def release(acting: Acting, slug: str) -> Response:
    """Let the world see the draft, as soon as the dataset is published."""
    record = _record(acting, slug, "view")
    return _state(catalogue.fingerprints.release(acting.session, acting.viewer, record))


@personal(
    _RULE,
    Operation(
        "take_fingerprint_back",
        _TAG,
        "Take a fingerprint back",
        "FingerprintState",
        _of_one,
        lambda: [Example("", {"slug": "heart-failure"})],
        method="DELETE",
        missing=True,
    ),
)
def take_back(acting: Acting, slug: str) -> Response:
    """Let the world no longer see the fingerprint; it leaves the sums at once."""
    record = _record(acting, slug, "view")
    return _state(catalogue.fingerprints.take_back(acting.session, acting.viewer, record))


def _record(acting: Acting, slug: str, action: str) -> Record:
    key = acting.session.scalar(select(Record.key).where(Record.kind == KIND, Record.slug == slug))
    if key is None:
        raise NotFound(f'There is no dataset "{slug[:80]}" that you look after.')
    return catalogue.workspace.open(acting.session, acting.viewer, KIND, key, action)


def _state(kept: Kept) -> Response:
    return told(
        {
            "released": moment(kept.released_at),
            "shown": kept.shown,
            "draft": kept.draft is not None,
        }
    )
