"""The forms of accounts: who somebody is, tokens, organisations and who belongs to them."""

from __future__ import annotations

from marshmallow import fields, validate

from catalogue.accounts.models import LONGEST_EMAIL, LONGEST_NAME
from catalogue.accounts.tokens import LONGEST_LIFE
from catalogue.accounts.viewer import ROLES, ROLES_OVER_ALL
from catalogue.api.bodies import body
from catalogue.api.forms import addresses, form, many, number, text, yes_no

_role = text("What a member is.", validate=validate.OneOf(ROLES))

# sent -------------------------------------------------------------------------------

NewToken = body(
    "NewToken",
    "A token to make.",
    ("days", "reads_only"),
    name=text("What will use it.", validate=validate.Length(min=1, max=LONGEST_NAME)),
    days=fields.Integer(
        strict=True,
        allow_none=True,
        validate=validate.Range(min=1, max=LONGEST_LIFE),
        metadata={"description": "How many days it lasts; until it is revoked, unless given."},
    ),
    reads_only=fields.Boolean(
        truthy={True}, falsy={False}, metadata={"description": "Whether it only reads."}
    ),
)
NewInvitation = body(
    "NewInvitation",
    "Somebody to invite.",
    email=text("The e-mail address.", validate=validate.Length(min=1, max=LONGEST_EMAIL)),
    role=_role,
)
NewRole = body("NewRole", "What a member is to be.", role=_role)

# answered ---------------------------------------------------------------------------

Organisation = form(
    "Membership",
    "An organisation, and what you are there.",
    key=text("Its key, as `POST /workspace/…` takes it."),
    name=text("Its name."),
    role=text("What you are there; empty if you do not belong to it."),
    agent=text("The reference of the record about it; empty if there is none."),
    links=addresses,
)
Organisations = form(
    "Memberships",
    "The organisations you belong to.",
    items=many(Organisation, "By name."),
    links=addresses,
)
Account = form(
    "Account",
    "Who you are.",
    id=number("The number of the account."),
    name=text("What you are called."),
    email=text("Your e-mail address."),
    role=text(
        "What you are over all organisations; empty for most people.",
        validate=validate.OneOf(["", *ROLES_OVER_ALL]),
    ),
    reads_only=yes_no("Whether the token you use only reads."),
    organisations=many(Organisation, "The organisations you belong to."),
    links=addresses,
)
_token = {
    "id": number("Its number, by which it is revoked."),
    "name": text("What uses it."),
    "ending": text("Its last letters, to tell it from others."),
    "reads_only": yes_no("Whether it only reads."),
    "created": text("When it was made."),
    "expires": text("When it ends; null for one that lasts.", allow_none=True),
    "used": text("When it was last used; null if it never was.", allow_none=True),
}
Token = form("Token", "A token, but for its text.", **_token)
Tokens = form("Tokens", "Your tokens.", items=many(Token, "The newest first."))
MadeToken = form(
    "MadeToken",
    "A token that was just made.",
    **_token,
    token=text(
        "Its text. It is shown now and never again: null where the answer is repeated.",
        allow_none=True,
    ),
)
Member = form(
    "Member",
    "Somebody who belongs to an organisation.",
    user=number("The number of the account."),
    name=text("What the person is called."),
    email=text("The e-mail address; empty for those who may not know it."),
    role=_role,
)
Members = form("Members", "Who belongs to an organisation.", items=many(Member, "By name."))
Invitation = form(
    "Invitation",
    "Somebody who was asked and has not answered.",
    id=number("Its number."),
    email=text("The address it went to."),
    role=_role,
    at=text("When it was sent."),
    expires=text("When it ends."),
)
Invitations = form(
    "Invitations", "Who was asked and has not answered.", items=many(Invitation, "The last first.")
)
ANSWERS = (
    Account,
    Tokens,
    MadeToken,
    Organisations,
    Member,
    Members,
    Invitation,
    Invitations,
)
