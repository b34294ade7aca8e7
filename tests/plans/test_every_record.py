"""Every table of the database before a plan is applied, after it and after its undo: no row is lost, what is added has a reason, and what
goes along with a grid lies under the right new one afterwards and where it was after the undo.

Which tables there are is asked of the database: a new one fails here until somebody says what becomes of its rows.
"""

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from tests import builders
from tests.builders import NOW, TODAY
from tests.house.full_town import fill, full_case, full_mediation, registered_home
from tests.plans.test_applying import as_app
from tests.plans.test_drafting import begun
from tests.plans.towns import building, case_at, laid_out

from wangge.base.ids import new_id
from wangge.cases.lifecycle import OPEN
from wangge.cases.models import Route, TextTemplate
from wangge.cases.rules import mediation
from wangge.households.models import Sought, Stay
from wangge.plans import actions
from wangge.plans.queries.plans import content_by_plan
from wangge.sync.jobs import follow_records_of_conflicts
from wangge.visits.models import Errand, Place

_TIERS = {"path", "county_id", "township_id", "community_id", "grid_id"}


@dataclass(frozen=True)
class Goes:
    """Rows that go along, and which of the table's columns change with it. `at`: the column that says where a row lies; `loose`: also
    what lay in no grid goes to the one that it is in now.
    """

    where: str = "true"
    changes: frozenset = frozenset(_TIERS | {"revision"})
    at: str = "path"
    loose: bool = False


_OF_OPEN = f"exists (select from cases_case c where c.id = t.case_id and c.state in {tuple(OPEN)})"
_PATH = frozenset({"path"})
#: What goes with its grid, in the order of the apps.
GOES = {
    "households_compound": [
        Goes("valid_to is null and nlevel(path) = 5", frozenset({"path", "area_id"})),
    ],
    "households_building": [Goes("valid_to is null", loose=True)],
    "households_dwelling": [Goes("valid_to is null", loose=True)],
    "households_household": [Goes("valid_to is null", loose=True)],
    "households_resident": [Goes("left_on is null or merged_into_id is not null")],
    "households_careneed": [Goes()],
    "households_merge": [Goes("undone_at is null", _PATH)],
    "households_transfer": [
        Goes("state = 'offered'", frozenset({"from_path", "to_path"}), at="from_path"),
        Goes("state = 'offered'", frozenset({"from_path", "to_path"}), at="to_path"),
    ],
    "households_sought": [
        Goes(
            "settled_at is null and exists (select from households_resident r where r.id = t.resident_id)",
            frozenset({"to_path"}),
            at="to_path",
        )
    ],
    "visits_duevisit": [Goes()],
    "visits_errand": [Goes("done_at is null", _PATH)],
    "visits_place": [Goes("closed_on is null")],
    "campaigns_target": [
        Goes(
            "exists (select from campaigns_campaign c where c.id = t.campaign_id and c.state <> 'ended')",
            frozenset(_TIERS),
        )
    ],
    "cases_case": [
        Goes(
            f"state in {tuple(OPEN)}",
            frozenset(_TIERS | {"holder_path", "holder_level", "border_ids", "revision", "reported_in"}),
        )
    ],
    "cases_task": [Goes(_OF_OPEN, _PATH)],
    "cases_summons": [Goes(_OF_OPEN, _PATH)],
    "cases_attachment": [Goes(_OF_OPEN, _PATH)],
    "cases_mediation": [Goes(f"state in {tuple(mediation.OPEN)} and nlevel(path) = 5", _PATH)],
    "sync_conflict": [Goes("settled_at is null", _PATH)],
}

