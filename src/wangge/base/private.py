"""Private texts: sealed with AES-256-GCM before they reach the database, found by a keyed hash, shown masked. No Django.

A sealed text is `1 | fingerprint of its key (4 bytes) | nonce (12) | ciphertext and tag`. It is bound to its place: table,
column and row are authenticated with it, so that a text copied to another row does not open there. Each column has a key
of its own, derived from the ring's, and so has each kind of hash.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wangge.base.problems import Problem

KEY_BYTES = 32
_FORMAT = b"\x01"
_PRINT = 4
_NONCE = 12
_HASH_BLOCK = 64
_HEAD = len(_FORMAT) + _PRINT


def _(text: str) -> str:
    """Marks a sentence for translation; the edge translates it when it is shown."""
    return text


class BadKeys(ValueError):  # noqa: N818 - a fact about the setting, like every problem
    """The keys given are none; the words say what is wrong, and never quote a key."""


class PrivateKeyMissing(Problem):
    """Sealed with a key that is not in the ring: the key was lost, or the setting names another."""

    code = "private-key-missing"
    status = 503
    sentence = _(
        "This was sealed with the key {fingerprint}, which is not there. Tell who runs this program."
    )


class PrivateTextDamaged(Problem):
    """The key is there, but the text was changed, cut, or copied here from another row."""

    code = "private-text-damaged"
    status = 503
    sentence = _("A private text is not as it was written. Tell who runs this program.")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed text stands; it opens nowhere else."""

    table: str
    column: str
    row: str

    def bound(self, head: bytes) -> bytes:
        """What is authenticated with the text; lengths make it unambiguous."""
        parts = [head, self.table.encode(), self.column.encode(), self.row.encode()]
        return b"".join(len(part).to_bytes(4) + part for part in parts)


@dataclass(frozen=True)
class PrivateKeys:
    """The ring: the first key seals, all of them open. Nothing prints them."""

    keys: tuple[bytes, ...] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.keys or any(len(key) != KEY_BYTES for key in self.keys):
            raise BadKeys(f"each key has {KEY_BYTES} bytes, and there is at least one")
        if len(set(self.fingerprints)) != len(self.keys):
            raise BadKeys("a key stands there twice")

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """What each key is called, in hexadecimal: tells keys apart and tells nothing about them."""
        return tuple(_fingerprint(key).hex() for key in self.keys)

    def seal(self, text: str, place: Place) -> bytes:
        head = _FORMAT + _fingerprint(self.keys[0])
        nonce = secrets.token_bytes(_NONCE)
        sealed = _cipher(self.keys[0], place.table, place.column).encrypt(
            nonce, text.encode("utf-8"), place.bound(head)
        )
        return head + nonce + sealed

    def sealer(self, table: str, column: str) -> Callable[[str, str], bytes]:
        """As `seal`, for many rows of one column: takes the text and the row. What all rows have in common is made once."""
        head = _FORMAT + _fingerprint(self.keys[0])
        parts = Place(table, column, "").bound(head)[:-4]
        encrypt, chance = _cipher(self.keys[0], table, column).encrypt, secrets.token_bytes

        def sealed(text: str, row: str) -> bytes:
            nonce, key = chance(_NONCE), row.encode()
            return head + nonce + encrypt(nonce, text.encode(), parts + len(key).to_bytes(4) + key)

        return sealed

    def many_sealer(self, table: str, column: str) -> Callable[[Sequence[str], Sequence[str]], list[bytes]]:
        """As `sealer`, for thousands of rows at once: takes the texts, and the row of each, which are of equal length."""
        head = _FORMAT + _fingerprint(self.keys[0])
        place = Place(table, column, "").bound(head)[:-4]
        encrypt = _cipher(self.keys[0], table, column).encrypt

        def sealed(texts: Sequence[str], rows: Sequence[str]) -> list[bytes]:
            if not texts:
                return []
            parts = place + len(rows[0].encode()).to_bytes(4)
            chance = secrets.token_bytes(_NONCE * len(texts))
            nonces = [chance[at : at + _NONCE] for at in range(0, len(chance), _NONCE)]
            return [
                head + nonce + encrypt(nonce, text.encode(), parts + row.encode())
                for nonce, text, row in zip(nonces, texts, rows, strict=True)
            ]

        return sealed

    def open(self, sealed: bytes, place: Place) -> str:
        """The text; PrivateKeyMissing or PrivateTextDamaged when it cannot be had."""
        head, nonce, rest = sealed[:_HEAD], sealed[_HEAD : _HEAD + _NONCE], sealed[_HEAD + _NONCE :]
        if head[:1] != _FORMAT or len(nonce) < _NONCE:
            raise PrivateTextDamaged
        key = next((key for key in self.keys if _fingerprint(key) == head[1:]), None)
        if key is None:
            raise PrivateKeyMissing(fingerprint=head[1:].hex())
        try:
            opened = _cipher(key, place.table, place.column).decrypt(nonce, rest, place.bound(head))
        except InvalidTag:
            raise PrivateTextDamaged from None
        return opened.decode("utf-8")

    def is_current(self, sealed: bytes) -> bool:
        """Whether the first key sealed it."""
        return sealed[:_HEAD] == _FORMAT + _fingerprint(self.keys[0])

    def lookup(self, kind: str, value: str) -> bytes:
        """The hash by which a value of this kind is kept: equal values have equal ones, and only who has the key can try."""
        return _hash(self.keys[0], kind, value)

    def hasher(self, kind: str) -> Callable[[str], bytes]:
        """As `lookup`, for many values of one kind that are normal already: the key is worked into the hash once."""
        key = _derived(self.keys[0], f"wangge private lookup {kind}").ljust(_HASH_BLOCK, b"\0")
        # HMAC as RFC 2104 has it; its two halves begin with the key, whatever the value.
        inner, outer = (hashlib.sha256(bytes(each ^ pad for each in key)).copy for pad in (0x36, 0x5C))

        def hashed(value: str) -> bytes:
            within, whole = inner(), outer()
            within.update(value.encode())
            whole.update(within.digest())
            return whole.digest()

        return hashed

    def given_away(self, purpose: str) -> bytes:
        """A key of its own for one purpose, which leaves this program: the mark of the ring's key from which it comes, then itself.
        It tells nothing of the ring.
        """
        return _fingerprint(self.keys[0]) + _derived.__wrapped__(self.keys[0], f"wangge given away {purpose}")

    def given_before(self, purpose: str, mark: bytes) -> bytes:
        """The key that was given away for this purpose under this mark; PrivateKeyMissing."""
        key = next((key for key in self.keys if _fingerprint(key) == mark), None)
        if key is None:
            raise PrivateKeyMissing(fingerprint=mark.hex())
        return _derived.__wrapped__(key, f"wangge given away {purpose}")

    def lookups(self, kind: str, value: str) -> list[bytes]:
        """The hashes under which rows may hold this value: while keys are changed, some still stand under the old one."""
        return [_hash(key, kind, value) for key in self.keys]


