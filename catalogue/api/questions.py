"""Questions: every dataset held against typed criteria, for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response

from catalogue.api import cursors
from catalogue.api.answers import absolute, answer, with_query
from catalogue.api.operations import PREFIX, Example, Operation, get
from catalogue.api.parameters import PAGING, Parameter, given, refuse, size
from catalogue.outcomes.questions import LONGEST_TEXT, PATH, Question, among
from catalogue.outcomes.understanding import LONGEST_SENTENCE
from catalogue.profile import Profile
from catalogue.profile.criteria import CriterionKind
from catalogue.web.current import catalogue, session
from catalogue.web.fit import told

_OWN = ("size", "cursor")
_CRITERIA = "Criteria"
#: How far a program may page through the datasets; the file has more of them at once.
_FARTHEST = 10_000


def of_questions(profile: Profile) -> Sequence[Parameter]:
    """The parameters of a question: its criteria, and words."""
    return [
        *(_of_kind(kind) for kind in profile.criteria.values()),
        Parameter(
            "q",
            "Words that only put the datasets in order.",
            {"type": "string", "maxLength": LONGEST_TEXT},
        ),
        *PAGING,
    ]


def _of_kind(kind: CriterionKind) -> Parameter:
    if kind.vocabulary is not None:
        how = (
            f"Codes of the list “{kind.vocabulary.title}” (`{kind.vocabulary.name}`) with commas "
            "between, any of which is enough"
        )
    else:
        unit = f" in {kind.unit}" if kind.unit else ""
        how = f"A number{unit} or an interval: `5..`, `..12`, `2010..2020`"
    beside = f"; beside it `;{'`, `;'.join(f'{one}=' for one in kind.qualifiers)}`" * bool(
        kind.qualifiers
    )
    said = f"{kind.label}. {kind.note} {how}{beside}. Given again, it is another criterion."
    schema = {"type": "string", "maxLength": 1_000, "examples": [_example(kind)]}
    return Parameter(kind.name, said, schema, many=True, group=_CRITERIA)


def _example(kind: CriterionKind) -> str:
    """A value of a kind that can be asked for."""
    if kind.vocabulary is not None:
        return next(iter(among(kind, kind.vocabulary))).code
    return {"least": "5..", "most": "..12"}.get(kind.test, "18..65" if kind.unit else "2010..2020")


def _examples() -> Sequence[Example]:
    """A question with something to tell: of a list, and of a number."""
    kinds = catalogue.questions.kinds.values()
    lists = [kind for kind in kinds if kind.vocabulary is not None][:1]
    numbers = [kind for kind in kinds if kind.test == "least"][-1:]
    asked = [(kind.name, _example(kind)) for kind in (*lists, *numbers)]
    return [Example("A condition and a least number", query=(*asked, ("size", "2")))]


@get(
    "/questions",
    Operation(
        "hold_datasets_against_a_question",
        "Questions",
        "Hold every dataset against a question",
        "Fit",
        of_questions,
        _examples,
    ),
)
def questions() -> Response:
    """Every dataset held against typed criteria: met, not met, or not stated, with the evidence.

    Datasets come by how many criteria they meet, then by how many they leave open. Nothing is
    left out for what it does not state.
    """
    said = given(of_questions(catalogue.profile))
    question = catalogue.questions.parse(said, also=_OWN)
    many = size(said)
    parameters = catalogue.questions.parameters(question)
    place = cursors.read(("questions", parameters), dict(said).get("cursor", ""))
    offset = _offset(place)
    position = catalogue.facts.table(session).position
    return answer(
        lambda: _content(question, parameters, offset, many),
        *("questions", position, parameters, offset, many),
    )


def _offset(place: Sequence[Any] | None) -> int:
    if place is None:
        return 0
    if len(place) != 1 or not isinstance(place[0], int) or not 0 <= place[0] <= _FARTHEST:
        raise refuse("cursor", "This catalogue did not write it; begin without a cursor.")
    return place[0]


def _content(
    question: Question, parameters: list[tuple[str, str]], offset: int, many: int
) -> Mapping[str, Any]:
    fitted = catalogue.fitter.fit(session, question, offset, many)
    address = with_query(absolute(f"{PREFIX}/questions"), parameters)
    after = offset + many
    more = after < min(fitted.total, _FARTHEST)
    cursor = cursors.written(("questions", parameters), [after]) if more else ""
    return {
        "question": told.question(question),
        "counts": told.counts(fitted),
        "items": told.items(fitted),
        "next": with_query(address, [("size", str(many)), ("cursor", cursor)]) if more else None,
        "links": {
            "self": address,
            "page": absolute(catalogue.questions.address(question)),
            "csv": absolute(catalogue.questions.address(question, f"{PATH}.csv")),
            "json": absolute(catalogue.questions.address(question, f"{PATH}.json")),
        },
    }


_TEXT = Parameter(
    "text",
    "A question in words: conditions, outcomes, instruments, numbers, countries, access.",
    {"type": "string", "minLength": 1, "maxLength": LONGEST_SENTENCE},
    required=True,
)


@get(
    "/questions/understand",
    Operation(
        "understand_a_question",
        "Questions",
        "Understand a question in words",
        "Understood",
        lambda profile: (_TEXT,),
        lambda: [Example("", query=(("text", "AML, more than 1,000 patients, since 2010"),))],
    ),
)
def understand() -> Response:
    """What a sentence is taken to ask, piece by piece, to be confirmed before it is asked."""
    text = dict(given((_TEXT,))).get("text", "")
    if not text.strip():
        raise refuse("text", "Nothing is asked; write a sentence.")
    understood = catalogue.understanding.of(text)
    address = with_query(absolute(f"{PREFIX}/questions/understand"), [("text", text)])
    return answer(
        lambda: {
            "sentence": understood.sentence,
            "question": told.question(understood.question),
            "pieces": [
                {
                    "text": one.text,
                    "begin": one.begin,
                    "end": one.end,
                    "role": one.role,
                    "criterion": one.criterion,
                }
                for one in understood.pieces
            ],
            "left": understood.left,
            "choices": [
                {
                    "said": one.said,
                    "meanings": [
                        {
                            "label": each.label,
                            "list": each.list,
                            "sentence": each.sentence,
                            "taken": each.taken,
                        }
                        for each in one.meanings
                    ],
                }
                for one in understood.choices
            ],
            "notes": list(understood.notes),
            "links": {
                "self": address,
                "page": with_query(absolute("questions"), [("text", understood.sentence)]),
            },
        },
        "understand",
        text,
    )
