"""Run in a process of its own, since it commits: `python tests/demo/living.py build|relive|refuse`, in WANGGE_DATA.

`relive` takes fresh made-up lives through the real actions, each entry by the same account at the same moment, and prints
where the two differ.
"""

import json
import os
import sys
from datetime import UTC, date, datetime

os.environ["DJANGO_SETTINGS_MODULE"] = "wangge.project.settings"
NOW = datetime(2026, 3, 25, 2, 30, tzinfo=UTC)
CASES, LIVES = 1_500, 160
#: In the fresh lives every course is as frequent as any other, and what is rare is not, so that few lives show it all.
COURSES = ("alone", "desk", "department", "joint", "returned", "suspended", "merged", "cancelled")
RARE = {
    "COURSES": dict.fromkeys(COURSES, 1),
    "ESCALATED_SHARE": 0.2,
    "SUPERVISED_SHARE": 0.2,
    "SUMMONED_SHARE": 1.0,
    "URGENCY_SHARES": (0.4, 0.4, 0.2),
    "NOT_MENDED_SHARE": 0.2,
    "RATED_NO_SHARE": 0.3,
    "REOPENED_SHARE": 0.3,
    "BACKLOG": ((28, 0.3, (2, 5)),),
}
OTHERWISE = {
    "number",
    "content_hash",
}  # numbers go on from the city's; the real digest covers the whole report


def build():
    from django.core.management import call_command

    from wangge.demo.actions import build_city

    call_command("migrate", database="owner", verbosity=0)
    assert build_city(now=NOW, cases=CASES)
    assert not build_city(now=NOW, cases=CASES)


def refuse():
    """What the city says of a database that is not its own: here it only seems not to stand."""
    from wangge.demo import queries
    from wangge.demo.actions import build_city
    from wangge.demo.rules.problems import OtherData

    queries.is_built = lambda: False
    try:
        build_city(now=NOW, cases=10)
    except OtherData as problem:
        print(type(problem).__name__, problem)


def fresh_lives():
    """Lives of another seed than the city's, with the same people; few items in one township, so that some are the same."""
    from collections import Counter
    from dataclasses import replace

    from wangge.demo import queries
    from wangge.demo.actions import cases, city
    from wangge.demo.actions.draws import draw_reports
    from wangge.demo.actions.photos import draw_photos
    from wangge.demo.rules import distributions
    from wangge.demo.rules.city import plan_city

    places = plan_city(queries.divisions(), queries.outlines(), 1)
    setting = city._setting(places, city._seatings(places, NOW, 1), draw_photos(), NOW, 7)
    near = tuple(place for place in setting.places if place.code.startswith("320703003"))
    few = tuple(
        version for number, version in enumerate(setting.versions) if number % 20 == 0 or version.confidential
    )
    setting = replace(setting, places=near, versions=few[:16])
    habits = [queries.habits()[version.item_id] for version in setting.versions]
    draws = draw_reports(LIVES, habits, setting.places, NOW, 60, 7)
    for name, share in RARE.items():
        setattr(distributions, name, share)
    return cases._lives(draws, setting, range(LIVES), Counter())


def relive():
    from django.db import connections

    lives = fresh_lives()
    with connections["owner"].cursor() as cursor:
        for digest, account in {
            (each["blob_id"], each["added_by_id"]) for life in lives for each in life.photos
        }:
            cursor.execute(
                "insert into blobs_upload (blob_id, by_id, at) values (%s, %s, %s) on conflict do nothing",
                [digest, account, NOW],
            )
    for life in lives:
        Reliving(life).run()
    found = [fault for life in lives for fault in differences(life)]
    verbs = sorted({entry["verb"] for life in lives for entry in life.entries})
    print(json.dumps({"differences": found, "verbs": verbs, "lives": len(lives)}, ensure_ascii=False))


