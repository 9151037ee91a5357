import re
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from console.mesh.download import safe_name, unused

RESERVED = ("CON", "prn", "aux", "NUL", "com1", "LPT9", "COM0", "com¹", "CONIN$", "conout$")


@pytest.mark.parametrize(
    "name", ["report.pdf", "München ☃.txt", "日本語.xlsx", ".a b c", "tar.tar.gz", "no suffix", "-x"]
)
def test_an_ordinary_name_stays(name: str) -> None:
    assert safe_name(name) == name.lstrip(".")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("/etc/passwd", "passwd"),
        ("..\\..\\Windows\\System32\\evil.dll", "evil.dll"),
        ("a/b\\c.txt", "c.txt"),
        ("..", "download"),
        ("", "download"),
        ("dir/", "download"),
        (" . . ", "download"),
        ("name. . ", "name"),
        ('a<b>c:d"e|f?g*h', "a_b_c_d_e_f_g_h"),
        ("a\nb\x00c\x7f", "a_b_c_"),
        ("invoice\u202efdp.exe", "invoice_fdp.exe"),
        ("file.txt:stream", "file.txt_stream"),
        ("\udc80.txt", "_.txt"),
        ("CON", "download CON"),
        ("nul.txt", "download nul.txt"),
        ("con .txt", "download con .txt"),
        ("console.log", "console.log"),
        ("com10", "com10"),
    ],
)
def test_a_dangerous_name_is_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.parametrize("letter", ["a", "ü", "語", "🙂"])
def test_a_long_name_keeps_its_suffix(letter: str) -> None:
    name = safe_name(letter * 300 + ".tar.gz")
    assert name.endswith(".gz")
    assert name.startswith(letter * 10)
    assert 150 < len(name.encode()) <= 200


def test_what_only_looks_like_a_suffix_is_cut_as_well() -> None:
    assert len(safe_name("a." + "b" * 300).encode()) <= 200
    assert len(safe_name("a" * 300).encode()) <= 200


@given(st.text(st.characters(codec=None), max_size=400) | st.text("./\\ :a語🙂con", max_size=400))
@example("a" * 199 + ". b")
@example("a" * 198 + " .x")
@example("x." + " " * 19 + "y")
def test_any_name_becomes_one_that_every_system_takes(name: str) -> None:
    safe = safe_name(name)
    assert safe
    assert len(safe.encode()) <= 200
    assert not re.search(r'[/\\<>:"|?*\x00-\x1f]', safe)
    assert safe == safe.strip(" .")
    assert PurePosixPath(safe).name == PureWindowsPath(safe).name == safe
    assert re.split(r"[\s.]", safe)[0].casefold() not in {one.casefold() for one in RESERVED}
    assert safe_name(safe) == safe


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    wanted = tmp_path / "a.txt"
    assert unused(wanted) == wanted
    for expected in ("a.txt", "a (2).txt", "a (3).txt"):
        path = unused(wanted)
        assert path.name == expected
        path.touch()
