"""Mediations: the table of steps, what a file must hold before it goes on, and what the journal tells of it."""

import json
from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st
from tests import builders
from tests.builders import NOW, TODAY

from wangge.access import Seat, Verb, Viewer
from wangge.base.ids import new_id
from wangge.base.problems import NotAllowed, NotFound, OtherContent
from wangge.cases import actions, queries
from wangge.cases.actions.disputes import _EFFECTS, MEDIATION_PAST
from wangge.cases.models import FollowUp, Mediation, Party
from wangge.cases.rules import (
    AgreementTooEarly,
    BadAnswer,
    CourtTooLate,
    InMediation,
    MediationStepNotPossible,
    MissingFact,
)
from wangge.cases.rules import mediation as rules

patient = bounded(deadline=None)
WANG, LI = "王小明", "李建国"
APPLICANT = {
    "role": "applicant",
    "name": WANG,
    "phone": "138-1234-5678",
    "address": "荷花里3号楼",
    "represented_by": "",
}
RESPONDENT = {
    "role": "respondent",
    "name": LI,
    "phone": "13900001111",
    "address": "",
    "represented_by": "李芳",
}
FACTS = {
    "party": {"role": "other", "name": "赵平"},
    "session": {
        "held_at": NOW,
        "place": "社区调解室",
        "present": "王小明、李建国",
        "record": "双方各自陈述漏水经过",
    },
    "agree": {
        "form": "written",
        "terms": "李建国赔偿王小明三千元",
        "signed_on": TODAY,
        "perform_by": TODAY + timedelta(days=20),
        "visit_on": TODAY + timedelta(days=25),
    },
    "court": {"court": "applied", "applied_on": TODAY},
    "visit": {"kept": "yes", "words": "款已付清"},
    "refer": {"to": "court", "reason": "王小明要起诉"},
    "fail": {"rights_told": True, "reason": "李建国不同意赔"},
    "withdraw": {"reason": "王小明不愿再调"},
    "close": {},
    "reopen": {"reason": "王小明又来了"},
}


def opening(**more):
    facts = {
        "kind": "neighbours",
        "matter": "王小明家天花板被楼上漏水浸湿",
        "parties": (APPLICANT, RESPONDENT),
    }
    return actions.Opening(**(facts | more))


def opened(viewer, **more):
    return actions.open_mediation(viewer, new_id(), opening(**more), now=NOW)[0]


def take(viewer, mediation, step, *, command=None, now=NOW, **more):
    facts = FACTS.get(step, {}) | more
    return actions.take_mediation_step(
        viewer, mediation.id, step, command_id=command or new_id(), facts=facts, now=now
    )


def agreed(viewer, **more):
    mediation = opened(viewer, **more)
    take(viewer, mediation, "session")
    return take(viewer, mediation, "agree")


# ---- the table


def test_every_step_has_its_effect_and_its_name_in_the_journal():
    assert set(rules.STEPS) == set(MEDIATION_PAST) == set(_EFFECTS)


def test_every_state_is_reached_and_every_open_one_can_be_left():
    reached, todo = set(), ["opened"]
    while todo:
        state = todo.pop()
        if state not in reached:
            reached.add(state)
            todo += [line.target for line in rules.TABLE if line.source == state]
    assert reached == set(rules.STATES)
    for state in rules.OPEN:
        assert any(line.source == state and line.target not in rules.OPEN for line in rules.TABLE), state


def test_two_lines_of_one_step_from_one_state_differ_in_their_facts():
    for line in rules.TABLE:
        others = [
            one
            for one in rules.TABLE
            if (one.name, one.source) == (line.name, line.source) and one is not line
        ]
        assert all(one.when != line.when for one in others), line


files = st.builds(
    rules.File,
    state=st.sampled_from(rules.STATES),
    path=st.just("1.2.3"),
    mediator_id=st.sampled_from([7, 8]),
    roles=st.lists(st.sampled_from(rules.ROLES), max_size=3).map(tuple),
    sessions=st.integers(0, 2),
    has_agreement=st.booleans(),
    last_kept=st.sampled_from(["", *rules.KEPT]),
    rights_told=st.booleans(),
)


