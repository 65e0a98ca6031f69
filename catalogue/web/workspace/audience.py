"""Who may see what of a record, field by field, and whether its holder is named."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from catalogue.profile import Property
from catalogue.records.models import Record
from catalogue.records.visibility import RESTRICTED, WITHHELD
from catalogue.web.current import catalogue, viewer
from catalogue.web.workspace.frame import blueprint, opened, record_page


@blueprint.get("/workspace/<kind>/<key>/audience")
def audience(kind: str, key: str) -> Response:
    """Who sees which field, and whether the holder is named."""
    record = opened(kind, key)
    shape = catalogue.records.shape(kind)
    return record_page(
        "workspace/audience.html",
        record,
        fields=_restrictable(record),
        said={one["field"]: one["audience"] for one in record.working_copy.get(RESTRICTED, ())},
        audiences=catalogue.vocabularies["audience"].concepts.values(),
        withheld=record.working_copy.get(WITHHELD),
        can_withhold=WITHHELD in shape.properties,
        hidden_with_holder=[one.label for one in shape.stored if one.visibility == "holder"],
    )


@blueprint.post("/workspace/<kind>/<key>/audience")
def set_audience(kind: str, key: str) -> AnyResponse:
    """Say who sees which field; what must be public stays so.

    A wish about a field that says nothing just now is kept for when it does.  A box that is
    not ticked says nothing: nobody asked whether the holder wants to be named.
    """
    with catalogue.database.write() as writing:
        record = catalogue.workspace.open(
            writing, viewer, kind, key, "edit", etag=request.form.get("etag", "")
        )
        asked = {one.name for one in _restrictable(record)}
        document = dict(record.working_copy)
        document[RESTRICTED] = [
            *(one for one in document.get(RESTRICTED, ()) if one["field"] not in asked),
            *(
                {"field": name, "audience": chosen}
                for name in sorted(asked)
                if (chosen := request.form.get(f"audience-{name}", ""))
            ),
        ]
        document.pop(WITHHELD, None)
        if WITHHELD in catalogue.records.shape(kind).properties and WITHHELD in request.form:
            document[WITHHELD] = True
        catalogue.workspace.save(writing, viewer, record, document, note="Who may see what")
    flash("Saved. It holds for the world once it is published.")
    return redirect(url_for("workspace.audience", kind=kind, key=key), 303)


def _restrictable(record: Record) -> Sequence[Property]:
    """The fields with something to see that need not be public."""
    shape, document = catalogue.records.shape(record.kind), record.working_copy
    if RESTRICTED not in shape.properties:
        return ()
    return [
        one
        for group in shape.groups.values()
        for one in group
        if one.visibility in ("public", "holder")
        and one.tier != "automatic"
        and one.name != WITHHELD
        and one.values(document)
        and one.obligation_in(document, catalogue.profile) != "mandatory"
    ]
