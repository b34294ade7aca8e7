from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "wangge.doors.console"
    label = "console"