@patient
@given(files)
def test_an_agreement_has_two_sides_and_a_session(file):
    line = rules.line_of("agree", file)
    if line is not None:
        assert {"applicant", "respondent"} <= set(file.roles)
        assert file.sessions > 0


@patient
@given(files)
def test_without_the_duty_nothing_is_possible(file):
    everything_else = frozenset(Verb) - {Verb.MEDIATION_KEEP, Verb.MEDIATION_OVERSEE}
    root = Viewer(7, seats=(Seat("1", "city", "all", everything_else, confidential=True),))
    assert rules.possible_lines(root, file) == []
    department = Viewer(7, seats=(Seat("1.2.3", "township", "all", frozenset(Verb), department="justice"),))
    assert rules.possible_lines(department, file) == []


@patient
@given(files, st.sampled_from(["1", "1.2", "1.2.3", "1.2.3.4", "1.2.30"]))
def test_a_file_is_kept_by_its_own_committee_and_overseen_from_above(file, seat):
    keeper = Viewer(9, seats=(Seat(seat, "township", "mediator", frozenset({Verb.MEDIATION_KEEP})),))
    assert {line.verb for line in rules.possible_lines(keeper, file)} <= (
        {Verb.MEDIATION_KEEP} if seat == "1.2.3" else set()
    )
    overseer = Viewer(9, seats=(Seat(seat, "township", "lead", frozenset({Verb.MEDIATION_OVERSEE})),))
    assert rules.oversees(overseer, file.path) == (seat in ("1", "1.2", "1.2.3"))
    assert all(line.verb is Verb.MEDIATION_OVERSEE for line in rules.possible_lines(overseer, file))


@patient
@given(files)
def test_each_step_offered_is_one_that_can_be_taken(file):
    both = frozenset({Verb.MEDIATION_KEEP, Verb.MEDIATION_OVERSEE})
    viewer = Viewer(9, seats=(Seat("1.2.3", "township", "both", both),))
    for line in rules.possible_lines(viewer, file):
        assert rules.line_of(line.name, file) == line


# ---- a file from the opening to its end


def test_a_mediation_goes_from_the_opening_to_the_visit(town, db):
    viewer = town.as_viewer("mediator")
    mediation = opened(viewer)
    assert (mediation.number, mediation.state, mediation.path) == (
        "0703-T2026-0001",
        "opened",
        town.community.path,
    )
    assert take(viewer, mediation, "session").state == "mediating"
    after = take(viewer, mediation, "agree")
    assert (after.state, after.result, after.visit_on) == ("agreed", "agreed", FACTS["agree"]["visit_on"])
    assert take(viewer, mediation, "court").state == "agreed"
    later = NOW + timedelta(days=25)
    visited = take(viewer, mediation, "visit", now=later)
    assert (visited.state, visited.visit_on) == ("followed_up", None)
    closed = take(viewer, mediation, "close", now=later)
    assert (closed.state, closed.result, closed.closed_at) == ("closed", "agreed", later)
    file = queries.mediation_file(viewer, mediation.id, now=later)
    assert [party.name for party in file.parties] == [WANG, LI]
    assert file.sessions[0].record == "双方各自陈述漏水经过"
    assert file.agreement.terms == "李建国赔偿王小明三千元"
    assert (file.visits[0].kept, file.visits[0].words) == ("yes", "款已付清")
    assert file.lines == []


def test_the_journal_tells_who_did_what_and_no_word_of_the_dispute(town, db):
    viewer = town.as_viewer("mediator")
    mediation = agreed(viewer)
    take(viewer, mediation, "visit", kept="no")
    take(viewer, mediation, "fail")
    take(viewer, mediation, "refer")
    overseer = town.as_viewer("community")
    take(overseer, mediation, "reopen")
    entries = queries.mediation_file(overseer, mediation.id, now=NOW).entries
    assert [entry.verb for entry in entries] == [
        "mediation.opened",
        "mediation.session-held",
        "mediation.agreed",
        "mediation.followed-up",
        "mediation.failed",
        "mediation.referred",
        "mediation.reopened",
    ]
    said = json.dumps(
        [[entry.before, entry.after, entry.reason, entry.subject] for entry in entries], ensure_ascii=False
    )
    for word in (WANG, LI, "漏水", "三千", "13812345678", "138-1234", "起诉", "荷花里"):
        assert word not in said
    assert all(entry.confidential for entry in entries)


