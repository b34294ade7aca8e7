"""How items come in, change and leave, and work that is refused: who may, what is journalled, what two at once get."""

import csv
import io
import threading
import time
from datetime import timedelta
from importlib.resources import files

import pytest
from django.db import connection, connections, transaction
from django.db.utils import ProgrammingError
from tests import builders
from tests.builders import NOW

from wangge.base.ids import new_id
from wangge.base.problems import NotAllowed, NotFound, OtherContent
from wangge.base.tables.reading import MissingColumns
from wangge.catalogue import actions, queries, rules
from wangge.catalogue.models import ItemVersion, Refusal, WorkItem
from wangge.journal.models import Entry

SAMPLE = list(
    csv.DictReader((files("wangge.catalogue") / "data" / "items.csv").read_text("utf-8").splitlines())
)
NEW = {
    **{name: value for name, value in SAMPLE[0].items() if name not in rules.SAMPLE_COLUMNS},
    "code": "S01-90",
    "zh": "充电桩私接电源",
    "en": "Charging post wired without leave",
}


def as_list(*rows, columns=None):
    out = io.StringIO()
    writer = csv.DictWriter(out, columns or list(SAMPLE[0]))
    writer.writeheader()
    writer.writerows(rows)
    return io.BytesIO(out.getvalue().encode())


def entries(code):
    return [
        (entry.verb, entry.actor_id, entry.reason)
        for entry in Entry.objects.filter(subject=f"item:{code}").order_by("id")
    ]


@pytest.fixture
def admitted(town):
    return town.add(builders.item, "M01-01", department="city-management")


class TestSample:
    def test_it_loads_within_seconds_and_loading_again_changes_nothing(self, town, db):
        town.run("delete from staff_department where code <> all (array['fire', 'city-management'])")
        viewer = town.as_system()
        begun = time.monotonic()
        first = actions.load_sample_catalogue(viewer, now=NOW)
        assert time.monotonic() - begun < 5
        assert len(first.added) == len(SAMPLE) >= 90
        written = (ItemVersion.objects.count(), Entry.objects.count())
        again = actions.load_sample_catalogue(viewer, now=NOW)
        assert (again.added, again.unchanged) == ((), len(SAMPLE))
        assert (ItemVersion.objects.count(), Entry.objects.count()) == written
        assert len(queries.departments()) == 33

    def test_what_a_city_has_changed_or_retired_stays_so(self, town, db):
        viewer = town.as_system()
        actions.load_sample_catalogue(viewer, now=NOW)
        actions.change_item(
            viewer, code="S01-01", values={"minutes_per_week": "77"}, reason="measured", now=NOW
        )
        actions.retire_item(viewer, code="S01-02", reason="ended", now=NOW)
        actions.load_sample_catalogue(viewer, now=NOW)
        assert queries.current_item("S01-01").minutes_per_week == 77
        assert queries.item_by_code("S01-02").state == "retired"

    def test_every_item_says_what_its_row_says(self, town, db):
        actions.load_sample_catalogue(town.as_system(), now=NOW)
        for row in SAMPLE:
            version = queries.current_item(row["code"])
            assert (version.zh, version.department_id, version.first_tier) == (
                row["zh"],
                row["department"],
                row["first_tier"],
            )
            assert " ".join(version.urgency_levels) == row["urgency_levels"]
            assert (version.accept_minutes, version.handle_minutes) == (
                int(row["accept_minutes"]),
                int(row["handle_minutes"]),
            )
            assert version.confidential == (row["confidential"] == "1")

    def test_a_worker_cannot_load_it(self, town, db):
        with pytest.raises(NotAllowed):
            actions.load_sample_catalogue(town.as_viewer("worker"), now=NOW)


