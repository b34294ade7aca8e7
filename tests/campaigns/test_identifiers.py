"""The model of pictures, which the test builds, and the online service, which the test stands in for."""

import hashlib
import io
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from tests.campaigns import planted

from wangge.base.problems import NotAllowed, NotFound
from wangge.blobs.actions import store_part
from wangge.campaigns.queries import identifiers
from wangge.campaigns.queries.identifiers import identify, model, service, waiting
from wangge.campaigns.rules.plants import (
    BadPhoto,
    IdentifierBusy,
    IdentifierFailed,
    NoSuchIdentifier,
    QuotaUsedUp,
)
from wangge.campaigns.rules.plants_card import BadCard, card_of
from wangge.project.environment import Plants

RED, GREEN, BLUE = (230, 10, 10), (10, 230, 10), (10, 10, 230)
LABELS = ["Papaver somniferum L.", "Lactuca sativa", "Papaver rhoeas"]


def picture(colour=RED, size=(320, 240), kind="JPEG"):
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def tiny_model(outputs=3):
    """A network that averages each channel: red speaks for the first label, green for the second, blue for the third."""
    weights = np.eye(outputs, 3, dtype=np.float32).T * 8
    nodes = [
        helper.make_node("GlobalAveragePool", ["picture"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["scores"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, 16, 16])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, outputs])],
        [numpy_helper.from_array(weights, "weights")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(made)
    return made.SerializeToString()


def write_card(folder, content=None, **facts):
    """A card with its model beside it; facts change the card."""
    content = tiny_model() if content is None else content
    (folder / "tiny.onnx").write_bytes(content)
    card = {
        "name": "tiny", "version": "1", "licence": "made by a test", "model": "tiny.onnx",
        "sha256": hashlib.sha256(content).hexdigest(), "labels": LABELS, "width": 16, "height": 16,
        "layout": "NCHW", "output": "logits",
    } | facts  # fmt: skip
    (folder / "card.json").write_text(json.dumps(card), "utf-8")
    return folder / "card.json"


@pytest.mark.parametrize(
    ("colour", "first"), [(RED, "Papaver somniferum L."), (GREEN, "Lactuca sativa"), (BLUE, "Papaver rhoeas")]
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_model_is_asked_with_the_picture(tmp_path, colour, first, kind):
    version, scores = model.scores_of(write_card(tmp_path), picture(colour, kind=kind))
    assert version == "tiny 1"
    assert scores[0][0] == first
    assert sum(score for _, score in scores) == pytest.approx(1)


def test_means_and_deviations_of_the_card_are_used(tmp_path):
    _, plain = model.scores_of(write_card(tmp_path), picture(RED))
    turned = write_card(tmp_path, mean=[1, 0, 0], deviation=[0.1, 1, 1])
    _, moved = model.scores_of(turned, picture(RED))
    assert moved[0][1] != pytest.approx(plain[0][1])


def test_labels_may_stand_in_a_file_of_their_own(tmp_path):
    (tmp_path / "labels.txt").write_text("\n".join(LABELS), "utf-8")
    card = write_card(tmp_path, labels="labels.txt")
    assert model.scores_of(card, picture(BLUE))[1][0][0] == "Papaver rhoeas"
    assert model.card_for_phones(card)["labels"] == LABELS


def test_a_new_model_is_taken_without_a_restart(tmp_path):
    card = write_card(tmp_path)
    assert model.scores_of(card, picture(RED))[1][0][0] == LABELS[0]
    write_card(tmp_path, labels=LABELS[::-1], version="2")
    assert model.scores_of(card, picture(RED))[1][0][0] == LABELS[2]


@pytest.mark.parametrize(
    "facts",
    [
        {"sha256": "0" * 64},
        {"sha256": "none"},
        {"labels": LABELS[:2]},
        {"labels": "../labels.txt"},
        {"labels": "missing.txt"},
        {"labels": []},
        {"model": "/etc/passwd"},
        {"model": "missing.onnx"},
        {"width": 0},
        {"width": 100_000},
        {"width": 32},
        {"layout": "CHW"},
        {"layout": "NHWC"},
        {"deviation": [0, 0, 0]},
        {"mean": [0]},
        {"name": ""},
        {"content": b"no model"},
        {"content": b""},
    ],
    ids=str,
)
def test_a_bad_card_or_model_is_told_and_breaks_nothing(tmp_path, facts, caplog):
    card = write_card(tmp_path, facts.get("content"), **{k: v for k, v in facts.items() if k != "content"})
    with pytest.raises(IdentifierFailed):
        model.scores_of(card, picture())
    assert "plant model" in caplog.text


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe", b"null"])
def test_a_card_that_is_none_is_told(tmp_path, content):
    card = write_card(tmp_path)
    card.write_bytes(content)
    with pytest.raises(BadCard):
        model.read_card(card)


def test_a_card_says_the_shipped_example():
    from wangge.campaigns.rules import plants_card

    example = plants_card.__doc__[plants_card.__doc__.index("{") : plants_card.__doc__.rindex("}") + 1]
    card = card_of(json.loads(example.replace("…64 hexadecimal digits…", "a" * 64)))
    assert (card.width, card.output) == (224, "logits")


@pytest.mark.parametrize("content", [b"", b"no picture", picture()[:200], b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_photo_is_refused(tmp_path, content):
    with pytest.raises(BadPhoto):
        model.scores_of(write_card(tmp_path), content)


def test_a_photo_with_too_many_pixels_is_refused_before_it_is_decoded(tmp_path):
    out = io.BytesIO()
    Image.new("1", (9_000, 9_000)).save(out, "PNG")
    with pytest.raises(BadPhoto):
        model.scores_of(write_card(tmp_path), out.getvalue())


def test_whoever_takes_too_long_is_not_waited_for_and_keeps_its_place():
    workers, end = waiting.Workers("test", 1), threading.Event()
    with pytest.raises(IdentifierFailed):
        workers.done_within(0.05, end.wait)
    with pytest.raises(IdentifierBusy):
        workers.done_within(1, lambda: "asked while the other still runs")
    end.set()
    assert workers.done_within(5, lambda: "done") == "done"


class StandIn(BaseHTTPRequestHandler):
    """Answers as Pl@ntNet does; what it was asked is kept."""

    def do_POST(self):
        self.server.asked = (
            self.path,
            self.headers["Content-Type"],
            self.rfile.read(int(self.headers["Content-Length"])),
        )
        status, content = self.server.answer
        if self.server.wait:
            self.server.wait.wait(240)
            return
        self.send_response(status)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Says nothing."""


def found(*species):
    results = [
        {"score": score, "species": {"scientificNameWithoutAuthor": name, "scientificName": f"{name} L."}}
        for name, score in species
    ]
    return 200, json.dumps(
        {"results": results, "version": "2026-10-01 (7.4)", "remainingIdentificationRequests": 7}
    ).encode()


@contextmanager
def stand_in(answer, *, wait=None):
    server = HTTPServer(("127.0.0.1", 0), StandIn)
    server.answer, server.wait = answer, wait
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield (
            server,
            Plants(
                service_url=f"http://127.0.0.1:{server.server_port}/v2/identify/all",
                service_key="key-of-the-test",
                service_seconds=60,
            ),
        )
    finally:
        if wait:
            wait.set()
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_service_gets_the_small_photo_its_organ_and_the_key():
    with stand_in(found(("Papaver somniferum", 0.81), ("Papaver rhoeas", 0.1))) as (server, settings):
        version, scores = service.scores_of(settings, picture(size=(3000, 2000)), "bud")
        path, kind, body = server.asked
    assert version == "2026-10-01 (7.4)"
    assert scores == [("Papaver somniferum", 0.81), ("Papaver rhoeas", 0.1)]
    assert path == "/v2/identify/all?api-key=key-of-the-test"
    boundary = kind.partition("boundary=")[2]
    head, photo, organs, end = body.split(f"--{boundary}".encode())
    assert head == b""
    assert b'name="images"' in photo
    assert Image.open(io.BytesIO(photo.partition(b"\r\n\r\n")[2][:-2])).size == (1024, 683)
    assert b'name="organs"\r\n\r\nflower\r\n' in organs
    assert end == b"--\r\n"


def test_a_plant_that_the_service_does_not_know_is_an_answer():
    said = json.dumps({"statusCode": 404, "error": "Not Found", "message": "Species not found"}).encode()
    with stand_in((404, said)) as (_, settings):
        assert service.scores_of(settings, picture(), "") == ("", [])


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ((429, b"{}"), QuotaUsedUp),
        ((401, b"{}"), IdentifierFailed),
        ((404, b"<html>"), IdentifierFailed),
        ((302, b""), IdentifierFailed),
        ((500, b"oops"), IdentifierFailed),
        ((200, b"not json"), IdentifierFailed),
        ((200, b"[]"), IdentifierFailed),
        ((200, b'{"results": [{"score": "x"}]}'), IdentifierFailed),
        ((200, b" " * 1_100_000), IdentifierFailed),
    ],
    ids=lambda value: str(value)[:40],
)
def test_every_other_answer_is_a_clear_problem(answer, problem, caplog):
    with stand_in(answer) as (_, settings), pytest.raises(problem) as raised:
        service.scores_of(settings, picture(), "")
    assert "key-of-the-test" not in caplog.text + str(raised.value)


def test_a_service_that_does_not_answer_is_not_waited_for(caplog):
    with stand_in(found(), wait=threading.Event()) as (_, settings), pytest.raises(IdentifierFailed):
        service.scores_of(
            Plants(service_url=settings.service_url, service_key="k", service_seconds=1), picture(), ""
        )


def test_a_service_that_is_not_there_is_told_without_its_address(caplog):
    nowhere = Plants(service_url="http://127.0.0.1:9/v2/identify/all", service_key="key-of-the-test")
    with pytest.raises(IdentifierFailed) as raised:
        service.scores_of(nowhere, picture(), "")
    assert "key-of-the-test" not in caplog.text + str(raised.value)


@pytest.fixture
def stored(town, db):
    viewer = town.as_viewer("worker")
    content, digest = planted.photo(RED)
    store_part(viewer, digest, io.BytesIO(content), None, now=planted.NOW, length=len(content))
    return viewer, digest


def test_the_three_stand_behind_one_interface(stored, settings, tmp_path):
    viewer, digest = stored
    settings.PLANTS = Plants()
    assert [each.name for each in identifiers.identifiers()] == ["key"]
    for name in ("model", "service", "oracle"):
        with pytest.raises(NoSuchIdentifier):
            identify(viewer, name, photo=digest)
    with stand_in(found(("Papaver somniferum", 0.02), ("Cichorium intybus", 0.9))) as (_, plants):
        settings.PLANTS = Plants(write_card(tmp_path), plants.service_url, plants.service_key, 60)
        assert [each.name for each in identifiers.identifiers()] == ["key", "model", "service"]
        by_model = identify(viewer, "model", photo=digest)
        by_service = identify(viewer, "service", photo=digest, stage="leaf")
    assert (by_model.identifier, by_model.version) == ("model", "tiny 1")
    assert (by_model.ranked[0].species, by_model.ranked[0].taxon) == (
        "Papaver somniferum",
        "papaver-somniferum",
    )
    assert by_model.attention == ("papaver-somniferum",)
    assert [each.species for each in by_service.ranked] == ["Cichorium intybus", "Papaver somniferum"]
    assert by_service.attention == ("papaver-somniferum",)


def test_nobody_has_a_photo_identified_that_they_do_not_see(town, stored, settings, tmp_path):
    _, digest = stored
    settings.PLANTS = Plants(write_card(tmp_path))
    with pytest.raises(NotFound):
        identify(town.as_viewer("worker2"), "model", photo=digest)
    with pytest.raises(NotAllowed):
        identify(town.as_viewer("instructor"), "model", photo=digest)
