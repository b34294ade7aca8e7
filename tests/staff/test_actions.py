"""Accounts, posts, assignments, stand-ins and leave: who may, on which days, and what is refused."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.hashers import check_password
from tests import builders
from tests.cast import PASSWORD

from wangge.access import Verb
from wangge.base.problems import Invalid, NotAllowed, NotFound
from wangge.journal.models import Entry
from wangge.staff import actions, queries
from wangge.staff.models import Account, Assignment, Post, PostKind
from wangge.staff.rules import (
    AccountEnded,
    AssignmentOver,
    BadPostKinds,
    DepartmentNeeded,
    LeaveOverlaps,
    OwnAccount,
    OwnPost,
    PostClosed,
    PostHeld,
    StandInNotFree,
    UsernameTaken,
    WeakPassword,
    WrongPassword,
)

NOW, TODAY = builders.NOW, builders.TODAY
DAY = timedelta(days=1)


def verbs():
    return list(Entry.objects.order_by("id").values_list("verb", flat=True))


def add(viewer, username="xin.ren", **facts):
    facts = {"name": "新人", "home": "3207030030021001"} | facts
    return actions.add_account(viewer, username=username, now=NOW, **facts)


# ------------------------------------------------------------------ accounts


def test_an_added_account_can_sign_in_with_its_password_and_is_journalled(town, db):
    viewer = town.as_viewer("community")
    added = add(viewer, "Xin.Ren", password="a good long secret")
    assert (added.username, added.home_path) == ("xin.ren", town.grid_a.path)
    assert check_password("a good long secret", added.password)
    assert verbs() == ["account.added"]
    assert "secret" not in str(list(Entry.objects.values()))
    opened = actions.sign_in("xin.ren", "a good long secret", source="192.0.2.1", agent="", now=NOW)
    assert opened.account.seats == ()


def test_an_account_without_a_password_lets_nobody_in(town, db):
    add(town.as_viewer("community"))
    for password in ("", "!"):
        with pytest.raises(WrongPassword):
            actions.sign_in("xin.ren", password, source="192.0.2.1", agent="", now=NOW)


@pytest.mark.parametrize(
    ("who", "home"), [("community", "far_grid"), ("worker", "grid_a"), ("handler", "county")]
)
def test_an_account_is_added_only_where_one_may_change_staff(town, db, who, home):
    with pytest.raises(NotAllowed):
        add(town.as_viewer(who), home=town.areas[home].code)


def test_a_name_that_somebody_has_elsewhere_is_taken(town, db):
    with pytest.raises(UsernameTaken):
        add(town.as_viewer("community"), "FAR_worker")
    assert Account.objects.filter(name="新人").count() == 0


@pytest.mark.parametrize(
    "facts",
    [
        {"username": "a"},
        {"username": "-lead"},
        {"username": "x" * 61},
        {"username": "a\x00b"},
        {"name": ""},
        {"name": "名" * 61},
        {"name": "a\x00"},
        {"language": "fr"},
        {"password": "short"},
        {"password": "xin.ren-xin.ren"},
        {"password": "1234567890"},
        {"password": "y" * 201},
    ],
)
def test_an_account_with_a_bad_value_is_refused(town, db, facts):
    viewer = town.as_viewer("community")
    with pytest.raises(Invalid):
        add(viewer, **{"username": "xin.ren"} | facts)


def test_ending_an_account_ends_its_sign_ins_and_what_it_holds(town, db):
    secret = town.token("worker")
    viewer = town.as_viewer("community")
    later = actions.open_post(viewer, kind="grid_lead", area=town.grid_b.code, now=NOW)
    ahead = actions.assign(viewer, later.id, town.accounts["worker"].pk, from_on=TODAY + DAY, now=NOW)
    actions.end_account(viewer, town.accounts["worker"].pk, now=NOW)
    ahead.refresh_from_db()
    assert ahead.to_on == TODAY
    assert Assignment.objects.get(id=town.assignments["worker"].pk).to_on == TODAY
    assert verbs()[-1] == "account.ended"
    assert queries.present_at(town.grid_a.code, ["walk"], today=TODAY) == []
    assert queries.viewer_entering(secret, now=NOW) is None
    town.as_viewer("community")
    with pytest.raises(AccountEnded):
        actions.assign(viewer, later.id, town.accounts["worker"].pk, from_on=TODAY, now=NOW)


def test_one_ends_neither_oneself_nor_an_account_that_is_not_ones_own(town, db):
    viewer = town.as_viewer("community")
    with pytest.raises(OwnAccount):
        actions.end_account(viewer, viewer.account_id, now=NOW)
    with pytest.raises(NotFound):
        actions.end_account(viewer, town.accounts["far_worker"].pk, now=NOW)
    viewer = town.as_viewer("worker")
    town.run("update staff_account set home_path = %s where username = 'worker2'", [town.grid_a.path])
    with pytest.raises(NotAllowed):
        actions.end_account(viewer, town.accounts["worker2"].pk, now=NOW)


def test_ones_own_password_needs_the_old_one_and_ends_ones_other_sign_ins(town, db):
    here, there = town.token("worker"), town.token("worker")
    viewer = town.as_viewer("worker")
    change = {"password": "another long one", "keep": queries.digest_of(here), "now": NOW}
    with pytest.raises(WrongPassword):
        actions.set_password(viewer, viewer.account_id, current="wrong", **change)
    actions.set_password(viewer, viewer.account_id, current=PASSWORD, **change)
    assert queries.viewer_entering(there, now=NOW) is None
    assert queries.viewer_entering(here, now=NOW) is not None
    actions.sign_in("worker", "another long one", source="192.0.2.1", agent="", now=NOW)


def test_who_administers_an_account_gives_it_a_password_and_unlocks_it(town, db):
    town.run(
        "update staff_account set failures = 10, locked_until = %s where username = 'worker'", [NOW + DAY]
    )
    viewer = town.as_viewer("community")
    with pytest.raises(WeakPassword):
        actions.set_password(viewer, town.accounts["worker"].pk, password="worker-worker", now=NOW)
    actions.set_password(viewer, town.accounts["worker"].pk, password="another long one", now=NOW)
    actions.sign_in("worker", "another long one", source="192.0.2.1", agent="", now=NOW)


#: What is done to somebody else's account, each by its name.
DONE_TO_ANOTHER = {
    "end": lambda viewer, account: actions.end_account(viewer, account, now=NOW),
    "sign out": lambda viewer, account: actions.end_sign_ins(viewer, account, now=NOW),
    "leave": lambda viewer, account: actions.grant_leave(
        viewer, account, from_on=TODAY, to_on=TODAY, now=NOW
    ),
    "password": lambda viewer, account: actions.set_password(
        viewer, account, password="another long one", now=NOW
    ),
}


@pytest.mark.parametrize("done", DONE_TO_ANOTHER)
@pytest.mark.parametrize("from_on", [TODAY, TODAY + 40 * DAY], ids=["today", "ahead"])
def test_a_lead_touches_no_account_of_who_ranks_above_them(town, db, done, from_on):
    """Somebody whose account the community administers, and who leads the county's centre, now or soon."""
    kept = town.add(builders.account, "rising", town.community)
    town.add(builders.assignment, town.posts["centre"], kept, from_on=from_on)
    viewer = town.as_viewer("community")
    with pytest.raises(NotAllowed):
        DONE_TO_ANOTHER[done](viewer, kept.pk)
    assert verbs() == []
    DONE_TO_ANOTHER[done](town.as_viewer("admin"), kept.pk)


