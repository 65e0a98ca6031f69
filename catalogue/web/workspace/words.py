"""What pages of the workspace say of tiers, lists, stages and steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: What each tier gains those who fill it in; what the tiers are called is in ``profile/form.py``.
GAINS: Mapping[str, str] = {
    "minimum": "What it takes to be found: a few minutes.",
    "compliant": "What the European Health Data Space asks of a holder.",
    "outcome-rich": "What researchers ask before they write to you.",
}
#: How the lists of records are called, all of them first.
LISTS: Mapping[str, str] = {
    "": "All",
    "draft": "Drafts",
    "in-review": "In review",
    "returned": "Changes requested",
    "published": "Published",
    "withdrawn": "Withdrawn",
}
#: How a stage is called.
STAGES: Mapping[str, str] = {
    "draft": "Draft",
    "submitted": "In review",
    "returned": "Changes requested",
    "published": "Published",
    "revised": "Published, with changes not yet published",
    "revision-submitted": "Published, changes in review",
    "revision-returned": "Published, changes sent back",
    "withdrawn": "Withdrawn",
}


@dataclass(frozen=True)
class StepWords:
    """How a step is offered, what it does, and how it is told once it is done."""

    button: str
    does: str
    done: str


STEPS: Mapping[str, StepWords] = {
    "submit": StepWords(
        "Submit for review",
        "A reviewer reads it and publishes it or asks for changes. You will get a mail.",
        "Submitted. A reviewer will read it; you will get a mail.",
    ),
    "publish": StepWords(
        "Publish", "From now on everybody can find and read it.", "Published. Everybody can see it."
    ),
    "return": StepWords(
        "Ask for changes",
        "It goes back to its editors, with your comments.",
        "Sent back to its editors.",
    ),
    "recall": StepWords(
        "Recall from review", "You can edit it again.", "Recalled. You can go on editing."
    ),
    "discard": StepWords(
        "Drop the changes",
        "The published description stays as it is. What you changed stays in the history.",
        "Dropped. The published description is as it was.",
    ),
    "withdraw": StepWords(
        "Withdraw",
        "Nobody finds it any longer; its address says that it was withdrawn. It can be restored.",
        "Withdrawn. Its address now says so.",
    ),
    "restore": StepWords(
        "Restore", "It is published again as it was.", "Restored. Everybody can see it again."
    ),
}
