from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console import files
from console.servers import COLOURS, Clipboard, Server, ServerBook, Way


def test_a_book_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "servers.json"
    book = ServerBook(path)
    assert book.servers == ()
    one = Server(
        address="https://api.one.example",
        name="One",
        way=Way.API_KEY,
        clipboard=Clipboard.SHARED,
        keep_signed_in=False,
        pins={"mesh.one.example:443": "ab" * 32},
    )
    two = Server(address="https://api.two.example", colour=book.next_colour())
    book.put(one)
    book.put(two)
    assert ServerBook(path).servers == ()
    book.save()
    assert ServerBook(path).servers == (one, two)


def test_a_server_is_replaced_in_its_place_and_removed(tmp_path: Path) -> None:
    book = ServerBook(tmp_path / "servers.json")
    servers = [Server(address=f"https://api{number}.example") for number in range(3)]
    for server in servers:
        book.put(server)
    changed = msgspec.structs.replace(servers[1], name="Changed")
    book.put(changed)
    assert list(book.servers) == [servers[0], changed, servers[2]]
    assert book.get(changed.id) is changed
    book.remove(servers[0].id)
    book.remove("unknown")
    assert list(book.servers) == [changed, servers[2]]
    assert book.get(servers[0].id) is None


def test_servers_have_ids_and_pins_of_their_own() -> None:
    one, two = Server(address="https://a"), Server(address="https://a")
    assert one.id != two.id
    assert one.pins is not two.pins


@pytest.mark.parametrize(
    ("server", "title"),
    [
        (Server(address="https://api.example.com", name="Example"), "Example"),
        (Server(address="https://api.example.com:8443"), "api.example.com:8443"),
    ],
)
def test_what_a_server_is_called(server: Server, title: str) -> None:
    assert server.title == title


@given(st.lists(st.sampled_from(COLOURS), max_size=12))
def test_a_colour_that_no_server_has_is_taken_first(used: list[str]) -> None:
    book = ServerBook(Path("does", "not", "exist"))
    for colour in used:
        book.put(Server(address="https://a", colour=colour))
    colour = book.next_colour()
    assert colour in COLOURS
    assert colour not in used or set(used) == set(COLOURS)


def test_a_damaged_book_starts_empty_and_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "servers.json"
    path.write_bytes(b'{"servers": [{"name": "no address"}]}')
    assert ServerBook(path).servers == ()
    assert (tmp_path / "servers.json.damaged").exists()


def test_a_book_that_cannot_be_saved_says_so(tmp_path: Path) -> None:
    book = ServerBook(tmp_path / "servers.json")
    (tmp_path / "servers.json").mkdir()
    (tmp_path / "servers.json" / "in the way").touch()
    with pytest.raises(files.NotSaved):
        book.save()
