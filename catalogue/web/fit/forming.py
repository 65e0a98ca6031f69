"""Adding a criterion and changing one: the form is sent here and leads back to the question."""

from __future__ import annotations

from flask import Response, redirect, request

from catalogue.errors import BadRequest
from catalogue.outcomes.questions import Question
from catalogue.web.current import catalogue
from catalogue.web.fit.asking import refused
from catalogue.web.fit.form import Form
from catalogue.web.fit.frame import address, blueprint
from catalogue.web.views import missing

#: The fields of the form beside the question itself.
_FIELDS = ("new", "place", "value", "low", "high")


@blueprint.get("/questions/criterion")
def criterion() -> Response:
    """A question with one more criterion, or with another one in a place."""
    questions = catalogue.questions
    said = request.args
    beside = [name for name in said if name.startswith("beside.")]
    question, _ = questions.read(said.items(multi=True), also=(*_FIELDS, *beside))
    kind = questions.kinds.get(said.get("new", ""))
    if kind is None:
        raise missing(f'There is no criterion "{said.get("new", "")[:80]}".')
    text = said.get("place", "")
    place = int(text[:4]) if text.isascii() and text.isdigit() else 0
    if place > len(question.criteria):
        place = 0
    form = Form(kind, place, {name: said.getlist(name) for name in (*_FIELDS, *beside)})
    written = form.written()
    if form.problems:
        return refused(question, BadRequest(form.problems), form)
    try:
        new = questions.criterion(kind.name, written)
        criteria = list(question.criteria)
        if place:
            criteria[place - 1] = new
        else:
            criteria.append(new)
        changed = Question(tuple(dict.fromkeys(criteria)), question.text)
        questions.parse(questions.parameters(changed))
    except BadRequest as error:
        return refused(question, error, form)
    return redirect(address(changed), 303)  # type: ignore[return-value]
