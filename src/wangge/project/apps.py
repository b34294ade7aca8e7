from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """An app only for its migration: the rights on the tables of the job queue."""

    name = "wangge.project"
    label = "project"
