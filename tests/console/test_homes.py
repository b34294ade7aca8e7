"""Households at the desk: found, shown masked, changed, moved, offered, taken in from a list."""

import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from tests import builders

from wangge.base.commands import Command
from wangge.base.ids import new_id
from wangge.households import actions
from wangge.households.models import CareNeed, Household, Resident, Transfer

IDENTITY = "320799197001010014"


def checked(first17):
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return first17 + "10X98765432"[sum(int(a) * b for a, b in zip(first17, weights, strict=True)) % 11]


@pytest.fixture
def family(town, open_db):
    """A head with an identity number and a telephone, and a child, in grid_a."""
    now = builders.NOW
    household, head, child = new_id(), new_id(), new_id()
    with transaction.atomic():
        viewer = town.as_viewer("worker")
        home = actions.NewHome(
            dwelling=new_id(), building=new_id(), area=town.grid_a.code, building_name="3号楼", door="501"
        )
        actions.add_household(viewer, Command(new_id(), now), household, home, {"has_plot": True}, now=now)
        facts = {"name": "王小明", "residency": "registered_present", "relation": "head", "identity": checked(IDENTITY[:17]),
                 "phone": "12000000001", "birth_year": 1970, "sex": "m"}  # fmt: skip
        actions.add_resident(viewer, Command(new_id(), now), head, household, facts, came="known", now=now)
        facts = {"name": "王乐", "residency": "registered_away", "relation": "child"}
        actions.add_resident(viewer, Command(new_id(), now), child, household, facts, came="known", now=now)
    return {"household": household, "head": head, "child": child}


def seen(town, account, address):
    return town.browser(account).get(f"/console{address}", headers={"accept-language": "en"})


def sent(town, account, address, **typed):
    browser = town.browser(account)
    browser.get("/console/areas/")
    typed["csrfmiddlewaretoken"] = browser.cookies["csrftoken"].value
    return browser.post(f"/console{address}", typed)


def rows_of(model, town, who="worker"):
    with transaction.atomic():
        town.as_viewer(who)
        return list(model.objects.order_by("pk"))


def test_the_list_shows_homes_of_the_grid_alone(town, family):
    assert "王小明" in seen(town, "worker", "/households/").content.decode()
    assert "王小明" not in seen(town, "worker2", "/households/").content.decode()
    assert "王小明" in seen(town, "community", "/households/?q=0001").content.decode()


def test_a_centre_sees_counts_and_no_name(town, family):
    answer = seen(town, "centre", "/households/")
    assert answer.status_code == 200
    assert "王小明" not in answer.content.decode()
    assert seen(town, "centre", f"/households/{family['household']}").status_code in (403, 404)


def test_private_particulars_are_masked_until_a_reason_is_given(town, family):
    page = seen(town, "worker", f"/households/{family['household']}").content.decode()
    assert "120****0001" in page
    assert "12000000001" not in page
    assert checked(IDENTITY[:17]) not in page
    answer = sent(
        town,
        "worker",
        f"/residents/{family['head']}/reveal",
        what=["identity", "phone"],
        why="contact",
        command_id=str(uuid4()),
    )
    assert answer.status_code == 302
    assert "12000000001" not in answer["Location"]
    assert "12000000001" in seen(town, "worker", f"/residents/{family['head']}").content.decode()
    assert "12000000001" not in seen(town, "community", f"/residents/{family['head']}").content.decode()
    [(told,)] = town.rows("select after::text from journal_entry where verb = 'resident.revealed'")
    assert "contact" in told
    assert "12000000001" not in told


def test_what_is_changed_keeps_how_it_stood(town, family):
    address = f"/residents/{family['child']}/change"
    was = {
        "was_name": "王乐",
        "was_residency": "registered_away",
        "was_relation": "child",
        "was_sex": "",
        "was_birth_year": "",
    }
    answer = sent(
        town,
        "worker",
        address,
        **was,
        name="王乐乐",
        residency="registered_present",
        relation="child",
        sex="m",
        birth_year="2010",
        command_id=str(uuid4()),
    )
    assert answer.status_code == 302
    page = seen(town, "worker", f"/residents/{family['child']}").content.decode()
    assert "王乐乐" in page
    assert re.search("王乐 ·", page)