_HISTORY = "history, kept where it happened"
_OWN = "hangs on its record by its number and has no place of its own"
_ALL = "said of an area above, or of everywhere"
_PEOPLE = "of accounts, wherever they work"
#: Rows that stay exactly as they are, and why.
STAYS = {
    "blobs_blob": _OWN, "blobs_upload": _OWN,
    "staff_account": _PEOPLE, "staff_department": _ALL, "staff_leave": _PEOPLE, "staff_postkind": _ALL,
    "staff_postrequirement": _ALL, "staff_preference": _PEOPLE, "staff_signin": _PEOPLE, "staff_attempts": _ALL,
    "households_columnmapping": "how a grid's files were read; another one says it anew",
    "households_numbercounter": "of communities",
    "catalogue_workitem": _ALL, "catalogue_itemversion": _ALL, "catalogue_paper": _OWN, "catalogue_refusal": _HISTORY,
    "cases_route": "the rules of an ended grid stay as a record, those of others hold on",
    "cases_posthandover": _HISTORY, "cases_counter": "of counties and days", "cases_view": _PEOPLE,
    "cases_note": "read with its case, and says where it was written", "cases_party": _OWN, "cases_mediationsession": _OWN,
    "cases_agreement": _OWN, "cases_followup": _OWN, "cases_referral": _OWN, "cases_remark": _OWN,
    "visits_duerule": _ALL, "visits_visit": _HISTORY, "visits_round": _HISTORY, "visits_shift": _HISTORY,
    "visits_patrol": _HISTORY, "visits_track": _HISTORY, "visits_check": _HISTORY, "visits_sum": _HISTORY,
    "visits_metday": _HISTORY, "visits_question": "asked of an area; what it is at each door is an errand", "visits_reply": _HISTORY,
    "campaigns_form": _ALL, "campaigns_formversion": _ALL, "campaigns_formpicture": _OWN, "campaigns_campaign": _ALL,
    "campaigns_material": _OWN, "campaigns_daytally": _HISTORY, "campaigns_answer": _HISTORY,
    "campaigns_answerphoto": _OWN, "campaigns_plantcheck": _HISTORY,
    "plans_plancontent": "what a plan began with", "plans_plangrid": _OWN, "plans_plancomment": _OWN, "plans_planreceipt": _OWN, "plans_ground": _ALL,
    "plans_search": _ALL, "plans_reading": "a map that was sent for an area", "plans_planproof": _OWN, "plans_planposts": _OWN,
    "sync_device": _PEOPLE, "sync_heldcommand": _PEOPLE, "sync_synccommand": _PEOPLE,
    "project_privatekey": _ALL, "django_migrations": _ALL,
}  # fmt: skip
#: Posts of an ended grid and who held them: they end with it, and are given back.
ENDS = {"staff_post": {"closed_on"}, "staff_assignment": {"to_on"}}
#: Sums by place that triggers keep: all together as before, and by place as before after the undo. A row that says none may be left.
SUMS = ("households_tally", "cases_tally", "visits_duesum", "campaigns_tally")
#: What rows are added, after applying and after the undo (None: as many as there are), why, and what of the others changes.
ANY = None
GROWS = {
    "areas_area": (
        "the grid that begins; its code is never given again",
        {"name", "boundary", "boundary_made_up", "box", "lon", "lat", "valid_from", "valid_to"},
        lambda one: len(one.told.begun), lambda one: len(one.told.begun),
    ),
    "areas_areaversion": (
        "how each grid was that was drawn anew or ended, then how it was meanwhile, and that of the one that began", set(),
        lambda one: one.told.counts["redrawn"] + len(one.told.ended),
        lambda one: 2 * (one.told.counts["redrawn"] + len(one.told.ended)) + len(one.told.begun),
    ),
    "areas_boundarystamp": ("one number that counts changes", {"version"}, lambda _one: 0, lambda _one: 0),
    "areas_succession": (
        "which grid went over into which, held no more after the undo", {"undone_at"},
        lambda one: len(one.pairs), lambda one: len(one.pairs),
    ),
    "households_stay": (
        "the stay under the old grid ends and the next begins; after the undo it goes on", {"to_on", "went", "name"},
        lambda one: one.people, lambda _one: 0,
    ),
    "households_earlier": (
        "how each household stood before it went, and before it went back", set(),
        lambda one: one.told.counts["households"], lambda one: 2 * one.told.counts["households"],
    ),
    "cases_texttemplate": (
        "ready texts of an ended grid, copied to the one that took it over and taken away again", set(),
        lambda one: one.told.counts["texts"], lambda _one: 0,
    ),
    "plans_plan": (
        "applied, undone",
        {"state", "applied_at", "applied_by_id", "undone_at", "revision", "stopped", "apply_on"},
        lambda _one: 0, lambda _one: 0,
    ),
    "plans_planapplied": ("what it moved", set(), lambda _one: 1, lambda _one: 1),
    "journal_entry": ("what was done, by whom", set(), ANY, ANY),
    "journal_head": ("the last link of each area's chain", {"seq", "digest", "at"}, ANY, ANY),
    "sync_touched": ("what phones hear of", ANY, ANY, ANY),
}  # fmt: skip
#: Without rows in this town, and why that is no matter.
EMPTY = {"project_privatekey": "keys are the installation's, and have nothing to do with places"}
#: Not looked at, and why.
APART = {
    "visits_stale": "households whose day is to be computed anew, until that is done",
    "procrastinate_events": "times of jobs", "procrastinate_jobs": "names of timers and times",
    "procrastinate_periodic_defers": "names of timers and times", "procrastinate_workers": "heartbeats",
}  # fmt: skip
#: What the journal is told of it.
APPLYING = {
    "plan.applied", "area.begun", "area.redrawn", "area.ended", "area.divided", "homes.rehomed", "case.rehomed",
    "mediation.rehomed", "places.rehomed", "transfers.readdressed", "post.closed", "text.set",
}  # fmt: skip
UNDOING = {
    "plan.undone", "area.ended", "area.restored", "area.division-undone", "homes.rehomed", "case.rehomed",
    "mediation.rehomed", "places.rehomed", "transfers.readdressed", "post.reopened", "post.assigned", "text.removed",
}  # fmt: skip


