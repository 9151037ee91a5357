import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.secret import Secret
from console.vault.sealing import NotOpened, new_key, seal, unseal

KEY = new_key()


def sealed(pieces: list[bytes], about: bytes = b"it", key: Secret = KEY) -> bytes:
    return b"".join(seal(pieces, key, about))


def opened(stream: bytes, about: bytes = b"it", key: Secret = KEY) -> list[bytes]:
    return list(unseal(io.BytesIO(stream), len(stream), key, about))


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=5), st.binary(max_size=20))
def test_what_was_sealed_opens_again(pieces: list[bytes], about: bytes) -> None:
    assert opened(sealed(pieces, about), about) == pieces


def test_nothing_of_it_can_be_seen_and_no_two_are_alike() -> None:
    first, second = sealed([b"a name, " * 20]), sealed([b"a name, " * 20])
    assert b"a name" not in first
    assert first[12:] != second[12:]


@given(st.data())
def test_a_changed_byte_does_not_open(data: st.DataObject) -> None:
    stream = bytearray(sealed([b"one", b"two", b"three"]))
    place = data.draw(st.integers(0, len(stream) - 1))
    stream[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(NotOpened):
        opened(bytes(stream))


@given(st.data())
def test_a_stream_of_another_length_does_not_open(data: st.DataObject) -> None:
    stream = sealed([b"one", b"two", b"three"])
    cut = stream[: data.draw(st.integers(0, len(stream) - 1))]
    with pytest.raises(NotOpened):
        opened(cut)
    with pytest.raises(NotOpened):
        opened(stream + data.draw(st.binary(min_size=1, max_size=60)))


def test_pieces_cannot_be_left_out_or_change_places() -> None:
    stream = sealed([b"one", b"two", b"six"])
    prefix, parts = stream[:8], [stream[8 + at * 23 : 8 + (at + 1) * 23] for at in range(3)]
    assert opened(prefix + b"".join(parts)) == [b"one", b"two", b"six"]
    for other in (parts[:2], parts[1:], [parts[1], parts[0], parts[2]], [parts[0], parts[2]]):
        with pytest.raises(NotOpened):
            opened(prefix + b"".join(other))


def test_another_key_another_subject_and_a_broken_key_do_not_open_it() -> None:
    stream = sealed([b"one"])
    for about, key in ((b"it", new_key()), (b"other", KEY), (b"it", Secret("short")), (b"it", Secret("é"))):
        with pytest.raises(NotOpened):
            opened(stream, about, key)