class TestAdmission:
    def test_from_a_departments_proposal_to_its_end_with_who_when_and_why(self, town, db):
        proposer = town.as_viewer("handler")
        item = actions.propose_item(proposer, values=NEW, reason="asked for by the fire brigade", now=NOW)
        assert item.state == "proposed"
        with pytest.raises(rules.ItemNotOpen):
            queries.current_item("S01-90")
        centre = town.as_viewer("centre")
        actions.review_item(centre, code="S01-90", reason="basis and minutes looked at", now=NOW)
        actions.admit_item(centre, code="S01-90", now=NOW)
        assert queries.current_item("S01-90").zh == NEW["zh"]
        actions.retire_item(centre, code="S01-90", reason="the campaign is over", now=NOW + timedelta(days=9))
        with pytest.raises(rules.ItemNotOpen):
            queries.current_item("S01-90")
        assert entries("S01-90") == [
            ("item.proposed", proposer.account_id, "asked for by the fire brigade"),
            ("item.reviewed", centre.account_id, "basis and minutes looked at"),
            ("item.admitted", centre.account_id, ""),
            ("item.retired", centre.account_id, "the campaign is over"),
        ]

    def test_everyone_at_work_reads_how_an_item_came_in(self, town, db):
        actions.propose_item(town.as_viewer("handler"), values=NEW, now=NOW)
        history = queries.item_history(town.as_viewer("far_worker"), "S01-90")
        assert [version.number for version in history.versions] == [1]
        assert [(entry.verb, entry.actor_name) for entry in history.entries] == [
            ("item.proposed", "城管处置员")
        ]
        town.as_nobody()
        assert Entry.objects.count() == 0

    @pytest.mark.parametrize("who", ["worker", "dispatcher", "community", "instructor"])
    def test_who_holds_no_seat_for_it_can_do_nothing(self, town, db, admitted, who):
        viewer = town.as_viewer(who)
        with pytest.raises(NotAllowed):
            actions.propose_item(viewer, values=NEW, now=NOW)
        for act in (actions.review_item, actions.admit_item, actions.decline_item, actions.retire_item):
            with pytest.raises(NotAllowed):
                act(viewer, code="M01-01", reason="because", now=NOW)
        with pytest.raises(NotAllowed):
            actions.change_item(viewer, code="M01-01", values={"zh": "路灯"}, reason="because", now=NOW)

    def test_who_proposes_cannot_admit_not_even_with_raw_sql(self, town, db, admitted):
        viewer = town.as_viewer("handler")
        actions.propose_item(viewer, values=NEW, now=NOW)
        with pytest.raises(NotAllowed):
            actions.review_item(viewer, code="S01-90", now=NOW)
        with connection.cursor() as cursor:
            cursor.execute("update catalogue_workitem set state = 'retired' where code = 'M01-01'")
            assert cursor.rowcount == 0
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                cursor.execute("update catalogue_workitem set state = 'admitted' where code = 'S01-90'")
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                cursor.execute("insert into catalogue_workitem (code, state) values ('S01-91', 'admitted')")

    def test_a_worker_writes_nothing_with_raw_sql(self, town, db, admitted):
        town.as_viewer("worker")
        with connection.cursor() as cursor:
            cursor.execute("update catalogue_workitem set state = 'retired'")
            assert cursor.rowcount == 0
            for statement in (
                "insert into catalogue_workitem (code, state) values ('S01-91', 'proposed')",
                "insert into staff_department values ('mine', '我的', 'mine')",
            ):
                with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                    cursor.execute(statement)
        version = ItemVersion.objects.get()
        version.pk, version.number = None, 2
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            version.save()

    def test_a_step_that_the_table_lacks_is_refused_and_says_what_is_possible(self, town, db, admitted):
        with pytest.raises(rules.ItemStepNotPossible) as refused:
            actions.review_item(town.as_viewer("centre"), code="M01-01", now=NOW)
        assert refused.value.facts == {"state": "admitted", "step": "review", "possible": ("retire",)}

    @pytest.mark.parametrize("act", [actions.decline_item, actions.retire_item])
    def test_a_no_needs_a_reason(self, town, db, act):
        town.add(builders.item, "M01-02", state="proposed" if act is actions.decline_item else "admitted")
        with pytest.raises(rules.MissingReason):
            act(town.as_viewer("centre"), code="M01-02", reason="", now=NOW)

    def test_a_code_is_given_once(self, town, db, admitted):
        with pytest.raises(rules.ItemExists):
            actions.propose_item(
                town.as_viewer("admin"),
                values={**NEW, "code": "M01-01", "business": "management", "group": "M01"},
                now=NOW,
            )
        assert WorkItem.objects.count() == 1

    def test_every_wrong_value_is_named(self, town, db):
        with pytest.raises(rules.BadItem) as refused:
            actions.propose_item(
                town.as_viewer("admin"),
                values={**NEW, "accept_minutes": "-3", "proof": "photos", "zh": ""},
                now=NOW,
            )
        assert [fault["field"] for fault in refused.value.facts["faults"]] == [
            "zh",
            "accept_minutes",
            "proof",
        ]
        with pytest.raises(rules.BadItem) as refused:
            actions.propose_item(town.as_viewer("admin"), values={**NEW, "department": "wizards"}, now=NOW)
        assert refused.value.facts["faults"][0]["value"] == "wizards"

    def test_there_is_no_unknown_item(self, town, db):
        with pytest.raises(rules.NoSuchItem):
            actions.admit_item(town.as_viewer("centre"), code="M01-77", now=NOW)
        with pytest.raises(rules.NoSuchItem):
            queries.current_item("M01-77")


