"""What must stay together or apart by hand: kept with a draft, obeyed by every way to divide, told where it is broken."""

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders import NOW
from tests.plans.test_counted_alike import a_town
from tests.plans.test_drafting import begun
from tests.plans.towns import laid_out

from wangge.base.problems import Invalid
from wangge.plans import actions
from wangge.plans.actions.searching import carry_out_search, take_search
from wangge.plans.models import Plan
from wangge.plans.queries import plans as queries
from wangge.plans.rules.bonds import Bond, apart_pairs, bonds_of, broken_in, united, wrong_in
from wangge.plans.rules.dividing import divided, proposals, reshaped
from wangge.plans.rules.figures import figures_of
from wangge.plans.rules.problems import BondsContradict, RulesBroken


def together(*atoms):
    return {"kind": "together", "atoms": list(atoms)}


def apart(*atoms):
    return {"kind": "apart", "atoms": list(atoms)}


def corners(content, community=0):
    """The atoms farthest in the west and in the east of a community."""
    members = np.flatnonzero(content.community == community)
    return int(members[content.lon[members].argmin()]), int(members[content.lon[members].argmax()])


def neighbours_in(content, community=0):
    own = content.edges[(content.community[content.edges] == community).all(axis=1)]
    return tuple(own[0].tolist())


def kept_by(content, labels, bonds):
    return broken_in(labels, bonds_of(bonds)) == []


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_united_are_just_those_that_groups_join(data):
    count = data.draw(st.integers(2, 12))
    groups = data.draw(
        st.lists(st.lists(st.integers(0, count - 1), min_size=2, max_size=4, unique=True), max_size=4)
    )
    bonds = [Bond("together", tuple(sorted(group))) for group in groups]
    of = united(count, bonds)
    # Numbers are given in the order of the atoms.
    assert [of[at] for at in np.unique(of, return_index=True)[1]] == sorted(set(of.tolist()))
    heads = list(range(count))

    def head(atom):
        return atom if heads[atom] == atom else head(heads[atom])

    for group in groups:
        for atom in group:
            heads[head(atom)] = head(group[0])
    for one in range(count):
        for other in range(count):
            assert (of[one] == of[other]) == (head(one) == head(other))


def test_what_was_fixed_in_several_grids_is_not_united():
    bonds = [Bond("together", (0, 1)), Bond("together", (1, 2)), Bond("together", (4, 5))]
    fixed = np.array([7, -1, 3, -1, -1, 9])
    assert united(6, bonds).tolist() == [0, 0, 0, 1, 2, 2]
    assert united(6, bonds, without=fixed).tolist() == [0, 1, 2, 3, 4, 4]


def test_what_is_wrong_with_bonds_is_told_in_a_word():
    class Content:
        community = np.array([0, 0, 0, 1])

        def __len__(self):
            return 4

    def wrong(*bonds):
        return wrong_in(bonds_of(bonds), Content())

    assert wrong(together(0, 1), apart(1, 3)) == ""
    assert wrong(together(0, 0)) == wrong(apart(1, 9)) == "atoms"
    assert wrong(together(0, 3)) == "communities"
    assert wrong(together(0, 1), together(1, 2), apart(0, 2)) == "contradiction"
    assert wrong(*[apart(0, 1)] * 501) == "many"
    assert apart_pairs(bonds_of([apart(2, 0, 1), apart(0, 1)])).tolist() == [[0, 1], [0, 2], [1, 2]]


def test_broken_ones_count_in_the_grid_where_they_break():
    labels = np.array([0, 0, 1, 2, -1, -1])
    bonds = bonds_of(
        [together(0, 1), together(1, 2), together(2, 4), together(4, 5), apart(0, 1, 2), apart(4, 5)]
    )
    assert broken_in(labels, bonds) == [("apart", 0, 1), ("together", 0, 1), ("together", 1, 1)]


@pytest.fixture(scope="module")
def content():
    return a_town(np.random.default_rng(11), buildings=90, unit="building")


def test_a_division_from_scratch_obeys_and_is_within_bounds_all_the_same(content):
    west, east = corners(content)
    one, other = neighbours_in(content)
    bonds = [together(west, east), apart(one, other)]
    how = {"low": 150, "high": 450, "seed": 1, "limit_s": 5.0}
    free = divided(content, **how)
    assert not kept_by(content, free.labels, bonds), "or it proves nothing"
    made = divided(content, **how, bonds=bonds_of(bonds))
    assert kept_by(content, made.labels, bonds)
    assert (made.labels >= 0).all()
    figures = figures_of(content, made.labels, low=150, high=450, bonds=bonds_of(bonds))
    assert {each.rule for each in figures.broken} <= {"pieces"}, (
        "who binds what lies far apart has it in pieces"
    )


def test_what_is_fixed_otherwise_stays_fixed_and_is_told(content):
    west, east = corners(content)
    labels = divided(content, low=150, high=450, seed=1, limit_s=5.0).labels
    assert labels[west] != labels[east]
    fixed = np.full(len(content), -1)
    fixed[[west, east]] = labels[[west, east]]
    bonds = bonds_of([together(west, east)])
    made = divided(content, low=150, high=450, seed=1, limit_s=5.0, fixed=fixed, start=labels, bonds=bonds)
    assert made.labels[[west, east]].tolist() == labels[[west, east]].tolist()
    assert [rule for rule, _label, _count in broken_in(made.labels, bonds)] == ["together"]


