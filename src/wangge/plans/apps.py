from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "wangge.plans"
    label = "plans"