class TestChange:
    def test_a_change_is_a_new_version_and_running_cases_keep_theirs(self, town, db, admitted):
        case = town.add(builders.case, admitted, town.grid_a)
        centre = town.as_viewer("centre")
        actions.change_item(centre, code="M01-01", values=GOOD_CHANGE, reason="a month's measure", now=NOW)
        new = queries.current_item("M01-01")
        assert (new.number, new.minutes_per_week, new.zh) == (2, 33, "路灯不亮")
        case.refresh_from_db()
        assert case.item_version.number == 1
        assert case.item_version.minutes_per_week == 10
        assert [version.number for version in queries.item_history(centre, "M01-01").versions] == [2, 1]
        assert Entry.objects.get(verb="item.changed").before == {"version": 1}

    def test_the_same_again_is_no_change(self, town, db, admitted):
        centre = town.as_viewer("centre")
        actions.change_item(centre, code="M01-01", values=GOOD_CHANGE, reason="measured", now=NOW)
        with pytest.raises(rules.NothingChanged):
            actions.change_item(centre, code="M01-01", values=GOOD_CHANGE, reason="measured", now=NOW)

    def test_a_retired_item_cannot_be_changed(self, town, db):
        town.add(builders.item, "M01-02", state="retired")
        with pytest.raises(rules.ItemStepNotPossible):
            actions.change_item(
                town.as_viewer("centre"), code="M01-02", values=GOOD_CHANGE, reason="x", now=NOW
            )

    def test_its_own_department_changes_a_proposal_but_not_an_admitted_item(self, town, db, admitted):
        handler = town.as_viewer("handler")
        actions.propose_item(handler, values=NEW, now=NOW)
        actions.change_item(
            handler, code="S01-90", values={"minutes_per_week": "5"}, reason="less after all", now=NOW
        )
        assert queries.item_by_code("S01-90").version.minutes_per_week == 5
        with pytest.raises(NotAllowed):
            actions.change_item(handler, code="M01-01", values=GOOD_CHANGE, reason="x", now=NOW)


GOOD_CHANGE = {"minutes_per_week": "33", "keywords": "路灯 灯不亮 没有灯"}


