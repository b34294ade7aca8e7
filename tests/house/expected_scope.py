"""Which rows each account may see and write, said a second time in Python, beside the policies: the tests compare both.

`SEEN`, `CHANGED`, `ADDED`, `REMOVED` map a table to a rule `(who, row, town) -> bool`; a row is the table's row as JSON. A
table that is not in one of the last three is not written by the application's role in that way, whoever asks.
"""

from dataclasses import dataclass, field


def below(path, areas):
    return any(f"{path}.".startswith(f"{area}.") for area in areas)


@dataclass(frozen=True)
class Who:
    """An account as the rules see it, from its posts and their duties."""

    pk: int | None = None
    scope: tuple = ()
    secret: tuple = ()
    manages: tuple = ()
    works: tuple = ()
    offices: tuple = ()
    admits: frozenset = frozenset()
    codes: tuple = field(default=())
    mediates: tuple = ()
    oversees: tuple = ()
    homes: tuple = ()


def who_is(account_id, posts, kinds, dedicated=()):
    """From the rows of the posts that the account holds, and the kinds of post by code."""
    own = [(post, kinds[post["kind_id"]]) for post in posts]
    placed = [(post["path"], kind) for post, kind in own if not post["department_id"]]
    return Who(
        pk=account_id,
        scope=tuple(path for path, _ in placed),
        secret=tuple(path for path, kind in placed if kind["confidential"]),
        manages=tuple(path for path, kind in placed if {"administer", "lead"} & set(kind["duties"])),
        works=tuple(
            path for path, kind in placed if {"advise", "desk", "walk", "lead"} & set(kind["duties"])
        ),
        offices=tuple(
            f"{post['area_id']}/{post['department_id']}" for post, _ in own if post["department_id"]
        ),
        admits=frozenset(duty for _, kind in own for duty in kind["duties"])
        & {"administer", "admit", "handle"},
        codes=tuple(path.rsplit(".", 1)[-1] for path, _ in placed),
        mediates=tuple(path for path, kind in placed if "mediate" in kind["duties"]),
        oversees=tuple(path for path, kind in placed if "oversee-mediation" in kind["duties"]),
        homes=tuple(
            path
            for path, kind in placed
            if "register" in kind["duties"] and path.rsplit(".", 1)[-1] not in dedicated
        ),
    )


def everyone(_who, _row, _all):
    return True


def in_scope(who, row, _all):
    return below(row["path"], who.scope)


def managed(who, row, _all):
    return below(row["path"], who.manages)


def at_the_root(who, _row, _all):
    return any("." not in path for path in who.manages)


def open_to(who, row, areas):
    return below(row["path"], areas) and (not row["confidential"] or below(row["path"], who.secret))


def given(who, row):
    return bool(set(row["department_keys"]) & set(who.offices))


def case_seen(who, row, _all):
    on_border = not row["confidential"] and bool(set(row["border_ids"]) & set(who.codes))
    follows = not row["confidential"] and who.pk is not None and who.pk in row["followers"]
    related = given(who, row) or mine(who, row["reported_by_id"]) or follows
    return open_to(who, row, who.scope) or on_border or related


def mine(who, account_id):
    return who.pk is not None and account_id == who.pk


def case_changed(who, row, _all):
    return open_to(who, row, who.works) or given(who, row) or mine(who, row["reported_by_id"])


def case_added(who, row, _all):
    placed = below(row["path"], who.scope) or set(row["border_ids"]) & set(who.codes)
    office = {key.split("/")[0] for key in who.offices} & set(row["path"].split("."))
    return row["reported_by_id"] == who.pk and bool(placed or office or to_the_township_above(who, row))


def to_the_township_above(who, row):
    """A suspicion may be filed with the township above its finder."""
    above = any(f"{area}.".startswith(f"{row['path']}.") for area in who.scope)
    return row["confidential"] and row["path"].count(".") == 2 and above


def with_its_case(who, row, rows):
    return any(case["id"] == row["case_id"] and case_seen(who, case, rows) for case in rows["cases_case"])


def of_a_case_seen(who, row, rows):
    return any(
        row["subject"] == f"case:{case['id']}" and case_seen(who, case, rows) for case in rows["cases_case"]
    )


def mediation_seen(who, row, _all):
    assigned = bool(who.mediates) and mine(who, row["mediator_id"])
    return row["path"] in who.mediates or below(row["path"], who.oversees) or assigned


def mediation_added(who, row, _all):
    return row["path"] in who.mediates and mine(who, row["mediator_id"])


