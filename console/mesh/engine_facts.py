"""What the web engine tells of itself, as it travels from the process that asked it (console.mesh.web.examine)."""

import msgspec


class EngineQuestion(msgspec.Struct, frozen=True):
    """`url` is a small public file of MeshCentral to load, "" for none; `pin` the fingerprint of a certificate that is
    taken although Chromium objects, "" for none. `flags` lead Chromium through the console's proxy, `user` and
    `password` sign in there: they travel through a pipe only."""

    url: str = ""
    pin: str = ""
    flags: tuple[str, ...] = ()
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"EngineQuestion({self.url!r})"


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
