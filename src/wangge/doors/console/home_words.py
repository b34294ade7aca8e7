"""What the registers of homes are called on the screen."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Label = str | Promise

RESIDENCIES: Mapping[str, Label] = {
    "registered_present": _("registered, lives here"),
    "registered_away": _("registered, lives elsewhere"),
    "permanent": _("lives here for good"),
    "floating": _("lives here for now"),
}
RELATIONS: Mapping[str, Label] = {
    "head": pgettext_lazy("relation", "head"),
    "spouse": pgettext_lazy("relation", "spouse"),
    "child": pgettext_lazy("relation", "child"),
    "parent": pgettext_lazy("relation", "parent"),
    "grandchild": pgettext_lazy("relation", "grandchild"),
    "grandparent": pgettext_lazy("relation", "grandparent"),
    "sibling": pgettext_lazy("relation", "sibling"),
    "in_law": pgettext_lazy("relation", "in-law"),
    "other": pgettext_lazy("relation", "other"),
}
SEXES: Mapping[str, Label] = {"m": pgettext_lazy("sex", "male"), "f": pgettext_lazy("sex", "female")}
NEEDS: Mapping[str, Label] = {
    "living_alone": _("living alone"),
    "elder": _("old age"),
    "left_behind_child": _("child left behind"),
    "child_in_difficulty": _("child in difficulty"),
    "disability": _("disability"),
    "hardship": _("hardship"),
    "illness": _("illness"),
    "other": pgettext_lazy("need", "another need"),
}
BASES: Mapping[str, Label] = {"law": _("a law asks for it"), "consent": _("they consented")}
CONSENTED_BY: Mapping[str, Label] = {
    "self": pgettext_lazy("consent", "themselves"),
    "guardian": pgettext_lazy("consent", "their guardian"),
}
CAME: Mapping[str, Label] = {
    "known": _("known since the register began"),
    "born": pgettext_lazy("stay", "born"),
    "moved_in": pgettext_lazy("stay", "moved in"),
    "within": _("moved within the grid"),
    "from_grid": _("came from another grid"),
    "redrawn": _("the grids were drawn anew"),
}
WENT: Mapping[str, Label] = {
    "moved_out": pgettext_lazy("stay", "moved out"),
    "within": _("moved within the grid"),
    "to_grid": _("went to another grid"),
    "died": pgettext_lazy("stay", "died"),
    "merged": _("merged with the other record"),
    "redrawn": _("the grids were drawn anew"),
}
TRANSFER_STATES: Mapping[str, Label] = {
    "offered": pgettext_lazy("transfer", "offered"),
    "taken": pgettext_lazy("transfer", "taken"),
    "declined": pgettext_lazy("transfer", "declined"),
    "withdrawn": pgettext_lazy("transfer", "withdrawn"),
}
REVEAL_REASONS: Mapping[str, Label] = {
    "contact": _("to reach them"),
    "care": _("to care for them"),
    "correct": _("to correct the record"),
    "certify": _("to certify something for them"),
    "emergency": pgettext_lazy("reason", "an emergency"),
}
#: Columns of a community's own list.
COLUMNS: Mapping[str, Label] = {
    "number": _("number of the household"),
    "area": _("grid"),
    "compound": _("estate or village"),
    "building": _("building"),
    "unit": _("entrance"),
    "room": _("room"),
    "address": _("address"),
    "lon": _("longitude"),
    "lat": _("latitude"),
    "name": _("name"),
    "identity": _("identity number"),
    "phone": _("telephone"),
    "sex": _("sex"),
    "born_on": _("day of birth"),
    "residency": _("residency"),
    "registered_at": _("registered address"),
    "relation": _("relation to the head"),
    "vegetable_plot": _("vegetable plot"),
}
#: Fields that both a phone and somebody else may have changed.
FIELDS: Mapping[str, Label] = {
    "has_plot": _("vegetable plot"),
    "only_by_law": _("visits as the law asks, no more"),
    "name": _("name"),
    "birth_year": _("year of birth"),
    "sex": _("sex"),
    "residency": _("residency"),
    "relation": _("relation to the head"),
    "identity": _("identity number"),
    "phone": _("telephone"),
    "registered_address": _("registered address"),
}
DONE: Mapping[str, Label] = {
    "conflict-settled": _("It is settled. Both values are kept."),
    "conflict-again": _("Meanwhile it was changed once more. Please look at both values again."),
    "added": _("The household is in the register."),
    "changed": _("It is changed. How it stood before is kept."),
    "person": _("The person is in the register."),
    "also-elsewhere": _(
        "The person is in the register. Another grid has them in its register, too: its keepers were asked for the file."
    ),
    "also-before": _(
        "The person is in the register. They stood here before: please merge the two records on the person's page."
    ),
    "refused": _("The person is still registered where they were. The other grid keeps its own record."),
    "moved": _("The move is kept with its day."),
    "need": _("The care need is written down."),
    "need-ended": _("The care need has ended."),
    "revealed": _("Shown for ten minutes. The journal keeps who looked and why."),
    "merged": _("The two records go by one now; both are kept."),
    "unmerged": _("The merge is undone."),
    "offered": _("The file is offered. It moves when the other grid takes it."),
    "taken": _("The file is here now."),
    "declined": _("The file stays where it is."),
    "withdrawn": _("The offer is taken back."),
    "ended": _("The household has ended."),
}
VERBS: Mapping[str, Label] = {
    "household.added": _("added a household"),
    "household.changed": _("changed a household"),
    "household.ended": _("ended a household"),
    "households.imported": _("imported households"),
    "residents.imported": _("imported residents"),
    "resident.added": _("added a resident"),
    "resident.changed": _("changed a resident's particulars"),
    "resident.confirmed": _("said that somebody still lives here whose file was asked for"),
    "resident.moved": _("wrote down a resident's move"),
    "resident.revealed": _("looked at a resident's private particulars"),
    "resident.merged": _("merged two records of a resident"),
    "resident.unmerged": _("undid the merge of two records"),
    "need.added": _("wrote down a care need"),
    "need.ended": _("ended a care need"),
    "need.erased": _("erased the details of a care need that ended long ago"),
    "dwelling.plated": _("gave a door a new plate"),
    "transfer.offered": _("offered a file to another grid"),
    "transfer.taken": _("took a file in"),
    "transfer.declined": _("declined a file"),
    "transfer.withdrawn": _("took the offer of a file back"),
    "transfers.readdressed": _("offered files to another area, as the grids are drawn now"),
    "homes.rehomed": _("moved homes to another grid, as the grids are drawn now"),
}
NOUNS: Mapping[str, Label] = {
    "household": _("Household"),
    "households": _("Households"),
    "resident": _("Resident"),
    "residents": _("Residents"),
    "need": _("Care need"),
    "dwelling": _("Dwelling"),
    "transfer": _("File between grids"),
    "homes": _("Homes"),
}
TABLES: Mapping[str, Mapping[str, Label]] = {
    "residencies": RESIDENCIES,
    "relations": RELATIONS,
    "sexes": SEXES,
    "needs": NEEDS,
    "bases": BASES,
    "consented": CONSENTED_BY,
    "came": CAME,
    "went": WENT,
    "transfers": TRANSFER_STATES,
    "reasons": REVEAL_REASONS,
    "columns": COLUMNS,
}