@pytest.mark.parametrize("done", DONE_TO_ANOTHER)
def test_what_somebody_was_before_hinders_nobody(town, db, done):
    kept = town.add(builders.account, "fallen", town.community)
    past = {"from_on": TODAY - 9 * DAY, "to_on": TODAY - DAY}
    town.add(builders.assignment, town.posts["centre"], kept, **past)
    withdrawn = {"from_on": TODAY + 9 * DAY, "to_on": TODAY + 8 * DAY}
    town.add(builders.assignment, town.posts["centre"], kept, **withdrawn)
    DONE_TO_ANOTHER[done](town.as_viewer("community"), kept.pk)


# ------------------------------------------------------------------ posts


@pytest.mark.parametrize("kind", ["mediator", "community_lead", "clerk", "handler"])
def test_an_administrator_gives_every_post_but_not_to_themselves(town, db, kind):
    admin = town.as_viewer("admin")
    facts = {"kind": kind, "area": town.community.code, "from_on": TODAY, "now": NOW}
    facts["department"] = "fire" if kind == "handler" else ""
    with pytest.raises(OwnPost):
        actions.fill_vacancy(admin, account_id=admin.account_id, **facts)
    actions.fill_vacancy(admin, account_id=town.accounts["worker"].pk, **facts)


def test_nobody_stands_in_with_more_than_they_have(town, db):
    admin = town.as_viewer("admin")
    days = {"from_on": TODAY, "to_on": TODAY + DAY, "now": NOW}
    with pytest.raises(OwnPost):
        actions.name_stand_in(admin, town.assignments["mediator"].pk, admin.account_id, **days)
    lead = town.as_viewer("community")
    actions.name_stand_in(lead, town.assignments["worker"].pk, lead.account_id, **days)


