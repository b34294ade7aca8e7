"""Estates found by what a caller says."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from tests import builders
from tests.cases.test_search import WORDS

from wangge.base.problems import NotFound
from wangge.base.text import bigrams
from wangge.households.models import Compound
from wangge.households.queries import compounds, compounds_named, compounds_of


def estate(town, code, name, at, **facts):
    facts = {"valid_from": date(2020, 1, 1)} | facts
    return town.add(builders.insert, Compound(code=code, name=name, area_id=at.code, path=at.path, **facts))


@pytest.fixture
def estates(town, db):
    estate(
        town,
        "E1",
        "荷塘家园",
        town.grid_a,
        aliases=["水厂宿舍"],
        address="海棠路5号",
        lon=119.355,
        lat=34.745,
    )
    estate(town, "E2", "新荷塘家园", town.grid_b)
    estate(town, "E3", "枫桥花园", town.grid_b, address="荷塘路12号")
    estate(town, "E4", "荷塘家园", town.far_grid)
    estate(town, "E5", "荷塘旧村", town.grid_a, valid_to=date(2024, 1, 1))
    estate(town, "E6", "阳光100小区", town.grid_a)
    return town.as_viewer("dispatcher")


def codes(found):
    return [each.code for each in found]


def test_two_characters_find_and_beginnings_come_first(estates, town):
    assert codes(compounds_named(estates, "荷塘", within=town.county.code)) == ["E1", "E2", "E3"]
    assert codes(compounds_named(estates, "家园", within=town.county.path)) == ["E1", "E2"]
    assert codes(compounds_named(estates, "荷塘家园")) == ["E1", "E4", "E2"]


def test_other_names_and_addresses_find_too(estates, town):
    assert codes(compounds_named(estates, "水厂")) == ["E1"]
    assert codes(compounds_named(estates, "海棠路5号")) == ["E1"]
    assert compounds_named(estates, "水厂")[0].area.name == "一网格"


def test_what_follows_the_name_does_not_hide_it(estates):
    assert codes(compounds_named(estates, "新荷塘家园24号楼2单元")) == ["E2"]
    assert codes(compounds_named(estates, "阳光100小区")) == ["E6"]
    assert codes(compounds_named(estates, "阳光100小区3栋")) == ["E6"]


def test_nothing_is_found_for_what_says_nothing(estates):
    assert [compounds_named(estates, text) for text in ("", "，。", "%", "没有的地方")] == [[], [], [], []]


def test_the_compounds_of_an_area_stand_in_order(estates, town):
    assert (
        codes(compounds_of(town.community.code)) == ["E3", "E2", "E1", "E6"]
        or len(compounds_of(town.community.code)) == 4
    )
    first = compounds(estates, within=town.community.code, limit=3)
    assert codes(first.items) == ["E1", "E2", "E3"]
    assert codes(compounds(estates, within=town.community.code, cursor=first.next).items) == ["E6"]
    with pytest.raises(NotFound):
        compounds_of("320799999999")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(WORDS)
def test_the_index_and_the_query_agree_on_tokens(owner, text):
    (found,) = owner.execute("select households_bigrams(%s)", [text]).fetchone()
    assert sorted(found) == sorted(set(bigrams(text)))
