"""The remote picture out of the page's canvas, in its own size. What the page gives is untrusted."""

import base64
import binascii
import contextlib
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWebEngineCore import QWebEnginePage

from console.mesh.web.bridge import ISOLATED

_PREFIX = "data:image/png;base64,"
_LONGEST = 96_000_000
"""Characters of Base64: a display of 8K is well below."""
_MOST_PIXELS = 64_000_000
# In the isolated world the page's own scripts cannot change what these functions do.
_CANVAS = f"""(() => {{
  const canvas = document.getElementById('Desk');
  if (!(canvas instanceof HTMLCanvasElement) || canvas.width * canvas.height > {_MOST_PIXELS}) return '';
  const url = canvas.toDataURL('image/png');
  return url.length > {_LONGEST} ? '' : url;
}})()"""


def decode(answer: object) -> QImage:
    """The picture in a data URL of a PNG; a null image for anything else."""
    if not isinstance(answer, str) or not answer.startswith(_PREFIX) or len(answer) > _LONGEST:
        return QImage()
    try:
        png = base64.b64decode(answer[len(_PREFIX) :], validate=True)
    except (binascii.Error, ValueError):
        return QImage()
    image = QImage()
    fine = image.loadFromData(png, "PNG") and image.width() * image.height() <= _MOST_PIXELS
    return image if fine else QImage()


def take(page: QWebEnginePage, taken: Callable[[QImage], None], parent: QObject) -> None:
    """Calls `taken` once with the canvas's picture. It is decoded on another thread."""
    page.runJavaScript(_CANVAS, ISOLATED.value, lambda answer: _Decoding(answer, taken, parent))


class _Decoding(QObject):
    _decoded = Signal(object)

    def __init__(self, answer: object, taken: Callable[[QImage], None], parent: QObject) -> None:
        super().__init__(parent)
        self._taken = taken
        self._decoded.connect(self._finish, Qt.ConnectionType.QueuedConnection)
        threading.Thread(target=self._decode, args=(answer,), daemon=True).start()

    def _decode(self, answer: object) -> None:
        image = decode(answer)
        with contextlib.suppress(RuntimeError):  # the view was closed meanwhile
            self._decoded.emit(image)

    @Slot(object)
    def _finish(self, image: QImage) -> None:
        self.deleteLater()
        self._taken(image)