def test_a_post_that_sees_what_is_confidential_is_given_by_who_sees_it(town, db):
    """A city's own kinds: a lead who sees nothing confidential, and the same post with it."""
    town.run("update staff_postkind set confidential = false where code = 'community_lead'")
    town.run("update staff_postkind set confidential = true where code = 'clerk'")
    viewer = town.as_viewer("community")
    facts = {"area": town.community.code, "from_on": TODAY, "now": NOW}
    with pytest.raises(NotAllowed):
        actions.fill_vacancy(viewer, kind="clerk", account_id=town.accounts["worker"].pk, **facts)
    actions.fill_vacancy(viewer, kind="grid_lead", account_id=town.accounts["worker"].pk, **facts)
    town.run("update staff_postkind set confidential = true, duties = '{administer}' where code = 'clerk'")
    admin = town.as_viewer("admin")
    with pytest.raises(OwnPost):
        actions.fill_vacancy(admin, kind="clerk", account_id=admin.account_id, **facts)


def test_a_post_is_opened_where_one_may_and_of_kinds_whose_rights_one_has(town, db):
    viewer = town.as_viewer("community")
    opened = actions.open_post(viewer, kind="grid_worker", area=town.grid_b.code, now=NOW)
    assert (opened.path, opened.department_id) == (town.grid_b.path, None)
    assert verbs() == ["post.opened"]
    for kind, area in (
        ("administrator", "community"),
        ("grid_worker", "far_grid"),
        ("dispatcher", "township"),
    ):
        with pytest.raises(NotAllowed):
            actions.open_post(viewer, kind=kind, area=town.areas[area].code, now=NOW)
    admin = town.as_viewer("admin")
    actions.open_post(admin, kind="community_lead", area=town.far_community.code, now=NOW)


def test_nobody_gives_a_right_that_they_have_not(town, db):
    viewer = town.as_viewer("community")
    assert not viewer.may(Verb.ITEM_PROPOSE, town.community.path)
    with pytest.raises(NotAllowed):
        actions.open_post(viewer, kind="handler", area=town.community.code, department="fire", now=NOW)


def test_a_handling_post_names_its_department_and_no_other_does(town, db):
    admin = town.as_viewer("admin")
    for kind, department in (("handler", ""), ("dispatcher", "fire")):
        with pytest.raises(DepartmentNeeded):
            actions.open_post(admin, kind=kind, area=town.county.code, department=department, now=NOW)
    for facts in ({"department": "no-such"}, {"area": "999999999999"}):
        with pytest.raises(NotFound):
            actions.open_post(
                admin, **{"kind": "handler", "area": town.county.code, "department": "fire"} | facts, now=NOW
            )
    with pytest.raises(Invalid):
        actions.open_post(admin, kind="king", area=town.county.code, now=NOW)


def test_no_post_is_opened_in_an_area_that_ended(town, db):
    town.run("update areas_area set valid_to = %s where code = %s", [TODAY, town.grid_b.code])
    with pytest.raises(Invalid):
        actions.open_post(town.as_viewer("admin"), kind="grid_worker", area=town.grid_b.code, now=NOW)


def test_a_post_closes_after_a_day_on_which_nobody_holds_it_any_more(town, db):
    viewer = town.as_viewer("community")
    post, held = town.posts["worker"].pk, town.assignments["worker"].pk
    with pytest.raises(PostHeld):
        actions.close_post(viewer, post, on=TODAY, now=NOW)
    actions.end_assignment(viewer, held, to_on=TODAY + DAY, now=NOW)
    with pytest.raises(Invalid):
        actions.close_post(viewer, post, on=TODAY - DAY, now=NOW)
    actions.close_post(viewer, post, on=TODAY + DAY, now=NOW)
    with pytest.raises(PostClosed):
        actions.close_post(viewer, post, on=TODAY + DAY, now=NOW)
    with pytest.raises(PostClosed):
        actions.assign(viewer, post, town.accounts["worker2"].pk, from_on=TODAY + 2 * DAY, now=NOW)
    assert verbs()[-1] == "post.closed"


# ------------------------------------------------------------------ who holds them


