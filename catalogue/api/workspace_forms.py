"""The forms of the workspace: what is sent there, and what is answered."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from catalogue.api.bodies import body
from catalogue.api.forms import (
    BrokenRule,
    addresses,
    form,
    many,
    next_,
    number,
    part,
    text,
    total,
    url,
    yes_no,
)
from catalogue.records.models import STAGES
from catalogue.records.permissions import ACTIONS
from catalogue.web.paths import PATHS

#: The most items of a bulk request.
MOST_ITEMS = 1_000
_LONGEST_NOTE = 2_000


def _document(said: str) -> fields.Dict:
    return fields.Dict(metadata={"description": said})


def _note(said: str) -> fields.String:
    return text(said, validate=validate.Length(max=_LONGEST_NOTE))


def _moment(said: str, **more: object) -> fields.String:
    return text(said, **more)


def _stage() -> fields.String:
    return text("Where it stands as a whole.", validate=validate.OneOf(STAGES))


# sent -------------------------------------------------------------------------------

NewRecord = body(
    "NewRecord",
    "A record to begin.",
    ("key", "note"),
    organisation=text("The key of the organisation that looks after it."),
    document=_document(
        "What it says so far: anything well typed. Codes and labels of concepts do."
    ),
    key=text(
        "The key that is to be in its lasting address: lower case letters, digits and hyphens. "
        "A random one, unless given.",
        validate=validate.Length(min=1, max=64),
    ),
    note=_note("What to say of it in the history."),
)
Replacement = body(
    "Replacement",
    "The working copy as it is to be.",
    ("note",),
    document=_document("The whole of it: what is not there is taken out."),
    note=_note("What to say of the change in the history."),
)
Patch = body(
    "Patch",
    "What is to be another in the working copy (JSON Merge Patch, RFC 7396).",
    ("note",),
    document=_document(
        "The members to set; null takes one out, an object changes the members it names, a list "
        "takes the place of the whole list."
    ),
    note=_note("What to say of the change in the history."),
)
Step = body(
    "Step",
    "What to say of a step.",
    ("note",),
    note=_note("For those who look after the record; `return` and `withdraw` ask for it."),
)
NewComment = body(
    "NewComment",
    "Something to say.",
    ("field",),
    field=text("The property it is about; the whole record, unless given."),
    text=text("What to say.", validate=validate.Length(min=1, max=_LONGEST_NOTE)),
)
BulkItem = body(
    "BulkItem",
    "One record to begin or to change.",
    ("organisation", "step", "etag"),
    kind=text("The kind of record.", validate=validate.OneOf(list(PATHS))),
    key=text(
        "Its key; a record with another key is another record.",
        validate=validate.Length(min=1, max=64),
    ),
    organisation=text("The key of the organisation that looks after a new record."),
    document=_document(
        "The whole of what it says. What the profile begins a record with is added where nothing "
        "is said; null keeps it out."
    ),
    step=text("A step to take with it then."),
    etag=text("The state that the change is meant for; whatever state there is, unless given."),
)
Bulk = body(
    "Bulk",
    "Many records to begin or to change.",
    ("note",),
    items=fields.List(
        fields.Nested(BulkItem),
        metadata={
            "description": "In the order in which it is done: what others refer to comes first."
        },
        validate=validate.Length(min=1, max=MOST_ITEMS),
    ),
    note=_note("What to say of them in their histories."),
)
NewPolicy = body(
    "NewPolicy",
    "Whether what a network lists is reviewed.",
    catalogue=text("The network: the reference of a catalogue, such as `id/catalogue/network`."),
    review=fields.Boolean(
        truthy={True},
        falsy={False},
        metadata={"description": "Whether a reviewer looks before anything is published."},
    ),
)

# answered ---------------------------------------------------------------------------

Person = form(
    "Person",
    "Who did something.",
    id=text("The lasting name, such as `user:7`; empty for nobody in particular."),
    name=text("What the person is called now."),
)
Holder = form(
    "Holder",
    "The organisation that looks after a record.",
    key=text("Its key."),
    name=text("Its name."),
)
_record = {
    "kind": text("The kind of record."),
    "key": text("The key, which never changes."),
    "iri": text("The lasting name."),
    "title": text("Its title; empty as long as it has none."),
    "stage": _stage(),
    "organisation": part(Holder, "Who looks after it; null for nobody.", allow_none=True),
    "touched": _moment("When it was last worked on."),
    "links": addresses,
}
WorkspaceItem = form(
    "WorkspaceItem",
    "A record in a list of the workspace.",
    **_record,
    author=part(Person, "Who worked on it last."),
    open_comments=number("How many comments wait for an answer."),
)
WorkspaceItems = form(
    "WorkspaceItems",
    "The records somebody looks after, or that wait for a review; last touched first.",
    total=total,
    items=many(WorkspaceItem, "Those of this part."),
    next=next_,
    links=addresses,
)
Problems = form(
    "Problems",
    "Everything to be said against a description, by how grave it is.",
    violation=many(BrokenRule, "What keeps it from being published."),
    warning=many(BrokenRule, "What is recommended."),
    ehds=many(BrokenRule, "What the European Health Data Space asks for."),
    quality=many(BrokenRule, "Our own advice."),
)
WorkingCopy = form(
    "WorkingCopy",
    "What the editors of a record have before them.",
    **_record,
    slug=text("The readable part of the address of its page, once it is published."),
    review=text("Where the working copy is on its way: empty, `submitted` or `returned`."),
    reviewed=yes_no("Whether its network asks for a review before it is published."),
    revision=number("The number of its last revision."),
    etag=text("The state, as `If-Match` takes it, without the quotes."),
    created=_moment("When it was begun."),
    issued=_moment("When it was first published; null if it never was.", allow_none=True),
    modified=_moment("When what the world sees of it last changed."),
    document=_document("The working copy; what is published, where there is none."),
    actions=many(fields.String(validate=validate.OneOf(ACTIONS)), "What you may do with it now."),
    problems=part(Problems, "What is wrong with the working copy."),
)
Check = form(
    "Check",
    "Whether a working copy could be published.",
    ready=yes_no("Whether nothing keeps it from being published."),
    problems=part(Problems, "What is wrong with it."),
    links=addresses,
)
_revision = {
    "number": number("Its number; drafts count too."),
    "action": text("What was done."),
    "state": text("What the record was then: draft, published or withdrawn."),
    "author": part(Person, "Who did it."),
    "at": _moment("When."),
    "note": text("What was said of it."),
    "links": addresses,
}
RevisionItem = form("RevisionItem", "One step in the life of a record.", **_revision)
History = form(
    "History",
    "What happened to a record, the newest first.",
    items=many(RevisionItem, "The steps of this part."),
    next=next_,
    links=addresses,
)
Revision = form(
    "Revision",
    "One step in the life of a record, with what the record said then.",
    **_revision,
    document=_document("What its editors had before them then."),
)


class FieldDifference(Schema):
    """The differences inside parts are differences again."""

    field = text("The property.", required=True)
    label = text("What people call it.", required=True)
    before = fields.List(
        fields.Raw(), required=True, metadata={"description": "The values that went."}
    )
    after = fields.List(
        fields.Raw(), required=True, metadata={"description": "The values that came."}
    )
    parts = fields.List(
        fields.Nested(lambda: PartDifference()),
        required=True,
        metadata={"description": "The parts that stayed and say something else."},
    )
    reason_before = text("The reason that stood in place of a value.", required=True)
    reason_after = text("The reason that stands there now.", required=True)

    class Meta:
        """How the document tells of it."""

        description = "One property that says something else."
        register = False


class PartDifference(Schema):
    """A part that says something else."""

    part = text("Its name within the record.", required=True)
    differences = fields.List(
        fields.Nested(FieldDifference),
        required=True,
        metadata={"description": "What differs in it."},
    )

    class Meta:
        """How the document tells of it."""

        description = "A part that says something else."
        register = False


Differences = form(
    "Differences",
    "What a revision changed, field by field.",
    number=number("The revision."),
    before=number("The revision it is compared with; null for the first.", allow_none=True),
    items=many(FieldDifference, "The properties that say something else, as the form orders them."),
    links=addresses,
)
Comment = form(
    "Comment",
    "What somebody said of a record.",
    id=number("Its number."),
    field=text("The property it is about; empty for the whole."),
    text=text("What was said."),
    author=part(Person, "Who said it."),
    at=_moment("When."),
    resolved=_moment("When it was dealt with; null as long as it is open.", allow_none=True),
    resolved_by=part(Person, "Who said so; null as long as it is open.", allow_none=True),
)
Comments = form(
    "Comments",
    "The comments on a record, the oldest first.",
    items=many(Comment, "Those of this part."),
    next=next_,
    links=addresses,
)
BulkOutcome = form(
    "BulkOutcome",
    "What became of one item.",
    Schema,
    ("etag", "revision", "stage", "problems", "url"),
    position=number("Where the item stood, from 0."),
    kind=text("The kind of record."),
    key=text("Its key."),
    outcome=text(
        "What was done with it.",
        validate=validate.OneOf(["created", "updated", "unchanged", "refused"]),
    ),
    revision=number("The number of its last revision."),
    etag=text("Its state now."),
    stage=_stage(),
    url=url("The record here."),
    problems=many(BrokenRule, "Why it was refused."),
)
BulkAnswer = form(
    "BulkAnswer",
    "What became of many records.",
    written=yes_no("Whether anything was written: not so in a dry run."),
    created=number("How many were begun."),
    updated=number("How many say something else now."),
    unchanged=number("How many said that already."),
    refused=number("How many were refused."),
    items=many(BulkOutcome, "What became of each, in their order."),
)
NetworkPolicy = form(
    "NetworkPolicy",
    "Whether what a network lists is reviewed.",
    catalogue=text("The reference of the network."),
    review=yes_no("Whether a reviewer looks before anything is published."),
)
Policies = form(
    "Policies",
    "What networks say of reviews.",
    default=yes_no("Whether a record is reviewed of which no network says so."),
    items=many(NetworkPolicy, "The networks that say so, by reference."),
)
ANSWERS = (
    WorkspaceItems,
    WorkingCopy,
    Check,
    History,
    Revision,
    Differences,
    Comment,
    Comments,
    BulkAnswer,
    NetworkPolicy,
    Policies,
)
