"""A case's page over HTTP: its story with files and notes, for whom it waits, the merge beside the other, the printed sheet."""

import hashlib
import io
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests import builders
from tests.blobs.test_rules import wav
from tests.builders import NOW, TODAY

from wangge.base.ids import new_id
from wangge.blobs.actions import store_part
from wangge.blobs.models import Blob
from wangge.cases.actions import Report, attach, report_case, set_text, take_step, write_note
from wangge.cases.models import Case
from wangge.cases.queries import awaited
from wangge.doors.console.pages.printing import shortened
from wangge.doors.console.timeline import Line
from wangge.journal.actions import record

pytestmark = pytest.mark.usefixtures("town", "db")


@pytest.fixture
def items(town):
    town.add(builders.item)
    town.add(builders.item, "S01-01", department="fire", summons="enforcement")


@pytest.fixture
def case(town, items):
    said = Report("M01-01", "路灯不亮", NOW, "三号楼前", 119.355, 34.745)
    return report_case(town.as_viewer("worker"), new_id(), said, now=NOW)[0]


def page(town, who, case, query="", status=200):
    answer = town.browser(who).get(f"/console/cases/{case.id}{query}")
    assert answer.status_code == status
    return answer.content.decode()


def send(town, who, path, **fields):
    """A form of our own, as the browser would send it after it had drawn a page."""
    browser = town.browser(who)
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)', browser.get(path.rsplit("/", 2)[0] if "/cases/" in path else path).content.decode())  # fmt: skip
    return browser.post(path, fields | {"csrfmiddlewaretoken": token[1] if token else ""})


def take(town, who, case, step, **facts):
    return take_step(town.as_viewer(who), case.id, step, command_id=uuid4(), facts=facts, now=NOW)


def photo(viewer, name="a"):
    return Blob.objects.create(
        digest=name * 64, kind="photo", media_type="image/jpeg", size=1, stored_at=NOW, uploaded_by_id=viewer.account_id
    )  # fmt: skip


def test_a_recording_is_heard_where_its_case_is_read(town, case):
    content = wav()
    digest = hashlib.sha256(content).hexdigest()
    viewer = town.as_viewer("worker")
    store_part(viewer, digest, io.BytesIO(content), None, now=NOW, length=len(content))
    attach(viewer, case.id, digest, now=NOW)
    attach(viewer, case.id, photo(viewer).digest, now=NOW)
    browser = town.browser("community")
    answer = browser.get(f"/console/cases/{case.id}")
    text = answer.content.decode()
    sources = set(re.findall(r'<audio controls[^>]* src="([^"]+)"', text))
    assert sources == {f"/console/cases/{case.id}/files/{digest}"}
    assert 'aria-label="录音"' in text
    # A phone gives its photos no names: they are told by when they came.
    assert re.search(
        r'<img src="[^"]+" alt="照片，2026-\d\d-\d\d \d\d:\d\d" width="120" height="90" loading="lazy"></a>',
        text,
    )
    assert "media-src 'self'" in answer["Content-Security-Policy"]
    heard = browser.get(sources.pop())
    assert (heard["Content-Type"], heard.content) == ("audio/wav", content)


def waits(town, who, case, now=NOW):
    case = Case.objects.select_related("item_version").get(id=case.id)
    return {
        (each.kind, each.where.rsplit("/", 1)[-1]): each
        for each in awaited(town.as_viewer(who), case, now=now)
    }


