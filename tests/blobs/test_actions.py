"""Uploads: whole or in parts, by whom, twice at once, broken off, and what a crash or an attack leaves behind."""

import errno
import fcntl
import hashlib
import io
import os
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import InMemoryStorage, default_storage
from django.db import connection, connections, transaction
from django.db.utils import ProgrammingError
from hypothesis import given
from hypothesis import strategies as st
from tests import builders
from tests.blobs.test_rules import GPS, MIB, MOMENT, bomb_png, exif, opened, picture, saved, wav
from tests.builders import NOW

from wangge.base.problems import NotAllowed, NotFound
from wangge.blobs import actions, jobs, queries, rules
from wangge.blobs.actions import parts, store
from wangge.blobs.models import Blob, Upload
from wangge.journal.models import Entry

PHOTO = saved(picture(), exif=exif(gps=GPS, moment=MOMENT))
VOICE = wav()


@pytest.fixture(autouse=True)
def clean_folders():
    """Empty before a test, whatever other tests left unfinished, and after it."""
    empty_folder()
    yield
    empty_folder()


def empty_folder():
    for file in parts.folder().iterdir():
        file.unlink()


def sha(content):
    return hashlib.sha256(content).hexdigest()


def put(viewer, content, *, under=None, said=None, length=None, now=NOW):
    return actions.store_part(
        viewer, under or sha(content), io.BytesIO(content), said, now=now, length=length
    )


def put_part(viewer, content, first, last, *, body=None, now=NOW):
    body = content[first : last + 1] if body is None else body
    said = f"bytes {first}-{last}/{len(content)}"
    return actions.store_part(viewer, sha(content), io.BytesIO(body), said, now=now)


def served(digest, variant="clean"):
    with queries.open_blob(digest, variant) as file:
        return file.read()


class TestWhole:
    def test_a_photo_is_stored_clean_with_its_position_apart(self, town, db):
        viewer = town.as_viewer("worker")
        done = put(viewer, PHOTO)
        assert (done.is_new, done.blob.kind, done.blob.media_type) == (True, "photo", "image/jpeg")
        blob = queries.blob(sha(PHOTO))
        assert (blob.position_lon, blob.position_lat) == pytest.approx((121.4917, 31.236), abs=0.001)
        assert blob.taken_at.isoformat() == "2026-07-04T00:30:15+00:00"
        clean = served(blob.digest)
        assert (len(clean), dict(opened(clean).getexif()), b"MadeUpPhone" in clean) == (blob.size, {}, False)
        assert max(opened(served(blob.digest, "thumbnail")).size) == 320

    def test_what_was_uploaded_is_nowhere_in_storage(self, town, db):
        put(town.as_viewer("worker"), PHOTO)
        _, names = default_storage.listdir(f"{sha(PHOTO)[:2]}/{sha(PHOTO)}")
        assert sorted(names) == ["clean", "thumbnail"]

    def test_a_voice_note_is_served_as_it_came_and_has_no_thumbnail(self, town, db):
        blob = put(town.as_viewer("worker"), VOICE).blob
        assert (blob.kind, blob.media_type, served(blob.digest)) == ("voice", "audio/wav", VOICE)
        with pytest.raises(rules.NoThumbnail):
            queries.open_blob(blob.digest, "thumbnail")

    def test_it_is_journalled_once_where_the_uploader_works(self, town, db):
        viewer = town.as_viewer("handler")
        for _ in range(2):
            put(viewer, PHOTO)
        entry = Entry.objects.get()
        assert (entry.verb, entry.subject, entry.actor_id) == (
            "blob.stored",
            f"blob:{sha(PHOTO)}",
            viewer.account_id,
        )
        assert entry.area_id == town.county.code
        assert "position" not in str(entry.after)

    def test_again_is_the_same_and_other_bytes_under_its_name_are_refused(self, town, db):
        viewer = town.as_viewer("worker")
        put(viewer, PHOTO)
        assert put(viewer, PHOTO).is_new is False
        with pytest.raises(rules.WrongHash):
            put(viewer, VOICE, under=sha(PHOTO))
        assert (Blob.objects.count(), Upload.objects.count()) == (1, 1)

    def test_any_storage_will_do(self, town, db, monkeypatch):
        memory = InMemoryStorage()
        for module in (store, queries):
            monkeypatch.setattr(module, "default_storage", memory)
        put(town.as_viewer("worker"), VOICE)
        assert served(sha(VOICE)) == VOICE

    @pytest.mark.parametrize("who", ["admin", None])
    def test_who_reports_no_cases_uploads_nothing(self, town, db, who):
        viewer = town.as_viewer(who) if who else town.as_system()
        with pytest.raises(NotAllowed):
            put(viewer, PHOTO)