def test_a_change_of_what_somebody_else_changed_is_not_written_over(town, family):
    address = f"/residents/{family['child']}/change"
    was = {"was_name": "王甲", "was_residency": "registered_away", "was_relation": "child"}
    answer = sent(
        town,
        "worker",
        address,
        **was,
        name="王乙",
        residency="registered_away",
        relation="child",
        command_id=str(uuid4()),
    )
    assert answer.status_code == 409


def test_a_home_is_added_with_its_head_once(town, open_db):
    typed = {"area": town.grid_a.code, "building_name": "荷花村12号", "name": "李芳", "residency": "permanent",
             **{name: str(new_id()) for name in ("household_id", "dwelling_id", "building_id", "resident_id", "command_id", "person_command_id")}}  # fmt: skip
    for _again in range(2):
        assert sent(town, "worker", "/households/add", **typed).status_code == 302
    [person] = rows_of(Resident, town)
    assert (person.name, person.relation, person.residency) == ("李芳", "head", "permanent")


def test_somebody_is_added_moved_out_and_comes_back(town, family):
    household = f"/households/{family['household']}"
    answer = sent(
        town,
        "worker",
        f"{household}/people",
        name="张丽",
        residency="floating",
        relation="spouse",
        came="moved_in",
        resident_id=str(new_id()),
        command_id=str(uuid4()),
    )
    assert answer.status_code == 302
    person = next(each for each in rows_of(Resident, town) if each.name == "张丽")
    answer = sent(town, "worker", f"/residents/{person.id}/move", move="out", command_id=str(uuid4()))
    assert answer.status_code == 302
    assert next(each for each in rows_of(Resident, town) if each.name == "张丽").household_id is None
    [home] = rows_of(Household, town)
    answer = sent(
        town, "worker", f"/residents/{person.id}/move", move="in", to=home.number, command_id=str(uuid4())
    )
    assert answer.status_code == 302
    page = seen(town, "worker", f"/residents/{person.id}").content.decode()
    assert page.count("<li>") >= 2


def test_a_care_need_has_a_ground_and_an_end(town, family):
    address = f"/residents/{family['head']}/need"
    need = {
        "kind": "elder",
        "basis": "law",
        "law": "《中华人民共和国老年人权益保障法》",
        "need_id": str(new_id()),
        "detail": "每周",
    }
    assert sent(town, "worker", address, **need, command_id=str(uuid4())).status_code == 422
    from datetime import timedelta

    from wangge.doors.console.pages.typed import today

    until = (today() + timedelta(days=90)).isoformat()
    assert sent(town, "worker", address, **need, until=until, command_id=str(uuid4())).status_code == 302
    page = seen(town, "worker", f"/residents/{family['head']}").content.decode()
    assert "每周" not in page
    assert "老年人权益保障法" in page
    [kept] = rows_of(CareNeed, town)
    answer = sent(
        town, "worker", f"/residents/{family['head']}/need-end", need=str(kept.id), command_id=str(uuid4())
    )
    assert answer.status_code == 302


def test_a_file_moves_when_the_other_grid_takes_it(town, family):
    answer = sent(
        town,
        "worker",
        f"/households/{family['household']}/offer",
        who=[str(family["child"])],
        to=town.grid_b.code,
        transfer_id=str(new_id()),
        command_id=str(uuid4()),
    )
    assert answer.status_code == 302
    [offer] = rows_of(Transfer, town)
    assert "王乐" in seen(town, "worker2", "/households/files").content.decode()
    typed = {"area": town.grid_b.code, "building_name": "荷花村1号", **{name: str(new_id()) for name in ("household_id", "dwelling_id", "building_id", "command_id")}}  # fmt: skip
    assert sent(town, "worker2", "/households/add", **typed).status_code == 302
    [home] = rows_of(Household, town, "worker2")
    assert (
        sent(
            town, "worker2", f"/households/files/{offer.id}/take", into=home.number, command_id=str(uuid4())
        ).status_code
        == 302
    )
    assert "王乐" in seen(town, "worker2", "/households/").content.decode()
    assert seen(town, "worker", f"/residents/{family['child']}").status_code == 404


