from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "wangge.plans"
    label = "plans"

    def ready(self) -> None:
        from wangge.plans.queries.walking import ways_of_rounds
        from wangge.visits.queries import walk_along

        walk_along(ways_of_rounds)
