"""A PIN as the keyring keeps it: salted and hashed with scrypt, so that whoever reads it still has to guess."""

import base64
import binascii
import hashlib
import hmac
import itertools
import os

import msgspec

from console.problem import Problem
from console.secret import Secret

_COST, _BLOCK, _PARALLEL = 2**15, 8, 1
"""32 MB and about a tenth of a second for each guess."""
_MOST_COST, _MOST_BLOCK, _MOST_PARALLEL = 2**20, 32, 16
_SALT_BYTES, _HASH_BYTES = 16, 32
SHORTEST, LONGEST = 4, 64


class PinUnsuitable(Problem):
    """It could be guessed at once, or is not one."""


class _Kept(msgspec.Struct, frozen=True):
    version: int
    salt: str
    hash: str
    cost: int
    block: int
    parallel: int


def check(pin: Secret) -> None:
    """Raises PinUnsuitable."""
    text = pin.reveal()
    if not SHORTEST <= len(text) <= LONGEST:
        raise PinUnsuitable(f"A PIN has {SHORTEST} to {LONGEST} characters.", "Digits are enough; letters are allowed.")
    steps = {ord(after) - ord(before) for before, after in itertools.pairwise(text)}
    if steps <= {0} or steps == {1} or steps == {-1}:
        raise PinUnsuitable("This PIN would be guessed first.", "Not the same character again and again, nor a row.")


def hashed(pin: Secret) -> Secret:
    """What is kept of a PIN. Takes a tenth of a second. Raises PinUnsuitable."""
    check(pin)
    salt = os.urandom(_SALT_BYTES)
    derived = _derive(pin, salt, _COST, _BLOCK, _PARALLEL)
    kept = _Kept(1, _text(salt), _text(derived), _COST, _BLOCK, _PARALLEL)
    return Secret(msgspec.json.encode(kept).decode())


def matches(pin: Secret, kept: Secret) -> bool:
    """Whether it is the PIN that this was made of; False as well for what is not such a record any more."""
    try:
        record = msgspec.json.decode(kept.reveal(), type=_Kept)
        salt, wanted = (base64.b64decode(one, validate=True) for one in (record.salt, record.hash))
        bounds = (record.cost, _MOST_COST), (record.block, _MOST_BLOCK), (record.parallel, _MOST_PARALLEL)
        if len(wanted) != _HASH_BYTES or any(not 0 < value <= most for value, most in bounds):
            return False
        derived = _derive(pin, salt, record.cost, record.block, record.parallel)
    except (msgspec.MsgspecError, UnicodeError, binascii.Error, ValueError):
        return False
    return hmac.compare_digest(derived, wanted)


def _derive(pin: Secret, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    memory = 128 * block * (cost + parallel + 2)
    return hashlib.scrypt(
        pin.reveal().encode(), salt=salt, n=cost, r=block, p=parallel, maxmem=memory, dklen=_HASH_BYTES
    )


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
