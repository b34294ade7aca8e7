"""Which door answers which address."""

from django.urls import path
from django.urls.resolvers import URLPattern, URLResolver

from wangge.doors.exchange.api import api
from wangge.project.health import healthz, metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz),
    path("metrics", metrics),
    path("api/v1/", api.urls),
]
