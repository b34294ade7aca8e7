"""A view, an address or an interface that names a grid goes on when the grid has ended: it shows the grids that have its homes."""

from datetime import timedelta

import pytest
from tests import builders
from tests.builders import NOW
from tests.plans.test_applying import approved
from tests.plans.towns import case_at, laid_out

from wangge.base.ids import new_id
from wangge.cases import actions as cases
from wangge.cases.models import Case
from wangge.cases.queries import CaseFilter, case_page, fitting_cases, in_hands, queue_counts, views
from wangge.plans import actions

pytestmark = pytest.mark.django_db


@pytest.fixture
def ending(town):
    """A plan by which 二网格 ends into 一网格; cases in both, one of them in the hands of a worker, one given to a department."""
    laid_out(town, columns=4, households=5)
    work = builders.item(town.owner)
    office = f"{town.county.code}/city-management"
    mine = {"state": "dispatched", "handler_id": town.accounts["worker"].pk}
    given = {"state": "dispatched", "department": "city-management", "department_keys": [office]}
    made = [
        case_at(town, work, grid, 119.3529, 34.7405, **facts)
        for grid in (town.grid_a, town.grid_b)
        for facts in ({}, mine, given, {"state": "closed", "closed_at": NOW, "outcome": "mended"})
    ]
    town.owner.commit()
    return approved(town, low=100, high=400), made


def shown(viewer, **asked):
    return {case.id for case in case_page(viewer, CaseFilter(**asked), limit=200).items}


def check_counts(viewer, code):
    """The numbers beside the list are those of the list."""
    counts = queue_counts(viewer, code)
    for queue in counts:
        assert counts[queue] == len(shown(viewer, area=code, queue=queue)), queue


def test_a_view_of_a_grid_that_ended_shows_its_heirs_and_comes_back_with_the_undo(town, ending):
    plan, made = ending
    one, two = town.grid_a.code, town.grid_b.code
    opened = {case.id for case in made if case.state != "closed"}
    of_two = {case.id for case in made if case.grid_id == two}
    viewer = town.as_viewer("community")
    cases.save_view(
        viewer, new_id(), name="二网格", query=f"queue=open&area={two}", columns=(), shared=True, now=NOW
    )
    assert shown(viewer, area=two, queue="open") == of_two & opened
    check_counts(viewer, two)
    before = {view.query for view in views(viewer)}
    actions.apply_plan(viewer, plan.id, now=NOW)
    for who in ("community", "township", "centre"):
        viewer = town.as_viewer(who)
        assert shown(viewer, area=two, queue="open") == opened
        assert shown(viewer, area=two, queue="closed") == {case.id for case in made} - opened
        check_counts(viewer, two)
        check_counts(viewer, one)
    assert fitting_cases(viewer, CaseFilter(area=two, queue="open"), list(Case.objects.all())) == opened
    assert in_hands(viewer, [town.accounts["worker"].pk], two) == {town.accounts["worker"].pk: 2}
    # A handler's cases are asked by relation, and each counts once.
    handler = town.as_viewer("handler")
    assert len(shown(handler, area=two, queue="mine")) == 2
    assert queue_counts(handler, two)["mine"] == 2
    actions.undo_plan(town.as_viewer("community"), plan.id, reason="错了", now=NOW + timedelta(hours=1))
    viewer = town.as_viewer("community")
    assert shown(viewer, area=two, queue="open") == of_two & opened
    check_counts(viewer, two)
    assert {view.query for view in views(viewer)} == before


def test_who_sees_only_the_old_place_or_neither_is_shown_no_more_than_before(town, ending):
    plan, _made = ending
    actions.apply_plan(town.as_viewer("community"), plan.id, now=NOW)
    for who in ("far_centre", "far_worker", "enterprise"):
        viewer = town.as_viewer(who)
        assert shown(viewer, area=town.grid_b.code, queue="open") == set()


def test_words_and_the_interface_find_what_went_over(town, ending):
    plan, made = ending
    viewer = town.as_viewer("community")
    actions.apply_plan(viewer, plan.id, now=NOW)
    assert shown(viewer, area=town.grid_b.code, q="路灯") == {case.id for case in made}
    told = town.client("community").get(f"/api/v1/cases?area={town.grid_b.code}&status=open").json()
    assert {each["id"] for each in told["items"]} == {str(case.id) for case in made if case.state != "closed"}


def test_where_it_lay_when_it_was_reported_is_kept_until_it_lies_there_again(town, ending):
    _plan, made = ending
    case = next(each for each in made if each.grid_id == town.grid_b.code and each.state == "reported")

    def goes(path):
        cases.rehome_open(town.as_viewer("admin"), {case.id: path}, now=NOW)
        return Case.objects.values_list("path", "reported_in").get(id=case.id)

    one, two, community = town.grid_a.path, town.grid_b.path, town.community.path
    assert goes(one) == (one, two)
    assert goes(community) == (community, two)
    assert goes(two) == (two, None)
    assert goes(one) == (one, two)


def test_a_case_that_is_opened_again_after_its_grid_ended_goes_to_the_grid_that_has_its_spot(town, ending):
    plan, made = ending
    case = next(each for each in made if each.grid_id == town.grid_b.code and each.state == "closed")
    town.run(
        "insert into cases_task (case_id, path, office_id, department_id, asked_at, outcome, answer, withdrawn)"
        " values (%s, %s::ltree, %s, 'city-management', now(), '', '', false)",
        [case.id, case.path, town.county.code],
    )
    viewer = town.as_viewer("community")
    actions.apply_plan(viewer, plan.id, now=NOW)
    assert Case.objects.get(id=case.id).path == town.grid_b.path
    cases.take_step(
        viewer,
        case.id,
        "reopen",
        command_id=new_id(),
        facts={"reason": "又坏了"},
        now=NOW + timedelta(hours=1),
    )
    found = Case.objects.get(id=case.id)
    assert (found.path, found.grid_id, found.reported_in) == (
        town.grid_a.path,
        town.grid_a.code,
        town.grid_b.path,
    )
    assert town.grid_b.code not in found.holder_path
    assert set(found.tasks.values_list("path", flat=True)) == {town.grid_a.path}
    # Its worker sees it.
    assert case.id in shown(town.as_viewer("worker"), queue="open")


def test_a_case_that_is_opened_again_in_a_grid_that_stands_stays(town, ending):
    _plan, made = ending
    case = next(each for each in made if each.grid_id == town.grid_b.code and each.state == "closed")
    viewer = town.as_viewer("community")
    cases.take_step(viewer, case.id, "reopen", command_id=new_id(), facts={"reason": "又坏了"}, now=NOW)
    found = Case.objects.get(id=case.id)
    assert (found.path, found.reported_in) == (town.grid_b.path, None)
