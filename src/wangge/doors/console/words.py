"""What states, steps, tiers and fields are called on the screen. The domain names them once, by code; a person reads these."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from wangge.doors.console import campaign_words, dispute_words, home_words, plant_words, visit_words

Label = str | Promise

STATES: Mapping[str, Label] = {
    "reported": pgettext_lazy("state", "Reported"),
    "accepted": pgettext_lazy("state", "Accepted"),
    "dispatched": pgettext_lazy("state", "Dispatched"),
    "handled": pgettext_lazy("state", "To be verified"),
    "verified": pgettext_lazy("state", "Verified"),
    "returned": pgettext_lazy("state", "Returned"),
    "suspended": pgettext_lazy("state", "Suspended"),
    "closed": pgettext_lazy("state", "Closed"),
    "cancelled": pgettext_lazy("state", "Cancelled"),
    "merged": pgettext_lazy("state", "Merged"),
}
STEPS: Mapping[str, Label] = {
    "accept": pgettext_lazy("step", "Accept"),
    "dispatch": pgettext_lazy("step", "Dispatch"),
    "handle": pgettext_lazy("step", "Report as handled"),
    "verify": pgettext_lazy("step", "Verify"),
    "close": pgettext_lazy("step", "Close"),
    "rate": pgettext_lazy("step", "Say whether it is mended"),
    "escalate": pgettext_lazy("step", "Escalate"),
    "return": pgettext_lazy("step", "Return"),
    "suspend": pgettext_lazy("step", "Suspend"),
    "resume": pgettext_lazy("step", "Resume"),
    "merge": pgettext_lazy("step", "Merge into another case"),
    "split": pgettext_lazy("step", "Split into several"),
    "reopen": pgettext_lazy("step", "Reopen"),
    "supervise": pgettext_lazy("step", "Supervise"),
    "summon": pgettext_lazy("step", "Summon departments"),
    "cancel": pgettext_lazy("step", "Cancel the case"),
}
STEP_HELP: Mapping[str, Label] = {
    "accept": _("This desk takes the case on; the time for handling begins."),
    "dispatch": _("Give it to departments, to one person, or to a desk below."),
    "handle": _("Say what was done and how it ended. Somebody else verifies it."),
    "verify": _("Look at the place or ask the reporter: is it really mended?"),
    "close": _("The case ends. The reporter may still say that it is not mended."),
    "rate": _("Your no opens the case again."),
    "escalate": _("To the desk one tier up, or straight to departments."),
    "return": _("Back, with the reason, to whom it came from."),
    "suspend": _("The office's clock stands still until that day; the resident's does not."),
    "resume": _("The office's clock goes on where it stood still."),
    "merge": _("The same thing was reported before: whoever follows this case follows that one."),
    "split": _(
        "Several things were reported as one. Each further one becomes a case of its own, with the same place, reporter,"
        " followers and files; this one keeps its own words."
    ),
    "reopen": _("It was not done after all."),
    "supervise": _("The case is marked, and watched until it is closed."),
    "summon": _("Call departments to the place within a time; who comes when is recorded."),
    "cancel": _("It was reported in error."),
}
#: One key for each step, for whoever works without a mouse.
STEP_KEYS: Mapping[str, str] = {
    "accept": "a",
    "dispatch": "d",
    "handle": "h",
    "verify": "v",
    "close": "c",
    "rate": "r",
    "escalate": "e",
    "return": "b",
    "suspend": "s",
    "resume": "u",
    "merge": "m",
    "split": "t",
    "reopen": "o",
    "supervise": "p",
    "summon": "w",
    "cancel": "x",
}
DONE: Mapping[str, Label] = {
    "report": _("Filed. It has its number and lies on the desk that answers for the place."),
    "accept": _("Accepted."),
    "dispatch": _("Dispatched."),
    "handle": _("Handled; it now waits for somebody to verify it."),
    "verify": _("Your finding is recorded."),
    "close": _("Closed."),
    "rate": _("Thank you, your answer is recorded."),
    "escalate": _("Escalated."),
    "return": _("Returned."),
    "suspend": _("Suspended."),
    "resume": _("Resumed."),
    "merge": _("Merged."),
    "split": _("Split. Each part is a case of its own now."),
    "note": _("The note is kept. Only staff read it."),
    "answer-reporter": _("Sent. Who reported it, or took the call, reads it beside the case."),
    "reopen": _("Reopened."),
    "supervise": _("Supervised from now on."),
    "summon": _("The departments are summoned."),
    "cancel": _("Cancelled."),
    "arrive": _("The arrival is recorded."),
    "attach": _("The file was added."),
}
QUEUES: Mapping[str, Label] = {
    "mine": _("My turn"),
    "new": _("New"),
    "soon": _("Due soon"),
    "overdue": _("Overdue"),
    "handled": _("To verify"),
    "returned": pgettext_lazy("queue", "Returned"),
    "suspended": pgettext_lazy("queue", "Suspended"),
    "supervised": _("Supervised"),
    "open": _("All open"),
    "closed": pgettext_lazy("queue", "Closed"),
}
OUTCOMES: Mapping[str, Label] = {
    "mended": _("Mended"),
    "answered": _("Answered"),
    "nothing": _("Nothing found"),
    "not_ours": _("Not ours"),
    "planned": _("Planned"),
    "refused": _("Refused"),
    "repeated": _("Repeated"),
}
OUTCOME_HELP: Mapping[str, Label] = {
    "mended": _("done, the place is in order"),
    "answered": _("a question was answered"),
    "nothing": _("looked at, nothing to do"),
    "not_ours": _("another body answers for it"),
    "planned": _("promised for a day"),
    "refused": _("with the ground in law"),
    "repeated": _("the same as another case"),
}
WITNESSES: Mapping[str, Label] = {
    "reporter": _("the reporter was asked"),
    "photo": _("a photo shows the place"),
    "verifier": _("a verifier who did not handle it"),
}
URGENCIES: Mapping[str, Label] = {
    "normal": _("Normal"),
    "urgent": _("Urgent"),
    "emergency": _("Emergency"),
}
LATE: Mapping[str, Label] = {"soon": _("Due soon"), "overdue": _("Overdue")}
LEVELS: Mapping[str, Label] = {
    "nation": _("Nation"),
    "province": _("Province"),
    "city": _("City"),
    "county": _("County"),
    "township": _("Township"),
    "community": _("Community"),
    "grid": _("Grid"),
}
OFFICES: Mapping[str, Label] = {
    "city": _("City centre"),
    "county": _("Grid centre"),
    "township": _("Sub-centre"),
    "community": _("Grid unit"),
    "grid": _("Grid"),
}
GRID_KINDS: Mapping[str, Label] = {"public": _("public grid"), "dedicated": _("dedicated grid")}
BUSINESSES: Mapping[str, Label] = {
    "safety": _("Public safety"),
    "management": _("Public management"),
    "service": _("Public service"),
}
ADMISSION: Mapping[str, Label] = {
    "proposed": _("Proposed"),
    "reviewed": _("Reviewed"),
    "admitted": _("Admitted"),
    "declined": _("Declined"),
    "retired": _("Retired"),
}
#: Steps of admission, as buttons and as what was done.
ADMISSION_STEPS: Mapping[str, Label] = {
    "review": pgettext_lazy("admission", "Reviewed: goes on to admission"),
    "admit": pgettext_lazy("admission", "Admit"),
    "decline": pgettext_lazy("admission", "Decline"),
    "retire": pgettext_lazy("admission", "Retire"),
    "change": pgettext_lazy("admission", "Make a new version"),
}
ADMISSION_DONE: Mapping[str, Label] = {
    "propose": _("Proposed. It takes no case until it was reviewed and admitted."),
    "review": _("Reviewed. It now waits for admission."),
    "admit": _("Admitted. From now on cases may be filed under it."),
    "decline": _("Declined."),
    "retire": _("Retired. Running cases go on under the version that they began with."),
    "change": _("A new version. Running cases keep the one that they began with."),
    "paper": _("The paper was added."),
    "refuse": _("Refused, and counted under who asked for it."),
}
#: What a work item says, column by column.
ITEM_FIELDS: Mapping[str, Label] = {
    "code": _("Code"),
    "business": _("Business"),
    "group": _("Group"),
    "group_zh": _("Group in Chinese"),
    "group_en": _("Group in English"),
    "zh": _("Name in Chinese"),
    "en": _("Name in English"),
    "keywords": _("Keywords"),
    "department": _("Department"),
    "first_tier": _("First tier"),
    "urgency_levels": _("Levels of urgency"),
    "accept_minutes": _("Working minutes to accept"),
    "handle_minutes": _("Working minutes to handle"),
    "verify_minutes": _("Working minutes to verify"),
    "urgent_percent": _("Of that when urgent, in percent"),
    "emergency_percent": _("Of that in an emergency, in percent"),
    "proof": _("Proof"),
    "confidential": _("Confidential"),
    "summons": _("Summons"),
    "retention_years": _("Years to keep it"),
    "legal_basis": _("Legal basis"),
    "data_collected": _("Data collected"),
    "minutes_per_case": _("Minutes a case costs a worker"),
    "minutes_per_week": _("Minutes a week it costs a worker"),
}
ITEM_HELP: Mapping[str, Label] = {
    "code": _("Left empty: the next free one of the group."),
    "group": _(
        "A letter and two digits, as in M01; S safety, M management, V service. A new code makes a new group."
    ),
    "group_zh": _("Only for a new group."),
    "group_en": _("Only for a new group."),
    "keywords": _("3 to 12 words that residents use, separated by spaces: by them the item is found."),
    "accept_minutes": _("420 are a working day."),
    "handle_minutes": _("420 are a working day."),
    "verify_minutes": _("420 are a working day."),
    "legal_basis": _("The law or regulation in 《》 with its article; or the words: local duty list."),
    "data_collected": _("What is asked of residents, and nothing more than the task needs."),
    "minutes_per_week": _("For one full-time worker of an average grid; a week has 2,100 minutes."),
}
PROOFS: Mapping[str, Label] = {
    "none": _("none"),
    "photo": _("photo of the place"),
    "witness": _("confirmed by the reporter or a verifier"),
}
SUMMONS: Mapping[str, Label] = {
    "": _("not allowed"),
    "emergency": _("emergency"),
    "enforcement": _("enforcement"),
    "nobody": _("nobody's duty covers it"),
}
SOURCES: Mapping[str, Label] = {
    "worker": _("grid worker"),
    "desk": _("desk"),
    "resident": _("resident"),
    "hotline": _("hotline"),
    "patrol": _("patrol"),
    "system": _("The system"),
    "replay": _("replayed request"),
    "demo": _("sample data"),
    "api": _("another system"),
    "clock": _("the clock"),
}
#: What the journal names, as a line of the timeline. Anything else is shown by its code.
PLACE_KINDS: Mapping[str, Label] = {
    "point": _("Point"),
    "case": _("Place of a case"),
    "compound": _("Estate or village"),
    "address": _("Address of earlier cases"),
    "area": _("Area"),
}
#: Degrees without a name may be any of these.
PLACE_DATUMS: Mapping[str, Label] = {
    "wgs84": _("as GPS gives it (WGS 84)"),
    "gcj02": _("copied from Amap or Tencent (GCJ-02)"),
    "bd09": _("copied from Baidu (BD-09)"),
}
OBSTACLES: Mapping[str, Label] = {
    "no-office": _("No office of its department is staffed for this place, so its desk decides."),
    "other-desk": _("It comes to another desk, which decides who handles it."),
    "no-right": _("Your post may file it; the desk dispatches it."),
}
PRIVATE_PARTS: Mapping[str, Label] = {
    "identity": _("an identity number"),
    "phone": _("a phone number"),
}
VERBS: Mapping[str, Label] = {
    **campaign_words.VERBS,
    **plant_words.VERBS,
    **dispute_words.VERBS,
    **home_words.VERBS,
    **visit_words.VERBS,
    "account.added": _("added an account"),
    "account.ended": _("ended an account"),
    "account.locked": _("locked an account after wrong passwords"),
    "account.password-set": _("set a password"),
    "account.signed-in": _("signed in"),
    "command.let-go": _("removed an entry that was not taken in"),
    "conflict.found": _("found that both sides changed the same"),
    "conflict.settled": _("settled what both sides had changed"),
    "device.found": _("found a lost phone"),
    "device.key-given": _("gave a phone its half of the key"),
    "device.lost": _("reported a phone lost"),
    "device.lost-beside": _("kept a phone that somebody else on it reported lost"),
    "device.registered": _("registered a phone"),
    "device.wiped": _("a lost phone was wiped"),
    "account.signed-out": _("signed out"),
    "area.bounded": _("set a boundary"),
    "area.begun": _("began a grid as a plan says"),
    "area.changed": _("changed an area"),
    "area.divided": _("wrote down into which grids those of a community went over"),
    "area.division-undone": _("took back into which grids those of a community went over"),
    "area.ended": _("ended an area"),
    "area.redrawn": _("gave a grid the outline and name of a plan"),
    "area.restored": _("gave a grid back as it was before a plan"),
    "areas.imported": _("imported areas"),
    "assignment.ended": _("ended an assignment"),
    "blob.stored": _("uploaded a file"),
    "case.accepted": _("accepted it"),
    "case.answered": _("answered the reporter"),
    "case.attached": _("added a file"),
    "case.cancelled": _("cancelled it"),
    "case.closed": _("closed it"),
    "case.dispatched": _("dispatched it"),
    "case.escalated": _("escalated it"),
    "case.handed-over": _("handed it over"),
    "case.handled": _("handled it"),
    "case.merged": _("merged it into another case"),
    "case.noted": _("wrote a note for staff"),
    "case.overdue": _("found it overdue"),
    "case.raised": _("raised it to a higher tier"),
    "case.rehomed": _("put it under the grid that it lies in now"),
    "case.rated": _("said whether it is mended"),
    "case.reopened": _("reopened it"),
    "case.reported": _("reported the case"),
    "case.resumed": _("resumed it"),
    "case.returned": _("returned it"),
    "case.split": _("split it"),
    "case.summoned": _("summoned departments"),
    "case.summons-answered": _("recorded an arrival"),
    "case.supervised": _("put it under supervision"),
    "case.suspended": _("suspended it"),
    "case.verified": _("verified it"),
    "case.warned": _("warned that it is due soon"),
    "cases.exported": _("wrote cases to a file"),
    "compound.added": _("added an estate or village"),
    "compound.changed": _("changed an estate or village"),
    "compound.ended": _("ended an estate or village"),
    "compounds.imported": _("imported estates and villages"),
    "item.admitted": _("admitted an item"),
    "item.changed": _("changed an item"),
    "item.declined": _("declined an item"),
    "item.imported": _("took in an item of a list"),
    "item.paper-added": _("added a paper to an item"),
    "item.proposed": _("proposed an item"),
    "item.retired": _("retired an item"),
    "ground.failed": _("could not take in an area's streets and barriers"),
    "ground.kept": _("took in an area's streets and barriers"),
    "ground.removed": _("removed an area's streets and barriers"),
    "ground.sent": _("sent an area's streets and barriers"),
    "item.reviewed": _("reviewed an item"),
    "leave.granted": _("granted leave"),
    "plan.answered": _("answered a comment on a plan"),
    "plan.applied": _("applied a plan"),
    "plan.approved": _("approved a plan"),
    "plan.changed": _("changed a plan"),
    "plan.checked": _("checked a plan"),
    "plan.chosen": _("chose one of several proposals"),
    "plan.commented": _("commented on a plan"),
    "plan.consulted": _("laid a plan before those concerned"),
    "plan.drafted": _("began a plan"),
    "plan.improved": _("had a plan divided anew from where it stood"),
    "plan.mended": _("began a plan with today's grids, mended"),
    "plan.phones-erased": _("erased telephone numbers that residents had left half a year before"),
    "plan.phone-revealed": _("looked at the number that a resident left with a comment"),
    "plan.posts-proposed": _("had it proposed who would work where"),
    "plan.posts-removed": _("took away what was proposed of who would work where"),
    "plan.proof-asked": _("asked for a proof of how far a plan is from the best possible"),
    "plan.proof-stopped": _("stopped the proof of a plan"),
    "plan.proven": _("proved how far a plan is from the best possible"),
    "plan.reopened": _("made a plan a draft again"),
    "plan.resident-commented": _("commented on a plan on the public page"),
    "plan.scheduled": _("set the day on which a plan is applied"),
    "plan.stopped": _("could not apply a plan on its day"),
    "plan.undone": _("undid the applying of a plan"),
    "plan.withdrawn": _("withdrew a plan"),
    "post.assigned": _("assigned a post"),
    "post.closed": _("closed a post"),
    "post.handed-over": _("handed a post over"),
    "post.opened": _("opened a post"),
    "post.reopened": _("gave back a post that had ended with its grid"),
    "post.stand-in-named": _("named a stand-in"),
    "route.removed": _("removed a routing rule"),
    "route.set": _("set a routing rule"),
    "search.begun": _("asked for several proposals"),
    "search.ended": _("ended the search for proposals"),
    "search.stopped": _("stopped the search for proposals"),
    "staff.imported": _("imported staff"),
    "staff.kinds-loaded": _("loaded the kinds of post"),
    "view.shared": _("shared a view"),
    "view.withdrawn": _("withdrew a shared view"),
    "text.removed": _("removed a ready text"),
    "text.set": _("wrote a ready text"),
    "work.refused": _("refused work"),
}
#: Reasons that the system gives by itself, as the journal keeps them.
REASONS: Mapping[str, Label] = {"the handler is away": _("the handler is away")}
#: When a routing rule holds.
HOURS: Mapping[str, Label] = {
    "any": _("at any time"),
    "office": _("in office hours"),
    "off": _("outside office hours"),
}
ROUTE_DONE: Mapping[str, Label] = {
    "set": _("The rule holds from now on; running cases stay where they are."),
    "remove": _("The rule is gone; running cases stay where they are."),
}
#: What the journal speaks of: the noun before the point of a verb, and before the colon of a subject.
NOUNS: Mapping[str, Label] = {
    "account": _("Account"),
    "area": _("Area"),
    "areas": _("Areas"),
    "assignment": _("Assignment"),
    "blob": _("File"),
    "case": _("Case"),
    "cases": _("Cases"),
    "command": pgettext_lazy("journal", "Entry of a phone"),
    "compound": _("Estate or village"),
    "compounds": _("Estates and villages"),
    "conflict": pgettext_lazy("journal", "Both sides changed the same"),
    "device": pgettext_lazy("journal", "Phone"),
    "export": pgettext_lazy("journal", "Cases as a file"),
    "ground": _("Streets and barriers"),
    "item": _("Work item"),
    "leave": _("Leave"),
    "mediation": pgettext_lazy("journal", "File of mediation"),
    "plan": pgettext_lazy("journal", "Division plan"),
    "post": _("Post"),
    "private": pgettext_lazy("journal", "Private fields"),
    "refusal": _("Refused work"),
    "rounds": pgettext_lazy("journal", "Rounds of a day"),
    "route": _("Routing rule"),
    "search": pgettext_lazy("journal", "Search for proposals"),
    "staff": _("Staff"),
    "text": _("Ready text"),
    "transfers": pgettext_lazy("journal", "Files between grids"),
    "view": pgettext_lazy("journal", "Shared view"),
    "work": _("Refused work"),
    **home_words.NOUNS,
    **visit_words.NOUNS,
    **campaign_words.NOUNS,
    **plant_words.NOUNS,
}
#: The filters of the journal.
JOURNAL_FIELDS: Mapping[str, Label] = {"who": _("Who"), "about": _("About")}
#: What a ready text is for.
TEXT_USES: Mapping[str, Label] = {
    "answer": _("answer at a step"),
    "reason": _("reason of a step"),
    "note": _("note for staff"),
    "reporter": _("word to the reporter"),
}
#: The fields of a ready text.
TEXT_FIELDS: Mapping[str, Label] = {
    "number": _("number of the case"),
    "title": _("title of the case"),
    "place": _("address, or the areas"),
    "item": _("work item"),
    "due": _("deadline"),
    "waited": _("how long the resident has waited"),
    "department": _("who handles it, or your office"),
    "name": _("your name"),
    "today": _("today's date"),
}
#: To whom a post's cases went.
HANDOVERS: Mapping[str, Label] = {
    "successor": _("to the successor"),
    "stand_in": _("to the stand-in"),
    "desk": _("back to the desk"),
}
#: Why a case stands on a hand-over list.
LISTED: Mapping[str, Label] = {
    "open": _("Open"),
    "due": _("Due soon or overdue"),
    "promised": _("Promised"),
}
#: What a kind of post carries, as the person who holds it would say it.
DUTIES: Mapping[str, Label] = {
    "administer": _("administers areas, staff and routes"),
    "admit": _("admits work to the catalogue"),
    "advise": _("advises"),
    "desk": _("works at a desk"),
    "handle": _("handles cases for a department"),
    "lead": _("leads a desk"),
    "mediate": _("mediates disputes"),
    "oversee-mediation": _("oversees mediations"),
    "register": _("keeps the register of homes"),
    "summon": _("summons departments"),
    "walk": _("walks a grid"),
}
#: What duties allow, verb by verb.
RIGHTS: Mapping[str, Label] = {
    "area.change": _("change areas and boundaries"),
    "campaign.answer": _("fill the forms of campaigns"),
    "campaign.run": _("run campaigns"),
    "case.accept": _("accept cases"),
    "case.answer": _("answer reporters"),
    "case.cancel": _("cancel cases reported in error"),
    "case.close": _("close cases"),
    "case.dispatch": _("dispatch cases"),
    "case.escalate": _("escalate cases"),
    "case.handle": _("handle cases"),
    "case.merge": _("merge cases"),
    "case.note": _("write notes for staff"),
    "case.reopen": _("reopen cases"),
    "case.report": _("report cases"),
    "case.return": _("return cases"),
    "case.split": _("split cases"),
    "case.summon": _("summon departments to a place"),
    "case.supervise": _("supervise cases"),
    "case.suspend": _("suspend cases"),
    "case.verify": _("verify cases"),
    "figures.read": _("read figures"),
    "household.change": _("change households and residents"),
    "household.read": _("see who lives where"),
    "item.admit": _("admit work items"),
    "item.propose": _("propose work items"),
    "item.refuse": _("refuse work that is not admitted"),
    "item.review": _("review work items"),
    "journal.read": _("read the journal"),
    "mediation.keep": _("keep mediations of disputes"),
    "mediation.oversee": _("oversee mediations of disputes"),
    "resident.reveal": _("see a resident's private particulars, for a reason"),
    "route.change": _("change routing rules"),
    "staff.change": _("change staff and posts"),
    "text.change": _("change ready texts"),
    **visit_words.RIGHTS,
    "plan.draft": _("draft divisions into grids"),
    "plan.check": _("check divisions into grids"),
    "plan.consult": _("lay divisions before those concerned"),
    "plan.comment": _("comment on divisions into grids"),
    "plan.approve": _("approve divisions into grids"),
    "plan.apply": _("apply divisions into grids"),
}
PARTS: Mapping[str, Label] = {"full_time": _("Full time"), "part_time": _("Part time")}
#: What a list of people can be narrowed to.
STANDINGS: Mapping[str, Label] = {
    "away": _("On leave today"),
    "no_post": _("Without a post"),
    "locked": _("Locked after wrong passwords"),
    "ended": _("Ended accounts"),
}
DATUMS: Mapping[str, Label] = {
    "wgs84": _("WGS 84 (GPS, national geodetic)"),
    "gcj02": _("GCJ-02 (Amap, Tencent)"),
    "bd09": _("BD-09 (Baidu)"),
}
#: The statistical classes of urban and rural communities.
URBAN_RURAL: Mapping[str, Label] = {
    "111": _("111 main urban area"),
    "112": _("112 urban-rural fringe"),
    "121": _("121 centre of a town"),
    "122": _("122 fringe of a town"),
    "123": _("123 special area"),
    "210": _("210 seat of a township"),
    "220": _("220 village"),
}
#: What was done on the pages of areas and people.
CHANGED: Mapping[str, Label] = {
    "added": _("The account was added."),
    "assigned": _("The post is given."),
    "bounded": _("The boundary is set; places are found by it from now on."),
    "changed": _("The area was changed."),
    "closed": _("The post is closed."),
    "ended": _("The area has ended."),
    "gone": _("The account has ended; what it held went on."),
    "left": _("The assignment ends."),
    "leave": _("The leave is entered."),
    "opened": _("The post is open; nobody holds it yet."),
    "password": _("Your password is another now; every other sign-in has ended."),
    "rehomed": _("Everything is kept under the grid that it lies in now."),
    "phone-found": _("The phone is not wiped. Sign in on it again."),
    "phone-lost": _("The phone is signed out and is wiped at its next contact."),
    "signed-out": _("These sign-ins have ended."),
    "stand-in": _("The stand-in is named."),
}
#: The tables of figures.
TABLES: Mapping[str, Label] = {
    "business": _("By business"),
    "month": _("By month"),
    "area": _("By area"),
    "item": _("By work item"),
}
#: Fields as forms and problems name them.
FIELDS: Mapping[str, Label] = {
    "account": _("Person"),
    "address": _("Address or landmark"),
    "answer": _("Answer to the reporter"),
    "answer_kind": _("How it is answered"),
    "area": _("Area"),
    "asked_by": _("Who asked for it"),
    "assignee": _("Who is to handle it"),
    "attachments": _("Photos and documents"),
    "basis": _("On what it stands"),
    "boundary": _("Boundary"),
    "code": _("Code"),
    "description": _("What happened"),
    "departments": _("Departments"),
    "file": _("Photos and documents"),
    "ground": _("Ground of the refusal"),
    "into": _("Number of the other case"),
    "item": _("Work item"),
    "lat": _("Latitude"),
    "lon": _("Longitude"),
    "mended": _("Is it mended?"),
    "outcome": _("How it ended"),
    "parts": _("Parts"),
    "password": _("Password"),
    "planned_on": _("Promised for"),
    "period": _("Period"),
    "reason": _("Reason"),
    "replies": _("Replies"),
    "reported_at": _("Reported at"),
    "state": _("State"),
    "text": _("Text"),
    "title": _("Title"),
    "use": _("Used for"),
    "until": _("Until"),
    "urgency": _("Urgency"),
    "username": _("User name"),
    "what": _("What was asked for"),
    "whose": _("Who answers for it"),
    "within_minutes": _("Within minutes"),
    "witness": _("Who or what is the witness?"),
    "words": _("The words to choose from"),
    "current": _("Password until now"),
    "department": _("Department"),
    "from_on": _("From"),
    "home": _("Area"),
    "kind": _("Post"),
    "level": _("Level"),
    "name": _("Name"),
    "on": _("From the day"),
    "parent": _("Area above"),
    "part": _("Full or part time"),
    "post": _("Post"),
    "stand_in": _("Stand-in"),
    "to_account": _("Person"),
    "to_on": _("Until and including"),
    "urban_rural_class": _("Urban-rural class"),
    "valid_from": _("From the day"),
    "valid_to": _("Ended on"),
}
#: Columns of files that are taken in.
FILE_COLUMNS: Mapping[str, Label] = {**home_words.COLUMNS, **ITEM_FIELDS, **FIELDS}
#: `mended` alone is the field, within a list of outcomes it is one of them.
_LISTED: Mapping[str, Label] = {
    **dispute_words.FIELDS, **dispute_words.STATES, **FIELDS, **STATES, **OUTCOMES, **WITNESSES, **LATE
}  # fmt: skip
_CODES: Mapping[str, Label] = {**_LISTED, **dispute_words.FIELDS, **FIELDS}


def label(labels: Mapping[str, Label], code: str) -> str:
    """The label, or the code itself: an unknown one must not take a page away."""
    return str(labels.get(code, code))


def said(text: str) -> str:
    """A problem's sentence or fact in the language of the page; codes are shown by their labels."""
    if not text:
        return ""
    if text in _CODES:
        return str(_CODES[text])
    parts = text.split(", ")
    if len(parts) > 1 and all(part in _LISTED for part in parts):
        return gettext(", ").join(str(_LISTED[part]) for part in parts)
    return gettext(text)


def named(thing: Any, language: str) -> str:
    """What the data itself names in both languages: an item, a department, a kind of post."""
    if thing is None:
        return ""
    return str(thing.en if language == "en" else thing.zh)
