from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "wangge.staff"
    label = "staff"