class TestImport:
    def test_new_changed_and_unchanged_rows(self, town, db):
        centre = town.as_viewer("centre")
        mine = [dict(row) for row in SAMPLE[:3]]
        first = actions.import_items(centre, source=as_list(*mine), reason="council of May", now=NOW)
        assert first.added == ("S01-01", "S01-02", "S01-03")
        mine[1]["minutes_per_week"] = "99"
        second = actions.import_items(centre, source=as_list(*mine), now=NOW)
        assert (second.added, second.changed, second.unchanged) == ((), ("S01-02",), 2)
        assert queries.current_item("S01-02").number == 2
        assert entries("S01-01") == [("item.imported", centre.account_id, "council of May")]

    def test_a_list_without_the_samples_columns_and_with_chinese_titles_is_read(self, town, db):
        plain = [name for name in SAMPLE[0] if name not in rules.SAMPLE_COLUMNS]
        text = as_list({name: SAMPLE[0][name] for name in plain}, columns=plain).getvalue().decode()
        titles = {column: title for title, column in rules.COLUMN_TITLES.items() if title != column}
        header, rest = text.split("\n", 1)
        text = ",".join(titles[name] for name in header.strip().split(",")) + "\n" + rest
        report = actions.import_items(
            town.as_viewer("centre"), source=io.BytesIO(text.encode("gb18030")), now=NOW
        )
        assert report.added == ("S01-01",)

    def test_each_wrong_cell_is_named_and_nothing_is_taken_in(self, town, db):
        town.add(builders.item, "S01-04", state="retired", department="fire")
        rows = [dict(row) for row in SAMPLE[:4]]
        rows[0]["handle_minutes"] = "soon"
        rows[1]["department"] = "wizards"
        rows[2]["code"] = "S01-01"
        with pytest.raises(rules.BadItemList) as refused:
            actions.import_items(town.as_viewer("centre"), source=as_list(*rows), now=NOW)
        faults = refused.value.facts["faults"]
        assert [(fault["line"], fault["column"], fault["value"]) for fault in faults] == [
            (2, "handle_minutes", "soon"),
            (3, "department", "wizards"),
            (4, "code", "S01-01"),
            (5, "code", "S01-04"),
        ]
        assert all(fault["expected"] for fault in faults)
        assert WorkItem.objects.count() == 1
        assert Entry.objects.count() == 0

    def test_a_list_without_a_column_names_it(self, town, db):
        short = [name for name in SAMPLE[0] if name != "proof"]
        with pytest.raises(MissingColumns, match="proof"):
            actions.import_items(
                town.as_viewer("centre"),
                source=as_list({name: SAMPLE[0][name] for name in short}, columns=short),
                now=NOW,
            )

    def test_who_may_not_admit_may_not_import(self, town, db):
        with pytest.raises(NotAllowed):
            actions.import_items(town.as_viewer("handler"), source=as_list(SAMPLE[0]), now=NOW)


