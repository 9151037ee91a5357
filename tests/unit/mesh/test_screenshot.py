import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QImage, QImageWriter

from console.mesh.web.screenshot import decode


def picture(format_: str) -> bytes:
    image = QImage(7, 5, QImage.Format.Format_RGB32)
    image.fill(QColor(10, 200, 30))
    return written(image, format_)


def written(image: QImage, format_: str) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert QImageWriter(buffer, QByteArray(format_.encode())).write(image)
    return bytes(buffer.data().data())


def url(content: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def test_a_png_is_the_picture() -> None:
    image = decode(url(picture("PNG")))
    assert (image.width(), image.height()) == (7, 5)
    assert image.pixelColor(3, 2) == QColor(10, 200, 30)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "",
        7,
        b"data:image/png;base64,",
        {"data": 1},
        "data:image/png;base64,",
        "data:image/png;base64,????",
        "data:image/png;base64,AAAA",
        url(b"no picture"),
        url(picture("PNG")[:40]),
        url(picture("BMP")),
        url(picture("JPEG"), "image/jpeg"),
        url(picture("JPEG")),
        url(picture("PNG")).replace("data:", "https:"),
    ],
)
def test_anything_else_is_none(answer: object) -> None:
    assert decode(answer).isNull()


def test_a_picture_of_absurd_size_is_none() -> None:
    image = QImage(8100, 8100, QImage.Format.Format_Mono)  # small as it is, and no display
    image.fill(0)
    content = written(image, "PNG")
    assert not QImage.fromData(content).isNull()
    assert decode(url(content)).isNull()


@given(st.text() | st.binary().map(url))
def test_any_text_is_a_picture_or_none(answer: str) -> None:
    assert isinstance(decode(answer), QImage)