class TestForWhom:
    def test_what_is_not_open_to_the_viewer_waits_for_the_desk_that_holds_it(self, town, case):
        others = {step for each in waits(town, "worker", case).values() for step in each.steps}
        assert "dispatch" in others
        assert not others & {"accept", "escalate", "cancel"}  # these are the worker's own
        assert "supervise" not in {
            step for each in waits(town, "centre", case).values() for step in each.steps
        }

    def test_a_desk_shows_who_is_present_and_who_is_away(self, town, case):
        town.add(builders.leave, town.accounts["community"], TODAY, TODAY + timedelta(days=2))
        (desk,) = [each for each in waits(town, "worker", case).values() if "dispatch" in each.steps]
        # The community's desk is empty today, so that the step waits for the next one above it.
        assert desk.where == town.township.code
        assert [person.name for person in desk.present]
        town.run("delete from staff_leave")
        (desk,) = [each for each in waits(town, "worker", case).values() if "dispatch" in each.steps]
        assert (desk.where, [person.name for person in desk.present]) == (
            town.community.code,
            ["荷花社区负责人"],
        )

    def test_a_case_at_a_department_waits_for_its_people(self, town, case):
        take(town, "centre", case, "dispatch", departments=["city-management"])
        found = waits(town, "admin", case)
        office = found["office", "city-management"]
        assert "handle" in office.steps
        assert [person.name for person in office.people] == ["城管处置员"]
        assert next(iter(found)) == ("office", "city-management")
        text = page(town, "admin", case)
        assert "城管处置员" in text[text.index('id="part-awaited"') :]

    def test_who_handled_it_is_not_told_to_verify_it(self, town, case):
        take(town, "worker", case, "accept")
        take(town, "worker", case, "handle", outcome="mended", answer="好了")
        verify = [each for each in waits(town, "worker", case).values() if "verify" in each.steps]
        assert [each.where for each in verify] == [town.community.code]


class TestStory:
    def test_a_photo_stands_in_the_line_of_the_step_that_brought_it(self, town, case):
        viewer = town.as_viewer("worker")
        take(town, "worker", case, "accept")
        digest = photo(viewer).digest
        take(town, "worker", case, "handle", outcome="mended", answer="好了", attachments=[digest])
        text = page(town, "community", case)
        story = text[text.index('class="timeline') :]
        handled = re.search(r'<li class="handled">.*?</li>\s*</ul>\s*</li>', story, re.DOTALL)
        assert handled
        assert digest in handled[0]
        assert "添加了文件" not in story

    def test_a_file_added_by_itself_has_its_own_line(self, town, case):
        viewer = town.as_viewer("worker")
        attach(viewer, case.id, photo(viewer).digest, now=NOW + timedelta(hours=1))
        text = page(town, "worker", case)
        assert re.search(r'<li class="attached">.*?<img', text, re.DOTALL)

    def test_a_note_for_staff_and_a_word_to_the_reporter_are_told_apart(self, town, case):
        write_note(
            town.as_viewer("community"), case.id, uuid4(), audience="staff", text="先别回电话", now=NOW
        )
        write_note(
            town.as_viewer("community"), case.id, uuid4(), audience="reporter", text="明天来修", now=NOW
        )
        text = page(town, "community", case)
        assert re.search(r'class="box said staff">.*?先别回电话', text, re.DOTALL)
        assert re.search(r'class="box said reporter">.*?明天来修', text, re.DOTALL)

    def test_who_only_reported_reads_no_word_of_the_notes_for_staff(self, town, case):
        resident = town.add(builders.account, "resident", town.grid_a, name="居民")
        town.accounts["resident"] = resident
        town.as_viewer("community")
        Case.objects.filter(id=case.id).update(followers=[resident.pk])
        write_note(
            town.as_viewer("community"), case.id, uuid4(), audience="staff", text="先别回电话", now=NOW
        )
        text = page(town, "resident", case)
        assert "先别回电话" not in text
        assert 'class="noted' not in text
        assert 'id="box-' not in text

    def test_a_long_story_is_paged_and_costs_no_more_questions(self, town, case):
        def questions():
            browser = town.browser("dispatcher")
            browser.get(f"/console/cases/{case.id}")
            with CaptureQueriesContext(connection) as asked:
                answer = browser.get(f"/console/cases/{case.id}")
            return len(asked), answer.content.decode()

        few, _short = questions()
        viewer = town.as_viewer("worker")
        for n in range(120):
            record(
                viewer,
                verb="case.warned",
                subject=case.subject,
                path=case.path,
                at=NOW + timedelta(minutes=n),
                after={},
            )
        many, text = questions()
        assert many <= few + 1  # how many entries are older
        assert few <= 60, few
        assert text.count('class="warned"') == 40
        assert "81 条更早的记录" in text or "81 earlier" in text
        older = re.search(r"\?before=(\d+)", text)[1]
        assert page(town, "dispatcher", case, f"?before={older}").count('class="warned"') == 40

    @pytest.mark.parametrize("before", ["0", "x", "-1", "9" * 40, "%00"])
    def test_a_page_of_the_story_typed_wrongly_is_a_page(self, town, case, before):
        page(town, "community", case, f"?before={before}")


