"""Keys of private fields: a lost one is noticed at the start, and everything can be sealed anew, also in several goes."""

import pytest
from django.db import connections
from tests.house.full_town import full_mediation
from tests.project.program import run

from wangge.base.private import PrivateKeys, keys_in, new_key
from wangge.cases.models import Mediation, Party
from wangge.project import private
from wangge.project.environment import StartRefused
from wangge.project.health import _reason


@pytest.fixture
def files(town, open_db, settings):
    settings.PRIVATE_KEYS = keys_in(new_key())
    mediator = town.accounts["mediator"]
    made = [full_mediation(town.owner, town.community, mediator, f"n{n}") for n in range(5)]
    town.owner.commit()
    return made


def sealed_rows(town):
    """Rows that hold a private text at all; a visit that is still to come holds none."""
    return sum(
        len(town.rows(f"select 1 from {table.name} where coalesce({', '.join(table.private)}) is not null"))
        for table in private.tables()
    )


def test_every_private_column_is_found_from_the_models():
    found = {table.name: table for table in private.tables()}
    assert found["cases_party"].private == ("name", "phone", "address", "represented_by")
    assert found["cases_party"].lookups == {"phone_hash": ("phone", "phone")}
    assert found["cases_mediation"].private == ("matter",)


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_everything_is_sealed_anew_and_still_says_the_same(town, files, settings, monkeypatch, batch):
    monkeypatch.setattr(private, "BATCH", batch)
    old = settings.PRIVATE_KEYS
    settings.PRIVATE_KEYS = PrivateKeys((*keys_in(new_key()).keys, *old.keys))
    assert private.seal_anew() == sealed_rows(town)
    assert private.seal_anew() == 0
    settings.PRIVATE_KEYS = PrivateKeys(settings.PRIVATE_KEYS.keys[:1])
    counted, broken = private.look_through()
    assert (list(counted), broken) == (list(settings.PRIVATE_KEYS.fingerprints), [])
    for file in files:
        assert Mediation.objects.using("owner").get(id=file.id).matter == "漏水"
        party = Party.objects.using("owner").get(mediation_id=file.id)
        assert (party.name, party.phone) == ("王小明", "13812345678")
        assert bytes(party.phone_hash) == settings.PRIVATE_KEYS.lookup("phone", "13812345678")


def test_a_broken_off_rotation_goes_on_where_it_was(town, files, settings, monkeypatch):
    monkeypatch.setattr(private, "BATCH", 2)
    old = settings.PRIVATE_KEYS
    settings.PRIVATE_KEYS = PrivateKeys((*keys_in(new_key()).keys, *old.keys))
    opened, real = [], private._opened

    def failing(*arguments):
        opened.append(1)
        if len(opened) == 8:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(private, "_opened", failing)
    with pytest.raises(KeyboardInterrupt):
        private.seal_anew()
    counted, broken = private.look_through()
    assert len(counted) == 2  # some under each
    assert broken == []
    rest = private.seal_anew()
    assert 0 < rest < sealed_rows(town)
    assert list(private.look_through()[0]) == [settings.PRIVATE_KEYS.fingerprints[0]]


def test_without_the_key_each_text_is_named_and_none_is_told(files, settings):
    settings.PRIVATE_KEYS = keys_in(new_key())
    counted, broken = private.look_through()
    assert sum(counted.values()) == len(broken)
    assert all(line.endswith("private-key-missing") for line in broken)


def test_a_text_copied_to_another_row_is_found(town, files):
    town.run("update cases_mediation set matter = (select matter from cases_mediation where number = 'n1')")
    broken = private.look_through()[1]
    assert len(broken) == 4
    assert all(
        line.startswith("cases_mediation.matter of ") and line.endswith("private-text-damaged")
        for line in broken
    )


def test_a_key_in_use_that_is_missing_stops_the_start_and_the_health(town, open_db, settings):
    first = settings.PRIVATE_KEYS = keys_in(new_key())
    private.check_keys()
    assert private.missing_keys() == []
    settings.PRIVATE_KEYS = keys_in(new_key())
    with pytest.raises(StartRefused, match=first.fingerprints[0]) as refused:
        private.check_keys()
    assert "WANGGE_PRIVATE_KEYS" in refused.value.way_out
    assert "key" in _reason()
    settings.PRIVATE_KEYS = PrivateKeys((*settings.PRIVATE_KEYS.keys, *first.keys))
    private.check_keys()
    assert private.missing_keys() == []
    private.seal_anew()
    settings.PRIVATE_KEYS = PrivateKeys(settings.PRIVATE_KEYS.keys[:1])
    private.check_keys()
    connections["owner"].close()


def test_a_new_key_is_printed_and_is_one(tmp_path):
    done = run(tmp_path, "private", "key")
    assert done.returncode == 0
    assert len(keys_in(done.stdout).keys) == 1


def test_a_lost_key_file_is_refused_by_name(data):
    kept = (data / "private_keys").read_text()
    (data / "private_keys").unlink()
    done = run(data, "migrate")
    assert done.returncode == 1
    assert keys_in(kept).fingerprints[0] in done.stderr
    (data / "private_keys").write_text(kept)
    assert run(data, "migrate", "--check").returncode == 0
    done = run(data, "private", "check")
    assert (done.returncode, done.stdout) == (0, "0 private texts; all of them open.\n")
    (data / "private_keys").write_text(f"{new_key()}\n{kept}")
    done = run(data, "private", "rotate")
    assert done.returncode == 0, done.stderr
    assert "0 rows were sealed anew" in done.stdout
    assert run(data, "private", "rotate", WANGGE_PRIVATE_KEYS=kept).returncode == 1
