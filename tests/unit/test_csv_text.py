import csv
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from console import csv_text
from console.problem import Problem

CELL = st.text() | st.text(alphabet="=+-@\t\r\n;, '\"＝＋－＠\u00a0\u200b\ufeffa1")


def parsed(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("", ""),
        ("PC-1", "PC-1"),
        ("a=b", "a=b"),
        ("'=1", "'=1"),
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-", "'-"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("  =1", "'  =1"),
        ("\u00a0\u200b\ufeff=1", "'\u00a0\u200b\ufeff=1"),
        ("＝1", "'＝1"),
        ("－1", "'－1"),
        ("one\n=two", "one\n'=two"),
        ("one;=two", "one;'=two"),
        ("one; two\nthree", "one; two\nthree"),
    ],
)
def test_what_could_be_a_formula_gets_an_apostrophe(cell: str, written: str) -> None:
    assert csv_text.neutral(cell) == written


@given(CELL)
@example("\n=1")
def test_no_cell_begins_a_formula_and_nothing_else_changes(cell: str) -> None:
    written = csv_text.neutral(cell)
    assert not csv_text.begins_formula(written)
    assert written.replace("'", "") == cell.replace("'", "")
    for separator in "\t\r\n;":
        assert not any(csv_text.begins_formula(part.lstrip("\t\r\n;")) for part in written.split(separator)[1:])


@given(st.lists(st.lists(CELL, min_size=2, max_size=3), min_size=1, max_size=4))
def test_no_cell_of_a_parsed_file_begins_a_formula(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "out.csv"
    assert csv_text.write(path, rows) == len(rows) - 1
    read = parsed(path)
    assert not any(csv_text.begins_formula(cell) for row in read for cell in row)
    wanted = [[csv_text.neutral(cell.replace("\0", "")) for cell in row] for row in rows]
    assert read == wanted


def test_the_file_is_utf_8_with_a_mark_and_line_ends_of_rfc_4180(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    csv_text.write(path, [["Ä", 'a"b'], ["x,y", "1\n2"]])
    assert path.read_bytes() == b"\xef\xbb\xbf\xc3\x84" + b',"a""b"\r\n"x,y","1\n2"\r\n'


def test_a_lone_surrogate_is_written_as_a_question_mark(tmp_path: Path) -> None:
    csv_text.write(tmp_path / "out.csv", [["a\ud800b"]])
    assert parsed(tmp_path / "out.csv") == [["a?b"]]


def test_what_cannot_be_written_is_said_and_the_old_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old", encoding="utf-8")

    def rows() -> Iterator[list[str]]:
        yield ["title"]
        raise Problem("The rest could not be read.")

    with pytest.raises(csv_text.NotExported, match=r"below could not be written: "):
        csv_text.write(path / "below", [["x"]])
    with pytest.raises(Problem, match="The rest"):
        csv_text.write(path, rows())
    assert path.read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path) == ["out.csv"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no mode bits")
def test_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    csv_text.write(tmp_path / "out.csv", [["x"]])
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o600