class Reliving:
    """One life, entry by entry, through the real actions."""

    def __init__(self, life):
        self.life = life
        self.told = {}  # what the journal said last: it repeats nothing that stayed as it was

    def run(self):
        from django.db import transaction

        from wangge.staff import queries as staff

        for entry in self.life.entries:
            with transaction.atomic():
                if entry["actor_id"] is None:
                    viewer = staff.enter_as_system(self.life.root)
                else:
                    viewer = staff.enter_as(entry["actor_id"], now=entry["at"])
                try:
                    self.take(viewer, entry)
                except Exception as problem:
                    problem.add_note(f"{self.life.row['id']} {entry}")
                    raise

    def take(self, viewer, entry):
        from wangge.cases import actions
        from wangge.cases.actions.alarms import sound_alarm
        from wangge.cases.actions.attachments import attach_to
        from wangge.cases.actions.steps import PAST
        from wangge.cases.models import Case, Summons

        at, verb, case_id = entry["at"], entry["verb"], self.life.row["id"]
        if verb == "case.reported":
            self.report(viewer, at)
        elif verb in ("case.warned", "case.overdue", "case.resumed"):
            assert sound_alarm(viewer, case_id, now=at) == verb.removeprefix("case."), entry
        elif verb == "case.attached":
            attach_to(
                viewer,
                Case.objects.get(id=case_id),
                entry["after"]["blob"],
                step=entry["after"]["step"],
                now=at,
            )
        elif verb == "case.summons-answered":
            summons = Summons.objects.filter(case_id=case_id, arrived_at=None).order_by("id").first()
            actions.arrive_at_summons(viewer, summons.id, now=at)
        else:
            step = next(step for step, past in PAST.items() if past == verb)
            actions.take_step(
                viewer, case_id, step, command_id=entry["command_id"], facts=self.facts(step, entry), now=at
            )

    def report(self, viewer, at):
        from wangge.cases import actions

        filed = self.life.filed
        grid = filed.path.rsplit(".", 1)[-1]
        report = actions.Report(
            item=filed.version.item_id,
            title=filed.title,
            reported_at=filed.reported_at,
            description=filed.description,
            lon=filed.lon,
            lat=filed.lat,
            area=grid if grid[12] == "2" else "",
            urgency=filed.urgency,
        )
        actions.report_case(viewer, filed.id, report, now=at, source=filed.source)

    def facts(self, step, entry):
        after = entry["after"]
        self.told |= after
        facts = {
            name: after[name]
            for name in ("departments", "mended", "witness", "within_minutes")
            if name in after
        }
        if entry["reason"]:
            facts["reason"] = entry["reason"]
        if step == "handle":
            facts |= {"outcome": after["outcome"], "answer": after["answer"]}
            facts |= {name: self.told[name] for name in ("whose", "ground") if self.told.get(name)}
            if self.told.get("planned_on"):
                facts["planned_on"] = date.fromisoformat(self.told["planned_on"])
        if after.get("merged_into_id"):
            facts["into"] = after["merged_into_id"]
        if step == "rate":
            facts["mended"] = self.told["rating"]
        if step == "suspend":
            facts["until"] = date.fromisoformat(after["until"])
        return facts


def differences(life):
    from django.db import connections

    from wangge.cases.models import Case
    from wangge.journal.models import Entry

    row = Case.objects.using("owner").values().get(id=life.row["id"])
    for name, value in life.row.items():
        there = bytes(row[name]) if isinstance(row[name], memoryview) else row[name]
        if name not in OTHERWISE and there != value:
            yield [str(life.row["id"]), name, repr(value), repr(there)]
    written = list(Entry.objects.using("owner").filter(subject=f"case:{life.row['id']}").order_by("id"))
    for mine, real in zip(life.entries, written, strict=True):
        for name in ("verb", "at", "actor_id", "actor_name", "post", "before", "after", "reason", "source"):
            if mine["verb"] == "case.reported" and name == "after":
                mine["after"]["number"] = real.after["number"]
            if (mine[name] or None) != (getattr(real, name) or None):
                yield [
                    str(life.row["id"]),
                    f"{mine['verb']} {name}",
                    repr(mine[name]),
                    repr(getattr(real, name)),
                ]
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "select office_id || '/' || department_id, asked_at, answered_at, answered_by_id, outcome, answer, withdrawn"
            " from cases_task where case_id = %s order by asked_at, 1",
            [life.row["id"]],
        )
        tasks = cursor.fetchall()
        cursor.execute(
            "select blob_id, step, added_at, added_by_id from cases_attachment where case_id = %s order by id",
            [life.row["id"]],
        )
        photos = cursor.fetchall()
    if photos != [tuple(each.values()) for each in life.photos]:
        yield [str(life.row["id"]), "photos", repr(life.photos), repr(photos)]
    if tasks != [
        tuple(each.values()) for each in sorted(life.tasks, key=lambda each: (each["asked_at"], each["key"]))
    ]:
        yield [str(life.row["id"]), "tasks", repr(life.tasks), repr(tasks)]


if __name__ == "__main__":
    import django

    django.setup()
    {"build": build, "relive": relive, "refuse": refuse}[sys.argv[1]]()
