import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.mesh.amounts import amount, of_total
from console.mesh.far_path import clean, joined, name_there, same, second, shown


@pytest.mark.parametrize(
    ("folder", "windows", "expected"),
    [
        (" C:\\Users\\anna\\Desktop\\ ", True, "C:/Users/anna/Desktop"),
        ("C:", True, "C:/"),
        ("C:/", True, "C:/"),
        ("/C:/Users", True, "C:/Users"),
        ("", True, ""),
        ("home/anna/", False, "/home/anna"),
        ("/", False, "/"),
        ("//tmp/../etc", False, "/etc"),
        ("", False, ""),
        ("a\\b", False, "/a\\b"),
    ],
)
def test_folders_are_put_into_the_form_of_the_agent(folder: str, windows: bool, expected: str) -> None:
    assert clean(folder, windows) == expected
    assert clean(expected, windows) == expected


@pytest.mark.parametrize(("folder", "expected"), [("/", "/a"), ("C:/", "C:/a"), ("/tmp", "/tmp/a")])
def test_paths_are_joined(folder: str, expected: str) -> None:
    assert joined(folder, "a") == expected


@pytest.mark.parametrize(
    ("name", "windows", "expected"),
    [
        ("a:b?.txt", True, "a_b_.txt"),
        ("a:b?.txt", False, "a:b?.txt"),
        ("con", True, "download con"),
        ("a\nb", False, "a_b"),
    ],
)
def test_names_are_those_that_the_system_takes(name: str, windows: bool, expected: str) -> None:
    assert name_there(name, windows) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.txt", "a (2).txt"),
        ("a", "a (2)"),
        (".profile", ".profile (2)"),
        ("a.tar.gz", "a.tar (2).gz"),
        ("a.", "a (2)."),
    ],
)
def test_both_are_kept_under_a_second_name(name: str, expected: str) -> None:
    assert second(name, 2) == expected


def test_capitals() -> None:
    assert same("A.TXT", "a.txt", folds=True)
    assert not same("A.TXT", "a.txt", folds=False)


@given(st.text(max_size=400))
def test_a_path_in_a_sentence_is_one_short_line(path: str) -> None:
    assert len(shown(path)) <= 120
    assert shown(path).isprintable() or not shown(path)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (1234, "1.23 kB"),
        (12_345, "12.3 kB"),
        (200_000_000, "200 MB"),
        (999_600, "1 MB"),
        (999_400, "999 kB"),
        (1_250_000_000, "1.25 GB"),
        (5e15, "5000 TB"),
    ],
)
def test_amounts(size: float, text: str) -> None:
    assert amount(size) == text


@pytest.mark.parametrize(
    ("moved", "total", "text"),
    [(12_300_000, 200_000_000, "12.3 of 200 MB"), (0, 500, "0 of 500 bytes"), (5_000_000, 0, "5 MB")],
)
def test_amounts_of_a_total(moved: int, total: int, text: str) -> None:
    assert of_total(moved, total) == text
