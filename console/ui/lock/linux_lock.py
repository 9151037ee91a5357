"""The lock of a Linux desktop.

logind (org.freedesktop.login1, its manual page): a session's signal Lock asks the desktop to lock, and its property
LockedHint says that the desktop did, where the desktop keeps it. Screen lockers tell it on the session's bus by
ActiveChanged, under org.freedesktop.ScreenSaver or GNOME's own name. A locker that tells neither cannot be seen.

Lock only locks. logind's signal Unlock is a wish as well, and unlocks nothing here: what counts is that the desktop or
its locker says that it is open again, and none of them that it is locked.
"""

from collections.abc import Sequence

from jeepney import DBusAddress, HeaderFields, MatchRule, Message, new_method_call
from PySide6.QtCore import QObject

from console.ui.desktop_bus import DesktopBus
from console.ui.lock.computer import ComputerLock
from console.work import Runner

_LOGIND, _MANAGER_PATH = "org.freedesktop.login1", "/org/freedesktop/login1"
_MANAGER = DBusAddress(_MANAGER_PATH, bus_name=_LOGIND, interface="org.freedesktop.login1.Manager")
_SESSION = "org.freedesktop.login1.Session"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_SAVERS = ("org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver")
_ACTIVE_CHANGED = "ActiveChanged"


class LinuxLock(ComputerLock):
    def __init__(self, runner: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._locked_by: set[str] = set()
        self._path = ""
        self._savers = DesktopBus("SESSION", runner, self)
        self._savers.opened.connect(self._watch_savers)
        self._savers.signalled.connect(self._saver_said)
        self._logind = DesktopBus("SYSTEM", runner, self)
        self._logind.opened.connect(self._find_session)
        self._logind.signalled.connect(self._logind_said)

    def end(self) -> None:
        self._savers.end()
        self._logind.end()

    def _watch_savers(self) -> None:
        for name in _SAVERS:  # the bus hands on only what the owner of the name sends
            self._savers.listen(MatchRule(type="signal", sender=name, interface=name, member=_ACTIVE_CHANGED))

    def _saver_said(self, message: Message) -> None:
        fields, body = message.header.fields, message.body
        name = fields.get(HeaderFields.interface)
        if (
            name in _SAVERS
            and fields.get(HeaderFields.member) == _ACTIVE_CHANGED
            and body
            and isinstance(body[0], bool)
        ):
            self._is(str(name), body[0])

    def _find_session(self) -> None:
        """This program's session, or the one that its user sits at: a program that the desktop's own service manager
        started belongs to no session."""
        self._logind.ask(new_method_call(_MANAGER, "GetSession", "s", ("auto",)), self._session_found)

    def _session_found(self, reply: Message | None) -> None:
        path = reply.body[0] if reply is not None and reply.body else None
        if isinstance(path, str):
            self._path = path
            self._logind.listen(MatchRule(type="signal", sender=_LOGIND, path=path))

    def _logind_said(self, message: Message) -> None:
        fields = message.header.fields
        if fields.get(HeaderFields.path) != self._path:
            return
        told = fields.get(HeaderFields.interface), fields.get(HeaderFields.member)
        if told == (_SESSION, "Lock"):
            self.locked.emit()
        elif told == (_PROPERTIES, "PropertiesChanged"):
            self._properties_changed(message.body)

    def _properties_changed(self, body: Sequence[object]) -> None:
        if len(body) == 3 and body[0] == _SESSION and isinstance(body[1], dict):
            hint = body[1].get("LockedHint")
            if isinstance(hint, tuple) and len(hint) == 2 and isinstance(hint[1], bool):
                self._is(_LOGIND, hint[1])

    def _is(self, who: str, locked: bool) -> None:
        if locked:
            self._locked_by.add(who)
            self.locked.emit()
        elif who in self._locked_by:
            self._locked_by.discard(who)
            if not self._locked_by:
                self.unlocked.emit()
