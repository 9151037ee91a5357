from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from console.mesh.control import MeshAccount
from console.mesh.errors import ControlSilent
from console.mesh.exchange import MeshCookies
from console.mesh.link import MeshSite
from console.secret import Secret
from console.sessions.entry_way import EntryWay
from console.sessions.mesh_accounts import MeshAccounts, Standing, known
from tests.unit.sessions.parts import Far, Held, far_server

SITE = MeshSite("https://mesh.example.com")
COOKIES = MeshCookies({"xid": Secret("abc")}, None)
TESS = MeshAccount("user//tess___3", "tess___3", "Tess Technician", False)
ADMIN = MeshAccount("user//admin", "admin", "", True)


class Channel:
    """In the place of Control: answers with `account`, or fails."""

    account_there: MeshAccount | None = TESS
    opened = 0

    def __init__(self, site: MeshSite, session: MeshCookies, transport: object) -> None:
        type(self).opened += 1

    def __enter__(self) -> "Channel":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def account(self) -> MeshAccount:
        if self.account_there is None:
            raise ControlSilent("mesh", "")
        return self.account_there


@pytest.fixture
def far() -> Iterator[Far]:
    with far_server(Held()) as made:
        yield made


@pytest.fixture(autouse=True)
def channel(monkeypatch: pytest.MonkeyPatch) -> type[Channel]:
    made = type("Fresh", (Channel,), {"opened": 0})
    monkeypatch.setattr("console.sessions.mesh_accounts.Control", made)
    return made


def runner(far: Far) -> Held:
    lane = far.connection.lane
    assert isinstance(lane, Held)
    return lane


@pytest.mark.parametrize(
    ("account", "way", "standing"),
    [
        (TESS, EntryWay.LINK, Standing.OWN),
        (TESS, EntryWay.OWN, Standing.OWN),
        (ADMIN, EntryWay.LINK, Standing.SHARED),
        (ADMIN, EntryWay.OWN, Standing.ADMINISTRATOR),
        (ADMIN, EntryWay.KEY, Standing.ADMINISTRATOR),
    ],
)
def test_what_an_account_means(account: MeshAccount, way: EntryWay, standing: Standing) -> None:
    assert known(SITE, way, account).standing is standing


def test_names_come_onto_one_line() -> None:
    odd = MeshAccount("user//x", "x\ny", "Tess\u202eadmin\n", False)
    assert (known(SITE, EntryWay.LINK, odd).name, known(SITE, EntryWay.LINK, odd).shown_name) == ("x y", "Tess admin")


def test_each_way_is_asked_about_once(far: Far, qtbot: QtBot, channel: type[Channel]) -> None:
    accounts = MeshAccounts()
    for _ in range(3):
        accounts.learn(far.connection, SITE, EntryWay.LINK, COOKIES)
    runner(far).go()
    accounts.learn(far.connection, SITE, EntryWay.LINK, COOKIES)
    runner(far).go()
    assert channel.opened == 1
    account = accounts.of(far.connection.server.id, SITE, EntryWay.LINK)
    assert account
    assert account.shown_name == "Tess Technician"
    assert accounts.of(far.connection.server.id, SITE, EntryWay.OWN) is None
    accounts.learn(far.connection, SITE, EntryWay.OWN, COOKIES)
    runner(far).go()
    assert channel.opened == 2
    assert len(accounts.all_of(far.connection.server.id)) == 2
    assert accounts.all_of("another") == []


def test_a_failure_is_asked_again_with_the_next_session(far: Far, channel: type[Channel]) -> None:
    accounts = MeshAccounts()
    channel.account_there = None
    accounts.learn(far.connection, SITE, EntryWay.LINK, COOKIES)
    runner(far).go()
    assert accounts.all_of(far.connection.server.id) == []
    channel.account_there = ADMIN
    accounts.learn(far.connection, SITE, EntryWay.LINK, COOKIES)
    runner(far).go()
    assert [one.name for one in accounts.all_of(far.connection.server.id)] == ["admin"]


def test_what_is_forgotten_is_not_heard_of_any_more(far: Far, qtbot: QtBot) -> None:
    accounts = MeshAccounts()
    accounts.learn(far.connection, SITE, EntryWay.LINK, COOKIES)
    with qtbot.waitSignal(accounts.changed):
        accounts.forget(far.connection.server.id)
    runner(far).go()
    assert accounts.all_of(far.connection.server.id) == []


def test_without_cookies_nobody_is_asked(far: Far, channel: type[Channel]) -> None:
    MeshAccounts().learn(far.connection, SITE, EntryWay.OWN, MeshCookies({}, None))
    runner(far).go()
    assert channel.opened == 0
