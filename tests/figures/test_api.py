"""The interface tells the same numbers, to those who may read them."""

AREA = "/api/v1/figures?area={}&period={}"


def test_the_figures_of_a_county_by_its_centre_and_not_by_another(town, open_db):
    answer = town.client("centre").get(AREA.format(town.county.code, "2026-04"))
    assert answer.status_code == 200
    told = answer.json()
    assert told["total"]["reported"] == 0
    assert told["total"]["in_grid_share"] is None
    assert told["staffing"]["total"]["required"] > 0
    assert town.client("far_centre").get(AREA.format(town.county.code, "2026-04")).status_code == 403


def test_a_bad_period_and_an_unknown_area_have_their_answers(town, open_db):
    client = town.client("centre")
    assert client.get(AREA.format(town.county.code, "2026-13")).status_code == 422
    assert client.get(AREA.format(town.county.code, "1999")).json()["code"] == "bad-period"
    assert client.get(AREA.format("999999999999", "2026")).status_code == 404
