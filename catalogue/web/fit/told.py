"""What a question found, for programs: the same in the file and in the interface."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catalogue.outcomes.fit import Fitted, State
from catalogue.outcomes.questions import Criterion, Question
from catalogue.records.naming import names_of
from catalogue.vocabulary import Concept
from catalogue.web.current import absolute, catalogue
from catalogue.web.fit.table import rows


def question(asked: Question) -> dict[str, Any]:
    """A question with its address."""
    return {
        "address": absolute(catalogue.questions.address(asked)),
        "text": asked.text,
        "criteria": [criterion(one) for one in asked.criteria],
    }


def criterion(one: Criterion) -> dict[str, Any]:
    """A criterion: as it is written in addresses, in words, and in parts."""
    kind, low_high = catalogue.questions.kinds[one.kind], one.span
    return {
        "kind": one.kind,
        "label": kind.label,
        "written": catalogue.questions.written(one),
        "said": catalogue.wording.said(one),
        "values": [_concept(value) for value in one.values],
        "from": low_high[0] if low_high else None,
        "to": low_high[1] if low_high else None,
        "unit": kind.unit if one.span else "",
        "beside": {
            name: {"least": asked} if isinstance(asked, int | float) else _concepts(asked)
            for name, asked in one.qualifiers
        },
    }


def _concepts(values: Sequence[str]) -> dict[str, Any]:
    return {"values": [_concept(value) for value in values]}


def _concept(value: str) -> dict[str, str]:
    found: Concept | None = catalogue.vocabularies.concept(value)
    code = found.code if found else catalogue.vocabularies.code(value)
    return {"value": value, "code": code, "label": catalogue.vocabularies.label(value)}


def counts(fitted: Fitted) -> dict[str, Any]:
    """How many datasets meet how much."""
    return {
        "total": fitted.total,
        "full": fitted.full,
        "open": fitted.open,
        "groups": [
            {"met": met, "of": len(fitted.question.criteria), "count": count}
            for met, count in fitted.groups.items()
        ],
        "criteria": [
            {
                "met": states.get(State.MET, 0),
                "not_met": states.get(State.UNMET, 0),
                "not_stated": states.get(State.UNKNOWN, 0),
                "without": without,
            }
            for states, without in zip(fitted.states, fitted.without, strict=True)
        ],
    }


def items(fitted: Fitted) -> list[dict[str, Any]]:
    """The datasets of a part, best first, with what each states about each criterion."""
    found = []
    for row in rows(fitted.question, fitted.fits):
        names = names_of(row.record, catalogue.settings.public_address)
        found.append(
            {
                "id": names.absolute(row.record.iri),
                "title": row.summary.title.text,
                "page": absolute(row.summary.path),
                "met": row.fit.met,
                "not_stated": row.fit.unknown,
                "verdicts": [
                    {
                        "state": cell.state.value,
                        "said": cell.verdict.said,
                        "field": ".".join(cell.verdict.path),
                        "page": absolute(cell.page),
                        "ask": absolute(cell.ask) if cell.state is State.UNKNOWN else None,
                    }
                    for cell in row.cells
                ],
            }
        )
    return found
