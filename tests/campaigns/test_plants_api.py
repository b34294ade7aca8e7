"""The poppy check over HTTP."""

import io

from django.contrib.staticfiles import finders
from django.db import connection, transaction
from django.test import Client
from tests.campaigns import planted
from tests.campaigns.test_identifiers import LABELS, tiny_model, write_card

from wangge.blobs.actions import store_part
from wangge.campaigns.queries.identifiers import service
from wangge.campaigns.rules.plants_key import shipped_key
from wangge.project.environment import Plants

ADDRESS = "/api/v1/plants"


def test_a_phone_gets_the_whole_key(town, db):
    key = town.client("worker").get(f"{ADDRESS}/key").json()
    assert key["version"] == shipped_key().version
    assert key["taxa"][0]["shares"]["sap"]["white"] == 0.97


def test_every_picture_is_there_and_every_photo_names_its_author(town, db):
    material = town.client("worker").get(f"{ADDRESS}/material").json()
    for picture in material["pictures"]:
        assert finders.find(picture["address"].removeprefix("/static/"))
        assert picture["size"] < 200_000
        assert bool(picture["author"]) == picture["address"].endswith(".jpg")
    drawn = {(each["taxon"], each["stage"]) for each in material["pictures"] if not each["author"]}
    assert len(drawn) == 30
    assert {text["code"] for text in material["texts"]} >= {"greeting", "law", "rights", "doubt", "thanks"}


def test_the_model_is_offered_with_its_card_and_bytes(town, db, settings, tmp_path):
    settings.PLANTS = Plants(write_card(tmp_path))
    client = town.client("worker")
    offered = {each["name"]: each for each in client.get(f"{ADDRESS}/identifiers").json()}
    assert set(offered) == {"key", "model"}
    assert offered["model"]["card"]["labels"] == LABELS
    served = client.get(f"{ADDRESS}/model")
    assert b"".join(served.streaming_content) == tiny_model()


def test_a_broken_model_leaves_the_key_and_says_so(town, db, settings, tmp_path):
    card = write_card(tmp_path, b"no model")
    settings.PLANTS = Plants(card)
    viewer = town.as_viewer("worker")
    content, digest = planted.photo()
    store_part(viewer, digest, io.BytesIO(content), None, now=planted.NOW, length=len(content))
    client = town.client("worker")
    asked = {"identifier": "model", "photo": digest}
    answer = client.post(f"{ADDRESS}/identify", asked, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (503, "identifier-failed")
    asked = {"identifier": "key", "answers": {"sap": "white", "base": "heart", "bloom": "yes"}}
    answer = client.post(f"{ADDRESS}/identify", asked, content_type="application/json").json()
    assert answer["ranked"][0]["species"] == "Papaver somniferum"
    assert answer["attention"][0] == "papaver-somniferum"


def test_no_transaction_waits_for_the_service(town, open_db, settings, monkeypatch):
    content, digest = planted.photo()
    with transaction.atomic():
        viewer = town.as_viewer("worker")
        store_part(viewer, digest, io.BytesIO(content), None, now=planted.NOW, length=len(content))
    settings.PLANTS = Plants(service_url="http://127.0.0.1:1/", service_key="x")
    waiting = []

    def scores_of(_settings, picture, _stage):
        waiting.append((connection.in_atomic_block, len(picture) > 100))
        return "1", [("Papaver rhoeas", 0.9)]

    monkeypatch.setattr(service, "scores_of", scores_of)
    asked = {"identifier": "service", "photo": digest}
    client = town.client("worker")
    answer = client.post(f"{ADDRESS}/identify", asked, content_type="application/json")
    assert (answer.status_code, answer.json()["ranked"][0]["taxon"]) == (200, "papaver-rhoeas")
    assert waiting == [(False, True)]
    # Whose photo it is not is told nothing, and nobody is asked.
    answer = town.client("worker2").post(f"{ADDRESS}/identify", asked, content_type="application/json")
    assert answer.status_code == 404
    assert Client().post(f"{ADDRESS}/identify", asked, content_type="application/json").status_code == 401
    assert len(waiting) == 1


def test_the_key_refuses_a_trait_that_it_does_not_know(town, db):
    asked = {"identifier": "key", "answers": {"wings": "two"}}
    answer = town.client("worker").post(f"{ADDRESS}/identify", asked, content_type="application/json")
    assert answer.status_code == 422


def test_the_drawings_are_what_their_script_draws(tmp_path, monkeypatch):
    import importlib.util
    from importlib.resources import files

    source = files("wangge.campaigns").joinpath("..", "..", "..", "web", "plants", "draw.py")
    monkeypatch.syspath_prepend(str(source.parent))
    spec = importlib.util.spec_from_file_location("plants_draw", str(source))
    draw = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(draw)
    for file in draw.draw_all(tmp_path):
        assert file.read_bytes() == (draw.FOLDER / file.name).read_bytes(), file.name
