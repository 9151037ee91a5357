"""Files that only this computer's keyring opens: AES-GCM with a random key of 256 bits, piece by piece.

A sealed stream is a random prefix of 8 bytes and then the pieces, each with its length before it. A piece's nonce is
the prefix and the piece's number; what it is bound to is what the stream is about, its number, and whether it is the
last. So a piece that was changed, moved, left out, or taken from another stream does not open.
"""

import base64
import binascii
import os
import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from console.secret import Secret

_PREFIX = 8
_TAG = 16
_LENGTH = struct.Struct(">I")
_BOUND = struct.Struct(">I?")


class NotOpened(Exception):
    """The stream was not sealed with this key about this, or is not what was sealed any more."""


def new_key() -> Secret:
    """A random key of 256 bits, as the keyring keeps it."""
    return Secret(base64.b64encode(AESGCM.generate_key(256)).decode())


def seal(pieces: Iterable[bytes], key: Secret, about: bytes) -> Iterator[bytes]:
    """The sealed stream. `about` is not in it: whoever opens it has to know it. Raises NotOpened for a broken key."""
    cipher = _cipher(key)
    prefix = os.urandom(_PREFIX)
    yield prefix
    number = 0
    held: bytes | None = None
    for piece in pieces:
        if held is not None:
            yield _sealed(cipher, prefix, about, number, held, last=False)
            number += 1
        held = piece
    yield _sealed(cipher, prefix, about, number, held or b"", last=True)


def unseal(file: BinaryIO, size: int, key: Secret, about: bytes) -> Iterator[bytes]:
    """The pieces of a sealed stream of `size` bytes, as they are read. Raises NotOpened; a piece that was given is
    genuine, but only the end of the iteration says that none is missing."""
    cipher = _cipher(key)
    prefix = file.read(_PREFIX)
    left = size - _PREFIX
    number = 0
    while True:
        head = file.read(_LENGTH.size)
        length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else left
        left -= _LENGTH.size + length
        if left < 0 or length < _TAG:
            raise NotOpened
        piece = file.read(length)
        try:
            yield cipher.decrypt(_nonce(prefix, number), piece, about + _BOUND.pack(number, left == 0))
        except InvalidTag:
            raise NotOpened from None
        if left == 0:
            return
        number += 1


def _sealed(cipher: AESGCM, prefix: bytes, about: bytes, number: int, piece: bytes, *, last: bool) -> bytes:
    sealed = cipher.encrypt(_nonce(prefix, number), piece, about + _BOUND.pack(number, last))
    return _LENGTH.pack(len(sealed)) + sealed


def _nonce(prefix: bytes, number: int) -> bytes:
    return prefix + number.to_bytes(4, "big")


def _cipher(key: Secret) -> AESGCM:
    try:
        return AESGCM(base64.b64decode(key.reveal(), validate=True))
    except (binascii.Error, ValueError):  # the keyring's entry was changed by someone
        raise NotOpened from None
