"""Applies a session's containment to every request of its page, web sockets included."""

import logging

from PySide6.QtCore import QObject
from PySide6.QtWebEngineCore import QWebEngineUrlRequestInfo, QWebEngineUrlRequestInterceptor

from console.mesh.containment import Containment

_log = logging.getLogger(__name__)


class ContainmentInterceptor(QWebEngineUrlRequestInterceptor):
    """Blocks what the rules do not name. Runs on the GUI thread for each request, so it is kept to string work."""

    def __init__(self, rules: Containment, parent: QObject) -> None:
        super().__init__(parent)
        self.rules = rules

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        main_frame = info.resourceType() == QWebEngineUrlRequestInfo.ResourceType.ResourceTypeMainFrame
        url = info.requestUrl().toString(info.requestUrl().ComponentFormattingOption.FullyEncoded)
        if main_frame:
            return  # acceptNavigationRequest has decided; a block here would end a live session
        if not self.rules.allows_request(url):
            _log.info("kept the page from %s", url.partition("?")[0])
            info.block(True)
