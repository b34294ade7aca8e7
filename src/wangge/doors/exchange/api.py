"""The interface /api/v1/, each app's router under its noun."""

from wangge.doors.exchange.description import Interface
from wangge.doors.exchange.problems import present_problems
from wangge.doors.exchange.sign_in import signed_in

api = Interface(
    title="Wangge",
    version="1",
    description="Grid-based community governance. Times are RFC 3339 with offset; places are WGS 84; areas are named by code.",
    auth=signed_in,
    urls_namespace="api-v1",
)
present_problems(api)
# One line for each app; an app's api module offers `router`.
api.add_router(
    "/areas", "wangge.doors.exchange.areas.router"
)  # before the next, which would take `locate` for a code
api.add_router("/areas", "wangge.areas.api.router")
api.add_router("/blobs", "wangge.blobs.api.router")
api.add_router("/compounds", "wangge.households.api.router")
api.add_router("/households", "wangge.households.api.households")
api.add_router("/residents", "wangge.households.api.residents")
api.add_router("/items", "wangge.catalogue.api.router")
api.add_router("/refusals", "wangge.catalogue.api.refusals")
api.add_router("/cases", "wangge.cases.api.router")
api.add_router("/views", "wangge.cases.api.views")
api.add_router("/mediations", "wangge.cases.api.mediations")
api.add_router("/sync", "wangge.sync.api.router")
api.add_router("/texts", "wangge.cases.api.texts")
api.add_router("/staff", "wangge.cases.api.handovers")
api.add_router("/plants", "wangge.campaigns.api.plants.router")
api.add_router("/visits", "wangge.visits.api.router")
api.add_router("/places", "wangge.visits.api.places")
api.add_router("/plans", "wangge.plans.api.router")
api.add_router("/figures", "wangge.figures.api.router")
api.add_router("", "wangge.staff.api.router")
