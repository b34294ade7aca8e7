"""Every read of cases. `moves` tells what the viewer may do next (`moves_for`); pages, counts and search stand beside it."""

from wangge.cases.queries.counts import queue_counts
from wangge.cases.queries.details import (
    CaseDetail,
    attachments_of,
    case_detail,
    sees_attachment,
    waited,
    working_minutes_left,
)
from wangge.cases.queries.filters import QUEUES, CaseFilter, counties_below
from wangge.cases.queries.handing import Handing, Waiting, cases_elsewhere, handing_of, work_of
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
from wangge.cases.queries.similar import Similar, nearby_cases, similar_cases
from wangge.cases.queries.views import sharing_place, views

__all__ = [
    "QUEUES",
    "CaseDetail",
    "CaseFilter",
    "CasePage",
    "Handing",
    "Routing",
    "Similar",
    "Unreached",
    "Waiting",
    "attachments_of",
    "case_by_id",
    "case_by_number",
    "case_detail",
    "case_page",
    "cases_elsewhere",
    "counties_below",
    "handing_of",
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
    "sharing_place",
    "similar_cases",
    "standing_of",
    "views",
    "waited",
    "work_of",
    "working_minutes_left",
]
