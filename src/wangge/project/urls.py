"""Which door answers which address."""

from django.urls import path
from django.urls.resolvers import URLPattern, URLResolver

from wangge.doors.exchange.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
]