def with_its_mediation(who, row, rows):
    return any(
        file["id"] == row["mediation_id"] and mediation_seen(who, file, rows)
        for file in rows["cases_mediation"]
    )


def written_with_its_mediation(who, row, rows):
    return mine(who, row["written_by_id"]) and with_its_mediation(who, row, rows)


def of_a_mediation(row):
    return row["subject"].startswith("mediation:")


def of_a_mediation_seen(who, row, rows):
    return with_its_mediation(who, {"mediation_id": row["subject"].partition(":")[2]}, rows)


def entry_seen(who, row, rows):
    if of_a_mediation(row):
        return of_a_mediation_seen(who, row, rows)
    public = row["subject"].startswith("item:") and who.pk is not None
    plain = open_to(who, row, who.scope) or mine(who, row["actor_id"]) or public
    return plain or of_a_case_seen(who, row, rows)


def entry_added(who, row, rows):
    if of_a_mediation(row):
        return row["actor_id"] == who.pk and of_a_mediation_seen(who, row, rows)
    at_office = row["area_id"] in {key.split("/")[0] for key in who.offices}
    here = below(row["path"], who.scope) or at_office or row["subject"] == f"account:{who.pk}"
    seen = of_a_case_seen(who, row, rows) or of_a_question_seen(who, row, rows)
    return row["actor_id"] == who.pk and (here or seen)


def of_a_question_seen(who, row, rows):
    return any(
        row["subject"] == f"question:{one['id']}" and question_seen(who, one, rows)
        for one in rows["visits_question"]
    )


def question_seen(who, row, rows):
    """By the department that asks and in its area; once it is asked at doors, by whoever works below."""
    if in_scope(who, row, rows) or row["department_key"] in who.offices:
        return True
    return row["state"] in ("running", "ended") and in_scope_or_above(who, row, rows)


def question_changed(who, row, rows):
    return worked_on(who, row, rows) or row["department_key"] in who.offices


def question_added(who, row, _all):
    at_office = row["department_key"].split("/")[0] in row["path"].split(".")
    own = mine(who, row["asked_by_id"]) and row["department_key"] in who.offices
    return own and at_office and row["state"] == "waiting"


def reply_added(who, row, rows):
    asked = any(
        one["id"] == row["question_id"] and question_seen(who, one, rows) for one in rows["visits_question"]
    )
    return at_homes(who, row, rows) and mine(who, row["by_id"]) and asked


def head_seen(who, row, rows):
    first = [one for one in rows["journal_entry"] if (one["area_id"], one["seq"]) == (row["area_id"], 1)]
    return any(entry_seen(who, one, rows) for one in first)


def blob_seen(who, row, rows):
    brought = any(one["blob_id"] == row["digest"] and mine(who, one["by_id"]) for one in rows["blobs_upload"])
    attached = [one for one in rows["cases_attachment"] if one["blob_id"] == row["digest"]]
    papers = who.pk is not None and any(one["blob_id"] == row["digest"] for one in rows["catalogue_paper"])
    hangs = papers or any(with_its_case(who, one, rows) for one in attached)
    return (
        mine(who, row["uploaded_by_id"])
        or brought
        or hangs
        or in_an_answer(who, row, rows)
        or of_a_plant(who, row, rows)
        or (
            who.pk is not None
            and any(one["picture_id"] == row["digest"] for one in rows["campaigns_formpicture"])
        )
    )


def in_an_answer(who, blob, rows):
    """A photo of an answer is seen with it when who answered had brought it."""
    photos = {one["answer_id"] for one in rows["campaigns_answerphoto"] if one["digest"] == blob["digest"]}
    given = [one for one in rows["campaigns_answer"] if one["id"] in photos and answer_seen(who, one, rows)]
    brought = {one["by_id"] for one in rows["blobs_upload"] if one["blob_id"] == blob["digest"]}
    return any(one["by_id"] in brought for one in given)


def of_a_plant(who, blob, rows):
    """A plant's photo is seen with it when who looked had brought it."""
    brought = {one["by_id"] for one in rows["blobs_upload"] if one["blob_id"] == blob["digest"]}
    return any(
        one["photo"] == blob["digest"] and one["by_id"] in brought and plant_seen(who, one, rows)
        for one in rows["campaigns_plantcheck"]
    )


def plant_seen(who, row, rows):
    """A suspicion by its finder and the confidential seats of the township and above."""
    if mine(who, row["by_id"]):
        return True
    if row["decision"] == "suspected":
        return below(row["path"], [area for area in who.secret if area.count(".") <= 2])
    return at_homes(who, row, rows)