class TestRefused:
    BAD = {
        "a script named a photo": (b"<script>alert(1)</script>" * 9, rules.UnknownType),
        "a page": (b"<!DOCTYPE html><html><body>hi</body></html>", rules.UnknownType),
        "an image that is a page": (b"\xff\xd8\xff<html><script>alert(1)</script>", rules.Damaged),
        "an SVG": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", rules.UnknownType),
        "a bomb": (bomb_png(30_000, 30_000), rules.DecompressionBomb),
        "nothing": (b"", rules.Empty),
        "half a photo": (PHOTO[: len(PHOTO) // 2], rules.Damaged),
        "a photo of 21 MiB": (PHOTO + bytes(21 * MIB), rules.TooLarge),
    }

    @pytest.mark.parametrize("name", BAD)
    def test_what_is_no_honest_attachment_leaves_no_trace(self, town, db, name):
        content, problem = self.BAD[name]
        with pytest.raises(problem):
            put(town.as_viewer("worker"), content)
        assert Blob.objects.count() == 0
        assert list(parts.folder().iterdir()) == []
        assert not default_storage.exists(f"{sha(content)[:2]}/{sha(content)}")

    def test_sixty_megabytes_are_refused_before_a_byte_is_read(self, town, db):
        class Unread:
            def read(self, size):
                raise AssertionError("was read")

        with pytest.raises(rules.TooLarge):
            actions.store_part(town.as_viewer("worker"), "a" * 64, Unread(), None, now=NOW, length=60 * MIB)
        with pytest.raises(rules.TooLarge):
            actions.store_part(
                town.as_viewer("worker"), "a" * 64, Unread(), f"bytes 0-99/{60 * MIB}", now=NOW, length=100
            )

    def test_a_body_without_end_is_left_after_the_limit(self, town, db):
        class Endless:
            given = 0

            def read(self, size):
                self.given += size
                return bytes(size)

        body = Endless()
        with pytest.raises(rules.TooLarge):
            actions.store_part(town.as_viewer("worker"), "a" * 64, body, None, now=NOW)
        assert body.given <= rules.MAX_BYTES + 1

    @pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 65, "\0" * 64])
    def test_what_is_no_digest_never_reaches_a_path(self, town, db, digest):
        with pytest.raises(NotFound):
            actions.store_part(town.as_viewer("worker"), digest, io.BytesIO(b"x"), None, now=NOW)
        with pytest.raises(NotFound):
            queries.blob(digest)


