"""What the web engine tells of itself, as it travels from the process that asked it (console.mesh.web.examine)."""

import msgspec


class EngineQuestion(msgspec.Struct, frozen=True):
    """`url` is a small public file of MeshCentral to load, "" for none; `pin` the fingerprint of a certificate that is
    taken although Chromium objects, "" for none."""

    url: str = ""
    pin: str = ""


class PageLoad(msgspec.Struct, frozen=True):
    """How loading went: `error` is Chromium's own word, "" when it loaded. `leaf` is the fingerprint of a certificate
    that Chromium objects to. `proxy` is a proxy that wanted a sign-in."""

    error: str = ""
    leaf: str = ""
    proxy: str = ""


class EngineFacts(msgspec.Struct, frozen=True):
    """`platform` is Qt's, such as "xcb". `renderer` is what draws, "" when nothing but the processor does. `sandbox` is
    Chromium's own page about it, line by line. `page` is None when no page was wanted."""

    qt: str
    chromium: str
    patches: str
    platform: str
    renderer: str = ""
    sandbox: str = ""
    page: PageLoad | None = None