def plant_added(who, row, rows):
    known = row["household_id"] is None or at_homes(who, row, rows)
    return mine(who, row["by_id"]) and in_scope(who, row, rows) and known


def attachment_added(who, row, rows):
    blob = next(one for one in rows["blobs_blob"] if one["digest"] == row["blob_id"])
    return with_its_case(who, row, rows) and blob_seen(who, blob, rows)


def paper_added(who, row, rows):
    blob = next(one for one in rows["blobs_blob"] if one["digest"] == row["blob_id"])
    return bool(who.admits) and row["added_by_id"] == who.pk and blob_seen(who, blob, rows)


def held_by(who, rows):
    return {one["post_id"] for one in rows["staff_assignment"] if mine(who, one["account_id"])}


def account_managed(who, row, _all):
    return below(row["home_path"], who.manages)


def item_touched(who, row, _all):
    return "admit" in who.admits or (
        row["state"] == "proposed" and bool(who.admits & {"administer", "handle"})
    )


def note_seen(who, row, rows):
    holds_a_post = bool(who.scope or who.offices)
    return with_its_case(who, row, rows) and (row["audience"] == "reporter" or holds_a_post)


def note_added(who, row, rows):
    return row["written_by_id"] == who.pk and with_its_case(who, row, rows)


def own(who, row, _all):
    return mine(who, row["account_id"])


def view_seen(who, row, rows):
    above = any(f"{area}.".startswith(f"{row['path']}.") for area in who.scope)
    return own(who, row, rows) or (row["shared"] and (in_scope(who, row, rows) or above))


def view_written(who, row, rows):
    return own(who, row, rows) and (not row["shared"] or in_scope(who, row, rows))


def device_seen(who, row, _all):
    return mine(who, row["account_id"]) or below(row["home_path"], who.manages)


def own_or_at_homes(who, row, rows):
    return mine(who, row["account_id"]) or at_homes(who, row, rows)


def in_scope_or_above(who, row, _all):
    return below(row["path"], who.scope) or any(below(area, [row["path"]]) for area in who.scope)


def gone_and_managed(who, row, rows):
    return row["gone"] and managed(who, row, rows)


def at_homes(who, row, _all):
    return below(row["path"], who.homes)


def at_homes_or_above(who, row, _all):
    """What the headings of lists mean is read by whoever keeps a register there, above or below."""
    return below(row["path"], who.homes) or any(
        f"{home}.".startswith(f"{row['path']}.") for home in who.homes
    )


def visit_added(who, row, rows):
    return at_homes(who, row, rows) and row["entered_by_id"] == who.pk


def round_added(who, row, rows):
    return at_homes(who, row, rows) and row["made_by_id"] == who.pk


def own_and_led(who, row, rows):
    return mine(who, row["account_id"]) or managed(who, row, rows)


def own_in_scope(who, row, rows):
    return mine(who, row["account_id"]) and in_scope(who, row, rows)


def track_added(who, row, rows):
    walked = (patrol for patrol in rows["visits_patrol"] if patrol["id"] == row["patrol_id"])
    return mine(who, row["account_id"]) and any(mine(who, patrol["account_id"]) for patrol in walked)


def worked_on(who, row, _all):
    return below(row["path"], who.works)


def check_added(who, row, rows):
    return worked_on(who, row, rows) and row["account_id"] == who.pk


def of_somebody_seen(who, table, key, rows):
    return any(each["id"] == key and at_homes(who, each, rows) for each in rows[table])


def stay_seen(who, row, rows):
    return at_homes(who, row, rows) or of_somebody_seen(who, "households_resident", row["resident_id"], rows)


def sought_seen(who, row, rows):
    return of_somebody_seen(who, "households_resident", row["other_id"], rows)


def earlier_seen(who, row, rows):
    table = {"need": "households_careneed"}.get(row["kind"], f"households_{row['kind']}")
    return at_homes(who, row, rows) or of_somebody_seen(who, table, row["of_id"], rows)


def transfer_offered(who, row, _all):
    return below(row["from_path"], who.homes)


def transfer_seen(who, row, _all):
    return below(row["from_path"], who.homes) or below(row["to_path"], who.homes)


def campaign_seen(who, row, rows):
    inside = any(f"{area}.".startswith(f"{row['path']}.") for area in who.scope)
    return in_scope(who, row, rows) or (row["state"] != "draft" and inside)


