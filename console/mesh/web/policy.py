"""Puts a session's Content Security Policy into each of its documents, and takes WebRTC out."""

import msgspec
from PySide6.QtWebEngineCore import QWebEnginePage, QWebEngineScript

from console import assets
from console.mesh.containment import POLICY
from console.mesh.web.bridge import ISOLATED

_EARLY = QWebEngineScript.InjectionPoint.DocumentCreation


def put_policy(page: QWebEnginePage) -> None:
    """For all that the page loads from now on, in its frames too."""
    settings = msgspec.json.encode({"policy": POLICY}).decode()
    _put(page, "policy", f"{assets.text('page/policy.js').rstrip()}({settings});", ISOLATED)
    _put(page, "no_rtc", f"{assets.text('page/no_rtc.js').rstrip()}();", QWebEngineScript.ScriptWorldId.MainWorld)


def _put(page: QWebEnginePage, name: str, source: str, world: QWebEngineScript.ScriptWorldId) -> None:
    script = QWebEngineScript()
    script.setName(name)
    script.setSourceCode(source)
    script.setWorldId(world.value)
    script.setInjectionPoint(_EARLY)
    script.setRunsOnSubFrames(True)
    page.scripts().insert(script)
