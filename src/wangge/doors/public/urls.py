from django.urls import path

from wangge.doors.public import consultations, pages

urlpatterns = [
    path("", pages.home, name="home"),
    path("plans/", consultations.open_plans, name="open-plans"),
    path("plans/answer/", consultations.answer, name="comment-answer"),
    path("plans/<uuid:plan_id>/", consultations.open_plan, name="open-plan"),
]