class TestForms:
    def test_a_note_is_kept_once_and_the_page_says_so(self, town, case):
        note = str(uuid4())
        for _ in range(2):
            answer = send(
                town, "community", f"/console/cases/{case.id}/notes/staff", text="电话打不通", note_id=note
            )
            assert answer.status_code == 302
            assert answer["Location"].endswith("?done=note")
        assert page(town, "community", case, "?done=note").count("电话打不通") == 1

    def test_an_empty_note_comes_back_with_its_reason(self, town, case):
        answer = send(town, "community", f"/console/cases/{case.id}/notes/reporter", text="  ")
        assert answer.status_code == 422
        assert 'id="box-reporter" open' in answer.content.decode()

    def test_a_ready_text_is_filled_in_without_a_script(self, town, case):
        kept = set_text(
            town.as_viewer("community"), uuid4(), area=town.community.code, name="已派", use="reporter",
            text="您反映的{title}（{number}）已派单。{name}", now=NOW,
        )  # fmt: skip
        path = f"/console/cases/{case.id}/notes/reporter"
        answer = send(town, "community", path, text="", fill="text", **{"ready-text": str(kept.id)})
        assert (
            f"您反映的路灯不亮（{case.number}）已派单。荷花社区负责人</textarea>" in answer.content.decode()
        )

    def test_a_ready_text_for_a_step_keeps_what_else_was_typed(self, town, case):
        kept = set_text(
            town.as_viewer("community"), uuid4(), area=town.community.code, name="修好", use="answer", text="{item}已修复", now=NOW,
        )  # fmt: skip
        take(town, "worker", case, "accept")
        fields = {
            "fill": "answer",
            "ready-answer": str(kept.id),
            "outcome": "mended",
            "command_id": str(uuid4()),
        }
        text = send(town, "worker", f"/console/cases/{case.id}/handle", **fields).content.decode()
        assert "路灯不亮已修复</textarea>" in text
        assert re.search(r'value="mended" checked', text)
        town.as_viewer("worker")
        assert Case.objects.get(id=case.id).state == "accepted"

    def test_a_case_is_split_by_its_form(self, town, case):
        fields = {
            "part-item": ["S01-01 疏散通道、安全出口堵塞", ""],
            "part-title": ["消防通道堵塞", ""],
            "part-description": ["堆了杂物", ""],
            "command_id": str(uuid4()),
        }
        answer = send(town, "community", f"/console/cases/{case.id}/split", **fields)
        assert answer["Location"].endswith("?done=split")
        town.as_viewer("community")
        (part,) = Case.objects.filter(split_from=case.id)
        assert part.item_id == "S01-01"
        assert part.number in page(town, "community", case)
        assert case.number in page(town, "community", part)

    def test_one_more_part_is_drawn_without_a_script(self, town, case):
        fields = {"part-item": "M01-01", "part-title": "一", "part-description": "", "more": "parts"}
        text = send(town, "community", f"/console/cases/{case.id}/split", **fields).content.decode()
        assert text.count('name="part-title"') == 2
        assert 'value="一"' in text

    def test_the_list_that_one_came_from_stays_and_leads_to_the_next(self, town, case):
        second, _ = report_case(
            town.as_viewer("worker"), new_id(), Report("M01-01", "井盖", NOW - timedelta(hours=1), "", 119.355, 34.745), now=NOW
        )  # fmt: skip
        text = page(town, "community", case, "?from=queue%3Dnew")
        assert f'/console/cases/{second.id}?from=queue%3Dnew"' in text
        fields = {"command_id": str(uuid4()), "from": "queue=new"}
        answer = send(town, "community", f"/console/cases/{case.id}/accept", **fields)
        assert answer["Location"].endswith("?done=accept&from=queue%3Dnew")

    @pytest.mark.parametrize(
        "came_from", ["queue=new&cursor=x", "%00", "a=b" * 300, "text=%F0%9F", "area=999"]
    )
    def test_a_list_typed_wrongly_takes_no_page_away(self, town, case, came_from):
        assert (
            town.browser("community").get(f"/console/cases/{case.id}", {"from": came_from}).status_code == 200
        )


