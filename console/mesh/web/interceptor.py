"""Applies a session's containment to every request of its page, web sockets included."""

from PySide6.QtCore import QObject
from PySide6.QtWebEngineCore import QWebEngineUrlRequestInfo, QWebEngineUrlRequestInterceptor

from console.mesh.containment import Containment
from console.mesh.web.refusals import Refusals

_Type = QWebEngineUrlRequestInfo.ResourceType
# What would run on beside the page, where neither this nor the page's policy sees all that it does.
_NEVER = (_Type.ResourceTypeServiceWorker, _Type.ResourceTypeSharedWorker, _Type.ResourceTypeWorker)


class ContainmentInterceptor(QWebEngineUrlRequestInterceptor):
    """Blocks what the rules do not name. Runs on the GUI thread for each request, so it is kept to string work."""

    def __init__(self, rules: Containment, refusals: Refusals, parent: QObject) -> None:
        super().__init__(parent)
        self.rules = rules
        self._refusals = refusals

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        kind = info.resourceType()
        url = info.requestUrl().toString(info.requestUrl().ComponentFormattingOption.FullyEncoded)
        if kind == _Type.ResourceTypeMainFrame:
            # Decided by acceptNavigationRequest: this finds only what was not asked there, and ends the session for it.
            allowed = self.rules.allows_page(url) or self.rules.allows_download(url)
        else:
            allowed = kind not in _NEVER and self.rules.allows_request(url)
        if not allowed:
            self._refusals.add("loading", url)
            info.block(True)
