from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "wangge.campaigns"
    label = "campaigns"

    def ready(self) -> None:
        from wangge.campaigns.actions.answers import count_visits
        from wangge.visits.actions import hear_of_visits

        hear_of_visits(count_visits)