class TestParts:
    def test_it_goes_on_where_it_broke_off(self, town, db):
        viewer, last = town.as_viewer("worker"), len(PHOTO) - 1
        assert put_part(viewer, PHOTO, 0, 999).received == 1000
        with pytest.raises(rules.UploadGap) as gap:
            put_part(viewer, PHOTO, 2000, last)
        assert gap.value.facts == {"expected": 1000}
        assert put(viewer, b"", under=sha(PHOTO), said="bytes */*").received == 1000
        done = put_part(viewer, PHOTO, 500, last)
        assert (done.is_new, done.blob.digest) == (True, sha(PHOTO))
        assert put_part(viewer, PHOTO, 500, last).is_new is False
        assert put(viewer, b"", under=sha(PHOTO), said=f"bytes */{len(PHOTO)}").blob.digest == sha(PHOTO)

    def test_when_all_came_and_the_server_died_before_it_was_kept_the_next_question_keeps_it(self, town, db):
        """A phone that hears that all has come sends nothing any more."""
        viewer, last = town.as_viewer("worker"), len(PHOTO) - 1
        put_part(viewer, PHOTO, 0, 999)
        with transaction.atomic():
            put_part(viewer, PHOTO, 1000, last)
            transaction.set_rollback(True)
        assert not Blob.objects.exists()
        done = put(viewer, b"", under=sha(PHOTO), said=f"bytes */{len(PHOTO)}")
        assert (done.is_new, done.received, done.blob.digest) == (True, done.blob.size, sha(PHOTO))
        assert Entry.objects.filter(verb="blob.stored").count() == 1
        again = put(viewer, b"", under=sha(PHOTO), said=f"bytes */{len(PHOTO)}")
        assert (again.is_new, again.blob.digest) == (False, sha(PHOTO))

    def test_a_question_with_another_total_finishes_nothing(self, town, db):
        viewer = town.as_viewer("worker")
        put_part(viewer, PHOTO, 0, 999)
        for said in ("bytes */*", "bytes */1001", "bytes */999", "bytes */0"):
            done = put(viewer, b"", under=sha(PHOTO), said=said)
            assert (done.received, done.blob) == (1000, None)

    def test_what_came_before_the_connection_broke_counts(self, town, db):
        class Broken(io.BytesIO):
            def read(self, size=-1):
                given = super().read(min(size, 700))
                if self.tell() > 2000:
                    raise OSError(errno.ECONNRESET, "gone")
                return given

        viewer = town.as_viewer("worker")
        done = actions.store_part(viewer, sha(PHOTO), Broken(PHOTO), None, now=NOW, length=len(PHOTO))
        assert done.received == 1400
        assert put_part(viewer, PHOTO, 1400, len(PHOTO) - 1).blob

    def test_a_spoilt_part_is_found_at_the_end_and_all_begins_anew(self, town, db):
        viewer, last = town.as_viewer("worker"), len(PHOTO) - 1
        put_part(viewer, PHOTO, 0, 999, body=b"x" * 1000)
        with pytest.raises(rules.WrongHash):
            put_part(viewer, PHOTO, 1000, last)
        assert put(viewer, b"", under=sha(PHOTO), said="bytes */*").received == 0
        assert put_part(viewer, PHOTO, 0, last).is_new

    def test_nobody_spoils_what_another_sends_under_the_same_name(self, town, db):
        put_part(town.as_viewer("worker2"), PHOTO, 0, 999, body=b"x" * 1000)
        viewer = town.as_viewer("worker")
        assert put_part(viewer, PHOTO, 0, 999).received == 1000
        assert put_part(viewer, PHOTO, 1000, len(PHOTO) - 1).is_new

    @pytest.mark.parametrize(
        "said", ["bytes 0-9/5", "bytes 5-2/10", "lines 0-1/2", "bytes 0-1/*", "bytes -5/10", "\x00"]
    )
    def test_a_range_that_is_none_is_refused(self, town, db, said):
        with pytest.raises(rules.BadRange):
            put(town.as_viewer("worker"), PHOTO, said=said)

    def test_a_body_of_another_length_than_its_range_is_refused(self, town, db):
        viewer = town.as_viewer("worker")
        with pytest.raises(rules.BadRange):
            put(viewer, PHOTO, said=f"bytes 0-9/{len(PHOTO)}")
        with pytest.raises(rules.BadRange):
            put(viewer, PHOTO[:10], said=f"bytes 0-19/{len(PHOTO)}", length=10)

    def test_a_total_smaller_than_what_came_begins_anew(self, town, db):
        viewer = town.as_viewer("worker")
        actions.store_part(viewer, sha(PHOTO), io.BytesIO(b"x" * 999), "bytes 0-998/999999", now=NOW)
        with pytest.raises(rules.UploadGap) as gap:
            actions.store_part(viewer, sha(PHOTO), io.BytesIO(b"x"), "bytes 9-9/20", now=NOW)
        assert gap.value.facts == {"expected": 0}

    def test_so_many_and_no_more_are_left_unfinished(self, town, db, monkeypatch):
        monkeypatch.setattr(parts, "MOST_UNFINISHED", 2)
        viewer = town.as_viewer("worker")
        for start in (b"a", b"b"):
            put_part(viewer, start * 100, 0, 9)
        with pytest.raises(rules.TooManyUploads):
            put_part(viewer, b"c" * 100, 0, 9)
        assert put_part(viewer, b"a" * 100, 10, 19).received == 20
        assert put_part(town.as_viewer("worker2"), b"c" * 100, 0, 9).received == 10

    @given(
        content=st.binary(min_size=1, max_size=40),
        tries=st.lists(st.tuples(st.integers(0, 45), st.integers(0, 45), st.integers(0, 45)), max_size=12),
    )
    def test_however_it_is_cut_repeated_and_broken_what_is_held_is_its_beginning(self, content, tries):
        """Each try: where the part begins and ends, and how many of its bytes came before the connection broke."""
        file, received = parts.part_file(7, sha(content)), 0
        for first, last, came in tries:
            if not first <= last < len(content):
                continue
            part, body = rules.Range(first, last, len(content)), content[first : last + 1][:came]
            if not body:
                continue  # nothing came: nothing is joined
            with parts.spooled(io.BytesIO(body), file, part.length) as (spool, size):
                try:
                    after = parts.joined(file, spool, part, size)
                except rules.UploadGap:
                    assert first > received
                    continue
            assert after == max(received, first + size)
            assert file.read_bytes() == content[:after]
            received = after
        file.unlink(missing_ok=True)