def give(town, viewer, holder="worker2", post="worker", **facts):
    facts = {"from_on": TODAY} | facts
    return actions.assign(viewer, town.posts[post].pk, town.accounts[holder].pk, now=NOW, **facts)


def test_a_post_has_one_holder_at_a_time(town, db):
    viewer = town.as_viewer("community")
    actions.end_assignment(viewer, town.assignments["worker"].pk, to_on=TODAY + DAY, now=NOW)
    for days in (
        {},
        {"to_on": TODAY},
        {"from_on": TODAY + DAY},
        {"from_on": date(2020, 1, 1), "to_on": TODAY},
    ):
        with pytest.raises(PostHeld):
            give(town, viewer, **days)
    given = give(town, viewer, from_on=TODAY + 2 * DAY, part="part_time")
    assert (given.path, given.part) == (town.grid_a.path, "part_time")
    assert verbs()[-1] == "post.assigned"


def test_a_shared_post_has_several_holders_but_each_once(town, db):
    admin = town.as_viewer("admin")
    give(town, admin, "handler2", "handler")
    with pytest.raises(PostHeld):
        give(town, admin, "handler2", "handler")


def test_what_is_given_counts_from_its_day_on(town, db):
    viewer = town.as_viewer("community")
    actions.end_assignment(viewer, town.assignments["worker"].pk, to_on=TODAY, now=NOW)
    give(town, viewer, "worker2", from_on=TODAY + DAY)
    assert town.grid_a.path not in town.as_viewer("worker2").scope
    assert town.grid_a.path in town.as_viewer("worker").scope
    assert town.grid_a.path in town.as_viewer("worker2", now=NOW + DAY).scope
    assert town.grid_a.path not in town.as_viewer("worker", now=NOW + DAY).scope


@pytest.mark.parametrize(
    "facts",
    [
        {"part": "sometimes"},
        {"from_on": date(1900, 1, 1)},
        {"from_on": date(2200, 1, 1)},
        {"from_on": TODAY, "to_on": TODAY - DAY},
    ],
)
def test_bad_days_and_parts_are_refused(town, db, facts):
    viewer = town.as_viewer("community")
    actions.end_assignment(viewer, town.assignments["worker"].pk, to_on=TODAY - DAY, now=NOW)
    with pytest.raises(Invalid):
        give(town, viewer, **facts)


@pytest.mark.parametrize(
    ("who", "problem"), [("worker", NotAllowed), ("neighbour", NotFound), ("handler", NotFound)]
)
def test_only_who_may_change_staff_there_gives_a_post(town, db, who, problem):
    with pytest.raises(problem):
        give(town, town.as_viewer(who))


def test_an_account_that_one_does_not_see_gets_no_post(town, db):
    viewer = town.as_viewer("community")
    actions.end_assignment(viewer, town.assignments["worker"].pk, to_on=TODAY - DAY, now=NOW)
    with pytest.raises(NotFound):
        give(town, viewer, "far_worker")


def test_an_assignment_ends_once_and_not_before_yesterday(town, db):
    viewer, held = town.as_viewer("community"), town.assignments["worker"].pk
    with pytest.raises(Invalid):
        actions.end_assignment(viewer, held, to_on=TODAY - 2 * DAY, now=NOW)
    with pytest.raises(Invalid):
        actions.end_assignment(viewer, held, to_on=date(2200, 1, 1), now=NOW)
    ended = actions.end_assignment(viewer, held, to_on=TODAY + DAY, now=NOW)
    assert (ended.account_id, ended.post_id) == (town.accounts["worker"].pk, town.posts["worker"].pk)
    with pytest.raises(AssignmentOver):
        actions.end_assignment(viewer, held, to_on=TODAY + DAY, now=NOW)
    actions.end_assignment(viewer, held, to_on=TODAY, now=NOW)


def test_an_assignment_withdrawn_before_it_began_holds_on_no_day(town, db):
    viewer = town.as_viewer("community")
    actions.end_assignment(viewer, town.assignments["worker"].pk, to_on=TODAY, now=NOW)
    ahead = give(town, viewer, from_on=TODAY + 5 * DAY)
    actions.end_assignment(viewer, ahead.id, to_on=TODAY + 4 * DAY, now=NOW)
    give(town, viewer, from_on=TODAY + DAY)
    assert [
        held.post_id for held in queries.assignments_of(town.accounts["worker2"].pk, today=TODAY + 5 * DAY)
    ] == [
        town.posts["worker"].pk,
        town.posts["worker2"].pk,
    ]


