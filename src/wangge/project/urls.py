"""Which door answers which address."""

from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

from wangge.doors.console.urls import entrance_urls
from wangge.doors.exchange.api import api
from wangge.project.health import healthz, metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz),
    path("metrics", metrics),
    path("api/v1/", api.urls),
    path("", include("wangge.doors.public.urls")),
    *entrance_urls,
    path("console/", include("wangge.doors.console.urls")),
    path("field/", include("wangge.doors.field.urls")),
]
