from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """An app for its migration, the rights on the tables of the job queue, and for the translations."""

    name = "wangge.project"
    label = "project"

    def ready(self) -> None:
        """In a checkout, what was translated since is compiled before anyone asks for it."""
        from wangge.project.messages import compile_stale

        compile_stale()
