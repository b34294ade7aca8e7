from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "wangge.sync"
    label = "sync"