def keys_in(text: str) -> PrivateKeys:
    """The ring in a text: keys in base64 with white space or commas between, the one that seals first."""
    return PrivateKeys(tuple(_key(word) for word in text.replace(",", " ").split()))


def new_key() -> str:
    """A key as settings and files hold it."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def sealed_with(sealed: bytes) -> str:
    """The fingerprint of the key that sealed it."""
    return sealed[1:_HEAD].hex()


def _key(word: str) -> bytes:
    try:
        # Both alphabets: what `openssl rand -base64 32` prints is as good as ours.
        key = base64.b64decode(word.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        raise BadKeys("a key is not base64") from None
    if len(key) != KEY_BYTES:
        raise BadKeys(f"a key has {len(key)} bytes, not {KEY_BYTES}")
    if len(set(key)) < KEY_BYTES // 4:
        raise BadKeys("a key can be guessed")
    return key


@lru_cache(maxsize=16)
def _fingerprint(key: bytes) -> bytes:
    return hashlib.sha256(b"wangge private key" + key).digest()[:_PRINT]


@lru_cache(maxsize=256)
def _derived(key: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(key)


@lru_cache(maxsize=256)
def _cipher(key: bytes, table: str, column: str) -> AESGCM:
    """Random nonces are safe for 2**32 texts a key; with one a column no city comes near."""
    return AESGCM(_derived(key, f"wangge private text {table}.{column}"))


def _hash(key: bytes, kind: str, value: str) -> bytes:
    normal = _NORMAL.get(kind, str.strip)(value)
    return hmac.digest(_derived(key, f"wangge private lookup {kind}"), normal.encode("utf-8"), "sha256")


def normal_phone(value: str) -> str:
    """The digits alone, without China's own prefix: `+86 138-1234-5678` and `13812345678` are one number."""
    digits = "".join(re.findall("[0-9]", value))
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and len(digits) == len(prefix) + 11:
            return digits.removeprefix(prefix)
    return digits


def normal_identity(value: str) -> str:
    """An identity number without spaces, its check letter as a capital."""
    return "".join(value.split()).upper()


_NORMAL = {"phone": normal_phone, "identity": normal_identity}


def mask_name(value: str) -> str:
    """`王小明` → `王**`: the first character, and nothing about how many follow."""
    return f"{value[0]}**" if value else ""


def mask_phone(value: str) -> str:
    """`13812345678` → `138****5678`; of shorter numbers only the last two digits."""
    if not value:
        return ""
    digits = normal_phone(value)
    return (
        f"{digits[:3]}****{digits[-4:]}"
        if len(digits) >= 11
        else f"****{digits[-2:] if len(digits) >= 7 else ''}"
    )


def mask_address(value: str) -> str:
    """`江苏省连云港市连云区…` → `江苏省****`: the province, as it is mostly written, and nothing about how much follows."""
    return f"{value[:3]}****" if value else ""


def mask_identity(value: str) -> str:
    """`320703199001011234` → `320*************34`: where it was given out, and two characters to compare."""
    kept = normal_identity(value)
    return f"{kept[:3]}{'*' * (len(kept) - 5)}{kept[-2:]}" if len(kept) >= 15 else "*" * len(kept)
