"""Every read of cases. `moves` tells what the viewer may do next (`moves_for`); pages, counts and search stand beside it."""

from wangge.cases.queries.counts import in_hands, queue_counts, shared_counts
from wangge.cases.queries.details import (
    CaseDetail,
    Relatives,
    attachments_of,
    case_detail,
    relatives_of,
    sees_attachment,
    waited,
    working_minutes_left,
)
from wangge.cases.queries.disputes import (
    MEDIATION_QUEUES,
    CaseMediation,
    MediationFigure,
    MediationFile,
    MediationFilter,
    MediationPage,
    check_reads_mediations,
    committees,
    mediation_counts,
    mediation_figures,
    mediation_file,
    mediation_of_case,
    mediation_page,
    mediators_for,
)
from wangge.cases.queries.filters import QUEUES, CaseFilter, counties_below
from wangge.cases.queries.handing import Handing, Waiting, cases_elsewhere, handing_of, work_of
from wangge.cases.queries.holders import handovers
from wangge.cases.queries.live import CaseNow, cases_now, seen_among
from wangge.cases.queries.moves import moves_for, standing_of, who_may
from wangge.cases.queries.notes import may_write_note, notes_of
from wangge.cases.queries.pages import (
    CasePage,
    case_by_id,
    case_by_number,
    case_page,
    cases_by_id,
    fitting_cases,
    iterate_cases,
)
from wangge.cases.queries.people import Awaited, People, Person, awaited, people_on
from wangge.cases.queries.places import FoundPlace, places_named
from wangge.cases.queries.prospects import Prospect, prospect
from wangge.cases.queries.routing import (
    Routing,
    Unreached,
    rehearse_route,
    rehearse_route_at,
    routes_of,
    routing_check,
)
from wangge.cases.queries.similar import Similar, nearby_cases, similar_cases
from wangge.cases.queries.texts import text_by_id, texts_for, texts_of
from wangge.cases.queries.views import sharing_place, views

__all__ = [
    "MEDIATION_QUEUES",
    "QUEUES",
    "Awaited",
    "CaseDetail",
    "CaseFilter",
    "CaseMediation",
    "CaseNow",
    "CasePage",
    "FoundPlace",
    "Handing",
    "MediationFigure",
    "MediationFile",
    "MediationFilter",
    "MediationPage",
    "People",
    "Person",
    "Prospect",
    "Relatives",
    "Routing",
    "Similar",
    "Unreached",
    "Waiting",
    "attachments_of",
    "awaited",
    "case_by_id",
    "case_by_number",
    "case_detail",
    "case_page",
    "cases_by_id",
    "cases_elsewhere",
    "cases_now",
    "check_reads_mediations",
    "committees",
    "counties_below",
    "fitting_cases",
    "handing_of",
    "handovers",
    "in_hands",
    "iterate_cases",
    "may_write_note",
    "mediation_counts",
    "mediation_figures",
    "mediation_file",
    "mediation_of_case",
    "mediation_page",
    "mediators_for",
    "moves_for",
    "nearby_cases",
    "notes_of",
    "people_on",
    "places_named",
    "prospect",
    "queue_counts",
    "rehearse_route",
    "rehearse_route_at",
    "relatives_of",
    "routes_of",
    "routing_check",
    "seen_among",
    "sees_attachment",
    "shared_counts",
    "sharing_place",
    "similar_cases",
    "standing_of",
    "text_by_id",
    "texts_for",
    "texts_of",
    "views",
    "waited",
    "who_may",
    "work_of",
    "working_minutes_left",
]