def tables(owner):
    """Each table of the schema with the columns of its key."""
    found = owner.execute(
        "select c.relname, array(select a.attname::text from pg_index i, pg_attribute a where i.indrelid = c.oid and i.indisprimary"
        " and a.attrelid = c.oid and a.attnum = any (i.indkey) order by a.attnum) from pg_class c"
        " where relkind in ('r', 'p') and not relispartition and relnamespace = 'public'::regnamespace order by 1"
    ).fetchall()
    owner.rollback()
    return dict(found)


def test_every_table_of_the_database_has_its_place_here(town):
    said = [*GOES, *STAYS, *ENDS, *SUMS, *GROWS, *APART]
    assert sorted(said) == sorted(set(said)), "said twice"
    new = set(tables(town.owner)) - set(said)
    assert new == set(), "say what becomes of their rows when grids are divided anew"


def look(town, keys):
    """Every row of every table by its key; one that has none is its own."""
    found = {}
    for table, key in keys.items():
        rows = [row for (row,) in town.owner.execute(f"select to_jsonb(t) from {table} t").fetchall()]
        found[table] = {tuple(str(row[part]) for part in key or row): row for row in rows}
    town.owner.rollback()
    return found


def that_go(town, keys):
    """Of each table that goes along, by its column: the keys of the rows that do."""
    found = {}
    for table, ways in GOES.items():
        for way in ways:
            rows = town.owner.execute(f"select to_jsonb(t) from {table} t where {way.where}").fetchall()
            found[table, way.at] = {tuple(str(row[part]) for part in keys[table]) for (row,) in rows}
    town.owner.rollback()
    return found


def changed(was, now):
    """Which columns of which rows are not as they were."""
    found = {}
    for key in was.keys() & now.keys():
        if columns := {
            name for name in was[key].keys() | now[key].keys() if was[key].get(name) != now[key].get(name)
        }:
            found[key] = columns
    return found


def totals(rows):
    sums = {}
    for row in rows.values():
        for name, value in row.items():
            if name != "id" and isinstance(value, int | float) and not isinstance(value, bool):
                sums[name] = sums.get(name, 0) + value
    return sums


def that_count(rows):
    """Rows of sums that say any."""
    return sorted(
        repr({name: value for name, value in row.items() if name != "id"})
        for row in rows.values()
        if any(
            isinstance(value, int) and not isinstance(value, bool) and value
            for name, value in row.items()
            if name != "id"
        )
    )