# ------------------------------------------------------------------ leave and stand-ins


def stand_in(town, viewer, who="worker2", **days):
    days = {"from_on": TODAY, "to_on": TODAY + 3 * DAY} | days
    return actions.name_stand_in(
        viewer, town.assignments["worker"].pk, town.accounts[who].pk, now=NOW, **days
    )


def test_on_leave_nobody_waits_for_them_but_they_keep_their_post(town, db):
    worker = town.accounts["worker"].pk
    actions.grant_leave(town.as_viewer("community"), worker, from_on=TODAY, to_on=TODAY + DAY, now=NOW)
    for day, there in ((TODAY - DAY, True), (TODAY, False), (TODAY + DAY, False), (TODAY + 2 * DAY, True)):
        assert (worker in queries.present_at(town.grid_a.code, ["walk"], today=day)) is there
    assert town.as_viewer("worker").scope == (town.grid_a.path,)


def test_a_stand_in_is_present_and_has_the_rights_on_their_days(town, db):
    viewer = town.as_viewer("community")
    actions.grant_leave(viewer, town.accounts["worker"].pk, from_on=TODAY, to_on=TODAY + 3 * DAY, now=NOW)
    made = stand_in(town, viewer)
    assert made.stands_in_for_id == town.assignments["worker"].pk
    assert queries.present_at(town.grid_a.code, ["walk"], today=TODAY) == [town.accounts["worker2"].pk]
    assert queries.stand_in_for(town.assignments["worker"].pk, today=TODAY) == town.accounts["worker2"].pk
    assert queries.stand_in_for(town.assignments["worker"].pk, today=TODAY + 4 * DAY) is None
    assert verbs() == ["leave.granted", "post.stand-in-named"]
    assert town.as_viewer("worker2").scope == (town.grid_a.path, town.grid_b.path)
    assert town.as_viewer("worker2", now=NOW + 4 * DAY).scope == (town.grid_b.path,)


def test_one_takes_ones_own_leave_and_nobody_elses(town, db):
    viewer = town.as_viewer("worker")
    actions.grant_leave(viewer, viewer.account_id, from_on=TODAY, to_on=TODAY, now=NOW)
    town.run("update staff_account set home_path = %s where username = 'worker2'", [town.grid_a.path])
    with pytest.raises(NotAllowed):
        actions.grant_leave(viewer, town.accounts["worker2"].pk, from_on=TODAY, to_on=TODAY, now=NOW)
    with pytest.raises(NotFound):
        actions.grant_leave(viewer, town.accounts["far_worker"].pk, from_on=TODAY, to_on=TODAY, now=NOW)


def test_leaves_neither_overlap_nor_lie_behind(town, db):
    viewer = town.as_viewer("worker")
    grant = {"now": NOW, "from_on": TODAY + DAY, "to_on": TODAY + 3 * DAY}
    actions.grant_leave(viewer, viewer.account_id, **grant)
    with pytest.raises(LeaveOverlaps):
        actions.grant_leave(viewer, viewer.account_id, **grant | {"from_on": TODAY + 3 * DAY})
    with pytest.raises(Invalid):
        actions.grant_leave(viewer, viewer.account_id, now=NOW, from_on=TODAY - 9 * DAY, to_on=TODAY - DAY)
    actions.grant_leave(viewer, viewer.account_id, now=NOW, from_on=TODAY, to_on=TODAY)


def test_a_stand_in_is_somebody_else_who_is_there_and_the_only_one(town, db):
    viewer = town.as_viewer("community")
    with pytest.raises(StandInNotFree):
        stand_in(town, viewer, "worker")
    actions.grant_leave(
        viewer, town.accounts["instructor"].pk, from_on=TODAY + DAY, to_on=TODAY + DAY, now=NOW
    )
    with pytest.raises(StandInNotFree):
        stand_in(town, viewer, "instructor")
    stand_in(town, viewer)
    with pytest.raises(StandInNotFree):
        stand_in(town, viewer, "enterprise", from_on=TODAY + 3 * DAY, to_on=TODAY + 9 * DAY)
    stand_in(town, viewer, "enterprise", from_on=TODAY + 4 * DAY, to_on=TODAY + 9 * DAY)
    with pytest.raises(NotAllowed):
        stand_in(town, town.as_viewer("worker"), "worker2")


