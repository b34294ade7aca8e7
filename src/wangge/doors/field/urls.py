from django.urls import path

from wangge.doors.field import pages

urlpatterns = [
    path("", pages.shell, name="field"),
    path("sw.js", pages.worker, name="field-worker"),
    path("manifest.webmanifest", pages.manifest, name="field-manifest"),
]
