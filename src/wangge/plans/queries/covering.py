"""What a division looks like on the ground, and what of the ground no grid of it would have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from wangge.access import Verb, Viewer
from wangge.base.problems import Invalid, NotAllowed, TooMany
from wangge.plans import lifecycle
from wangge.plans.models import Plan
from wangge.plans.queries.ground import ground_of
from wangge.plans.queries.plans import content_by_plan, drawn_today
from wangge.plans.queries.registers import outlines_for
from wangge.plans.rules.content import NONE, Content
from wangge.plans.rules.figures import figures_of
from wangge.plans.rules.ground import covered
from wangge.plans.rules.numbers import going_on_as
from wangge.plans.rules.outlines import Standing, outlines_of, standing_on
from wangge.plans.rules.problems import PlanStepNotPossible

Ints = NDArray[np.int64]

#: Whoever asks again while their own question is still being answered is told to wait so long.
_AGAIN_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Drawn:
    """`outlines` by label; `bare`: codes of grids of today in which no building is registered and that go on as they are, with their
    outlines `today`; `frame`: what is known of the communities'.
    """

    outlines: dict[int, dict[str, Any]]
    bare: list[str]
    today: Mapping[str, Any]
    frame: Mapping[str, Any]

    @property
    def all(self) -> list[Any]:
        """Of all grids that there would be."""
        return [*self.outlines.values(), *(self.today.get(code) for code in self.bare)]


def drawn_as(
    plan: Plan, content: Content, labels: Ints, going_on: Mapping[int, int], today: Mapping[str, Any]
) -> Drawn:
    """The outlines of a division; `going_on` says which grid of today each label goes on as, `today` are the outlines of these."""
    frame, dedicated = outlines_for(plan.path, list(content.communities))
    bare = sorted(set(content.bare) - {content.grids[place] for place in going_on.values()})
    outlines = outlines_of(content, labels, frame, dedicated, Standing(today, going_on, bare))
    return Drawn(outlines, bare, today, frame)


def covered_by(viewer: Viewer, plan: Plan, labels: Sequence[int]) -> dict[str, int]:
    """Streets and shops of a draft's area, and those that no grid would cover if it were kept with these labels; nothing where no street
    and no shop is known. It takes a second of 5,000 buildings, so one account has one answer at a time.

    NotAllowed, PlanStepNotPossible, Invalid, TooMany.
    """
    if not viewer.may(Verb.PLAN_DRAFT, plan.path):
        raise NotAllowed
    if plan.state != lifecycle.DRAFT:
        raise PlanStepNotPossible(state=plan.state)
    if len(labels) != len(plan.labels) or not all(NONE <= each < len(labels) for each in labels):
        raise Invalid(field="labels", expected=f"{len(plan.labels)} × -1 … {len(plan.labels) - 1}")
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_try_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"plans:covering {viewer.account_id}"],
        )
        if not cursor.fetchone()[0]:
            raise TooMany(seconds=_AGAIN_SECONDS)
    ground = ground_of(plan.ground_ids)
    if ground is None:
        return {}
    content, of = content_by_plan(plan), np.array(labels, np.int64)
    today = drawn_today(plan)
    figures = figures_of(content, of, low=plan.low, high=plan.high)
    going_on = going_on_as(content, of, figures, standing_on(content, today))
    drawing = drawn_as(plan, content, of, going_on, today)
    known = [each for each in drawing.frame.values() if each]
    return covered(content, ground, [each for each in drawing.all if each], frame=known)