def full(town):
    """A row of everything in the first grid, which will end, and more that stays: what is closed, ended, settled."""
    sides, owner = fill(town), town.owner
    laid_out(town, columns=4, households=5)
    # So many in the second grid that it is what goes on; some in no grid, which will be one of their own.
    building(town, town.grid_b, 119.365, 34.745, households=320, name="大楼", start=9_000)
    building(town, town.community, 119.3695, 34.7405, households=20, name="新楼", start=9_900)
    at, by = town.grid_a, town.accounts["worker"]
    registered_home(owner, at, "ended", valid_to=TODAY)
    closed = {"state": "closed", "closed_at": NOW, "outcome": "mended", "answer": "x"}
    full_case(owner, sides.work, at, by, "closed", **closed)
    case_at(town, sides.work, at, 119.353, 34.743)
    for number, state in enumerate(("opened", "mediating", "closed")):
        full_mediation(owner, at, town.accounts["mediator"], f"grid-{number}", state=state)
    here = {"path": at.path, "kind": "hydrant", "name": "消火栓", "every_days": 30, "due_on": TODAY}
    for facts in ({"closed_on": TODAY}, {"lon": 119.353, "lat": 34.743}):
        builders.insert(owner, Place(id=new_id(), **here, **facts))
    errand = {"household_id": sides.here.visited.pk, "path": at.path, "kind": "other", "text": "送过了"}
    days = {"added_at": NOW, "since": TODAY, "by": TODAY, "done_at": NOW}
    builders.insert(owner, Errand(id=new_id(), **errand, **days))
    asked = {"resident_id": sides.here.resident.pk, "other_id": sides.there.mover.pk, "to_path": at.path}
    builders.insert(owner, Sought(id=new_id(), **asked, asked_at=NOW))
    builders.insert(owner, Route(area_id=at.code, path=at.path, business="livelihood", tier="township"))
    text = {"path": at.path, "name": "收到", "use": "answer", "text": "收到了"}
    builders.insert(owner, TextTemplate(id=new_id(), **text, changed_at=NOW))
    lives = {
        "resident_id": sides.here.visited.resident_row.pk,
        "household_id": sides.here.visited.pk,
        "path": at.path,
    }
    builders.insert(owner, Stay(**lives, from_on=TODAY - timedelta(days=900), came="known"))
    owner.execute("insert into households_numbercounter (id, last) values (%s, 7)", [town.community.code])
    owner.commit()
    town.token("worker")
    return sides


def approved_by_hand(town):
    """The first grid goes over into the second, and what was in none becomes a grid of its own."""
    plan = as_app(town, "community", lambda viewer: begun(viewer, town, unit="building", start="today"))
    labels = np.where(
        as_app(town, "community", lambda _viewer: content_by_plan(plan)).today >= 0, 0, 1
    ).tolist()
    as_app(
        town,
        "community",
        lambda viewer: actions.change_plan(viewer, plan.id, revision=plan.revision, labels=labels, now=NOW),
    )
    for who, step in (("community", "check"), ("community", "consult"), ("township", "approve")):
        as_app(
            town,
            who,
            lambda viewer, step=step: actions.take_step(viewer, plan.id, step, reason="并入二网格", now=NOW),
        )
    return plan


@pytest.fixture
def story(town, open_db):
    """All rows before, after and after the undo, and what the dry run told."""
    full(town)
    plan, keys = approved_by_hand(town), tables(town.owner)
    before, go = look(town, keys), that_go(town, keys)
    told = as_app(town, "community", lambda viewer: actions.dry_run(viewer, plan.id, now=NOW))
    untouched = look(town, keys)
    as_app(town, "community", lambda viewer: actions.apply_plan(viewer, plan.id, now=NOW))
    follow_records_of_conflicts(NOW)
    after = look(town, keys)
    later = NOW + timedelta(hours=2)
    as_app(town, "community", lambda viewer: actions.undo_plan(viewer, plan.id, reason="试一试", now=later))
    follow_records_of_conflicts(later)
    return SimpleNamespace(
        before=before, after=after, undone=look(town, keys), go=go, told=told, untouched=untouched, plan=plan,
        pairs=[pair for pair in told.pairs if len(pair.from_code) == 16],
        people=sum(
            1
            for row in before["households_stay"].values()
            if row["to_on"] is None and row["path"] == town.grid_a.path
        ),
    )  # fmt: skip


def looked_at(one):
    return [table for table in one.before if table not in APART]


def lost_or_unsaid(one):
    """Rows that are gone, and what was added that nobody said."""
    for place, then in ((2, one.after), (3, one.undone)):
        for table in looked_at(one):
            if table in SUMS:
                continue
            for key in one.before[table].keys() - then[table].keys():
                yield table, key, "lost"
            why, expected = (
                (GROWS[table][0], GROWS[table][place]) if table in GROWS else ("none", lambda _one: 0)
            )
            more = len(then[table].keys() - one.before[table].keys())
            if expected is not ANY and more != expected(one):
                yield table, more, expected(one), why


