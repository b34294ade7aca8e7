"""Every write of forms, campaigns, answers and plants."""

from wangge.campaigns.actions.answers import note_visits, record_answer, record_answers
from wangge.campaigns.actions.campaigns import (
    add_material,
    begin_campaign,
    carry_on_start,
    change_campaign,
    end_campaign,
    remove_material,
    start_campaign,
)
from wangge.campaigns.actions.exports import begin_answers_export
from wangge.campaigns.actions.forms import take_form
from wangge.campaigns.actions.plants import attach_late_photo, check_plant

__all__ = [
    "add_material",
    "attach_late_photo",
    "begin_answers_export",
    "begin_campaign",
    "carry_on_start",
    "change_campaign",
    "check_plant",
    "end_campaign",
    "note_visits",
    "record_answer",
    "record_answers",
    "remove_material",
    "start_campaign",
    "take_form",
]
