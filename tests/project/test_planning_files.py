"""Whatever a file holds, `wangge plan` reads it or refuses it in a sentence."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.project.maps import a_place, written

from wangge.project.cli import main

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 700),
    st.floats(),
    st.text(max_size=6),
    st.lists(st.integers(), max_size=2),
)
SPOTS = st.tuples(st.floats(119, 119.1), st.floats(34, 34.1))
KEYS = (
    "households", "name", "community", "grid", "compound", "minutes", "apart", "hours", "due", "kind",
)  # fmt: skip
VALUES = st.one_of(ODD, st.sampled_from(["door", "grid", "street", "barrier", "community", "compound", "东"]))
GEOMETRIES = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["Point", "LineString", "Polygon", "Nothing"]),
        "coordinates": st.one_of(
            ODD,
            SPOTS,
            st.lists(SPOTS, max_size=4),
            st.just([[[119, 34], [119.1, 34], [119.1, 34.1], [119, 34]]]),
        ),
    }
)
FEATURES = st.fixed_dictionaries(
    {
        "type": st.just("Feature"),
        "properties": st.one_of(ODD, st.dictionaries(st.sampled_from(KEYS), VALUES)),
        "geometry": st.one_of(ODD, GEOMETRIES),
    }
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(st.one_of(ODD, FEATURES), max_size=5),
    st.sampled_from(["divide", "revise", "explain", "route"]),
    st.booleans(),
)
def test_whatever_a_file_holds_is_read_or_refused_in_a_sentence(tmp_path, capsys, features, command, sound):
    more = [a_place(119.05, 34.05, 350, grid="一")] if sound else []
    path = written(tmp_path / "odd.geojson", [*more, *features])
    assert main(["plan", command, str(path), "--json"]) in (0, 2)
    said = capsys.readouterr()
    assert said.out or said.err.splitlines()[-1].startswith("wangge: ")


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("x.geojson", b"\xff\xfe\x00", "no JSON that can be read"),
        ("x.geojson", b"[1]", "no list of features"),
        ("x.geojson", b'{"features": []}', "There is no door to divide."),
        (
            "x.geojson",
            b'{"features": [{"properties": {"name": "a"}}]}',
            "The first fault: 1 (a): it has no geometry",
        ),
        ("x.csv", b"lon,lat\n119,34\n", "lacks the column 'households'"),
        ("x.csv", b"lon,lat,households\n119,34,many\n", "The first fault: 2: 'households' is 'many'"),
        ("x.csv", b"\xff\xff\xff", "no table that can be read"),
        ("x.osm", b"nothing of the kind", "x.osm"),
        ("x.osm.pbf", b"\x00\x01\x02", "x.osm.pbf"),
    ],
)
@pytest.mark.parametrize("command", ["divide", "route"])
def test_what_is_no_map_is_refused_and_says_where(tmp_path, capsys, name, content, word, command):
    (tmp_path / name).write_bytes(content)
    assert main(["plan", command, str(tmp_path / name), "--json"]) == 2
    assert word in capsys.readouterr().err


def test_a_folder_is_no_file(tmp_path, capsys):
    assert main(["plan", "divide", str(tmp_path), "--json"]) == 2
    assert "There is no file" in capsys.readouterr().err
