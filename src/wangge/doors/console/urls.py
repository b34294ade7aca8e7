"""Addresses of the console. Signing in and out stand outside: `entrance_urls`."""

from django.urls import path

from wangge.doors.console.pages import (
    admission,
    ahead,
    areas,
    case,
    catalogue,
    entry,
    figures,
    filing,
    handovers,
    journal,
    live,
    palette,
    preferences,
    queues,
    routes,
)
from wangge.doors.console.pages import map as maps

app_name = "console"
urlpatterns = [
    path("live", live.live, name="live"),
    path("", queues.queues, name="queues"),
    path("cases/file", filing.file_case, name="file"),
    path("cases/file/suggestions", ahead.suggest_items, name="suggestions"),
    path("cases/file/places", ahead.find_places, name="places"),
    path("cases/file/ahead", ahead.look_ahead, name="ahead"),
    path("cases/<uuid:case_id>/filed", filing.filed, name="filed"),
    path("cases/<uuid:case_id>", case.case, name="case"),
    path("cases/<uuid:case_id>/arrive/<int:summons_id>", case.arrive, name="arrive"),
    path("cases/<uuid:case_id>/files/<str:digest>", case.blob, {"small": False}, name="file-of"),
    path("cases/<uuid:case_id>/files/<str:digest>/small", case.blob, {"small": True}, name="thumbnail"),
    path("cases/<uuid:case_id>/<str:step>", case.step, name="step"),
    path("areas/", areas.areas, name="areas"),
    path("areas/<str:code>", areas.areas, name="area"),
    path("handovers", handovers.handovers, name="handovers"),
    path("catalogue/", catalogue.catalogue, name="catalogue"),
    path("catalogue/list.csv", admission.list_file, name="item-list"),
    path("catalogue/list", admission.take_list, name="take-item-list"),
    path("catalogue/propose", admission.propose, name="propose"),
    path("catalogue/<str:code>", catalogue.item, name="item"),
    path("catalogue/<str:code>/change", admission.change, name="change-item"),
    path("catalogue/<str:code>/papers/<str:digest>", admission.paper, name="paper"),
    path("map", maps.map_page, name="map"),
    path("map/areas/<int:z>/<int:x>/<int:y>", maps.tile, name="map-tile"),
    path("map/squares", maps.squares, name="map-squares"),
    path("map/spots", maps.spots, name="map-spots"),
    path("map/list", maps.listed, name="map-list"),
    path("map/area", maps.area_at, name="map-area"),
    path("map/basemap", maps.basemap, name="map-basemap"),
    path("figures", figures.figures, name="figures"),
    path("journal", journal.journal, name="journal"),
    path("routes", routes.routes, name="routes"),
    path("palette", palette.palette, name="palette"),
    path("preferences/<str:name>", preferences.preference, name="preference"),
]
entrance_urls = [
    path("sign-in", entry.sign_in, name="sign-in"),
    path("sign-out", entry.sign_out, name="sign-out"),
    path("language", preferences.language, name="language"),
]