class TestSeen:
    def test_only_its_uploader_sees_it(self, town, db):
        put(town.as_viewer("worker"), PHOTO)
        for other in ("worker2", "community", "centre", "admin", "handler"):
            town.as_viewer(other)
            with pytest.raises(NotFound):
                queries.blob(sha(PHOTO))
            with pytest.raises(NotFound):
                queries.open_blob(sha(PHOTO))
        town.as_nobody()
        assert Blob.objects.count() == 0

    def test_whoever_brings_the_same_sees_it_too(self, town, db):
        first = put(town.as_viewer("worker"), PHOTO)
        second = put(town.as_viewer("far_worker"), PHOTO)
        assert (first.is_new, second.is_new) == (True, True)
        assert queries.blob(sha(PHOTO)).uploaded_by_id != second.blob.pk
        assert (Blob.objects.count(), Upload.objects.count()) == (1, 1)

    def test_who_sees_a_case_sees_what_hangs_on_it(self, town, db):
        item = town.add(builders.item)
        case = town.add(builders.case, item, town.grid_a)
        secret = town.add(builders.case, item, town.grid_a, confidential=True)
        viewer = town.as_viewer("community")
        put(viewer, PHOTO)
        put(viewer, VOICE)
        attach(case, PHOTO, viewer)
        attach(secret, VOICE, viewer)
        town.as_viewer("worker")
        assert queries.blob(sha(PHOTO)).kind == "photo"
        with pytest.raises(NotFound):  # the case is confidential, and the worker's post is not
            queries.blob(sha(VOICE))
        town.as_viewer("worker2")
        with pytest.raises(NotFound):
            queries.blob(sha(PHOTO))

    def test_only_a_blob_that_one_sees_can_be_attached_also_with_raw_sql(self, town, db):
        case = town.add(builders.case, town.add(builders.item), town.grid_b)
        put(town.as_viewer("worker"), PHOTO)
        other = town.as_viewer("worker2")
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            attach(case, PHOTO, other)

    def test_nobody_writes_in_anothers_name(self, town, db):
        other = town.as_viewer("worker2").account_id
        put(town.as_viewer("worker"), VOICE)
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Blob.objects.create(
                digest="0" * 64, kind="photo", media_type="x", size=1, stored_at=NOW, uploaded_by_id=other
            )
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Upload.objects.create(blob_id=sha(VOICE), by_id=other, at=NOW)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Blob.objects.update(kind="voice")


def attach(case, content, viewer):
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into cases_attachment (case_id, path, blob_id, name, step, added_at, added_by_id)"
            " values (%s, %s::ltree, %s, '', 'report', %s, %s)",
            [case.pk, case.path, sha(content), NOW, viewer.account_id],
        )


