"""The areas of the sample city."""

from collections import Counter
from random import Random

import pytest
import shapely

from wangge.demo import queries
from wangge.demo.rules.city import DEDICATED_GRIDS, PUBLIC_GRIDS, grids_per_community, plan_city
from wangge.demo.rules.places import DEMO_COMMUNITY, short_name


@pytest.fixture(scope="module")
def places():
    return plan_city(queries.divisions(), queries.outlines(), 1)


def shape(place):
    return shapely.Polygon(place.rings[0], place.rings[1:])


def test_the_city_has_its_real_divisions_and_so_many_grids(places):
    counted = Counter((place.level, place.kind) for place in places)
    assert counted == {
        ("city", ""): 1,
        ("county", ""): 8,
        ("township", ""): 109,
        ("community", ""): 1_761,
        ("grid", "public"): PUBLIC_GRIDS,
        ("grid", "dedicated"): DEDICATED_GRIDS,
    }
    assert PUBLIC_GRIDS == 4_234
    by_code = {place.code: place for place in places}
    assert by_code[DEMO_COMMUNITY].name == "荷花社区居委会"
    assert by_code[DEMO_COMMUNITY].urban_rural_class == "111"
    assert len(by_code) == len(places)


def test_grid_codes_are_the_community_a_kind_digit_and_a_number_without_gaps(places):
    numbers: dict[tuple[str, str], list[int]] = {}
    for place in places:
        if place.level == "grid":
            assert place.code[:12] == place.parent
            assert len(place.code) == 16
            assert place.code[12] == {"public": "1", "dedicated": "2"}[place.kind]
            numbers.setdefault((place.parent, place.kind), []).append(int(place.code[13:]))
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())
    assert sum(kind == "public" for _, kind in numbers) == 1_761


def test_grids_tile_the_city_and_every_area_is_the_sum_of_its_parts(places):
    bounded = [place for place in places if place.rings]
    assert shapely.coverage_is_valid([shape(place) for place in places if place.kind == "public"])
    below: dict[str, list[shapely.Polygon]] = {}
    for place in bounded:
        below.setdefault(place.parent, []).append(shape(place))
    for place in bounded:
        assert shape(place).is_valid
        if place.code in below:
            assert shapely.union_all(below[place.code]).symmetric_difference(shape(place)).area < 1e-12, place


def test_each_place_has_a_point_inside_it_and_a_box_around_it(places):
    for place in places:
        if place.rings:
            assert shape(place).contains(shapely.Point(place.lon, place.lat)), place
            assert place.box is not None
        else:
            assert place.kind == "dedicated"
            assert place.boundary is None


def test_a_path_names_every_area_above(places):
    by_code = {place.code: place for place in places}
    for place in places:
        codes = place.path.split(".")
        assert codes[-1] == place.code
        assert (codes[-2] if len(codes) > 1 else "") == place.parent
        assert all(code in by_code for code in codes)


def test_the_same_seed_gives_the_same_city_and_another_another(places):
    assert plan_city(queries.divisions(), queries.outlines(), 1) == places
    other = plan_city(queries.divisions(), queries.outlines(), 2)
    assert [place.rings for place in other] != [place.rings for place in places]


def test_the_outlines_are_coarse_and_fit_together():
    drawn = queries.outlines()
    assert len(drawn) == 8
    assert all(len(ring) <= 60 for ring in drawn.values())
    assert shapely.coverage_is_valid([shapely.Polygon(ring) for ring in drawn.values()])


def test_grids_are_shared_out_by_class_and_no_community_goes_without():
    communities = [division for division in queries.divisions() if division.level == "community"]
    counts = grids_per_community(communities, Random(5), 2_000)
    assert sum(counts.values()) == 2_000
    assert min(counts.values()) == 1
    kinds = {division.code: division.urban_rural_class for division in communities}
    mean = {
        kind: sum(counts[code] for code in kinds if kinds[code] == kind) / list(kinds.values()).count(kind)
        for kind in ("111", "220")
    }
    assert mean["111"] > mean["220"]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("荷花社区居委会", "荷花社区"),
        ("沙湾村委会", "沙湾村"),
        ("高公岛居委会", "高公岛社区"),
        ("观海社区居民委员会", "观海社区"),
        ("连云港碱厂虚拟社区", "连云港碱厂虚拟社区"),
    ],
)
def test_places_are_called_as_people_say_them(name, short):
    assert short_name(name) == short
