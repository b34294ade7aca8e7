"""Uploads and downloads as programs and browsers meet them."""

import io
from contextlib import ExitStack

import pytest
from django.http.request import UnreadablePostError
from tests import builders
from tests.blobs.test_actions import PHOTO, VOICE, attach, clean_folders, sha
from tests.blobs.test_rules import DOCX, MIB, office, opened

from wangge.blobs import actions
from wangge.blobs.actions.parts import MOST_AT_ONCE
from wangge.project.rsgi import IN_LANE

__all__ = ["clean_folders"]
WORD = office(*DOCX)


def put(client, content, *, under=None, said=None):
    headers = {"content-range": said} if said else {}
    return client.put(
        f"/api/v1/blobs/{under or sha(content)}",
        content,
        content_type="application/octet-stream",
        headers=headers,
    )


def get(client, content, query=""):
    return client.get(f"/api/v1/blobs/{sha(content)}{query}")


def body(answer):
    return b"".join(answer.streaming_content)  # which also closes it


def test_a_photo_goes_up_once_and_comes_down_clean(town, db):
    worker = town.client("worker")
    first, again = put(worker, PHOTO), put(worker, PHOTO)
    assert (first.status_code, again.status_code, first.json() == again.json()) == (201, 200, True)
    assert first.json() == {
        "digest": sha(PHOTO),
        "kind": "photo",
        "media_type": "image/jpeg",
        "size": first.json()["size"],
        "width": 400,
        "height": 200,
    }
    answer = get(worker, PHOTO)
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer["Content-Disposition"] == f'inline; filename="{sha(PHOTO)[:12]}.jpg"'
    content = body(answer)
    assert (len(content), b"MadeUpPhone" in content) == (first.json()["size"], False)
    thumbnail = get(worker, PHOTO, "?size=thumbnail")
    assert max(opened(body(thumbnail)).size) == 320


def test_a_document_is_downloaded_not_opened(town, db):
    worker = town.client("worker")
    put(worker, WORD)
    answer = get(worker, WORD)
    assert answer["Content-Disposition"] == f'attachment; filename="{sha(WORD)[:12]}.docx"'
    assert body(answer) == WORD
    assert get(worker, WORD, "?size=thumbnail").json()["code"] == "no-thumbnail"


def test_an_upload_in_parts(town, db):
    worker, last = town.client("worker"), len(VOICE) - 1
    half = put(worker, VOICE[:5000], under=sha(VOICE), said=f"bytes 0-4999/{len(VOICE)}")
    assert (half.status_code, half.json(), half["Range"]) == (
        202,
        {"digest": sha(VOICE), "received": 5000},
        "bytes=0-4999",
    )
    gap = put(worker, VOICE[6000:], under=sha(VOICE), said=f"bytes 6000-{last}/{len(VOICE)}")
    assert (gap.status_code, gap.json()["code"], gap.json()["expected"]) == (409, "upload-gap", 5000)
    asked = put(worker, b"", under=sha(VOICE), said=f"bytes */{len(VOICE)}")
    assert (asked.status_code, asked.json()["received"]) == (202, 5000)
    whole = put(worker, VOICE[5000:], under=sha(VOICE), said=f"bytes 5000-{last}/{len(VOICE)}")
    assert whole.status_code == 201
    assert put(worker, b"", under=sha(VOICE), said=f"bytes */{len(VOICE)}").status_code == 200


def test_sixty_megabytes_are_refused_without_being_held_in_memory(town, db):
    answer = put(town.client("worker"), bytes(60 * MIB))
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
    assert "20" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("content", "said", "status", "code"),
    [
        (b"<html><script>alert(1)</script></html>", None, 415, "unknown-type"),
        (b"", None, 422, "empty"),
        (b"x", "bytes 9-1/2", 400, "bad-range"),
        (b"x" * 9, "bytes 0-1/20", 400, "bad-range"),
        (PHOTO[:999], None, 422, "damaged"),
    ],
)
def test_what_is_refused_says_why(town, db, content, said, status, code):
    answer = put(town.client("worker"), content, said=said)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"


def test_other_bytes_under_a_name_are_refused(town, db):
    assert put(town.client("worker"), VOICE, under=sha(PHOTO)).json()["code"] == "wrong-hash"
    assert put(town.client("worker"), VOICE, under="A" * 64).status_code == 422


def test_only_who_brought_it_or_sees_its_case_gets_it(town, db):
    case = town.add(builders.case, town.add(builders.item), town.grid_a)
    community, worker, worker2 = (town.client(name) for name in ("community", "worker", "worker2"))
    put(community, PHOTO)
    assert get(worker, PHOTO).status_code == 404
    attach(case, PHOTO, town.as_viewer("community"))
    for client, status in ((community, 200), (worker, 200), (worker2, 404), (town.client("far_centre"), 404)):
        answer = get(client, PHOTO)
        assert answer.status_code == status
        assert status != 200 or body(answer)


def test_a_browser_uploads_only_with_its_token(town, db, client):
    assert put(town.browser("worker"), PHOTO).status_code == 403
    assert put(client, PHOTO).status_code == 401
    assert get(client, PHOTO).status_code == 401


def test_a_broken_connection_keeps_what_came(town, db, monkeypatch):
    class Broken(io.BytesIO):
        def read(self, size=-1):
            if self.tell() >= 3000:
                raise UnreadablePostError
            return super().read(min(size, 1500))

    request = town.client("worker")
    monkeypatch.setattr(
        "django.test.client.FakePayload.read",
        lambda self, size=-1: Broken.read(self.stream, size),
        raising=False,
    )
    monkeypatch.setattr(
        "django.test.client.FakePayload.__init__",
        lambda self, content=b"": setattr(self, "stream", Broken(content)),
    )
    answer = put(request, VOICE)
    assert (answer.status_code, answer.json()["received"]) == (202, 3000)


def test_slow_uploads_leave_threads_for_all_else(town, db):
    worker = town.client("worker")
    with ExitStack() as all_places:
        for _ in range(MOST_AT_ONCE):
            all_places.enter_context(actions.receiving())
        busy = put(worker, PHOTO)
        assert (busy.status_code, busy.json()["code"], busy["Retry-After"]) == (429, "uploads-busy", "5")
        # A phone's own thread takes none of these places.
        assert (
            worker.put(
                f"/api/v1/blobs/{sha(VOICE)}", VOICE, "application/octet-stream", **{IN_LANE: True}
            ).status_code
            == 201
        )
    assert put(worker, PHOTO).status_code == 201
    for _ in range(MOST_AT_ONCE + 1):  # a refused one gives its place back
        assert put(worker, b"x").status_code == 415


def test_a_body_in_chunks_is_asked_for_its_length(town, db):
    answer = town.client("worker").put(
        f"/api/v1/blobs/{sha(PHOTO)}", headers={"transfer-encoding": "chunked"}
    )
    assert (answer.status_code, answer.json()["code"]) == (411, "length-required")
