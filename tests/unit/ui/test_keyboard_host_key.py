import pytest

from console.ui.keyboard.host_key import HostKey

# Native codes of keys as the platforms tell them: scan code, virtual key.
_X11 = {"left ctrl": (37, 0xFFE3), "right ctrl": (105, 0xFFE4), "right alt": (108, 0xFFEA), "altgr": (92, 0xFE03)}
_WINDOWS = {"left ctrl": (0x1D, 0x11), "right ctrl": (0x11D, 0x11), "pause": (0x45, 0x13), "num lock": (0x145, 0x90)}
_MACOS = {"left ctrl": (0, 0x3B), "right ctrl": (0, 0x3E), "right command": (0, 0x36), "a": (0, 0x00)}


@pytest.mark.parametrize(
    ("system", "keys", "host_key", "wanted"),
    [
        ("linux", _X11, HostKey.RIGHT_CTRL, {"right ctrl"}),
        ("linux", _X11, HostKey.RIGHT_ALT, {"right alt", "altgr"}),
        ("win32", _WINDOWS, HostKey.RIGHT_CTRL, {"right ctrl"}),
        ("win32", _WINDOWS, HostKey.PAUSE, {"pause"}),
        ("darwin", _MACOS, HostKey.RIGHT_CTRL, {"right ctrl"}),
        ("darwin", _MACOS, HostKey.RIGHT_SUPER, {"right command"}),
    ],
)
def test_it_is_told_from_its_neighbours(
    system: str, keys: dict[str, tuple[int, int]], host_key: HostKey, wanted: set[str]
) -> None:
    assert {name for name, codes in keys.items() if host_key.matches(*codes, system)} == wanted


@pytest.mark.parametrize("system", ["linux", "win32", "darwin"])
def test_no_two_are_the_same_key_or_called_the_same(system: str) -> None:
    assert len({key.title(system) for key in HostKey}) == len(HostKey)
    codes = [(scan, virtual) for scan in range(0x200) for virtual in (0,)]
    codes += [(0, virtual) for virtual in (*range(0x100), *range(0xFE00, 0x10000))]
    for host_key in HostKey:
        mine = [code for code in codes if host_key.matches(*code, system)]
        assert mine
        assert not any(other.matches(*code, system) for code in mine for other in HostKey if other is not host_key)


def test_an_unknown_name_is_right_ctrl() -> None:
    assert HostKey.of("scroll-lock") is HostKey.SCROLL_LOCK
    assert HostKey.of("") is HostKey.of("no such key") is HostKey.RIGHT_CTRL
