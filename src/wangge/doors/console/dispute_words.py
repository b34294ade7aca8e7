"""What mediations, their steps and their parts are called on the screen."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Label = str | Promise

STATES: Mapping[str, Label] = {
    "opened": pgettext_lazy("mediation", "Opened"),
    "mediating": pgettext_lazy("mediation", "Mediating"),
    "agreed": pgettext_lazy("mediation", "Agreed"),
    "followed_up": pgettext_lazy("mediation", "Visited"),
    "failed": pgettext_lazy("mediation", "Failed"),
    "referred": pgettext_lazy("mediation", "Referred"),
    "closed": pgettext_lazy("mediation", "Closed"),
    "withdrawn": pgettext_lazy("mediation", "Withdrawn"),
}
RESULTS: Mapping[str, Label] = {
    "agreed": _("an agreement was reached"),
    "failed": _("no agreement"),
    "referred": _("referred to another body"),
    "withdrawn": _("withdrawn by a party"),
}
#: The chip of a state, by the colours that cases have.
TONES: Mapping[str, str] = {
    "opened": "reported",
    "mediating": "accepted",
    "agreed": "handled",
    "followed_up": "verified",
    "failed": "returned",
    "referred": "suspended",
    "closed": "closed",
    "withdrawn": "",
}
KINDS: Mapping[str, Label] = {
    "neighbours": _("Between neighbours"),
    "family": _("Marriage and family"),
    "property": _("Property management"),
    "labour": _("Labour and wages"),
    "land": _("Land and homesteads"),
    "consumer": _("Buying and selling"),
    "damage": _("Damage and injury"),
    "other": pgettext_lazy("dispute", "Other"),
}
ROLES: Mapping[str, Label] = {
    "applicant": _("Applicant"),
    "respondent": _("Respondent"),
    "other": _("Other party"),
}
FORMS: Mapping[str, Label] = {
    "written": _("written agreement"),
    "oral": _("oral agreement, recorded"),
}
KEPT: Mapping[str, Label] = {
    "yes": _("kept"),
    "partly": _("kept in part"),
    "no": _("not kept"),
}
COURT: Mapping[str, Label] = {
    "applied": _("asked to confirm it"),
    "confirmed": _("confirmed it"),
    "refused": _("did not confirm it"),
}
REFERRED_TO: Mapping[str, Label] = {
    "court": _("People's court"),
    "arbitration": _("Arbitration"),
    "police": _("Police"),
    "township": _("Township's mediation committee"),
    "department": _("Competent department"),
}
REVEAL_REASONS: Mapping[str, Label] = {
    "contact": _("to talk about the mediation"),
    "deliver": _("to deliver papers"),
    "visit": _("to arrange a visit"),
    "oversee": _("to check the mediator's work"),
}
QUEUES: Mapping[str, Label] = {
    "open": pgettext_lazy("mediations", "Open"),
    "mine": pgettext_lazy("mediations", "Mine"),
    "visits": _("Visits due"),
    "ended": pgettext_lazy("mediations", "Ended"),
    "all": pgettext_lazy("mediations", "All"),
}
STEPS: Mapping[str, Label] = {
    "party": _("Add a party"),
    "session": _("Record a session"),
    "agree": _("Record the agreement"),
    "court": _("Note the court's part"),
    "visit": _("Record a visit"),
    "refer": _("Refer it"),
    "fail": _("End without an agreement"),
    "withdraw": _("Withdraw"),
    "close": _("Close the file"),
    "reopen": _("Open it again"),
    "assign": _("Give it to a mediator"),
}
STEP_HELP: Mapping[str, Label] = {
    "party": _("Who has the dispute, or answers for a part of it."),
    "session": _("Who was there, what each side said, and what was proposed."),
    "agree": _(
        "What the parties agreed of their own will, and by when it is to be done. A visit is set at once."
    ),
    "court": _("Both parties together may ask the court to confirm the agreement, within thirty days."),
    "visit": _("Has each side done what was agreed?"),
    "refer": _("Another body can do what mediation cannot."),
    "fail": _("Tell the parties first that arbitration, an office or the court are open to them."),
    "withdraw": _("A party may end the mediation at any time."),
    "close": _("The papers are complete. Without a visit that found it kept, say why."),
    "reopen": _("There is more to do; the mediator is asked to go on."),
    "assign": _("The mediator is away, or a party asks for another one."),
}
STEP_KEYS: Mapping[str, str] = {
    "party": "p",
    "session": "s",
    "agree": "a",
    "court": "t",
    "visit": "v",
    "refer": "e",
    "fail": "b",
    "withdraw": "x",
    "close": "c",
    "reopen": "o",
    "assign": "d",
}
DONE: Mapping[str, Label] = {
    "open": _("The file is open."),
    "party": _("The party is recorded."),
    "session": _("The session is recorded."),
    "agree": _("The agreement is recorded, and a visit is set."),
    "court": _("The court's part is noted."),
    "visit": _("The visit is recorded."),
    "refer": _("The dispute is referred."),
    "fail": _("It ended without an agreement."),
    "withdraw": _("The mediation is withdrawn."),
    "close": _("The file is closed."),
    "reopen": _("The file is open again."),
    "assign": _("It has another mediator."),
    "reveal": _("The number is shown for ten minutes. The journal keeps your reason."),
}
FIELDS: Mapping[str, Label] = {
    "account": _("Mediator"),
    "address": _("Home or address"),
    "applied_on": _("Asked on"),
    "court": _("The court"),
    "dispute": _("Kind of dispute"),
    "form": _("Form of the agreement"),
    "held_at": _("Held at"),
    "kept": _("Is it kept?"),
    "matter": _("What the dispute is about"),
    "name": _("Name"),
    "perform_by": _("To be done by"),
    "phone": _("Telephone"),
    "place": _("Place"),
    "present": _("Who was present"),
    "reason": _("Reason"),
    "record": _("Record"),
    "represented_by": _("Represented by"),
    "rights_told": _("Were the parties told which other ways are open?"),
    "role": _("Role"),
    "signed_on": _("Agreed on"),
    "terms": _("What was agreed"),
    "to": _("To whom"),
    "visit_on": _("Visit on"),
    "why": _("Why you need it"),
    "words": _("What was found"),
}
#: By name, for the filter of templates.
TABLES: Mapping[str, Mapping[str, Label]] = {
    "states": STATES,
    "tones": TONES,
    "results": RESULTS,
    "kinds": KINDS,
    "roles": ROLES,
    "forms": FORMS,
    "kept": KEPT,
    "court": COURT,
    "referred": REFERRED_TO,
    "why": REVEAL_REASONS,
    "queues": QUEUES,
    "steps": STEPS,
    "help": STEP_HELP,
    "keys": STEP_KEYS,
}
#: What the journal names.
VERBS: Mapping[str, Label] = {
    "case.taken-into-mediation": _("took it into mediation"),
    "mediation.agreed": _("recorded the agreement"),
    "mediation.assigned": _("gave it to another mediator"),
    "mediation.brought-to-court": _("noted the court's part"),
    "mediation.closed": _("closed the file"),
    "mediation.failed": _("ended it without an agreement"),
    "mediation.followed-up": _("recorded a visit"),
    "mediation.looked": _("read the file"),
    "mediation.rehomed": _("gave it to the committee of the area in which its homes lie now"),
    "mediation.opened": _("opened the mediation"),
    "mediation.party-written": _("wrote down a party"),
    "mediation.printed": _("printed from the file"),
    "mediation.referred": _("referred the dispute"),
    "mediation.reopened": _("opened the file again"),
    "mediation.revealed": _("had a telephone number shown"),
    "mediation.session-held": _("recorded a session"),
    "mediation.withdrawn": _("withdrew the mediation"),
    "private.rotated": _("sealed the private fields with a new key"),
}
