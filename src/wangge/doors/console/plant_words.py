"""What the poppy check's codes are called on the screen. Species and traits carry their own names, in both languages."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Label = str | Promise

DECISIONS: Mapping[str, Label] = {
    "nothing": pgettext_lazy("plant", "Nothing suspicious"),
    "suspected": pgettext_lazy("plant", "Suspected"),
    "unsure": pgettext_lazy("plant", "Unsure"),
}
#: The chip of a decision, by the colours that cases have.
TONES: Mapping[str, str] = {"nothing": "closed", "suspected": "overdue", "unsure": "suspended"}
IDENTIFIERS: Mapping[str, Label] = {
    "key": pgettext_lazy("plant", "Key"),
    "model": pgettext_lazy("plant", "Picture model"),
    "service": pgettext_lazy("plant", "Online service"),
}
STAGES: Mapping[str, Label] = {
    "seedling": pgettext_lazy("plant", "Seedling"),
    "leaf": pgettext_lazy("plant", "Leaves"),
    "bud": pgettext_lazy("plant", "Bud"),
    "flower": pgettext_lazy("plant", "Flower"),
    "fruit": pgettext_lazy("plant", "Fruit"),
}
OTHER = _("Some other plant")
VERBS: Mapping[str, Label] = {"plant.checked": _("looked at a plant")}
NOUNS: Mapping[str, Label] = {"plant": _("Plant")}