def test_what_is_private_is_sealed_in_the_database(town, open_db):
    from django.db import transaction

    with transaction.atomic():
        mediation = agreed(town.as_viewer("mediator"))
        take(town.as_viewer("mediator"), mediation, "visit")
    for table in ("mediation", "party", "mediationsession", "agreement", "followup", "remark", "referral"):
        said = json.dumps(
            town.rows(f"select to_jsonb(t) from cases_{table} t"), ensure_ascii=False, default=str
        )
        for word in (WANG, LI, "漏水", "三千", "付清", "13812345678", "陈述"):
            assert word not in said
            assert word.encode().hex() not in said


def test_the_same_opening_and_step_sent_again_change_nothing(town, db):
    viewer, mediation_id, command = town.as_viewer("mediator"), new_id(), new_id()
    first = actions.open_mediation(viewer, mediation_id, opening(), now=NOW)
    again = actions.open_mediation(viewer, mediation_id, opening(), now=NOW)
    assert (first[1], again[1]) == (True, False)
    with pytest.raises(OtherContent):
        actions.open_mediation(viewer, mediation_id, opening(kind="family"), now=NOW)
    for _ in range(2):
        take(viewer, first[0], "session", command=command)
    file = queries.mediation_file(viewer, mediation_id, now=NOW)
    assert len(file.sessions) == 1
    with pytest.raises(OtherContent):
        take(viewer, first[0], "withdraw", command=command)


@pytest.mark.parametrize(
    ("step", "more", "problem"),
    [
        ("agree", {}, AgreementTooEarly),
        ("court", {}, MediationStepNotPossible),
        ("close", {}, MediationStepNotPossible),
        ("fail", {"rights_told": False}, MissingFact),
        ("fail", {"reason": ""}, MissingFact),
        ("refer", {"to": "somewhere"}, BadAnswer),
        ("session", {"record": ""}, MissingFact),
        ("party", {"role": "judge"}, BadAnswer),
        ("party", {"party": uuid4(), "name": "赵平"}, NotFound),
        ("reopen", {}, NotAllowed),
        ("assign", {"account": 1}, NotAllowed),
    ],
)
def test_a_step_that_is_not_possible_says_why_and_changes_nothing(town, db, step, more, problem):
    viewer = town.as_viewer("mediator")
    mediation = opened(viewer)
    if step == "fail":
        take(viewer, mediation, "session")
    before = Mediation.objects.get(id=mediation.id).state
    with pytest.raises(problem):
        take(viewer, mediation, step, **more)
    assert Mediation.objects.get(id=mediation.id).state == before


def test_an_agreement_with_one_side_only_is_refused(town, db):
    viewer = town.as_viewer("mediator")
    mediation = opened(viewer, parties=(APPLICANT,))
    take(viewer, mediation, "session")
    with pytest.raises(AgreementTooEarly):
        take(viewer, mediation, "agree")
    take(viewer, mediation, "party", **RESPONDENT)
    assert take(viewer, mediation, "agree").state == "agreed"


@pytest.mark.parametrize(
    ("field", "day"),
    [
        ("signed_on", TODAY + timedelta(days=1)),
        ("perform_by", date(2026, 4, 1)),
        ("visit_on", date(2026, 4, 1)),
    ],
)
def test_days_of_an_agreement_that_cannot_be_are_refused(town, db, field, day):
    viewer = town.as_viewer("mediator")
    mediation = opened(viewer)
    take(viewer, mediation, "session")
    with pytest.raises(BadAnswer, match=field):
        take(viewer, mediation, "agree", **{field: day})


@pytest.mark.parametrize(("days", "in_time"), [(30, True), (31, False)])
def test_the_court_is_asked_within_thirty_days(town, db, days, in_time):
    viewer = town.as_viewer("mediator")
    mediation = agreed(viewer)
    later, on = NOW + timedelta(days=60), TODAY + timedelta(days=days)
    if in_time:
        take(viewer, mediation, "court", applied_on=on, now=later)
        file = queries.mediation_file(viewer, mediation.id, now=later)
        assert (file.agreement.court, file.agreement.court_applied_on) == ("applied", on)
    else:
        with pytest.raises(CourtTooLate):
            take(viewer, mediation, "court", applied_on=on, now=later)


