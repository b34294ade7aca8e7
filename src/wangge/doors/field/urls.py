from django.urls import path

from wangge.doors.field import pages

urlpatterns = [
    path("", pages.shell, name="field"),
    path("sw.js", pages.worker, name="field-worker"),
    path("basemap", pages.basemap, name="field-basemap"),
    path("basemap/<str:version>/<int:part>", pages.basemap_part, name="field-basemap-part"),
    path("manifest.webmanifest", pages.manifest, name="field-manifest"),
]