def with_its_campaign(rule):
    return lambda who, row, rows: any(
        each["id"] == row["campaign_id"] and rule(who, each, rows) for each in rows["campaigns_campaign"]
    )


def version_added(who, row, rows):
    return any(each["id"] == row["form_id"] and managed(who, each, rows) for each in rows["campaigns_form"])


def form_picture_added(who, row, rows):
    version = next(each for each in rows["campaigns_formversion"] if each["id"] == row["version_id"])
    blob = next(each for each in rows["blobs_blob"] if each["digest"] == row["picture_id"])
    return version_added(who, version, rows) and SEEN["blobs_blob"](who, blob, rows)


def answer_seen(who, row, rows):
    return at_homes(who, row, rows) or mine(who, row["by_id"])


def answer_added(who, row, rows):
    return at_homes(who, row, rows) and mine(who, row["by_id"])


def with_its_answer(who, row, rows):
    return any(
        each["id"] == row["answer_id"] and answer_seen(who, each, rows) for each in rows["campaigns_answer"]
    )


def photo_added(who, row, rows):
    return any(
        each["id"] == row["answer_id"] and mine(who, each["by_id"]) for each in rows["campaigns_answer"]
    )


def plan_seen(who, row, _all):
    told = row["state"] in ("consulted", "approved", "applied", "undone")
    return below(row["path"], who.scope) or (told and any(below(path, [row["path"]]) for path in who.scope))


def around_it(who, row, _all):
    """Who has a post in, above or below its area."""
    return below(row["path"], who.scope) or any(below(path, [row["path"]]) for path in who.scope)


def with_its_plan(rule):
    return lambda who, row, rows: any(
        each["id"] == row["plan_id"] and rule(who, each, rows) for each in rows["plans_plan"]
    )


def said_of_plan(who, row, rows):
    if row["by_id"] is None:
        return who.pk is None and residents_are_asked(row["plan_id"], rows)
    return mine(who, row["by_id"]) and with_its_plan(plan_seen)(who, row, rows)


def residents_are_asked(plan_id, rows):
    return any(
        plan["id"] == plan_id and plan["state"] == "consulted" and plan["comment_until"]
        for plan in rows["plans_plan"]
    )


def receipt_added(who, row, rows):
    return who.pk is None and any(
        each["id"] == row["comment_id"] and residents_are_asked(each["plan_id"], rows)
        for each in rows["plans_plancomment"]
    )


def managed_with_its_plan(who, row, rows):
    return managed(who, row, rows) and with_its_plan(plan_seen)(who, row, rows)