class TestCrash:
    def test_between_file_and_row_leaves_nothing_visible_and_can_be_sent_again(
        self, town, open_db, monkeypatch
    ):
        def crash(*args, **facts):
            raise RuntimeError("power cut")

        def upload():
            with transaction.atomic():
                return put(town.as_viewer("worker"), PHOTO)

        with monkeypatch.context() as broken:
            broken.setattr(store.Blob.objects, "create", crash)
            with pytest.raises(RuntimeError):
                upload()
        assert default_storage.exists(queries.stored_name(sha(PHOTO), "clean"))
        with transaction.atomic():
            town.as_viewer("worker")
            with pytest.raises(NotFound):
                queries.blob(sha(PHOTO))
        assert upload().is_new
        assert list(parts.folder().iterdir()) == []
        assert town.rows("select count(*) from blobs_blob") == [(1,)]

    def test_a_half_written_copy_is_replaced(self, town, db):
        name = queries.stored_name(sha(PHOTO), "clean")
        default_storage.save(name, io.BytesIO(b"half"))
        put(town.as_viewer("worker"), PHOTO)
        assert opened(served(sha(PHOTO))).size == (400, 200)

    def test_a_copy_that_is_gone_from_storage_is_not_found(self, town, db):
        put(town.as_viewer("worker"), VOICE)
        default_storage.delete(queries.stored_name(sha(VOICE), "clean"))
        with pytest.raises(NotFound):
            queries.open_blob(sha(VOICE))


def wait_until_blocked(file):
    """Until somebody waits for the lock on the file, as the system tells."""
    node = str(file.stat().st_ino)
    for _ in range(24_000):
        waiting = [line for line in Path("/proc/locks").read_text().splitlines() if "->" in line]
        if any(line.split()[6].rsplit(":", 1)[-1] == node for line in waiting):
            return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


class TestAtOnce:
    def test_who_waited_for_the_file_adds_nothing_that_came_meanwhile(self, tmp_path):
        file, spool = tmp_path / "7-a.part", tmp_path / "spool"
        spool.write_bytes(b"all of it")
        part, done = rules.whole(9), []
        with file.open("ab") as first:
            fcntl.flock(first, fcntl.LOCK_EX)
            second = threading.Thread(target=lambda: done.append(parts.joined(file, spool, part, 9)))
            second.start()
            wait_until_blocked(file)
            first.write(b"all of it")
        second.join(240)
        assert done == [9]
        assert file.read_bytes() == b"all of it"

    @pytest.mark.parametrize("others", [("worker", "worker"), ("worker", "worker2")])
    def test_two_uploads_of_the_same_are_one_blob(self, town, open_db, others):
        ready, made = threading.Barrier(2), []

        def upload(who):
            try:
                with transaction.atomic():
                    viewer = town.as_viewer(who)
                    ready.wait()
                    made.append(put(viewer, PHOTO))
            finally:
                connections.close_all()

        threads = [threading.Thread(target=upload, args=[who]) for who in others]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(240)
        assert [done.blob.digest for done in made] == [sha(PHOTO)] * 2
        assert town.rows("select count(*) from blobs_blob") == [(1,)]
        assert town.rows("select count(*) from blobs_upload") == [(len(set(others)),)]
        assert list(parts.folder().iterdir()) == []


class TestSweep:
    def old(self, file, days=3):
        moment = (NOW - timedelta(days=days)).timestamp()
        os.utime(file, (moment, moment))

    def test_what_was_never_finished_goes_after_two_days(self, town, open_db):
        with transaction.atomic():
            viewer = town.as_viewer("worker")
            put_part(viewer, PHOTO, 0, 99)
            put_part(viewer, VOICE, 0, 99)
        self.old(parts.part_file(viewer.account_id, sha(PHOTO)))
        self.old(parts.part_file(viewer.account_id, sha(VOICE)), days=1)
        assert jobs.sweep_unfinished_uploads(NOW) == 1
        assert [file.name for file in parts.folder().iterdir()] == [f"{viewer.account_id}-{sha(VOICE)}.part"]

    def test_what_a_crash_left_in_storage_goes_too_but_never_what_is_stored(self, town, open_db):
        for content in (PHOTO, VOICE):
            file = parts.part_file(99, sha(content))
            file.write_bytes(content)
            self.old(file)
        default_storage.save(queries.stored_name(sha(PHOTO), "clean"), io.BytesIO(b"half"))
        with transaction.atomic():
            put(town.as_viewer("worker"), VOICE)
        assert jobs.sweep_unfinished_uploads(NOW) == 2
        assert not default_storage.exists(queries.stored_name(sha(PHOTO), "clean"))
        with transaction.atomic():
            town.as_viewer("worker")
            assert served(sha(VOICE)) == VOICE