@pytest.mark.parametrize("how", ["compounds", "split", "absorb"])
def test_every_change_of_a_division_obeys(content, how):
    base = divided(content, low=150, high=450, seed=1, limit_s=5.0).labels
    if how == "absorb":
        base = np.where(np.arange(len(content)) % 7 == 0, -1, base)
    grid = int(np.bincount(base[base >= 0]).argmax())
    inside = np.flatnonzero(base == grid)
    one, other = int(inside[content.lon[inside].argmin()]), int(inside[content.lon[inside].argmax()])
    bonds = bonds_of([together(one, other)])
    made = reshaped(content, base, how, low=150, high=450, seed=1, limit_s=5.0, grids=[grid], bonds=bonds)
    assert made.labels[one] == made.labels[other]
    assert len(made.labels) == len(content)


def test_several_proposals_obey(content):
    base = divided(content, low=150, high=450, seed=1, limit_s=5.0).labels
    west, east = corners(content)
    one, other = neighbours_in(content)
    bonds = [together(west, east), apart(one, other)]
    found = proposals(content, base, low=150, high=450, seed=1, curve=3, limit_s=6.0, bonds=bonds_of(bonds))
    assert found
    assert all(kept_by(content, each.made.labels, bonds) for each in found)


@pytest.mark.django_db
def test_it_is_kept_with_the_draft_told_where_it_breaks_and_mended_by_improving(town):
    laid_out(town)
    viewer = town.as_viewer("community")
    plan = begun(viewer, town, start="divide", low=150, high=250)
    content = queries.content_by_plan(plan)
    west, east = corners(content)
    held = [together(west, east)]
    changed = actions.change_plan(viewer, plan.id, revision=1, bonds=held, now=NOW)
    assert Plan.objects.get(id=plan.id).bonds == held
    assert queries.atoms_of(viewer, changed)["bonds"] == held
    assert [rule for rule, _label, _count in changed.broken] == ["together"]
    with pytest.raises(RulesBroken):
        actions.take_step(viewer, plan.id, "check", now=NOW)
    better = actions.improve_plan(viewer, plan.id, revision=2, now=NOW)
    assert better.labels[west] == better.labels[east]
    assert "together" not in {rule for rule, _label, _count in better.broken}
    assert better.bonds == held
    copy = begun(viewer, town, copy_of=plan.id)
    assert copy.bonds == held
    # The page and the report tell it.
    page = town.browser("community").get(f"/console/plans/{plan.id}").content.decode()
    assert "必须在同一网格" in page
    town.as_viewer("community")
    taken_back = actions.change_plan(viewer, plan.id, revision=3, bonds=[], now=NOW)
    assert taken_back.bonds == []


@pytest.mark.django_db
def test_what_contradicts_itself_is_refused(town):
    laid_out(town)
    viewer = town.as_viewer("community")
    plan = begun(viewer, town, start="today")
    with pytest.raises(BondsContradict):
        actions.change_plan(viewer, plan.id, revision=1, bonds=[together(0, 1), apart(0, 1)], now=NOW)
    for wrong in ([together(0)], [apart(0, 10_000)], [apart(0, 1)] * 501):
        with pytest.raises(Invalid):
            actions.change_plan(viewer, plan.id, revision=1, bonds=wrong, now=NOW)
    twice = actions.change_plan(viewer, plan.id, revision=1, bonds=[apart(1, 0), apart(0, 1)], now=NOW)
    assert twice.bonds == [apart(0, 1)]


@pytest.mark.django_db
def test_proposals_from_a_plan_keep_what_it_binds(town):
    laid_out(town)
    viewer = town.as_viewer("community")
    plan = begun(viewer, town, start="divide", low=150, high=250)
    west, east = corners(queries.content_by_plan(plan))
    actions.change_plan(viewer, plan.id, revision=1, bonds=[together(west, east)], now=NOW)
    search = actions.begin_search(
        viewer,
        area=town.community.code,
        name="比选",
        low=150,
        high=250,
        curve=2,
        seconds=10,
        from_plan=plan.id,
        now=NOW,
    )
    taken = take_search(town.as_system(), search.id, now=NOW)
    assert carry_out_search(town.city.path, taken.id, taken.tries).state == "done"
    town.as_viewer("community")
    found = list(Plan.objects.filter(search_id=search.id))
    assert found
    assert all(one.labels[west] == one.labels[east] for one in found)
    assert all(one.bonds == [together(west, east)] for one in found)


@pytest.mark.django_db
def test_over_http_bonds_come_with_the_atoms_and_are_changed_with_the_plan(town):
    laid_out(town)
    plan = begun(town.as_viewer("community"), town, start="today")
    client = town.client("community")

    def sent(**body):
        return client.patch(f"/api/v1/plans/{plan.id}", orjson.dumps(body), content_type="application/json")

    assert sent(revision=1, bonds=[apart(0, 1)]).status_code == 200
    told = orjson.loads(client.get(f"/api/v1/plans/{plan.id}/atoms").content)
    assert told["bonds"] == [apart(0, 1)]
    assert sent(revision=2, bonds=[apart(0, 1), together(0, 1)]).status_code == 422
    assert sent(revision=2, bonds=[{"kind": "near", "atoms": [0, 1]}]).status_code == 422