def test_an_agreement_that_nobody_visited_is_closed_with_a_reason_only(town, db):
    viewer = town.as_viewer("mediator")
    mediation = agreed(viewer)
    with pytest.raises(MissingFact):
        take(viewer, mediation, "close")
    assert take(viewer, mediation, "close", reason="双方当场履行").state == "closed"
    remarks = queries.mediation_file(viewer, mediation.id, now=NOW).remarks
    assert [(each.step, each.text) for each in remarks] == [("close", "双方当场履行")]


def test_visits_fall_due_and_a_further_one_can_be_set(town, db):
    viewer = town.as_viewer("mediator")
    mediation = agreed(viewer)
    due = FACTS["agree"]["visit_on"]
    assert queries.mediation_counts(viewer, today=due - timedelta(days=1))["visits"] == 0
    assert queries.mediation_counts(viewer, today=due) == {"open": 1, "mine": 1, "visits": 1}
    later = NOW + timedelta(days=26)
    page = queries.mediation_page(viewer, queries.MediationFilter("visits"), today=later.date())
    assert [row.mediation.id for row in page.items] == [mediation.id]
    take(viewer, mediation, "visit", kept="partly", visit_on=later.date() + timedelta(days=10), now=later)
    assert queries.mediation_counts(viewer, today=later.date())["visits"] == 0
    assert FollowUp.objects.filter(mediation_id=mediation.id, done_at=None).count() == 1


def test_a_party_is_corrected_and_found_by_its_number(town, db, settings):
    viewer = town.as_viewer("mediator")
    mediation = opened(viewer)
    party = Party.objects.get(mediation_id=mediation.id, role="applicant")
    take(viewer, mediation, "party", party=party.id, role="applicant", name=WANG, phone="13711112222")
    again = Party.objects.get(id=party.id)
    assert (again.phone, again.address) == ("13711112222", "荷花里3号楼")
    hashes = settings.PRIVATE_KEYS.lookups("phone", "+86 137 1111 2222")
    assert list(Party.objects.filter(phone_hash__in=hashes)) == [again]
    assert not Party.objects.filter(
        phone_hash__in=settings.PRIVATE_KEYS.lookups("phone", "13812345678")
    ).exists()


# ---- looking


def test_who_looked_is_told_once_an_hour(town, db):
    mediation = opened(town.as_viewer("mediator"))
    for name in ("mediator", "community"):
        viewer = town.as_viewer(name)
        for minutes in (0, 5, 61):
            actions.look_at_mediation(viewer, mediation.id, now=NOW + timedelta(minutes=minutes))
    looked = [
        entry.actor_name
        for entry in queries.mediation_file(viewer, mediation.id, now=NOW).entries
        if entry.verb == "mediation.looked"
    ]
    assert looked == ["荷花社区调解员"] * 2 + ["荷花社区负责人"] * 2


def test_a_number_is_shown_for_minutes_to_who_gave_a_reason(town, db):
    mediation = opened(town.as_viewer("mediator"))
    overseer = town.as_viewer("township")
    party = Party.objects.get(mediation_id=mediation.id, role="applicant")
    with pytest.raises(BadAnswer):
        actions.reveal_phone(overseer, mediation.id, party.id, why="王小明", command_id=new_id(), now=NOW)
    actions.reveal_phone(overseer, mediation.id, party.id, why="contact", command_id=new_id(), now=NOW)
    for minutes, shown in [(9, {party.id}), (10, set())]:
        file = queries.mediation_file(overseer, mediation.id, now=NOW + timedelta(minutes=minutes))
        assert file.revealed == shown
    entry = file.entries[-1]
    assert (entry.verb, entry.after) == ("mediation.revealed", {"party": str(party.id), "purpose": "contact"})
    assert queries.mediation_file(town.as_viewer("mediator"), mediation.id, now=NOW).revealed == frozenset()