class TestMerge:
    def test_both_stand_side_by_side_before_anything_is_sent(self, town, case):
        said = Report("M01-01", "三号楼路灯不亮", NOW, "", 119.3551, 34.745)
        other, _ = report_case(town.as_viewer("community"), new_id(), said, now=NOW)
        listed = page(town, "community", case)
        assert f"/console/cases/{case.id}/compare?with={other.number}" in listed
        text = page(town, "community", case, f"/compare?with={other.number}")
        for told in ("一网格员", "荷花社区负责人", case.number, other.number, f'value="{other.id}"'):
            assert told in text
        town.as_viewer("community")
        assert Case.objects.get(id=case.id).state == "reported"
        fields = {"command_id": str(uuid4()), "into": str(other.id), "revision": "1"}
        assert send(town, "community", f"/console/cases/{case.id}/merge", **fields).status_code == 302
        town.as_viewer("community")
        assert Case.objects.get(id=case.id).merged_into_id == other.id

    @pytest.mark.parametrize("named", ["0703-260415-9999", "x", "01a21a3b-cbba-7860-ae13-f13b0dc487b2"])
    def test_a_number_that_there_is_not_is_told(self, town, case, named):
        page(town, "community", case, f"/compare?with={named}", status=404)

    def test_a_case_is_not_offered_to_itself_and_no_stranger_compares(self, town, case):
        text = page(town, "community", case, f"/compare?with={case.number}")
        assert 'name="into"' not in text
        page(town, "far_worker", case, f"/compare?with={case.number}", status=404)


class TestSummons:
    def test_who_is_on_duty_and_how_long_ago_they_were_called(self, town, case):
        said = Report("S01-01", "通道堵塞", NOW, "", 119.355, 34.745)
        blocked, _ = report_case(town.as_viewer("worker"), new_id(), said, now=NOW)
        form = page(town, "community", blocked)
        assert "消防处置员" in form[form.index('id="step-summon"') :]
        take(town, "community", blocked, "summon", departments=["fire"], within_minutes=30)
        text = page(town, "community", blocked)
        summoned = text[text.index('class="quiet rows summoned"') :]
        assert "消防处置员" in summoned[:1500]
        assert 'class="late"' in summoned[:1500]  # called on the town's day, long ago

    def test_only_the_office_and_the_desk_tell_of_an_arrival_and_only_while_the_case_is_open(
        self, town, case
    ):
        said = Report("S01-01", "通道堵塞", NOW, "", 119.355, 34.745)
        blocked, _ = report_case(town.as_viewer("worker"), new_id(), said, now=NOW)
        take(town, "community", blocked, "summon", departments=["fire"], within_minutes=30)
        town.as_viewer("community")
        Case.objects.filter(id=blocked.id).update(holder_path=town.community.path)
        assert "登记到场" in page(town, "community", blocked)
        assert "登记到场" not in page(town, "worker", blocked)
        town.as_viewer("community")
        Case.objects.filter(id=blocked.id).update(state="closed", closed_at=NOW, outcome="mended")
        ended = page(town, "community", blocked)
        assert "登记到场" not in ended
        assert "结案时仍未到场" in ended
        assert "超时" not in ended[ended.index('class="quiet rows summoned"') :][:600]

    def test_of_many_on_duty_it_says_how_many_are_not_named(self, town, case):
        for number in range(7):
            colleague = builders.account(town.owner, f"fire{number}", town.county, name=f"消防{number}号")
            seat = builders.post(town.owner, "handler", town.county, department="fire")
            builders.assignment(town.owner, seat, colleague)
        town.owner.commit()
        said = Report("S01-01", "通道堵塞", NOW, "", 119.355, 34.745)
        blocked, _ = report_case(town.as_viewer("worker"), new_id(), said, now=NOW)
        take(town, "community", blocked, "summon", departments=["fire"], within_minutes=30)
        text = page(town, "community", blocked)
        summoned = text[text.index('class="quiet rows summoned"') :][:1500]
        assert "另有 3 人" in summoned


