import logging
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import qInstallMessageHandler, qWarning

from console import logs

TOKEN = "0123456789abcdef" * 4


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers = []  # else those of pytest would be closed
    yield
    qInstallMessageHandler(None)
    for handler in root.handlers:
        handler.close()
    root.handlers, root.level = handlers, level


def written(folder: Path) -> str:
    return (folder / "console.log").read_text(encoding="utf-8")


def test_messages_go_to_a_file_without_their_secrets(tmp_path: Path) -> None:
    logs.start(tmp_path / "log", logging.INFO)
    logging.getLogger("somewhere").info("signed in with token=%s at %s", TOKEN, "München ☃")
    logging.getLogger("somewhere").debug("too much detail")
    text = written(tmp_path / "log")
    assert "INFO somewhere: signed in with token=(hidden) at München ☃" in text
    assert "too much detail" not in text


def test_the_level_can_be_debug(tmp_path: Path) -> None:
    logs.start(tmp_path, logging.DEBUG)
    logging.getLogger("somewhere").debug("detail")
    assert "DEBUG somewhere: detail" in written(tmp_path)


def test_qt_writes_into_it_too_and_is_redacted_as_well(tmp_path: Path) -> None:
    logs.start(tmp_path, logging.INFO)
    qWarning(f"load of https://mesh.example.com/?login={TOKEN} failed")
    text = written(tmp_path)
    assert "WARNING qt: default: load of https://mesh.example.com/?(hidden) failed" in text
    assert TOKEN not in text


def test_only_warnings_go_to_standard_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.start(tmp_path, logging.DEBUG)
    logging.getLogger("somewhere").info("hello")
    logging.getLogger("somewhere").warning("token=%s", TOKEN)
    error = capsys.readouterr().err
    assert "token=(hidden)" in error
    assert "hello" not in error


def test_text_that_is_not_unicode_loses_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.start(tmp_path, logging.INFO)
    logging.getLogger("somewhere").info("host \udcff here")
    assert "host \\udcff here" in written(tmp_path)
    assert "Logging error" not in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no mode bits")
def test_only_the_owner_can_look_into_the_folder(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        logs.start(tmp_path / "log", logging.INFO)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "log").stat().st_mode) == 0o700


@pytest.mark.parametrize("obstacle", ["folder", "file"])
def test_without_a_log_file_the_console_goes_on(
    tmp_path: Path, obstacle: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "log"
    if obstacle == "folder":
        folder.touch()
    else:
        (folder / "console.log").mkdir(parents=True)
    logs.start(folder, logging.INFO)
    capsys.readouterr()
    logging.getLogger("somewhere").error("a problem")
    assert capsys.readouterr().err.splitlines()[0].endswith("ERROR somewhere: a problem")
