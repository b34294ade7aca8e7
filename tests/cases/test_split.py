"""Splitting a case: nobody who reported or follows it, and nothing attached to it, is lost; each part goes its own way."""

from hashlib import sha256
from uuid import uuid4

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import builders
from tests.builders import NOW

from wangge.base.ids import new_id
from wangge.base.problems import NotAllowed, NotFound
from wangge.blobs.models import Blob
from wangge.cases.actions import Report, report_case, take_step
from wangge.cases.models import Attachment, Case
from wangge.cases.queries import case_detail, relatives_of
from wangge.cases.rules import BadAnswer, MissingFact, StepNotPossible
from wangge.catalogue.rules import NoSuchItem
from wangge.journal.queries import entries_of

pytestmark = pytest.mark.usefixtures("town", "db")
LAMP = {"item": "M01-01", "title": "路灯不亮", "description": "三号楼前"}
EXIT = {"item": "S01-01", "title": "消防通道堵塞"}


@pytest.fixture
def case(town):
    town.add(builders.item)
    town.add(builders.item, "S01-01", department="fire", first_tier="township")
    town.add(builders.item, "S09-01", first_tier="community", confidential=True)
    report = Report("M01-01", "路灯不亮，通道也堵了", NOW, "都在三号楼", 119.355, 34.745, address="三号楼")
    made, _ = report_case(town.as_viewer("worker"), new_id(), report, now=NOW, source="hotline")
    return made


def split(town, case, *parts, who="community", command=None, now=NOW):
    return take_step(
        town.as_viewer(who), case.id, "split", command_id=command or uuid4(), facts={"parts": list(parts)}, now=now
    )  # fmt: skip


def parts_of(case):
    return list(Case.objects.filter(split_from=case.id).order_by("number"))


def test_each_part_is_a_case_of_its_own_from_the_same_reporter_place_and_moment(town, case):
    split(town, case, LAMP, EXIT)
    lamp, blocked = parts_of(case)
    for part in (lamp, blocked):
        for same in (
            "reported_by_id",
            "reported_at",
            "path",
            "lon",
            "lat",
            "address",
            "source",
            "found_tier",
        ):
            assert getattr(part, same) == getattr(case, same), same
    assert (lamp.title, lamp.description, lamp.state) == ("路灯不亮", "三号楼前", "reported")
    assert (lamp.holder_path, blocked.holder_path) == (town.grid_a.path, town.township.path)
    assert [lamp.number, blocked.number] == ["0703-260415-0002", "0703-260415-0003"]


def test_the_original_keeps_its_words_and_both_tell_of_each_other(town, case):
    after = split(town, case, LAMP)
    (part,) = parts_of(case)
    assert (after.title, after.state, after.revision) == (case.title, "reported", 2)
    viewer = town.as_viewer("community")
    assert entries_of(viewer, case.subject)[-1].verb == "case.split"
    assert entries_of(viewer, case.subject)[-1].after["parts"] == [part.number]
    assert entries_of(viewer, part.subject)[0].after["split_from"] == case.number
    assert relatives_of(viewer, part).whole.id == case.id
    assert [each.id for each in relatives_of(viewer, case).parts] == [part.id]


def test_the_same_command_again_makes_nothing_more(town, case):
    command = uuid4()
    split(town, case, LAMP, command=command)
    split(town, case, LAMP, command=command)
    assert len(parts_of(case)) == 1


def test_only_a_desk_that_holds_it_splits(town, case):
    with pytest.raises(NotAllowed):
        split(town, case, LAMP, who="worker")
    with pytest.raises(NotFound):
        split(town, case, LAMP, who="neighbour")
    take_step(town.as_viewer("worker"), case.id, "accept", command_id=uuid4(), facts={}, now=NOW)
    with pytest.raises(NotAllowed):
        split(town, case, LAMP, who="worker")
    split(town, case, LAMP, who="dispatcher")


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ([], MissingFact),
        ([{"item": "M01-01", "title": ""}], MissingFact),
        ([{"item": "", "title": "路灯"}], MissingFact),
        ([LAMP] * 10, BadAnswer),
        ([{"item": "X99-99", "title": "路灯"}], NoSuchItem),
    ],
)
def test_what_is_no_part_is_refused_and_nothing_is_left(town, case, parts, problem):
    with pytest.raises(problem), transaction.atomic():
        split(town, case, *parts)
    assert parts_of(case) == []
    assert Case.objects.get(id=case.id).revision == 1