class TestSheet:
    def test_the_sheet_has_the_case_and_its_address(self, town, case):
        text = page(town, "community", case, "/print")
        for told in (case.number, "路灯不亮", "三号楼前", f"http://testserver/console/cases/{case.id}<"):
            assert told in text

    def test_no_note_for_staff_goes_on_paper(self, town, case):
        write_note(
            town.as_viewer("community"), case.id, uuid4(), audience="staff", text="先别回电话", now=NOW
        )
        assert "先别回电话" not in page(town, "community", case, "/print")

    def test_a_long_story_keeps_its_beginning_and_its_decisions(self):
        verbs = ["case.reported", *["case.dispatched", "case.warned"] * 60, "case.handled", "case.closed"]
        lines = [Line(NOW, "甲", "", verb, verb, ["很长的一句话" * 6], "") for verb in verbs]
        kept = shortened(lines)
        told = [each.line.verb for each in kept]
        assert told[0] == "case.reported"
        assert told[-2:] == ["case.handled", "case.closed"]
        assert "case.warned" not in told
        assert len(kept) < 20
        assert [lines.index(each.line) for each in kept] == sorted(lines.index(each.line) for each in kept)


class TestTexts:
    def test_a_text_is_written_shown_and_removed(self, town, items):
        fields = {"name": "已派单", "use": "answer", "area": town.community.code, "text": "{item}已派", "text_id": str(uuid4())}  # fmt: skip
        shown = send(town, "community", "/console/texts", **fields, preview="yes").content.decode()
        assert "已派" in shown
        assert "{item}已派</p>" not in shown
        assert send(town, "community", "/console/texts", **fields).status_code == 302
        assert "已派单" in town.browser("worker").get("/console/texts").content.decode()
        gone = f"/console/texts/{fields['text_id']}/remove"
        browser = town.browser("community")
        token = re.search(
            r'csrfmiddlewaretoken" value="([^"]+)', browser.get("/console/texts").content.decode()
        )[1]
        assert browser.post(gone, {"csrfmiddlewaretoken": token}).status_code == 302
        assert "已派单" not in town.browser("worker").get("/console/texts").content.decode()

    def test_an_unknown_field_comes_back_with_the_list_of_the_known(self, town):
        fields = {
            "name": "x",
            "use": "answer",
            "area": town.community.code,
            "text": "{who}",
            "text_id": str(uuid4()),
        }
        answer = send(town, "community", "/console/texts", **fields)
        assert answer.status_code == 422
        assert "{number} {title}" in answer.content.decode()
        assert "{who}</textarea>" in answer.content.decode()

    def test_who_may_not_keep_texts_sees_no_form(self, town):
        assert 'name="text"' not in town.browser("worker").get("/console/texts").content.decode()


def test_the_page_of_a_case_given_to_everybody_is_drawn_for_each_account(town, case):
    with transaction.atomic():
        take(town, "community", case, "dispatch", departments=["city-management", "fire"])
    for who in (
        "worker",
        "community",
        "township",
        "secretary",
        "centre",
        "dispatcher",
        "admin",
        "handler",
        "handler2",
    ):
        page(town, who, case)