SEEN = {
    "plans_ground": around_it,
    "plans_reading": managed,
    "plans_search": in_scope,
    "plans_planposts": managed,
    "plans_planproof": with_its_plan(plan_seen),
    "plans_plan": plan_seen,
    "plans_plancontent": with_its_plan(plan_seen),
    "plans_plangrid": with_its_plan(plan_seen),
    "plans_plancomment": with_its_plan(plan_seen),
    "plans_planapplied": in_scope,
    "plans_planreceipt": managed,
    "areas_succession": everyone,
    "campaigns_answer": answer_seen,
    "campaigns_answerphoto": with_its_answer,
    "campaigns_campaign": campaign_seen,
    "campaigns_daytally": in_scope,
    "campaigns_form": everyone,
    "campaigns_formpicture": everyone,
    "campaigns_formversion": everyone,
    "campaigns_material": with_its_campaign(campaign_seen),
    "campaigns_plantcheck": plant_seen,
    "campaigns_tally": in_scope,
    "campaigns_target": at_homes,
    "cases_agreement": with_its_mediation,
    "cases_followup": with_its_mediation,
    "cases_mediationsession": with_its_mediation,
    "cases_party": with_its_mediation,
    "cases_referral": with_its_mediation,
    "cases_remark": with_its_mediation,
    "cases_mediation": mediation_seen,
    "areas_area": everyone,
    "areas_areaversion": in_scope,
    "blobs_blob": blob_seen,
    "blobs_upload": lambda who, row, _all: mine(who, row["by_id"]),
    "cases_attachment": with_its_case,
    "cases_case": case_seen,
    "cases_note": note_seen,
    "cases_posthandover": lambda who, row, rows: (
        in_scope(who, row, rows) or mine(who, row["from_account_id"]) or mine(who, row["to_account_id"])
    ),
    "cases_route": everyone,
    "cases_summons": with_its_case,
    "cases_tally": lambda who, row, _all: open_to(who, row, who.scope),
    "cases_task": with_its_case,
    "cases_texttemplate": everyone,
    "cases_view": view_seen,
    "catalogue_itemversion": everyone,
    "catalogue_paper": everyone,
    "catalogue_refusal": lambda who, row, rows: in_scope(who, row, rows) or mine(who, row["by_id"]),
    "catalogue_workitem": everyone,
    "households_compound": everyone,
    "households_building": at_homes,
    "households_careneed": at_homes,
    "households_columnmapping": at_homes_or_above,
    "households_dwelling": at_homes,
    "households_household": at_homes,
    "households_merge": at_homes,
    "households_resident": at_homes,
    "households_earlier": earlier_seen,
    "households_sought": sought_seen,
    "households_stay": stay_seen,
    "households_tally": in_scope,
    "households_transfer": transfer_seen,
    "journal_entry": entry_seen,
    "journal_head": head_seen,
    "staff_account": lambda who, row, _all: mine(who, row["id"]) or below(row["home_path"], who.scope),
    "staff_assignment": lambda who, row, rows: in_scope(who, row, rows) or mine(who, row["account_id"]),
    "staff_department": everyone,
    "staff_leave": lambda who, row, _all: mine(who, row["account_id"]) or below(row["home_path"], who.scope),
    "staff_post": lambda who, row, rows: in_scope(who, row, rows) or row["id"] in held_by(who, rows),
    "staff_postkind": everyone,
    "staff_postrequirement": everyone,
    "staff_preference": own,
    "visits_check": in_scope,
    "visits_duerule": everyone,
    "visits_duesum": in_scope,
    "visits_duevisit": at_homes,
    "visits_errand": at_homes,
    "visits_metday": at_homes,
    "visits_patrol": own_and_led,
    "visits_place": in_scope,
    "visits_question": question_seen,
    "visits_reply": at_homes,
    "visits_round": at_homes,
    "visits_shift": own_and_led,
    "visits_sum": in_scope,
    "visits_track": own,
    "visits_visit": at_homes,
    "sync_conflict": own_or_at_homes,
    "sync_device": device_seen,
    "sync_heldcommand": lambda who, row, _all: mine(who, row["account_id"]),
    "sync_synccommand": lambda who, row, _all: mine(who, row["account_id"]),
    "sync_touched": in_scope_or_above,
}
CHANGED = {
    "plans_reading": managed,
    "plans_search": managed,
    "plans_planposts": managed,
    "plans_planproof": managed_with_its_plan,
    "plans_plan": managed,
    "plans_plancontent": managed_with_its_plan,
    "plans_plangrid": managed_with_its_plan,
    "areas_succession": managed,
    "campaigns_campaign": managed,
    "campaigns_form": managed,
    "campaigns_material": with_its_campaign(managed),
    "campaigns_target": at_homes,
    "cases_agreement": with_its_mediation,
    "cases_followup": with_its_mediation,
    "cases_mediationsession": with_its_mediation,
    "cases_party": with_its_mediation,
    "cases_referral": with_its_mediation,
    "cases_remark": with_its_mediation,
    "cases_mediation": mediation_seen,
    "areas_area": managed,
    "cases_attachment": with_its_case,
    "cases_case": case_changed,
    "cases_route": managed,
    "cases_summons": with_its_case,
    "cases_task": with_its_case,
    "cases_texttemplate": managed,
    "cases_view": view_written,
    "catalogue_workitem": item_touched,
    "households_compound": managed,
    "households_building": at_homes,
    "households_careneed": at_homes,
    "households_columnmapping": at_homes,
    "households_dwelling": at_homes,
    "households_household": at_homes,
    "households_merge": at_homes,
    "households_resident": at_homes,
    "households_sought": sought_seen,
    "households_stay": at_homes,
    "households_transfer": transfer_seen,
    "staff_account": lambda who, row, rows: mine(who, row["id"]) or account_managed(who, row, rows),
    "staff_assignment": managed,
    "staff_leave": lambda who, row, rows: mine(who, row["account_id"]) or account_managed(who, row, rows),
    "staff_post": managed,
    "staff_postkind": at_the_root,
    "staff_postrequirement": at_the_root,
    "staff_preference": own,
    "visits_duerule": at_the_root,
    "visits_duevisit": at_homes,
    "visits_errand": at_homes,
    "visits_place": worked_on,
    "visits_question": question_changed,
    "visits_shift": lambda who, row, _all: mine(who, row["account_id"]),
    "sync_conflict": own_or_at_homes,
    "sync_device": device_seen,
    "sync_heldcommand": lambda who, row, _all: mine(who, row["account_id"]),
    "sync_synccommand": lambda who, row, _all: mine(who, row["account_id"]),
}
ADDED = {
    "plans_ground": managed,
    "plans_reading": managed,
    "plans_search": managed,
    "plans_planposts": managed,
    "plans_planproof": managed,
    "plans_plan": managed,
    "plans_plancontent": managed,
    "plans_plangrid": managed,
    "plans_plancomment": said_of_plan,
    "plans_planapplied": managed,
    "plans_planreceipt": receipt_added,
    "areas_succession": managed,
    "campaigns_answer": answer_added,
    "campaigns_answerphoto": photo_added,
    "campaigns_campaign": managed,
    "campaigns_form": managed,
    "campaigns_formpicture": form_picture_added,
    "campaigns_formversion": version_added,
    "campaigns_material": with_its_campaign(managed),
    "campaigns_plantcheck": plant_added,
    "cases_agreement": written_with_its_mediation,
    "cases_followup": written_with_its_mediation,
    "cases_mediationsession": written_with_its_mediation,
    "cases_party": written_with_its_mediation,
    "cases_referral": written_with_its_mediation,
    "cases_remark": written_with_its_mediation,
    "cases_mediation": mediation_added,
    "areas_area": managed,
    "areas_areaversion": managed,
    "blobs_blob": lambda who, row, _all: mine(who, row["uploaded_by_id"]),
    "blobs_upload": lambda who, row, _all: mine(who, row["by_id"]),
    "cases_attachment": attachment_added,
    "cases_case": case_added,
    "cases_note": note_added,
    "cases_posthandover": lambda who, row, rows: managed(who, row, rows) or mine(who, row["from_account_id"]),
    "cases_route": managed,
    "cases_summons": with_its_case,
    "cases_task": with_its_case,
    "cases_texttemplate": managed,
    "cases_view": view_written,
    "catalogue_itemversion": lambda who, _row, _all: bool(who.admits),
    "catalogue_paper": paper_added,
    "catalogue_refusal": lambda who, row, _all: below(row["path"], who.works),
    "catalogue_workitem": item_touched,
    "households_compound": managed,
    "households_building": at_homes,
    "households_careneed": at_homes,
    "households_columnmapping": at_homes,
    "households_dwelling": at_homes,
    "households_household": at_homes,
    "households_merge": at_homes,
    "households_resident": at_homes,
    "households_earlier": at_homes,
    "households_stay": at_homes,
    "households_transfer": transfer_offered,
    "journal_entry": entry_added,
    "staff_account": account_managed,
    "staff_assignment": managed,
    "staff_department": lambda who, _row, _all: bool(who.admits & {"administer", "admit"}),
    "staff_leave": lambda who, row, rows: mine(who, row["account_id"]) or account_managed(who, row, rows),
    "staff_post": managed,
    "staff_postkind": at_the_root,
    "staff_postrequirement": at_the_root,
    "staff_preference": own,
    "visits_check": check_added,
    "visits_duerule": at_the_root,
    "visits_duevisit": at_homes,
    "visits_errand": at_homes,
    "visits_patrol": own_in_scope,
    "visits_place": worked_on,
    "visits_question": question_added,
    "visits_reply": reply_added,
    "visits_round": round_added,
    "visits_shift": own_in_scope,
    "visits_track": track_added,
    "visits_visit": visit_added,
    "sync_conflict": lambda who, row, _all: mine(who, row["account_id"]),
    "sync_device": lambda who, row, _all: mine(who, row["account_id"]),
    "sync_heldcommand": lambda who, row, _all: mine(who, row["account_id"]),
    "sync_synccommand": lambda who, row, _all: mine(who, row["account_id"]),
}
REMOVED = {
    "plans_planposts": managed,
    "plans_plancontent": managed_with_its_plan,
    "plans_plangrid": managed_with_its_plan,
    "campaigns_material": with_its_campaign(managed),
    "cases_route": managed,
    "cases_texttemplate": managed,
    "cases_view": own,
    "staff_postrequirement": at_the_root,
    "staff_preference": own,
    "visits_duevisit": at_homes,
    "visits_errand": at_homes,
    "visits_track": own,
    "sync_heldcommand": lambda who, row, _all: mine(who, row["account_id"]),
    "sync_touched": gone_and_managed,
}