def test_a_person_found_twice_is_merged_and_it_can_be_undone(town, family):
    typed = {"area": town.grid_a.code, "building_name": "荷花村12号", "name": "王小明", "residency": "permanent", "phone": "12000000001",
             **{name: str(new_id()) for name in ("household_id", "dwelling_id", "building_id", "resident_id", "command_id", "person_command_id")}}  # fmt: skip
    sent(town, "worker", "/households/add", **typed)
    page = seen(town, "worker", f"/residents/{family['head']}").content.decode()
    assert typed["resident_id"] in page
    address = f"/residents/{family['head']}"
    assert (
        sent(
            town, "worker", f"{address}/merge", other=typed["resident_id"], command_id=str(uuid4())
        ).status_code
        == 302
    )
    assert (
        sent(
            town, "worker", f"{address}/unmerge", other=typed["resident_id"], command_id=str(uuid4())
        ).status_code
        == 302
    )


LIST = "户主姓名,身份证号,联系电话,门牌号\n王小明,{identity},12000000001,荷塘家园3号楼501\n李芳,,12000000002,荷塘家园3号楼502\n"


def a_list(text=LIST):
    return SimpleUploadedFile("list.csv", text.format(identity=checked(IDENTITY[:17])).encode())


def test_a_list_is_looked_at_and_then_taken_in(town, open_db):
    looked = sent(
        town,
        "worker",
        "/households/list",
        file=a_list(),
        kind="households",
        area=town.grid_a.code,
        look="yes",
    )
    assert looked.status_code == 200
    page = looked.content.decode()
    assert re.search(r'value="identity" selected', page)
    assert re.search(r'value="address" selected', page)
    chosen = {f"heading-{n}": title for n, title in enumerate(("户主姓名", "身份证号", "联系电话", "门牌号"))}
    chosen |= {f"column-{n}": column for n, column in enumerate(("name", "identity", "phone", "address"))}
    taken = sent(
        town,
        "worker",
        "/households/list",
        file=a_list(),
        kind="households",
        area=town.grid_a.code,
        residency="permanent",
        **chosen,
    )
    assert taken.status_code == 200, taken.content.decode()
    assert {each.residency for each in rows_of(Resident, town)} == {"permanent"}
    assert len(rows_of(Household, town)) == 2


def test_wrong_cells_of_a_list_are_named_and_nothing_is_written(town, open_db):
    chosen = {
        "heading-0": "户主姓名",
        "column-0": "name",
        "heading-1": "联系电话",
        "column-1": "phone",
        "heading-2": "门牌号",
        "column-2": "address",
    }
    answer = sent(
        town,
        "worker",
        "/households/list",
        file=a_list("户主姓名,联系电话,门牌号\n王小明,12,荷花村1号\n"),
        kind="households",
        area=town.grid_a.code,
        **chosen,
    )
    assert answer.status_code == 422
    assert rows_of(Household, town) == []


def test_who_keeps_no_register_is_turned_away(town, family):
    for address in ("/households/add", "/households/list", "/households/files"):
        assert seen(town, "handler", address).status_code == 403
    assert (
        sent(
            town,
            "worker2",
            f"/residents/{family['head']}/reveal",
            what="phone",
            why="contact",
            command_id=str(uuid4()),
        ).status_code
        == 404
    )


def test_a_file_that_another_grid_asks_for_is_offered_with_one_button_or_kept(town, family):
    """Somebody of grid_a moves in at grid_b, whose keepers do not see them here."""
    with transaction.atomic():
        other = town.as_viewer("worker2")
        home = actions.NewHome(new_id(), town.grid_b.code, new_id(), building_name="5号楼", door="101")
        household = new_id()
        now = builders.NOW
        actions.add_household(other, Command(new_id(), now), household, home, {}, now=now)
    browser_said = sent(
        town, "worker2", f"/households/{household}/people", command_id=new_id(), resident_id=new_id(), name="王小明",
        residency="floating", came="moved_in", came_from="一网格南街六号", identity=checked(IDENTITY[:17]),
    )  # fmt: skip
    assert browser_said.status_code == 302, browser_said.content.decode()[:2000]
    assert "done=also-elsewhere" in browser_said.headers["location"]
    page = seen(town, "worker2", f"/households/{household}").content.decode()
    assert "一网格****" in page
    assert "南街" not in page
    assert 'id="sought"' not in seen(town, "worker2", "/households/files").content.decode()
    page = seen(town, "worker", "/households/files").content.decode()
    assert 'id="sought"' in page
    assert f"/households/{family['household']}/offer" in page
    assert f'name="to" value="{town.grid_b.code}"' in page
