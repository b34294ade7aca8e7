"""`wangge plan` from a file to a file, as a person types it; and what it says of a file that is not in order."""

import json
import signal

import pytest
from shapely.geometry import box, mapping
from tests.gridplan.places import a_street
from tests.project.maps import a_line, a_place, grids_of, said_of, written
from tests.project.program import run

from gridplan import divide, to_geojson
from wangge.project.cli import main
from wangge.project.planning_input import Shown, stopped_by_hand


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
        (["--names", "households"], "does not know households"),
        (["--communities", "nowhere.geojson"], "nowhere.geojson"),
        (["--streets", "nowhere.geojson"], "nowhere.geojson"),
        (["--weigh", "minutes"], "workload"),
        (["--weigh", "走访分钟"], "'走访分钟'"),
        (["--walking"], "no streets"),
        (["--distance", "walking"], "--streets"),
        (["--compounds"], "compound"),
        (["--out", "nowhere/out.geojson"], "no folder nowhere"),
        (["--compounds", "--weigh", "minutes"], "--weigh changes nothing with --compounds"),
        (["--compounds", "--walking"], "--distance changes nothing with --compounds"),
        (["--compounds", "--workers", "2"], "--workers changes nothing here"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(street, tmp_path, capsys, more, word):
    assert main(["plan", "divide", str(street), "--out", str(tmp_path / "out.geojson"), *more]) == 2
    said = capsys.readouterr().err
    assert said.splitlines()[-1].startswith("wangge: ")
    assert word in said


def test_a_file_that_is_no_map_is_refused(tmp_path, capsys):
    (tmp_path / "x.geojson").write_text("{}")
    assert main(["plan", "divide", str(tmp_path / "x.geojson"), "--out", str(tmp_path / "out")]) == 2
    assert "no list of features" in capsys.readouterr().err


def test_properties_may_have_other_names(tmp_path, capsys):
    rows = ["经度,纬度,户数,社区", *(f"119.40{at},34.6,100,东街" for at in range(6))]
    # As office programs of China write a table.
    (tmp_path / "x.csv").write_bytes("\n".join(rows).encode("gb18030"))
    names = "lon=经度,lat=纬度,households=户数,community=社区"
    out = tmp_path / "out.geojson"
    assert main(["plan", "divide", str(tmp_path / "x.csv"), "--out", str(out), "--names", names]) == 0
    assert set(grids_of(out)) == {"东街-1001", "东街-1002"}
    assert "东街" in capsys.readouterr().out


@pytest.fixture
def _key_is_heard():
    """A shell that runs the tests in the background lets them ignore the key."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_key_is_heard")
def test_the_first_stop_by_hand_asks_and_the_second_ends():
    with stopped_by_hand() as stop:
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
        (["--split", "一格", "--cut-compounds", "--limit", "0"], [200, 500, 500]),
        (["--merge", "一格,二格", "--cut-compounds"], [1_200]),
        (["--compounds"], [400, 400, 400]),
        (["--each-compound"], [400, 400, 400]),
    ],
)
def test_one_change_can_be_asked_for(today, tmp_path, more, sizes):
    out = tmp_path / "out.geojson"
    assert main(["plan", "revise", str(today), "--out", str(out), *more]) == 0
    assert sorted(grids_of(out).values()) == sizes


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (["--split", "三格"], "三格"),
        (["--split", "一格", "--into", "1", "--cut-compounds"], "Grid 一格"),
        (["--merge", "一格,一格"], "two grids"),
        (["--take", "9"], "proposal 9"),
        (["--curve", "0"], "one proposal"),
        (["--weigh", "minutes"], "workload"),
        (["--split", "一格", "--weigh", "minutes"], "--weigh changes nothing with --split"),
        (["--merge", "一格,二格", "--distance", "walking"], "--distance changes nothing with --merge"),
        (["--compounds", "--walking"], "--distance changes nothing with --compounds"),
        (["--absorb", "--curve", "3"], "--curve changes nothing with --absorb"),
        (["--into", "3"], "--into changes nothing without --split"),
        (["--workers", "2"], "--workers changes nothing here"),
    ],
)
def test_a_change_of_what_is_not_there_is_refused(today, tmp_path, capsys, more, word):
    assert main(["plan", "revise", str(today), "--out", str(tmp_path / "out.geojson"), *more]) == 2
    assert word in capsys.readouterr().err


def test_who_loses_their_worker_is_told_where_the_file_says_who_works_where(tmp_path, capsys):
    """Three grids of today become two: who works in two of them is the same, and who works in the third is another or nobody."""
    places = [a_place(119.4 + at / 1000, grid="西中东"[at // 2]) for at in range(6)]

    def lost(*people):
        outlines = [
            {
                "type": "Feature",
                "properties": {"kind": "grid", "name": "西中东"[at], **({"worker": who} if who else {})},
                "geometry": mapping(box(119.3995 + at * 0.002, 34.59, 119.4015 + at * 0.002, 34.61)),
            }
            for at, who in enumerate(people)
        ]
        given_file = written(tmp_path / "in.geojson", [*places, *outlines])
        asked = ["plan", "revise", str(given_file), "--merge", "西,中", "--json"]
        assert main(asked) == 0
        (told,) = json.loads(capsys.readouterr().out)["proposals"]
        assert told["moved"] == 200
        assert main([*asked[:-1], "--out", str(tmp_path / "out.geojson")]) == 0
        head = capsys.readouterr().out.splitlines()[0]
        assert ("households that lose their worker" in head) == ("lose_worker" in told)
        return told.get("lose_worker")

    assert lost("张伟", "王芳", "李娜") == 200
    assert lost("张伟", "张伟", "李娜") == 0
    assert lost(None, None, "李娜") == 0  # who had nobody loses nobody
    assert lost(None, None, None) is None


def test_grids_of_a_file_without_any_cannot_be_changed(tmp_path, capsys):
    (tmp_path / "x.csv").write_text("lon,lat,households\n119.4,34.6,300\n")
    assert main(["plan", "revise", str(tmp_path / "x.csv"), "--out", str(tmp_path / "out")]) == 2
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


def test_a_round_does_not_begin_across_a_railway(tmp_path, capsys):
    """The door nearest to where it begins lies beyond the rails; the only crossing is beside the other door."""
    doors = [a_place(119.4, 34.6, name="beyond"), a_place(119.404, 34.6012, name="here")]
    ground = [
        a_line((119.39, 34.6004), (119.41, 34.6004), kind="barrier"),
        {**a_place(119.4042, 34.6004), "properties": {"kind": "crossing"}},
    ]
    given_file = written(tmp_path / "in.geojson", doors)
    asked = ["plan", "route", str(given_file), "--json", "--start", "119.4,34.6008"]

    def order(*more):
        assert main([*asked, *more]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["left"] == []
        return [each["name"] for each in told["order"]]

    assert order() == ["beyond", "here"]
    assert order("--streets", str(written(tmp_path / "ground.geojson", ground))) == ["here", "beyond"]


def test_what_is_neither_written_nor_told_is_not_begun(street, capsys):
    assert main(["plan", "divide", str(street)]) == 2
    assert "--out FILE, --json" in capsys.readouterr().err


def test_the_four_principles_are_told_and_written(street, tmp_path, capsys):
    out = tmp_path / "out.geojson"
    assert main(["plan", "divide", str(street), "--out", str(out), "--prove", "20"]) == 0
    told = [line.partition(":")[0] for line in capsys.readouterr().out.splitlines() if ":" in line]
    assert told[1:] == ["belonging", "fit size", "convenient service", "full management", "proven"]
    principles = json.loads(out.read_text(encoding="utf-8"))["principles"]
    assert principles["belonging"] | {"kept": True, "atoms": 13, "in_a_grid": 13} == principles["belonging"]
    assert principles["size"]["out_of_bounds"] == [
        grid["name"] for grid in said_of(out, "grid") if grid["households"] > 500
    ]
    assert principles["gap"]["share"] >= 0
    assert all(grid["farthest_m"] >= grid["mean_m"] for grid in said_of(out, "grid"))


def test_programs_are_told_in_json_and_nothing_else(street, capsys):
    assert main(["plan", "divide", str(street), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["grids"], told["places"], told["stopped"]) == (5, 13, False)
    assert [each["cause"] for each in told["reasons"]] == ["alone"]
    assert told["communities"][0]["outside"] == 1
    assert told["principles"]["management"]["kept"]


def test_grids_have_the_codes_of_the_one_rule_and_keep_them_when_they_are_divided_anew(tmp_path):
    here = "320703003002"
    places = written(
        tmp_path / "in.geojson", [a_place(119.4 + at / 1000, community=here) for at in range(12)]
    )
    first, again = tmp_path / "first.geojson", tmp_path / "again.geojson"
    assert main(["plan", "divide", str(places), "--out", str(first)]) == 0
    codes = sorted(grids_of(first))
    assert codes == [f"{here}1{number:03d}" for number in range(1, len(codes) + 1)]
    # West to east: the first place is in the first grid.
    doors = [door["grid"] for door in said_of(first, "door")]
    assert (doors[0], doors[-1]) == (codes[0], codes[-1])
    assert main(["plan", "revise", str(first), "--out", str(again), "--merge", ",".join(codes[:2])]) == 0
    merged = set(grids_of(again))
    assert len(merged) == len(codes) - 1
    assert merged < set(codes)  # it goes on as one of both, and none is numbered anew


def test_minutes_of_a_property_are_alike_in_each_grid(tmp_path):
    """The western half asks four times the work: a grid there has fewer households."""
    given_places = [
        a_place(119.4 + at / 2000, 34.6, 25, 走访分钟=400 if at < 32 else 100) for at in range(64)
    ]
    places, out = written(tmp_path / "in.geojson", given_places), tmp_path / "out.geojson"
    asked = ["plan", "divide", str(places), "--out", str(out), "--low", "100", "--high", "1000"]

    def unlike():
        work = [each["minutes"] for each in said_of(out, "grid")]
        assert sum(work) == 32 * 500
        return max(work) / min(work)

    assert main([*asked, "--weigh", "走访分钟"]) == 0
    assert unlike() < 2
    assert all(100 <= each <= 1_000 for each in grids_of(out).values())
    assert main([*asked, "--names", "minutes=走访分钟"]) == 0
    assert unlike() > 2


def test_each_compound_is_a_unit_from_the_beginning(today, tmp_path):
    out = tmp_path / "out.geojson"
    assert main(["plan", "divide", str(today), "--out", str(out), "--compounds"]) == 0
    units = {}
    for door in said_of(out, "door"):
        units.setdefault(door["compound"], set()).add(door["grid"])
    assert sorted(map(len, units.values())) == [1, 1, 1]
    assert len(set.union(*units.values())) == 3


def test_what_is_new_is_absorbed_and_nobody_moves_who_need_not(tmp_path, capsys):
    places = [a_place(119.4 + at / 1000, grid="西" if at < 4 else "东") for at in range(8)]
    given_file = written(tmp_path / "in.geojson", [*places, a_place(119.408, name="新")])
    out = tmp_path / "out.geojson"
    assert main(["plan", "revise", str(given_file), "--out", str(out), "--absorb", "--json"]) == 0
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert (told["moved"], told["grids"], len(told["proposals"])) == (0, 2, 1)
    assert {"from": None, "to": "东", "households": 100} in told["lineage"]
    assert "1 places with 100 households are new" in said.err
    assert grids_of(out) == {"西": 400, "东": 500}


@pytest.mark.usefixtures("_key_is_heard")
@pytest.mark.parametrize("command", [["divide"], ["revise", "--cut-compounds"], ["revise", "--compounds"]])
def test_the_key_ends_a_search_with_whole_grids(today, tmp_path, capsys, monkeypatch, command):
    """As if it were pressed when something is first told of how far it is."""
    pressed = []

    def once(*_):
        if not pressed:
            pressed.append(True)
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Shown, "__call__", once)
    out = tmp_path / "out.geojson"
    assert main(["plan", *command, str(today), "--out", str(out)]) == 0
    assert pressed
    assert sum(grids_of(out).values()) == 1_200
    assert "Traceback" not in capsys.readouterr().err


def test_streets_and_barriers_come_from_a_file_of_their_own(tmp_path, capsys):
    """Two rows of houses with a railway between them: without a crossing no grid lies on both sides."""
    places = [a_place(119.4 + at / 2000, lat) for at in range(4) for lat in (34.6, 34.6006)]
    ground = [
        a_line((119.39, 34.6003), (119.41, 34.6003), railway="rail"),
        *(
            a_line((119.399, lat), *((119.4 + at / 2000, lat) for at in range(4)), highway="residential")
            for lat in (34.6, 34.6006)
        ),
    ]
    given_file, out = written(tmp_path / "in.geojson", places), tmp_path / "out.geojson"
    streets = str(written(tmp_path / "ground.geojson", ground))
    asked = ["plan", "divide", str(given_file), "--out", str(out), "--streets", streets, "--walking"]
    asked += ["--prove", "20"]
    assert main(asked) == 0
    sides = {}
    for place, door in zip(places, said_of(out, "door"), strict=True):
        sides.setdefault(door["grid"], set()).add(place["geometry"]["coordinates"][1])
    assert all(len(latitudes) == 1 for latitudes in sides.values())
    said = capsys.readouterr()
    assert "OpenStreetMap contributors" in said.err
    # What is proven is about the ways that are told, and which figure it bounds is said.
    assert ", on foot" in next(line for line in said.out.splitlines() if line.startswith("convenient"))
    proof = next(line for line in said.out.splitlines() if line.startswith("proven"))
    assert "typical way (root mean square), on foot, is at most" in proof
    principles = json.loads(out.read_text(encoding="utf-8"))["principles"]
    assert principles["service"]["on_foot"]
    assert principles["gap"]["distance"] == "walking"
    assert principles["management"]["streets_m"] > 300


def test_the_grids_of_a_file_are_explained_as_they_are(tmp_path, capsys):
    places = [a_place(119.4 + at / 1000, grid="一" if at < 7 else "") for at in range(9)]
    assert main(["plan", "explain", str(written(tmp_path / "in.geojson", places)), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["grids"], told["in_no_grid"]) == (1, 2)
    assert told["principles"]["management"]["households"] == 200
    assert told["principles"]["size"]["out_of_bounds"] == ["一"]


def test_a_round_is_told_in_json_and_wrong_times_are_named(tmp_path, capsys):
    rows = [
        "lon,lat,households,name,hours",
        "119.400,34.6,1,a,",
        "119.402,34.6,1,b,9-10",
        "119.404,34.6,1,c,",
    ]
    (tmp_path / "round.csv").write_text("\n".join(rows), encoding="utf-8")
    assert main(["plan", "route", str(tmp_path / "round.csv"), "--json"]) == 0
    said = capsys.readouterr()
    assert sorted(each["name"] for each in json.loads(said.out)["order"]) == ["a", "c"]
    assert "3 (b): '9-10' are no hours" in said.err
    with pytest.raises(SystemExit) as refused:
        main(["plan", "route", str(tmp_path / "round.csv"), "--json", "--start", "34.6,119.4"])
    assert refused.value.code == 2
