"""What the catalogue tells: the items of every named trouble, suggestions that follow a change, and what it all costs."""

import pytest
from tests import builders
from tests.builders import NOW

from wangge.catalogue import actions, queries, rules
from wangge.catalogue.models import WorkItem


@pytest.fixture
def sample(town, db):
    actions.load_sample_catalogue(town.as_system(), now=NOW)
    return town


#: What a city must be able to take in: the trouble in a resident's words, and a word of the item that they must find.
TROUBLES = {
    "lights": ("小区门口的路灯不亮好几天了", "路灯"),
    "roads": ("路面坑洼，车子颠簸", "路"),
    "refuse": ("垃圾桶满了没人清运", "垃圾"),
    "noise": ("工地夜间施工噪音扰民", "噪"),
    "water": ("家里停水一整天", "水"),
    "heating": ("暖气不热，室内温度低", "热"),
    "lifts": ("电梯困人了，电梯故障", "电梯"),
    "fire safety": ("消防通道被车堵塞", "通道"),
    "gas": ("楼道有燃气味，怀疑漏气", "燃气"),
    "fly-tipping": ("有人偷倒建筑垃圾", "垃圾"),
    "stray animals": ("流浪狗在小区咬人", "犬"),
    "quarrels": ("邻居纠纷吵架，邻里矛盾", "邻里"),
    "wages": ("老板拖欠农民工工资", "工资"),
    "child care": ("托育机构收费，婴幼儿照护", "托育"),
    "elderly care": ("独居老人需要居家养老服务", "老"),
    "groceries": ("附近买菜不方便，没有菜市场", "菜"),
    "school": ("孩子入学报名学区", "学"),
    "medical insurance": ("医保缴费报销", "医保"),
    "flood": ("暴雨内涝，积水被困", "汛"),
    "poppy": ("菜地里种了罂粟", "毒"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_every_trouble_named_to_us_has_an_item_that_its_words_find(sample, trouble):
    said, spoken = TROUBLES[trouble]
    found = queries.suggestions(said)
    names = [one.zh for one in found[:3]]
    assert any(spoken in name for name in names), names


def test_the_three_businesses_have_groups_and_at_least_ninety_items(sample):
    groups = {(item.version.business, item.version.group) for item in queries.items(None)}
    assert {business for business, _ in groups} == set(rules.BUSINESSES)
    assert queries.admitted_count() >= 90
    assert all(len([one for one in groups if one[0] == business]) >= 5 for business in rules.BUSINESSES)


class TestItems:
    def test_they_are_found_by_business_group_state_and_text(self, sample):
        viewer = sample.as_viewer("worker")
        assert {item.version.business for item in queries.items(viewer, business="safety")} == {"safety"}
        assert {item.code[:3] for item in queries.items(viewer, group="M01")} == {"M01"}
        assert queries.items(viewer, state="retired") == []
        assert "路灯" in queries.items(viewer, text="路灯")[0].version.zh
        assert [item.code for item in queries.items(viewer, text="s01-01")] == ["S01-01"]
        assert queries.items(viewer, text="%") == []

    def test_an_admitted_item_is_current_and_no_other(self, town, db):
        for code, state in (("M01-01", "admitted"), ("M01-02", "reviewed"), ("M01-03", "retired")):
            town.add(builders.item, code, state=state)
        assert queries.current_item("M01-01").item.code == "M01-01"
        for code in ("M01-02", "M01-03"):
            with pytest.raises(rules.ItemNotOpen):
                queries.current_item(code)
        assert [version.item_id for version in queries.current_items()] == ["M01-01"]


class TestKeywords:
    def test_they_are_kept_until_an_item_changes_then_follow(self, town, db, django_assert_num_queries):
        town.add(builders.item, "M01-01")
        centre = town.as_viewer("centre")
        assert queries.keywords() == {"M01-01": ("路灯",)}
        with django_assert_num_queries(1):
            assert queries.keywords() is queries.keywords.__globals__["_kept"][1]
        actions.change_item(
            centre, code="M01-01", values={"keywords": "街灯 路灯 灯杆"}, reason="other words", now=NOW
        )
        assert queries.keywords() == {"M01-01": ("街灯", "路灯", "灯杆")}
        actions.retire_item(centre, code="M01-01", reason="ended", now=NOW)
        assert queries.keywords() == {}

    def test_a_retired_item_is_no_longer_suggested(self, sample):
        best = queries.suggestions("路灯不亮")[0]
        assert "路灯" in best.words
        actions.retire_item(sample.as_system(), code=best.code, reason="ended", now=NOW)
        assert best.code not in [one.code for one in queries.suggestions("路灯不亮")]

    @pytest.mark.parametrize("text", ["", "qqq", "\u202e路", "灯" * 20_000])
    def test_words_that_say_nothing_find_nothing(self, sample, text):
        assert queries.suggestions(text) == []

    def test_the_limit_is_kept(self, sample):
        assert len(queries.suggestions("垃圾 路灯 噪音 电梯 停水", limit=2)) == 2


class TestBurden:
    def test_the_total_is_of_admitted_items_and_each_proposal_shows_what_it_would_add(self, town, db):
        town.add(builders.item, "M01-01", minutes_per_week=60)
        town.add(builders.item, "M01-02", minutes_per_week=40, first_tier="community")
        town.add(builders.item, "M01-03", minutes_per_week=25, state="proposed")
        town.add(builders.item, "M01-04", minutes_per_week=500, state="retired")
        burden = queries.burden()
        assert (burden.minutes_per_week, burden.minutes_with_waiting) == (100, 125)
        assert burden.by_tier == {"grid": 60, "community": 40}
        assert [(item.code, item.share) for item in burden.admitted] == [("M01-01", 0.6), ("M01-02", 0.4)]
        assert [(item.code, item.share) for item in burden.waiting] == [("M01-03", 0.2)]

    def test_an_empty_catalogue_costs_nothing(self, town, db):
        assert queries.burden().minutes_per_week == 0
        assert WorkItem.objects.count() == 0
