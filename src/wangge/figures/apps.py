from django.apps import AppConfig


class FiguresConfig(AppConfig):
    name = "wangge.figures"
    label = "figures"