def changed_besides(one):
    """Columns that are another although they say nothing of the place."""
    may = {table: set().union(*(way.changes for way in ways)) for table, ways in GOES.items()} | ENDS
    may |= {table: columns for table, (_why, columns, *_counts) in GROWS.items()}
    for then in (one.after, one.undone):
        for table in looked_at(one):
            if table not in SUMS and may.get(table, ()) is not ANY:
                for key, columns in changed(one.before[table], then[table]).items():
                    if more := columns - may.get(table, set()):
                        yield table, key, more


def elsewhere(one, table, way, to):
    """Rows that went along and are not in the grid that has them then, `to`; all others of the table that are not where they were. After
    the undo all must be there.
    """
    there = {key: row[way.at] for key, row in one.before[table].items()}
    goes = {key for key, path in there.items() if path in to and key in one.go[table, way.at]}
    if not goes:
        yield table, way.at, "nothing of it was in the grid"
    for key, path in there.items():
        wanted = to[path] if key in goes else path
        if one.after[table][key][way.at] != wanted:
            yield table, way.at, key, one.after[table][key][way.at], wanted
        if one.undone[table][key][way.at] != path:
            yield table, way.at, key, one.undone[table][key][way.at], path, "undone"


def not_as_before(one):
    """Whatever is another after the undo, but for how often it was written."""
    for table in (*GOES, *ENDS):
        for key, columns in changed(one.before[table], one.undone[table]).items():
            if columns - {"revision"}:
                yield table, key, columns
    for table in SUMS:
        if totals(one.after[table]) != totals(one.before[table]):
            yield table, totals(one.before[table]), totals(one.after[table])
        if that_count(one.undone[table]) != that_count(one.before[table]):
            yield table, that_count(one.before[table]), that_count(one.undone[table])


def told_in_the_journal(one):
    """The verbs of what was written after applying, and after the undo."""
    moments = [one.before["journal_entry"], one.after["journal_entry"], one.undone["journal_entry"]]
    return tuple(
        {row["verb"] for key, row in then.items() if key not in was} for was, then in pairwise(moments)
    )


def unheard_of(one, was, taker):
    """Homes that went over of which phones do not hear that they left the one grid and came to the other."""
    heard = {
        (row["kind"], row["row_id"], row["path"], row["gone"]) for row in one.after["sync_touched"].values()
    }
    for key, row in one.after["households_household"].items():
        if one.before["households_household"][key]["path"] == was and row["path"] == taker:
            yield from {("household", key[0], was, True), ("household", key[0], taker, False)} - heard


def test_nothing_is_lost_and_all_lies_under_the_right_grid_then_and_where_it_was_after_the_undo(town, story):
    one, was = story, town.grid_a.path
    new = f"{town.community.path}.{town.community.code}1003"
    assert (one.told.stops, one.told.ended, one.told.begun) == (
        (),
        (town.grid_a.code,),
        (new.rsplit(".", 1)[-1],),
    )
    assert {table for table in looked_at(one) if not one.before[table]} == EMPTY.keys(), (
        "no rows prove nothing"
    )
    assert {table for table in looked_at(one) if one.untouched[table] != one.before[table]} == set()
    assert list(lost_or_unsaid(one)) == []
    assert list(changed_besides(one)) == []
    astray = [
        fault
        for table, ways in GOES.items()
        for way in ways
        for fault in elsewhere(
            one, table, way, {was: town.grid_b.path} | ({town.community.path: new} if way.loose else {})
        )
    ]
    assert astray == []
    for table in (
        "cases_case",
        "cases_task",
        "cases_mediation",
        "households_household",
        "visits_errand",
        "visits_place",
    ):
        left = {key for key, row in one.before[table].items() if row["path"] == was} - one.go[table, "path"]
        assert left, f"{table}: what is over stays, and there was none"
    closed = [row["closed_on"] for row in one.after["staff_post"].values() if row["path"] == was]
    assert closed
    assert None not in closed
    assert list(not_as_before(one)) == []
    assert told_in_the_journal(one) == (APPLYING, UNDOING)
    assert list(unheard_of(one, was, town.grid_b.path)) == []
