"""`wangge plan assign`: who works in which grid of a file, what each override costs, and which lines are wrong."""

import json

import pytest
from tests.project.maps import a_place, said_of, written

from wangge.project.cli import main


@pytest.fixture
def posts(tmp_path):
    """Three grids in a row, and who lives where."""
    places = [a_place(119.4 + at / 1000, grid="西中东"[at // 4], minutes=600) for at in range(12)]
    rows = [
        "姓名,经度,纬度,所属网格,技能",
        "张伟,119.4,34.6,西,",
        "王芳,119.411,34.6,,海州话;手语",
        "李娜,,,,",
    ]
    table = tmp_path / "people.csv"
    table.write_text("\n".join(rows), encoding="utf-8")
    return written(tmp_path / "grids.geojson", places), table


def assigned(posts, capsys, *more):
    assert main(["plan", "assign", *map(str, posts), "--json", *more]) == 0
    told = json.loads(capsys.readouterr().out)
    return {each["grid"]: each for each in told["grids"]}, told


def test_workers_get_the_grids_that_they_know_and_live_near(posts, tmp_path, capsys):
    grids, told = assigned(posts, capsys, "--out", str(tmp_path / "out.geojson"))
    assert (grids["西"]["worker"], grids["西"]["known"]) == ("张伟", 400)
    assert told["without"] == 0
    # 王芳 lives at the eastern end; who says no home has the middle.
    assert {grid: each["worker"] for grid, each in grids.items()} == {
        "西": "张伟",
        "中": "李娜",
        "东": "王芳",
    }
    workers = {each["name"]: each["worker"] for each in said_of(tmp_path / "out.geojson", "grid")}
    assert workers == {"西": "张伟", "中": "李娜", "东": "王芳"}


def test_each_override_has_its_price_and_says_who_goes_where(posts, capsys):
    grids, told = assigned(posts, capsys)
    (other,) = [each for each in grids["西"]["overrides"] if each["worker"] == "李娜"]
    forced, dearer = assigned(posts, capsys, "--force", "李娜=西")
    assert forced["西"]["worker"] == "李娜"
    assert dearer["minutes_a_year"] - told["minutes_a_year"] == pytest.approx(other["minutes_a_year"], abs=1)
    assert {move["grid"]: move["to"] for move in other["moves"]} == {
        grid: each["worker"] for grid, each in forced.items() if each["worker"] != grids[grid]["worker"]
    }


def test_the_price_of_one_override_is_told_in_a_sentence(posts, tmp_path, capsys):
    asked = ["--out", str(tmp_path / "out.geojson"), "--price", "李娜=西", "--alternatives", "0"]
    assert main(["plan", "assign", *map(str, posts), *asked]) == 0
    said = capsys.readouterr().out.splitlines()
    assert len([line for line in said if " instead: " in line]) == 1
    (line,) = [line for line in said if line.startswith("李娜 in 西 instead: ")]
    assert line.endswith("minutes a year more; then 张伟 in 中.")
    assert "3 of 3 grids have a worker" in said[-1]


def test_skills_that_are_needed_and_what_is_forbidden_count(posts, capsys):
    grids, _ = assigned(posts, capsys, "--needs", "中=手语", "--forbid", "张伟=西")
    assert grids["中"]["worker"] == "王芳"
    assert grids["西"]["worker"] == "李娜"


def test_who_is_missing_is_said(posts, tmp_path, capsys):
    (tmp_path / "one.csv").write_text("name,grids\na,西\n", encoding="utf-8")
    grids, told = assigned((posts[0], tmp_path / "one.csv"), capsys)
    assert told["without"] == 2
    assert grids["中"]["why"] == "1 workers may take 1 grids, and there are 3"


def test_new_grids_are_given_to_who_knew_the_households_before(tmp_path, capsys):
    """A file that the program wrote says where each place was before."""
    places = [
        a_place(119.4 + at / 1000, grid="一" if at < 8 else "二", compound="西中东"[at // 4])
        for at in range(12)
    ]
    before, out, people = tmp_path / "before.geojson", tmp_path / "new.geojson", tmp_path / "people.csv"
    assert main(["plan", "revise", str(written(before, places)), "--out", str(out), "--compounds"]) == 0
    people.write_text("name,grids,most\na,一,2\nb,二,2\n", encoding="utf-8")
    capsys.readouterr()
    grids, _ = assigned((out, people), capsys)
    assert sorted(each["worker"] for each in grids.values()) == ["a", "a", "b"]
    assert all(each["known"] == each["households"] == 400 for each in grids.values())


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("name,lon,lat\na,119,\n", ["2 (a): a home has both"]),
        ("name,lon,lat\na,34.6,119.4\n", ["2 (a): ", "longitude comes first"]),
        ("name,grids\na,南\nb,西\n", ["2 (a): there is no grid '南' today", "one wrong line"]),
        ("name,most\na,some\nb,1.5\n", ["2 (a): 'most'", "3 (b): 'most' is 1.5", "2 wrong lines"]),
        ("name\na\na\n", ["3 (a): there is another worker"]),
        ("name,lon\n,119\n", ["2: it does not say a name"]),
        ("who\na\n", ["lacks the column 'name'"]),
        ("name\n", ["names no worker"]),
    ],
)
def test_wrong_lines_of_workers_are_named(posts, tmp_path, capsys, rows, words):
    (tmp_path / "wrong.csv").write_text(rows, encoding="utf-8")
    assert main(["plan", "assign", str(posts[0]), str(tmp_path / "wrong.csv"), "--json"]) == 2
    said = capsys.readouterr().err
    assert [word for word in words if word not in said] == [], said


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (["--force", "赵六=西"], "no worker 赵六"),
        (["--price", "张伟=南"], "no grid 南"),
        (["--needs", "南=手语"], "no grid 南"),
        (["--force", "张伟=西", "--force", "张伟=中"], "takes 1 grids at most"),
        (["--force", "张伟=西", "--forbid", "张伟=西"], "forced and forbidden"),
    ],
)
def test_what_workers_cannot_do_is_refused(posts, capsys, more, word):
    assert main(["plan", "assign", *map(str, posts), "--json", *more]) == 2
    assert word in capsys.readouterr().err


def test_a_list_that_is_not_there_is_refused(posts, capsys):
    assert main(["plan", "assign", str(posts[0]), "nowhere.csv", "--json"]) == 2
    assert "There is no file nowhere.csv." in capsys.readouterr().err
    with pytest.raises(SystemExit) as refused:
        main(["plan", "assign", *map(str, posts), "--json", "--force", "张伟"])
    assert refused.value.code == 2


def test_workers_may_be_points_on_a_map(posts, tmp_path, capsys):
    nowhere = {"type": "Feature", "properties": {"name": "c"}}
    people = [a_place(119.4, name="a"), a_place(119.411, name="b"), nowhere]
    grids, _ = assigned((posts[0], written(tmp_path / "p.geojson", people)), capsys)
    assert {grid: each["worker"] for grid, each in grids.items()} == {"西": "a", "中": "c", "东": "b"}
    people[1]["geometry"] = {"type": "LineString", "coordinates": [[119.4, 34.6], [119.5, 34.6]]}
    wrong = written(tmp_path / "p.geojson", people)
    assert main(["plan", "assign", str(posts[0]), str(wrong), "--json"]) == 2
    assert "2 (b): a home must be a point" in capsys.readouterr().err


def test_what_was_ended_early_is_not_said_to_be_the_best(posts, tmp_path, capsys):
    """张伟 may take several grids, but has minutes for one only."""
    grids, people = posts
    people.write_text(
        "name,lon,lat,most,minutes\n张伟,119.4,34.6,3,2500\n王芳,119.411,34.6,3,2500\n", encoding="utf-8"
    )
    asked = ["plan", "assign", str(grids), str(people), "--out", str(tmp_path / "out.geojson")]
    assert main(asked) == 0
    assert "no other way has fewer." in capsys.readouterr().out
    assert main([*asked, "--limit", "0"]) == 0
    said = capsys.readouterr().out
    assert "no other way" not in said
    assert "this is the best that was found in the time that there was." in said
    assert "as far as was found in time" in said
