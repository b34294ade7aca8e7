"""Private texts: they open where they were sealed and nowhere else; nothing prints them or their keys."""

import base64
import re

import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from wangge.base.columns import Sealed
from wangge.base.private import (
    BadKeys,
    Place,
    PrivateKeyMissing,
    PrivateKeys,
    PrivateTextDamaged,
    keys_in,
    mask_identity,
    mask_name,
    mask_phone,
    new_key,
    normal_phone,
    sealed_with,
)

patient = bounded(deadline=None)
HERE = Place("cases_party", "name", "1")
ring = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=3, unique=True).map(
    lambda keys: PrivateKeys(tuple(keys))
)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
name = st.text("abcdefghij_.", min_size=1, max_size=12)
place = st.builds(Place, name, name, st.text("0123456789-", min_size=1, max_size=8))


@patient
@given(ring, words, place)
def test_a_text_opens_where_it_was_sealed(keys, text, where):
    sealed = keys.seal(text, where)
    assert keys.open(sealed, where) == text
    assert keys.is_current(sealed)
    assert sealed_with(sealed) == keys.fingerprints[0]


@patient
@given(ring, words, place, place)
def test_a_text_that_was_copied_elsewhere_does_not_open(keys, text, where, elsewhere):
    if where != elsewhere:
        with pytest.raises(PrivateTextDamaged):
            keys.open(keys.seal(text, where), elsewhere)


def test_parts_of_a_place_do_not_run_together():
    keys = keys_in(new_key())
    with pytest.raises(PrivateTextDamaged):
        keys.open(keys.seal("王小明", Place("a", "bc", "1")), Place("ab", "c", "1"))


@patient
@given(words, st.data())
def test_a_changed_or_cut_text_does_not_open(text, data):
    keys = keys_in(new_key())
    sealed = bytearray(keys.seal(text, HERE))
    at = data.draw(st.integers(0, len(sealed) - 1))
    if data.draw(st.booleans()):
        sealed[at] ^= 1 << data.draw(st.integers(0, 7))
    else:
        del sealed[at:]
    with pytest.raises((PrivateTextDamaged, PrivateKeyMissing)):
        keys.open(bytes(sealed), HERE)


@patient
@given(ring, words, st.binary(min_size=32, max_size=32))
def test_a_new_first_key_seals_and_the_old_one_still_opens(keys, text, newer):
    if newer in keys.keys:
        return
    turned = PrivateKeys((newer, *keys.keys))
    old = keys.seal(text, HERE)
    assert turned.open(old, HERE) == text
    assert not turned.is_current(old)
    again = turned.seal(turned.open(old, HERE), HERE)
    assert PrivateKeys((newer,)).open(again, HERE) == text


def test_without_its_key_a_text_names_the_key_and_not_itself():
    keys, other = keys_in(new_key()), keys_in(new_key())
    sealed = keys.seal("王小明 13812345678", HERE)
    with pytest.raises(PrivateKeyMissing, match=keys.fingerprints[0]) as missing:
        other.open(sealed, HERE)
    assert "王小明" not in str(missing.value)
    assert missing.value.status == 503


def test_the_same_text_is_sealed_differently_each_time():
    keys = keys_in(new_key())
    assert len({keys.seal("王小明", HERE) for _ in range(50)}) == 50
    assert "王小明".encode() not in keys.seal("王小明", HERE)


def test_nothing_prints_a_key_or_what_is_sealed():
    key = new_key()
    keys = keys_in(key)
    assert key not in repr(keys)
    assert repr(base64.urlsafe_b64decode(key)) not in repr(keys)
    assert repr(Sealed(keys.seal("王小明", HERE))) == str(Sealed(b"x")) == "•••"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "secret",
        "=",
        base64.b64encode(b"x" * 31).decode(),
        base64.b64encode(b"x" * 32).decode(),
        "路" * 44,
    ],
)
def test_what_is_no_key_is_refused_without_quoting_it(text):
    with pytest.raises(BadKeys) as refused:
        keys_in(text)
    assert not text.strip("= ") or text not in str(refused.value)


def test_a_key_stands_once_and_comes_in_either_alphabet():
    key = new_key()
    with pytest.raises(BadKeys, match="twice"):
        keys_in(f"{key} {key}")
    other = key.replace("-", "+").replace("_", "/")
    assert keys_in(other) == keys_in(key)
    assert keys_in(f"{key},{new_key()}").fingerprints[0] == keys_in(key).fingerprints[0]


@patient
@given(ring, words, words)
def test_a_hash_finds_equal_values_only_and_by_every_key(keys, one, other):
    kept = keys.lookup("name", one)
    assert kept in keys.lookups("name", one)
    assert (kept in keys.lookups("name", other)) == (one.strip() == other.strip())
    assert kept not in keys.lookups("phone", one)
    assert PrivateKeys(keys.keys[-1:]).lookup("name", one) in keys.lookups("name", one)


@pytest.mark.parametrize(
    "written", ["13812345678", "138-1234-5678", "+86 138 1234 5678", "0086 13812345678", "１"]
)
def test_a_phone_number_is_one_number_however_it_is_written(written):
    assert normal_phone(written) in ("13812345678", "")


def test_masks_keep_what_tells_people_apart_and_no_more():
    assert (mask_name("王小明"), mask_name("王明"), mask_name("")) == ("王**", "王**", "")
    assert (mask_phone("138 1234 5678"), mask_phone("+86 13812345678")) == ("138****5678",) * 2
    assert (mask_phone("85512345"), mask_phone("110"), mask_phone("")) == ("****45", "****", "")
    assert mask_identity("32070319900101123x") == "320*************3X"
    assert mask_identity("123") == "***"


@patient
@given(st.text(min_size=1, max_size=40))
def test_a_mask_never_shows_the_whole(text):
    if len(text) > 1:
        assert mask_name(text) != text
    digits = re.sub("[^0-9]", "", text)
    assert not digits or digits not in mask_phone(text)


@given(
    st.binary(min_size=32, max_size=32).filter(lambda key: len(set(key)) >= 8),
    st.text(alphabet="0123456789X", min_size=1, max_size=80),
)
def test_the_hasher_of_many_values_gives_what_one_look_up_gives(key, value):
    ring = PrivateKeys((key, bytes(32)))
    assert ring.hasher("identity")(value) == ring.lookup("identity", value)


def test_texts_sealed_many_at_once_open_each_in_its_own_row():
    ring = PrivateKeys((bytes(range(32)),))
    rows, texts = [f"row{number:03}" for number in range(40)], [f"文{number}" for number in range(40)]
    sealed = ring.many_sealer("t", "c")(texts, rows)
    assert [ring.open(one, Place("t", "c", row)) for one, row in zip(sealed, rows, strict=True)] == texts
    with pytest.raises(PrivateTextDamaged):
        ring.open(sealed[0], Place("t", "c", rows[1]))
    assert len({one[5:17] for one in sealed}) == len(sealed)  # no nonce twice
    assert ring.many_sealer("t", "c")([], []) == []
