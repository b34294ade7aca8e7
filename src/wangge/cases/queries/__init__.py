"""Every read of cases. `moves` tells what the viewer may do next (`moves_for`); pages, counts and search stand beside it."""

from wangge.cases.queries.counts import queue_counts
from wangge.cases.queries.details import (
    CaseDetail,
    attachments_of,
    case_detail,
    nearby_cases,
    sees_attachment,
    waited,
    working_minutes_left,
)
from wangge.cases.queries.filters import QUEUES, CaseFilter, counties_below
from wangge.cases.queries.holders import handovers
from wangge.cases.queries.moves import moves_for, standing_of
from wangge.cases.queries.pages import CasePage, case_by_id, case_by_number, case_page, iterate_cases
from wangge.cases.queries.routing import (
    Routing,
    Unreached,
    rehearse_route,
    rehearse_route_at,
    routes_of,
    routing_check,
)

__all__ = [
    "QUEUES",
    "CaseDetail",
    "CaseFilter",
    "CasePage",
    "Routing",
    "Unreached",
    "attachments_of",
    "case_by_id",
    "case_by_number",
    "case_detail",
    "case_page",
    "counties_below",
    "handovers",
    "iterate_cases",
    "moves_for",
    "nearby_cases",
    "queue_counts",
    "rehearse_route",
    "rehearse_route_at",
    "routes_of",
    "routing_check",
    "sees_attachment",
    "standing_of",
    "waited",
    "working_minutes_left",
]
