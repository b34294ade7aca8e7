"""Today's grids as they were taken when a plan was begun: what is wrong with them, and how that would be mended."""

from wangge.access import Viewer
from wangge.base.problems import NotAllowed
from wangge.plans.models import Plan
from wangge.plans.queries.plans import content_by_plan, drawn_today, may_draft
from wangge.plans.queries.registers import outlines_for
from wangge.plans.rules.today import Today, looked_at


def today_of(viewer: Viewer, plan: Plan) -> Today:
    """For who may draft the plan. NotAllowed."""
    if not may_draft(viewer, plan.path):
        raise NotAllowed
    return today_as_it_is(plan)


def today_as_it_is(plan: Plan) -> Today:
    content = content_by_plan(plan)
    frame, dedicated = outlines_for(plan.path, list(content.communities))
    return looked_at(content, drawn_today(plan), frame, dedicated)
