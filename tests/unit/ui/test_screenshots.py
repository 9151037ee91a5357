from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from console.problem import Problem
from console.ui.screenshots import file_name, save


def red() -> QImage:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(QColor("#ff0000"))
    return image


def test_a_picture_is_written_and_none_is_overwritten(qapp: QApplication, tmp_path: Path) -> None:
    folder = tmp_path / "Pictures"
    first, second = (save(red(), folder, "PC-7.png") for _ in range(2))
    assert [first.name, second.name] == ["PC-7.png", "PC-7 (2).png"]
    for path in (first, second):
        image = QImage(str(path))
        assert (image.width(), image.height(), image.pixelColor(5, 5).name()) == (40, 30, "#ff0000")


def test_a_folder_that_cannot_be_used_is_said(qapp: QApplication, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(Problem, match="could not be saved"):
        save(red(), tmp_path / "file", "PC-7.png")


def test_the_name_tells_machine_and_time() -> None:
    assert file_name("PC 7/../x", datetime(2026, 5, 6, 14, 2, 7)) == "PC_7_.._x 2026-05-06 14.02.07.png"
