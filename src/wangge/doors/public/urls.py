from django.urls import path

from wangge.doors.public import pages

urlpatterns = [path("", pages.home, name="home")]
