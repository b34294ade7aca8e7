"""Parts of a polygon that fit to the last digit."""

from random import Random

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from wangge.demo.rules.tiling import Mesh, Stock, area, divide


def star(rng, corners, size=100_000):
    """A ring around the origin that is not convex, turning left."""
    import math

    # One length a corner: with one for each coordinate the ring could cross itself.
    lengths = [size * rng.uniform(0.5, 1) for _ in range(corners)]
    return tuple(
        (
            round(math.cos(2 * math.pi * number / corners) * length),
            round(math.sin(2 * math.pi * number / corners) * length),
        )
        for number, length in enumerate(lengths)
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(4, 24), st.lists(st.floats(0.3, 4), min_size=1, max_size=40))
def test_the_parts_of_a_ring_share_every_vertex_and_leave_no_gap(seed, corners, weights):
    rng = Random(seed)
    whole = star(rng, corners)
    mesh = Mesh()
    parts = divide(mesh, whole, weights, rng)
    shapes = [shapely.Polygon(mesh.outline(part)) for part in parts]
    assert len(parts) == len(weights)
    assert all(shape.is_valid and shape.area > 0 for shape in shapes)
    assert shapely.coverage_is_valid(shapes)
    union = shapely.union_all(shapes)
    assert union.geom_type == "Polygon"
    assert not union.interiors
    # The rounding of a cut may move an outer edge by less than a lattice unit.
    assert abs(union.area - area(whole)) < 2 * len(weights) * union.length * 0.5


def test_each_part_is_about_as_large_as_its_weight_says():
    mesh, whole = Mesh(), ((0, 0), (1_000_000, 0), (1_000_000, 800_000), (0, 800_000))
    weights = [1, 2, 3, 4, 5, 6, 7]
    parts = divide(mesh, whole, weights, Random(3))
    for part, weight in zip(parts, weights, strict=True):
        assert abs(area(part) / area(whole) - weight / 28) < 0.01


def test_a_neighbour_takes_the_vertex_that_a_cut_puts_on_their_edge():
    mesh = Mesh()
    left, right = ((0, 0), (100_000, 0), (100_000, 90_001), (0, 90_000)), (
        (100_000, 0), (200_000, 0), (200_000, 90_000), (100_000, 90_001),
    )  # fmt: skip
    parts = divide(mesh, left, [1] * 9, Random(1))
    neighbours = [shapely.Polygon(mesh.outline(part)) for part in (*parts, right)]
    assert shapely.coverage_is_valid(neighbours)
    assert len(mesh.outline(right)) > len(right)


def test_each_part_has_its_share_of_what_stands_there_whatever_its_area():
    rng = Random(5)
    mesh, whole = Mesh(), ((0, 0), (1_000_000, 0), (1_000_000, 800_000), (0, 800_000))
    # Most of it in one corner.
    spots = np.array([(1_000_000 * rng.random() ** 3, 800_000 * rng.random() ** 3) for _ in range(700)])
    stock = Stock(spots[:, 0], spots[:, 1], np.array([rng.randint(1, 60) for _ in spots], float))
    parts = divide(mesh, whole, [1, 2, 1, 1], rng, stock)
    for part, weight in zip(parts, [1, 2, 1, 1], strict=True):
        assert abs(stock.share_in(part) - weight / 5) < 0.02
    assert max(map(area, parts)) > 5 * min(map(area, parts))
    assert shapely.coverage_is_valid([shapely.Polygon(mesh.outline(part)) for part in parts])
