"""A plan's dry run names the routing rules and ready texts that go over, and the rules that hold nowhere from then on."""

from tests.builders import NOW
from tests.console.test_areas import sent, words
from tests.plans.test_applying import _codes, approved
from tests.plans.towns import laid_out

from wangge.base.ids import new_id
from wangge.cases import actions as cases


def test_a_dry_run_names_rules_and_texts(town, db):
    laid_out(town, columns=4, households=5)
    plan = approved(town, low=100, high=400)
    (ended,) = (code for code in (town.grid_a.code, town.grid_b.code) if code not in _codes(town, plan))
    (heir,) = {town.grid_a.code, town.grid_b.code} - {ended}
    admin = town.as_viewer("admin")
    cases.set_route(admin, area=ended, business="livelihood", tier="township", note="转镇里", now=NOW)
    cases.set_route(admin, area=heir, business="livelihood", tier="community", now=NOW)
    cases.set_text(admin, new_id(), area=ended, name="已派人", use="answer", text="已派人前往", now=NOW)
    answer = sent(town.browser("community"), f"plans/{plan.id}/try")
    assert answer.status_code == 200
    page = words(answer)
    assert "派遣规则和常用语" in page
    assert "转镇里" in page
    assert "此后不再生效" in page
    assert "常用语 “已派人”" in page
    # The page of the plan shows the counts beside the others.
    assert "随转的常用语" in page
    told = town.client("community").post(f"/api/v1/plans/{plan.id}/dry-run").json()
    assert {(one["what"], one["name"], one["to_code"]) for one in told["carried"]} == {
        ("route", "转镇里", ""),
        ("text", "已派人", heir),
    }