def test_the_same_command_shows_a_number_again_for_these_minutes_and_to_its_sender_only(town, db):
    mediation = opened(town.as_viewer("mediator"))
    party, other = Party.objects.filter(mediation_id=mediation.id)
    command = new_id()

    def ask(name, minutes=0, whose=party):
        viewer, at = town.as_viewer(name), NOW + timedelta(minutes=minutes)
        return actions.reveal_phone(
            viewer, mediation.id, whose.id, why="contact", command_id=command, now=at
        ).phone

    assert ask("township") == ask("township", minutes=9) == party.phone
    for name, minutes, whose in [("township", 10, party), ("mediator", 0, party), ("township", 0, other)]:
        with pytest.raises(OtherContent):
            ask(name, minutes, whose)
    assert [
        e.verb for e in queries.mediation_file(town.as_viewer("township"), mediation.id, now=NOW).entries
    ].count("mediation.revealed") == 1


# ---- from a case, and to another mediator


def test_a_case_is_taken_into_mediation_once_and_tells_others_only_that(town, db):
    case = town.add(builders.case, town.add(builders.item, "S08-01"), town.grid_a)
    viewer = town.as_viewer("mediator")
    assert queries.mediation_of_case(viewer, case.id, case.path) == queries.CaseMediation(
        "", None, may_open=True
    )
    mediation = opened(viewer, case=case.id)
    assert queries.mediation_of_case(viewer, case.id, case.path).mediation_id == mediation.id
    with pytest.raises(InMediation):
        opened(viewer, case=case.id)
    worker = town.as_viewer("worker")
    assert queries.mediation_of_case(worker, case.id, case.path) == queries.CaseMediation("open")
    told = [entry.verb for entry in queries.case_detail(worker, case.id).entries]
    assert told == ["case.taken-into-mediation"]
    viewer = town.as_viewer("mediator")
    take(viewer, mediation, "withdraw")
    assert queries.mediation_of_case(town.as_viewer("worker"), case.id, case.path).state == "ended"
    opened(town.as_viewer("mediator"), case=case.id)
    with pytest.raises(InMediation):
        take(town.as_viewer("community"), mediation, "reopen")


def test_a_case_of_elsewhere_is_not_taken(town, db):
    item = town.add(builders.item, "S08-01")
    beside, far = (town.add(builders.case, item, town.areas[name]) for name in ("next_community", "far_grid"))
    viewer = town.as_viewer("mediator")
    for case in (beside, far):
        with pytest.raises(NotFound):
            opened(viewer, case=case.id)


@pytest.mark.parametrize(
    "name", ["admin", "centre", "dispatcher", "township", "community", "worker", "handler"]
)
def test_only_the_mediators_duty_opens_a_file(town, db, name):
    with pytest.raises(NotAllowed):
        opened(town.as_viewer(name))


def test_the_overseer_gives_a_file_to_a_mediator_of_the_township(town, db):
    seat = town.add(builders.post, "mediator", town.township)
    above = town.add(builders.account, "above", town.township, name="街道调解员")
    town.add(builders.assignment, seat, above)
    town.accounts["above"] = above
    mediation = opened(town.as_viewer("mediator"))
    with pytest.raises(NotFound):
        queries.mediation_file(town.as_viewer("above"), mediation.id, now=NOW)
    overseer = town.as_viewer("community")
    with pytest.raises(BadAnswer):
        take(overseer, mediation, "assign", account=town.accounts["worker"].pk)
    take(overseer, mediation, "assign", account=above.pk)
    viewer = town.as_viewer("above")
    assert take(viewer, mediation, "session").state == "mediating"
    assert queries.mediation_file(viewer, mediation.id, now=NOW).mediation.mediator_id == above.pk


def test_figures_count_by_committee_and_month(town, db):
    viewer = town.as_viewer("mediator")
    agreed(viewer)
    take(viewer, opened(viewer), "withdraw")
    opened(viewer)
    (figure,) = queries.mediation_figures(town.as_viewer("township"), town.township.code, 2026)
    assert (figure.area, figure.month, figure.opened, figure.agreed, figure.ended) == (
        town.community.code,
        date(2026, 4, 1),
        3,
        1,
        2,
    )
    assert figure.agreed_share == 0.5
    assert queries.mediation_figures(town.as_viewer("far_mediator"), town.township.code, 2026) == []
    with pytest.raises(NotAllowed):
        queries.mediation_figures(town.as_viewer("centre"), town.township.code, 2026)
