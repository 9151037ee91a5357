"""The web profile of one session: off the record, with the settings that MeshCentral's page needs and no more."""

from PySide6.QtCore import QObject
from PySide6.QtWebEngineCore import QWebEngineProfile, QWebEngineSettings

_Attribute = QWebEngineSettings.WebAttribute

# Where Chromium's defaults in Qt would break MeshCentral's page or open more than it needs.
_SETTINGS = {
    _Attribute.FullScreenSupportEnabled: True,
    _Attribute.JavascriptCanAccessClipboard: False,  # both off: the page has to ask (permissionRequested)
    _Attribute.JavascriptCanPaste: False,
    _Attribute.JavascriptCanOpenWindows: False,
    _Attribute.NavigateOnDropEnabled: False,  # a dropped file would replace the session
    _Attribute.PdfViewerEnabled: False,
    _Attribute.LocalContentCanAccessFileUrls: False,
    _Attribute.ErrorPageEnabled: False,  # the session's own panel says what happened
    _Attribute.ScreenCaptureEnabled: False,
    _Attribute.PluginsEnabled: False,
    _Attribute.DnsPrefetchEnabled: False,  # a name that is looked up says something to whoever answers for it
    _Attribute.WebRTCPublicInterfacesOnly: True,
    _Attribute.AllowWindowActivationFromJavaScript: False,
    _Attribute.FocusOnNavigationEnabled: False,  # what is typed elsewhere in the console stays there
}


def session_profile(parent: QObject) -> QWebEngineProfile:
    """A profile without a name keeps cookies, cache and permissions in memory. It must outlive its page."""
    profile = QWebEngineProfile(parent)
    settings = profile.settings()
    for attribute, value in _SETTINGS.items():
        settings.setAttribute(attribute, value)
    # No link of the page starts another program.
    settings.setUnknownUrlSchemePolicy(QWebEngineSettings.UnknownUrlSchemePolicy.DisallowUnknownUrlSchemes)
    profile.setPersistentPermissionsPolicy(QWebEngineProfile.PersistentPermissionsPolicy.AskEveryTime)
    return profile