def test_a_stand_in_ends_with_whom_they_stand_in_for(town, db):
    viewer = town.as_viewer("community")
    made, later = (
        stand_in(town, viewer),
        stand_in(town, viewer, "enterprise", from_on=TODAY + 5 * DAY, to_on=TODAY + 6 * DAY),
    )
    actions.end_assignment(viewer, town.assignments["worker"].pk, to_on=TODAY + DAY, now=NOW)
    made.refresh_from_db()
    later.refresh_from_db()
    assert made.to_on == TODAY + DAY
    assert later.to_on < later.from_on
    assert queries.stand_in_for(town.assignments["worker"].pk, today=TODAY + 5 * DAY) is None


# ------------------------------------------------------------------ kinds of post

KINDS = [
    "code,zh,en,duties,confidential,shared",
    "grid_worker,网格员,Grid worker,walk desk,no,no",
    "scout,巡查员,Scout,advise,no,yes",
]
REQUIRED = ["level,grid_kind,kind,minimum", "grid,public,scout,2"]


def test_a_citys_own_kinds_and_requirements_replace_what_was(town, db):
    viewer = town.as_viewer("admin")
    assert actions.load_post_kinds(viewer, kinds=KINDS, required=REQUIRED, now=NOW) == 2
    assert PostKind.objects.get(code="grid_worker").duties == ["walk", "desk"]
    assert PostKind.objects.filter(code="grid_lead").exists()
    assert verbs() == ["staff.kinds-loaded"]
    assert queries.staffing(viewer, town.grid_a.code, today=TODAY).total.required == 2


def test_what_is_shipped_is_added_and_changes_nothing_that_a_city_has_changed(town, db):
    viewer = town.as_viewer("admin")
    actions.load_post_kinds(viewer, kinds=KINDS, now=NOW)
    actions.load_post_kinds(viewer, now=NOW)
    assert PostKind.objects.get(code="grid_worker").duties == ["walk", "desk"]


@pytest.mark.parametrize("who", ["centre", "worker", "handler"])
def test_kinds_are_changed_at_the_root_only(town, db, who):
    with pytest.raises(NotAllowed):
        actions.load_post_kinds(town.as_viewer(who), kinds=KINDS, now=NOW)


@pytest.mark.parametrize(
    ("kinds", "required", "line", "column"),
    [
        ([KINDS[0], "x,,X,walk,no,no"], None, 2, "zh"),
        ([*KINDS, "y,甲,Y,fly,no,no"], None, 4, "duties"),
        ([*KINDS, "y,甲,Y,walk,perhaps,no"], None, 4, "confidential"),
        ([*KINDS, KINDS[1]], None, 4, "code"),
        (KINDS, [REQUIRED[0], "grid,,scout,2"], 2, "grid_kind"),
        (KINDS, [REQUIRED[0], "city,public,scout,2"], 2, "grid_kind"),
        (KINDS, [REQUIRED[0], "moon,,scout,2"], 2, "level"),
        (KINDS, [REQUIRED[0], "grid,public,king,2"], 2, "kind"),
        (KINDS, [REQUIRED[0], "grid,public,scout,0"], 2, "minimum"),
        (KINDS, [*REQUIRED, REQUIRED[1]], 3, "kind"),
    ],
)
def test_a_bad_cell_of_kinds_is_named(town, db, kinds, required, line, column):
    with pytest.raises(BadPostKinds) as refusal:
        actions.load_post_kinds(town.as_viewer("admin"), kinds=kinds, required=required, now=NOW)
    assert (refusal.value.facts["line"], refusal.value.facts["column"]) == (line, column)


def test_offices_are_found_upwards_nearest_first(town, db):
    admin = town.as_viewer("admin")
    actions.open_post(admin, kind="handler", area=town.township.code, department="fire", now=NOW)
    top = actions.open_post(admin, kind="handler", area=town.city.code, department="fire", now=NOW)
    codes = [town.township.code, town.county.code, town.city.code]
    assert queries.offices_of("fire", town.grid_a.path, today=TODAY) == codes
    actions.close_post(admin, top.id, on=TODAY, now=NOW)
    assert queries.offices_of("fire", town.grid_a.path, today=TODAY + DAY) == codes[:2]
    assert queries.offices_of("fire", town.far_grid.path, today=TODAY) == codes[2:]


def test_names_are_told_wherever_their_accounts_belong(town, db):
    town.as_viewer("worker")
    far = town.accounts["far_worker"].pk
    assert queries.names_of([far, None, 999999]) == {far: "陇东网格员"}
    assert Post.objects.filter(area_id=town.far_grid.code).count() == 0