def test_a_case_given_away_is_not_split(town, case):
    facts = {"departments": ["fire"]}
    take_step(town.as_viewer("community"), case.id, "dispatch", command_id=uuid4(), facts=facts, now=NOW)
    with pytest.raises(StepNotPossible):
        split(town, case, LAMP)


@pytest.fixture
def clerk(town):
    """At the community's desk, but not of a kind that reads confidential cases."""
    town.accounts["clerk"] = town.add(builders.account, "clerk", town.community, name="社区坐席员")
    seat = town.add(builders.post, "clerk", town.community)
    town.add(builders.assignment, seat, town.accounts["clerk"])


def test_a_confidential_part_is_split_off_only_by_who_may_read_it(town, case, clerk):
    secret = {"item": "S09-01", "title": "家庭矛盾"}
    with pytest.raises(BadAnswer), transaction.atomic():
        split(town, case, secret, who="clerk")
    split(town, case, secret)
    (part,) = parts_of(case)
    assert part.confidential
    town.as_viewer("clerk")
    assert parts_of(case) == []


def test_what_was_told_in_confidence_stays_so_in_its_parts(town, case):
    told = Report("S09-01", "邻里纠纷", NOW, "", 119.355, 34.745)
    secret, _ = report_case(town.as_viewer("centre"), new_id(), told, now=NOW)
    split(town, secret, LAMP, who="centre")
    (part,) = parts_of(secret)
    assert part.confidential


def test_a_part_in_anothers_name_is_made_only_of_a_case_that_one_works_on(town, case):
    """The row policy itself, which lets in a row that names another reporter."""

    def may(who, reporter):
        town.as_viewer(who)
        with connection.cursor() as cursor:
            cursor.execute("select cases_may_be_split(%s, %s, %s::ltree)", [case.id, reporter, case.path])
            return cursor.fetchone()[0]

    assert may("community", case.reported_by_id)
    assert not may("community", case.reported_by_id + 1)
    assert not may("far_worker", case.reported_by_id)
    assert not may("handler", case.reported_by_id)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    followers=st.lists(st.sampled_from(["worker2", "enterprise", "instructor", "handler"]), unique=True),
    files=st.integers(0, 4),
    parts=st.lists(st.sampled_from([LAMP, EXIT]), min_size=1, max_size=9),
)
def test_no_reporter_follower_or_file_is_lost(town, case, followers, files, parts):
    with transaction.atomic():
        viewer = town.as_viewer("community")
        digests = sorted(sha256(f"{uuid4()}".encode()).hexdigest() for _ in range(files))
        for digest in digests:
            Blob.objects.create(
                digest=digest, kind="photo", media_type="image/jpeg", size=1, stored_at=NOW, uploaded_by_id=viewer.account_id
            )  # fmt: skip
            Attachment.objects.create(
                case=case, path=case.path, blob_id=digest, name="照片", step="report", added_at=NOW
            )
        wanted = sorted(town.accounts[name].pk for name in followers)
        Case.objects.filter(id=case.id).update(followers=wanted)
        split(town, case, *parts)
        made = parts_of(case)
        assert len(made) == len(parts)
        for part, asked in zip(made, parts, strict=True):
            assert (part.item_id, part.title) == (asked["item"], asked["title"])
            assert part.reported_by_id == case.reported_by_id
            assert sorted(part.followers) == wanted
            found = case_detail(viewer, part.id).attachments
            assert [each.blob_id for each in found] == digests
        assert len(case_detail(viewer, case.id).attachments) == files
        transaction.set_rollback(True)
