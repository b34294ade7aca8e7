"""Views of the lists: whose they are, who sees them, what the journal tells of them."""

import json
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import builders
from tests.builders import NOW

from wangge.base.ids import new_id
from wangge.base.problems import NotAllowed, NotFound, OtherContent
from wangge.cases.actions import remove_view, save_view
from wangge.cases.models import View
from wangge.cases.queries import views
from wangge.cases.rules import (
    COLUMNS,
    FILTERS,
    MOST_VIEWS,
    TooManyViews,
    ViewNameTaken,
    tidy_columns,
    tidy_query,
)
from wangge.journal.models import Entry


def keep(town, who, name="夜间扰民", *, view=None, query="queue=open", columns=(), shared=False):
    return save_view(
        town.as_viewer(who), view or new_id(), name=name, query=query, columns=columns, shared=shared, now=NOW
    )


def test_a_view_is_kept_tidily_and_only_for_oneself(town, db):
    saved, is_new = keep(
        town,
        "township",
        query="?cursor=x&queue=open&late=&late=overdue&page=9",
        columns=["state", "state", "odd"],
    )
    assert is_new
    assert (saved.query, saved.columns) == ("queue=open&late=overdue", ["title", "state"])
    assert [view.name for view in views(town.as_viewer("township"))] == ["夜间扰民"]
    assert views(town.as_viewer("community")) == []
    assert not Entry.objects.filter(verb__startswith="view.").exists()


def test_a_shared_one_is_offered_in_the_area_and_the_journal_says_so(town, db):
    saved, _ = keep(town, "township", shared=True)
    for who in ("community", "worker", "centre", "secretary"):
        assert [view.id for view in views(town.as_viewer(who))] == [saved.id], who
    assert views(town.as_viewer("far_community")) == []
    keep(town, "township", "夜间", view=saved.id)
    assert views(town.as_viewer("community")) == []
    town.as_viewer("township")
    told = Entry.objects.order_by("id").values_list("verb", "subject", "after")
    assert list(told) == [(verb, f"view:{saved.id}", {}) for verb in ("view.shared", "view.withdrawn")]


def test_a_name_is_given_once_and_everybody_may_give_it(town, db):
    keep(town, "township")
    with pytest.raises(ViewNameTaken):
        keep(town, "township")
    keep(town, "community")


def test_nobody_changes_or_removes_what_is_anothers(town, db):
    shared, _ = keep(town, "township", shared=True)
    private, _ = keep(town, "township", "只给自己")
    with pytest.raises(NotAllowed):
        keep(town, "community", view=shared.id)
    with pytest.raises(OtherContent):
        keep(town, "community", view=private.id)
    with pytest.raises(NotAllowed):
        remove_view(town.as_viewer("community"), shared.id, now=NOW)
    with pytest.raises(NotFound):
        remove_view(town.as_viewer("community"), private.id, now=NOW)
    remove_view(town.as_viewer("township"), shared.id, now=NOW)
    assert list(View.objects.values_list("name", flat=True)) == ["只给自己"]


def test_a_departments_person_keeps_views_and_shares_none(town, db):
    keep(town, "handler")
    with pytest.raises(NotAllowed):
        keep(town, "handler", "共享", shared=True)


def test_there_is_an_end_to_what_one_person_keeps(town, db):
    for n in range(MOST_VIEWS):
        town.owner.execute(
            "insert into cases_view (id, account_id, path, name, query, columns, shared, made_at) values (%s, %s, %s, %s, '', '{}', false, %s)",
            [uuid4(), town.accounts["township"].pk, town.township.path, f"视图{n}", NOW],
        )
    town.owner.commit()
    with pytest.raises(TooManyViews):
        keep(town, "township", "再一个")


def test_over_http(town, db):
    client, view = town.client("township"), new_id()

    def put(**body):
        return client.put(f"/api/v1/views/{view}", json.dumps(body), content_type="application/json")

    assert (
        put(name="超期", query="queue=overdue", columns=["title", "holder"], shared=True).status_code == 201
    )
    again = put(name="已超期", query="queue=overdue")
    assert (again.status_code, again.json()["columns"], again.json()["shared"]) == (200, [], False)
    assert put(name="x", columns=["password"]).status_code == 422
    assert put(name="").status_code == 422
    assert [told["name"] for told in client.get("/api/v1/views").json()] == ["已超期"]
    assert client.delete(f"/api/v1/views/{view}").status_code == 204
    assert client.delete(f"/api/v1/views/{view}").status_code == 404


@given(st.dictionaries(st.text(max_size=9) | st.sampled_from(FILTERS), st.text(max_size=40), max_size=8))
def test_a_tidied_query_holds_filters_only_and_tidying_again_changes_nothing(given_query):
    from urllib.parse import parse_qsl, urlencode

    tidy = tidy_query(urlencode(given_query, errors="surrogatepass"))
    assert {name for name, _ in parse_qsl(tidy)} <= set(FILTERS)
    assert tidy_query(f"?{tidy}") == tidy


@given(st.lists(st.sampled_from([*COLUMNS, "odd", ""])))
def test_columns_keep_their_order_without_repeats_and_lead_to_the_case(names):
    tidy = tidy_columns(names)
    assert "title" in tidy
    assert len(set(tidy)) == len(tidy)
    assert set(tidy) <= set(COLUMNS)
    known = [name for name in dict.fromkeys(names) if name in COLUMNS]
    assert [name for name in tidy if name in names] == known


def test_the_columns_of_the_rules_are_those_that_the_console_draws():
    from wangge.doors.console.columns import COLUMNS as DRAWN

    assert tuple(DRAWN) == COLUMNS


def test_a_column_name_fits_its_place():
    assert max(map(len, COLUMNS)) <= View._meta.get_field("columns").base_field.max_length


def test_many_shared_by_others_take_no_place_from_one_s_own(town, db):
    for number in range(201):
        shared = View(
            id=new_id(), account_id=town.accounts["township"].pk, path=town.township.path, name=f"a{number:03}",
            query="", columns=[], shared=True, made_at=NOW,
        )  # fmt: skip
        builders.insert(town.owner, shared)
    town.owner.commit()
    keep(town, "community", "z")
    found = views(town.as_viewer("community"))
    assert found[0].name == "z"
    assert [view.name for view in found[1:]] == [f"a{number:03}" for number in range(200)]
