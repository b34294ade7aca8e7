"""`wangge plan` from a file to a file, as a person types it; and what it says of a file that is not in order."""

import json
import signal

import pytest
from tests.gridplan.places import a_street
from tests.project.program import run

from gridplan import divide, to_geojson
from wangge.project.cli import main
from wangge.project.environment import StartRefused
from wangge.project.planning import _stopped_by_hand, names_of


@pytest.fixture
def street(tmp_path):
    """Twelve houses along a street, and one far too large."""
    made = a_street([100] * 6 + [612] + [100] * 6)
    path = tmp_path / "街.geojson"
    path.write_text(json.dumps(to_geojson(divide(made), outlines=False)), encoding="utf-8")
    return path


def test_a_file_is_divided_into_a_file(street, tmp_path):
    done = run(tmp_path / "nowhere", "plan", "divide", str(street), "--out", str(tmp_path / "out.geojson"))
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "nowhere").exists()  # it needs no installation
    head, line, *rest = done.stdout.splitlines()
    assert head.split() == ["community", "places", "households", "grids", "smallest", "largest", "outside"]
    assert line.split()[-6:] == ["13", "1,812", "5", "300", "612", "1"]
    assert rest[0] == "above: house 6 alone has 612 households, more than 500."
    kinds = [
        each["properties"]["kind"] for each in json.loads((tmp_path / "out.geojson").read_text())["features"]
    ]
    assert (kinds.count("grid"), kinds.count("door")) == (5, 13)


def test_bounds_and_seed_are_taken(street, tmp_path, capsys):
    out = tmp_path / "out.geojson"
    assert (
        main(
            ["plan", "divide", str(street), "--out", str(out), "--low", "100", "--high", "200", "--seed", "3"]
        )
        == 0
    )
    sizes = [
        each["properties"]["households"]
        for each in json.loads(out.read_text())["features"]
        if each["properties"]["kind"] == "grid"
    ]
    assert [size for size in sizes if size > 200] == [612]
    assert "街" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (["--low", "500", "--high", "300"], "between 500 and 300"),
        (["--names", "homes=3"], "does not know homes"),
        (["--communities", "nowhere.geojson"], "nowhere.geojson"),
        (["--weigh", "minutes"], "workload"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(street, tmp_path, capsys, more, word):
    assert main(["plan", "divide", str(street), "--out", str(tmp_path / "out.geojson"), *more]) == 1
    said = capsys.readouterr().err
    assert said.splitlines()[-1].startswith("wangge: ")
    assert word in said


def test_a_file_that_is_no_map_is_refused(tmp_path, capsys):
    (tmp_path / "x.geojson").write_text("{}")
    assert main(["plan", "divide", str(tmp_path / "x.geojson"), "--out", str(tmp_path / "out")]) == 1
    assert "no list of features" in capsys.readouterr().err


def test_names_of_properties_are_read():
    assert names_of("households=户数,community=社区").households == "户数"
    assert names_of("").community == "community"
    with pytest.raises(StartRefused, match="does not know"):
        names_of("households")


@pytest.fixture
def _key_is_heard():
    """A shell that runs the tests in the background lets them ignore the key."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_key_is_heard")
def test_the_first_stop_by_hand_asks_and_the_second_ends():
    with _stopped_by_hand() as stop:
        signal.raise_signal(signal.SIGINT)
        assert stop.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.fixture
def today(tmp_path):
    """Twelve houses in two grids of today, one too large and one too small."""
    made = a_street([100] * 12)
    collection = to_geojson(divide(made), outlines=False)
    for at, feature in enumerate(collection["features"]):
        feature["properties"]["grid"] = "一格" if at < 10 else "二格"
        feature["properties"]["compound"] = ["西园", "中园", "东园"][at // 4]
    path = tmp_path / "today.geojson"
    path.write_text(json.dumps(collection), encoding="utf-8")
    return path


def grids_of(path):
    return {
        each["properties"]["name"]: each["properties"]["households"]
        for each in json.loads(path.read_text(encoding="utf-8"))["features"]
        if each["properties"]["kind"] == "grid"
    }


def test_todays_grids_are_changed_as_little_as_they_must_and_go_on_by_name(today, tmp_path, capsys):
    out = tmp_path / "out.geojson"
    assert main(["plan", "revise", str(today), "--out", str(out), "--cut-compounds", "--curve", "2"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0].split()[:2] == ["proposal", "grids"]
    made = grids_of(out)
    assert {"一格", "二格"} <= set(made)
    assert all(300 <= households <= 500 for households in made.values())


@pytest.mark.parametrize(
    ("more", "sizes"),
    [
        (["--split", "一格", "--cut-compounds"], [200, 500, 500]),
        (["--merge", "一格,二格", "--cut-compounds"], [1_200]),
        (["--each-compound", "--cut-compounds"], [400, 400, 400]),
    ],
)
def test_one_change_can_be_asked_for(today, tmp_path, more, sizes):
    out = tmp_path / "out.geojson"
    assert main(["plan", "revise", str(today), "--out", str(out), *more]) == 0
    assert sorted(grids_of(out).values()) == sizes


@pytest.mark.parametrize(("more", "word"), [(["--split", "三格"], "三格"), (["--take", "9"], "proposal 9")])
def test_a_change_of_what_is_not_there_is_refused(today, tmp_path, capsys, more, word):
    assert main(["plan", "revise", str(today), "--out", str(tmp_path / "out.geojson"), *more]) == 1
    assert word in capsys.readouterr().err


def test_grids_of_a_file_without_any_cannot_be_changed(tmp_path, capsys):
    (tmp_path / "x.csv").write_text("lon,lat,households\n119.4,34.6,300\n")
    assert main(["plan", "revise", str(tmp_path / "x.csv"), "--out", str(tmp_path / "out")]) == 1
    assert "knows no grids" in capsys.readouterr().err


def test_doors_come_in_walking_order_with_their_times(tmp_path, capsys):
    rows = [
        "lon,lat,households,name,hours",
        "119.400,34.6,1,a,",
        "119.404,34.6,1,c,",
        "119.402,34.6,1,b,14:00-15:00",
    ]
    (tmp_path / "round.csv").write_text("\n".join(rows), encoding="utf-8")
    out = tmp_path / "out.geojson"
    asked = [
        "plan",
        "route",
        str(tmp_path / "round.csv"),
        "--out",
        str(out),
        "--begins",
        "09:00",
        "--visit",
        "5",
    ]
    assert main([*asked, "--start", "119.399,34.6"]) == 0
    walked = json.loads(out.read_text(encoding="utf-8"))["features"]
    assert [each["properties"]["name"] for each in walked] == ["a", "c", "b"]
    assert walked[-1]["properties"]["begins"] == "14:00"
    assert "3 doors" in capsys.readouterr().out
    assert main([*asked, "--shift", "60"]) == 0
    assert "left: b: " in capsys.readouterr().out
