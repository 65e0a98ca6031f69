"""The fingerprint of a dataset in the workspace: look at a file, keep it, release it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask import Response, flash, request, url_for
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from catalogue.accounts.viewer import Viewer
from catalogue.errors import BadRequest, CatalogueError, Invalid, NotFound, Problem
from catalogue.outcomes.fingerprint.making import Made
from catalogue.outcomes.fingerprint.models import Kept
from catalogue.outcomes.fingerprint.reading import MOST_BYTES, too_large
from catalogue.outcomes.fingerprint.store import KIND, Fingerprints
from catalogue.outcomes.fingerprint.suggesting import Suggestion, suggestions
from catalogue.records.damage import spared
from catalogue.records.models import Record
from catalogue.web.current import catalogue, session, viewer
from catalogue.web.limits import count
from catalogue.web.posted import go, said
from catalogue.web.workspace.frame import blueprint, opened, record_page

_RULE = "/workspace/<kind>/<key>/fingerprint"
#: How long what was looked at can be kept without reading the file again, in seconds.
_KEEPS = 4 * 3600
#: What a form may hold beside the file.
_BESIDE = 100_000


@dataclass(frozen=True)
class _Act:
    """What one must be allowed to do with the record, what is done, and how that is told."""

    action: str
    do: Callable[[Fingerprints, Session, Viewer, Record], object]
    done: str


_ACTS: Mapping[str, _Act] = {
    "release": _Act(
        "view", Fingerprints.release, "Released. Everybody sees it while the dataset is published."
    ),
    "take-back": _Act(
        "view", Fingerprints.take_back, "Taken back. It is on no page and in no sum any more."
    ),
    "drop": _Act("edit", Fingerprints.discard, "The draft was dropped."),
}


@blueprint.get(_RULE)
def fingerprint(kind: str, key: str) -> Response:
    """What is kept of a dataset's fingerprint, and where a file is uploaded."""
    return _page(_dataset(kind, key))


@blueprint.post(_RULE)
def look_at_fingerprint(kind: str, key: str) -> Response:
    """Read a file and show what would be kept of it; nothing is yet."""
    record = _dataset(kind, key, "edit")
    count("fingerprint", viewer.author)
    try:
        made = catalogue.fingerprints.made_of(session, record, _file())
    except CatalogueError as error:
        return _page(record, error)
    after = catalogue.fingerprints.release_of(session, record)
    token = _signer().dumps([record.key, viewer.user, after, made.fingerprint])
    return _page(record, made=made, token=token)


@blueprint.post(f"{_RULE}/keep")
def keep_fingerprint(kind: str, key: str) -> AnyResponse:
    """Keep what was looked at, as a draft."""
    try:
        of, user, after, made = _signer().loads(said("fingerprint"), max_age=_KEEPS)
    except (BadData, ValueError, TypeError):
        raise BadRequest(
            "What was looked at cannot be kept any more. Choose the file once more."
        ) from None
    if (of, user) != (key, viewer.user):
        raise BadRequest("This was looked at for another dataset. Choose the file once more.")
    return _done(
        kind,
        key,
        "edit",
        lambda writing, record: catalogue.fingerprints.keep(writing, viewer, record, made, after),
        "Kept as a draft. Only those who look after the dataset see it, until it is released.",
    )


@blueprint.post(f"{_RULE}/<any({','.join(map(repr, _ACTS))}):act>")
def act_on_fingerprint(kind: str, key: str, act: str) -> AnyResponse:
    """Let the world see the draft, or no longer see what was released; or drop the draft."""
    chosen = _ACTS[act]
    return _done(
        kind,
        key,
        chosen.action,
        lambda writing, record: chosen.do(catalogue.fingerprints, writing, viewer, record),
        chosen.done,
    )


@blueprint.post(f"{_RULE}/take-over")
def take_over_from_fingerprint(kind: str, key: str) -> AnyResponse:
    """Write the values that somebody confirmed into the working copy."""
    chosen = set(request.form.getlist("field"))
    try:
        with catalogue.database.write() as writing:
            record = catalogue.workspace.open(
                writing, viewer, _only(kind), key, "edit", etag=said("etag")
            )
            kept = catalogue.fingerprints.kept(writing, record)
            found = [one for one in _suggested(record, kept) if one.name in chosen]
            if not found:
                raise Invalid("Tick the values that are right; nothing was changed.")
            document = {**record.working_copy, **{one.name: one.value for one in found}}
            catalogue.workspace.save(
                writing, viewer, record, document, note="Confirmed from the fingerprint"
            )
    except CatalogueError as error:
        return _page(_dataset(kind, key), error)
    labels = ", ".join(one.field.label for one in found)
    flash(f"Written into the working copy: {labels}.")
    return go(url_for("workspace.fingerprint", kind=kind, key=key))


def _done(
    kind: str, key: str, action: str, do: Callable[[Session, Record], object], words: str
) -> AnyResponse:
    try:
        with catalogue.changing() as writing:
            do(writing, catalogue.workspace.open(writing, viewer, _only(kind), key, action))
    except CatalogueError as error:
        return _page(_dataset(kind, key), error)
    flash(words)
    return go(url_for("workspace.fingerprint", kind=kind, key=key))


def _page(
    record: Record, error: CatalogueError | None = None, made: Made | None = None, token: str = ""
) -> Response:
    kept = catalogue.fingerprints.kept(session, record)
    problems = list(getattr(error, "problems", [])) or ([Problem((), str(error))] if error else [])
    return record_page(
        "workspace/fingerprint.html",
        record,
        error.status if error else 200,
        kept=kept,
        made=made,
        token=token,
        problems=problems,
        suggested=_suggested(record, kept),
        may_release=catalogue.fingerprints.may_release(viewer, record),
        most=MOST_BYTES // 1_000_000,
        least=catalogue.fingerprints.minimum,
    )


def _suggested(record: Record, kept: Kept | None) -> Sequence[Suggestion]:
    """What the newest fingerprint suggests for the working copy."""
    newest = (kept.draft or kept.released) if kept else None
    if not newest:
        return ()
    shape = catalogue.records.shape(record.kind)
    return spared(record, lambda: suggestions(shape, record.working_copy, newest)) or ()


def _file() -> bytes:
    """The file that was sent; it is read within bounds and never written anywhere."""
    request.max_content_length = MOST_BYTES + _BESIDE
    try:
        file = request.files.get("file")
    except RequestEntityTooLarge:
        raise too_large() from None
    if file is None or not file.filename:
        raise BadRequest("Choose the CSV file that the export tool wrote.")
    return bytes(file.read(MOST_BYTES + 1))


def _only(kind: str) -> str:
    if kind != KIND:
        raise NotFound("Only datasets have a fingerprint.")
    return kind


def _dataset(kind: str, key: str, action: str = "view") -> Record:
    return opened(_only(kind), key, action)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(catalogue.settings.signing_key(), salt="fingerprint")
