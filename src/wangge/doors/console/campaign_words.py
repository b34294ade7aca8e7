"""What campaigns, their steps and what is wrong with an answer are called on the screen."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Label = str | Promise

STATES: Mapping[str, Label] = {
    "draft": pgettext_lazy("campaign", "Draft"),
    "running": pgettext_lazy("campaign", "Running"),
    "ended": pgettext_lazy("campaign", "Ended"),
}
#: The chip of a state, by the colours that cases have.
TONES: Mapping[str, str] = {"draft": "suspended", "running": "accepted", "ended": "closed"}
STANDINGS: Mapping[str, Label] = {
    "waiting": pgettext_lazy("household", "to do"),
    "nobody_home": pgettext_lazy("household", "nobody home"),
    "refused": pgettext_lazy("household", "refused"),
    "not_found": pgettext_lazy("household", "not found"),
    "gone": pgettext_lazy("household", "moved away"),
    "faulty": pgettext_lazy("household", "answer has faults"),
    "done": pgettext_lazy("household", "done"),
}
OUTCOMES: Mapping[str, Label] = {
    "met": pgettext_lazy("visit", "Somebody was met"),
    "nobody_home": pgettext_lazy("visit", "Nobody was home"),
    "refused": pgettext_lazy("visit", "They refused"),
    "moved": pgettext_lazy("visit", "They have moved"),
    "not_found": pgettext_lazy("visit", "The door was not found"),
    "empty": pgettext_lazy("visit", "The home is empty"),
}
ENDS: Mapping[str, Label] = {
    "counted": _("It counts."),
    "tried": _("It is noted that somebody was there."),
    "faulty": _("It is kept, but answers are missing or wrong: it does not count yet."),
    "again": _("It is kept; this household was done already."),
    "late": _("It is kept, but it came after the campaign's end and does not count."),
    "left": _("It is kept; this household no longer lives there."),
    "not_asked": _("It is kept; this campaign does not ask this household."),
}
FAULTS: Mapping[str, Label] = {
    "required": _("Please answer this question."),
    "integer": _("Please give a whole number."),
    "decimal": _("Please give a number."),
    "date": _("Please give a day, as 2026-11-24."),
    "time": _("Please give a time, as 14:30."),
    "moment": _("Please give a day and a time."),
    "choice": _("Please choose from the list."),
    "photo": _("Please add a photo."),
    "sound": _("Please add a recording."),
    "place": _("Please give latitude and longitude in degrees, the latitude first: 34.745 119.355"),
    "rank": _("Please give each of them its own place, from 1 on."),
    "long": _("This answer is too long: at most 4,000 characters."),
    "constraint": _("This answer does not fit here."),
}
COUNTS: Mapping[str, Label] = {
    "answered": _("the form was answered without faults"),
    "met": _("somebody was met at the door"),
}
NEEDS: Mapping[str, Label] = {
    "living_alone": pgettext_lazy("need", "lives alone"),
    "elder": pgettext_lazy("need", "old age"),
    "left_behind_child": pgettext_lazy("need", "child whose parents work elsewhere"),
    "child_in_difficulty": pgettext_lazy("need", "child in difficulty"),
    "disability": pgettext_lazy("need", "disability"),
    "hardship": pgettext_lazy("need", "hardship"),
    "illness": pgettext_lazy("need", "illness"),
    "other": pgettext_lazy("need", "another need"),
}
WAYS: Mapping[str, Label] = {
    "": _("door by door with the form"),
    "plants": _("plant by plant, then the form (poppy check)"),
}
DONE: Mapping[str, Label] = {
    "start": _("The campaign runs. Phones get it when they next ask for news."),
    "end": _("The campaign has ended. Nothing of it is due any more."),
}
VERBS: Mapping[str, Label] = {
    "form.taken-in": _("took a form in"),
    "campaign.drafted": _("drafted the campaign"),
    "campaign.changed": _("changed the campaign"),
    "campaign.started": _("started the campaign"),
    "campaign.starting": _("asked for the start of the campaign"),
    "campaign.ended": _("ended the campaign"),
    "campaign.answered": _("recorded an answer of the campaign"),
    "campaign.material-added": _("added material to the campaign"),
    "campaign.material-removed": _("removed material of the campaign"),
    "campaign.answers-exported": _("took the campaign's answers as a file"),
    "campaign.answers-read": _("looked at what was answered at this door"),
}
NOUNS: Mapping[str, Label] = {"campaign": _("Campaign"), "form": _("Form")}
TABLES: Mapping[str, Mapping[str, Label]] = {
    "state": STATES,
    "tone": TONES,
    "standing": STANDINGS,
    "outcome": OUTCOMES,
    "end": ENDS,
    "fault": FAULTS,
    "counts": COUNTS,
    "need": NEEDS,
    "way": WAYS,
}