class TestRefusals:
    def refuse(self, viewer, town, **changed):
        facts = {
            "area_code": town.grid_a.code,
            "asked_by": "fire",
            "what": "替部门填报台账",
            "ground": "not_admitted",
            "command_id": new_id(),
            "now": NOW,
        }
        return actions.refuse_work(viewer, **(facts | changed))

    def test_in_one_step_and_counted_by_who_asked(self, town, db, admitted):
        self.refuse(town.as_viewer("worker"), town)
        self.refuse(town.as_viewer("worker2"), town, area_code=town.grid_b.code)
        self.refuse(
            town.as_viewer("community"),
            town,
            area_code=town.community.code,
            asked_by="city-management",
            item="M01-01",
            ground="beyond",
        )
        self.refuse(town.as_viewer("far_worker"), town, area_code=town.far_grid.code)
        period = (NOW - timedelta(days=1), NOW + timedelta(days=1))
        counts = queries.refusals_by_asker(town.as_viewer("township"), town.township.code, *period)
        assert [(one.department, one.not_admitted, one.beyond) for one in counts] == [
            ("fire", 2, 0),
            ("city-management", 0, 1),
        ]
        assert queries.refusals_by_asker(town.as_viewer("worker"), town.grid_a.code, *period)[0].total == 1
        assert queries.refusals_by_asker(town.as_viewer("admin"), town.city.code, NOW, NOW) == []
        assert queries.refusals_by_asker(town.as_viewer("admin"), town.city.code, *period)[0].total == 3

    def test_it_is_journalled_where_it_was_refused(self, town, db):
        viewer = town.as_viewer("worker")
        refusal, _ = self.refuse(viewer, town)
        entry = Entry.objects.get(subject=f"refusal:{refusal.pk}")
        assert (entry.verb, entry.actor_id, entry.path) == (
            "work.refused",
            viewer.account_id,
            town.grid_a.path,
        )
        assert entry.after["asked_by"] == "fire"

    def test_the_same_command_again_changes_nothing_and_another_content_is_refused(self, town, db):
        viewer, command = town.as_viewer("worker"), new_id()
        first, new = self.refuse(viewer, town, command_id=command)
        again, anew = self.refuse(viewer, town, command_id=command, now=NOW + timedelta(hours=1))
        assert (new, anew, again.pk) == (True, False, first.pk)
        with pytest.raises(OtherContent):
            self.refuse(viewer, town, command_id=command, what="别的事")
        assert Refusal.objects.count() == 1

    def test_anothers_command_is_not_answered(self, town, db):
        command = new_id()
        self.refuse(town.as_viewer("far_worker"), town, area_code=town.far_grid.code, command_id=command)
        with pytest.raises(OtherContent):
            self.refuse(town.as_viewer("worker"), town, command_id=command)

    def test_the_ground_must_fit_the_item(self, town, db, admitted):
        viewer = town.as_viewer("worker")
        with pytest.raises(rules.WrongGround):
            self.refuse(viewer, town, ground="beyond")
        with pytest.raises(rules.WrongGround):
            self.refuse(viewer, town, item="M01-01", ground="not_admitted")
        with pytest.raises(rules.NoSuchItem):
            self.refuse(viewer, town, item="M01-99")
        with pytest.raises(rules.NoSuchDepartment):
            self.refuse(viewer, town, asked_by="wizards")

    def test_only_within_ones_areas_and_only_by_grid_or_community(self, town, db):
        with pytest.raises(NotAllowed):
            self.refuse(town.as_viewer("worker"), town, area_code=town.grid_b.code)
        with pytest.raises(NotAllowed):
            self.refuse(town.as_viewer("handler"), town)
        with pytest.raises(rules.OnlyGridsAndCommunitiesRefuse):
            self.refuse(town.as_viewer("township"), town, area_code=town.township.code)
        with pytest.raises(NotFound):
            self.refuse(town.as_viewer("worker"), town, area_code="3207030030029999")

    def test_the_counts_of_another_area_are_not_ones_own(self, town, db):
        with pytest.raises(NotAllowed):
            queries.refusals_by_asker(town.as_viewer("community"), town.township.code, NOW, NOW)
        with pytest.raises(NotFound):
            queries.refusals_by_asker(town.as_viewer("community"), "999999999999", NOW, NOW)


class TestAtOnce:
    def test_one_command_twice_at_once_is_one_refusal(self, town, open_db):
        command, made = new_id(), []

        def refuse():
            try:
                with transaction.atomic():
                    viewer = town.as_viewer("worker")
                    ready.wait()
                    made.append(TestRefusals().refuse(viewer, town, command_id=command))
            finally:
                connections.close_all()

        ready = threading.Barrier(2)
        run_together(refuse, refuse)
        assert len({refusal.pk for refusal, _ in made}) == 1
        assert sorted(new for _, new in made) == [False, True]
        assert town.rows("select count(*) from catalogue_refusal") == [(1,)]

    def test_two_who_decide_at_once_decide_one_after_the_other(self, town, open_db):
        town.add(builders.item, "M01-02", state="reviewed")
        ready, said = threading.Barrier(2), []

        def decide(act):
            try:
                with transaction.atomic():
                    viewer = town.as_viewer("centre")
                    ready.wait()
                    said.append(act(viewer, code="M01-02", reason="looked at", now=NOW).state)
            except rules.ItemStepNotPossible as refused:
                said.append(refused.facts["state"])
            finally:
                connections.close_all()

        run_together(lambda: decide(actions.admit_item), lambda: decide(actions.decline_item))
        assert len(set(said)) == 1
        assert town.rows("select state from catalogue_workitem") == [(said[0],)]
        assert len(town.rows("select 1 from journal_entry where subject = 'item:M01-02'")) == 1


def run_together(*works):
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)
    assert not any(thread.is_alive() for thread in threads)
