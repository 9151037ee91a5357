"""Windows' low-level keyboard hook, on a thread of its own: Windows waits for its answer with every key typed anywhere.

Function and structure names as in Microsoft's winuser.h. On other systems nothing is here but the names.
"""

import ctypes
import logging
import sys
import threading
from collections.abc import Callable

from console.ui.keyboard.windows_keys import FLAG_EXTENDED, FLAG_INJECTED, MODIFIERS, HookKey, TakenKey, WindowsKeys

_log = logging.getLogger(__name__)


class KeyboardHook:
    """Hands the keys that it takes to `taken`, which is called on the hook's thread and must not wait."""

    def __init__(self, taken: Callable[[TakenKey], None]) -> None:
        self._taken = taken
        self._run: _Run | None = None

    def start(self) -> None:
        if self._run is None:
            self._run = _Run(self._taken)

    def stop(self) -> None:
        """Ends the hook a moment later; the session lets go of what it holds."""
        if self._run is not None:
            self._run.end()
            self._run = None


class _Run:
    """The hook from one start to its end."""

    def __init__(self, taken: Callable[[TakenKey], None]) -> None:
        self._taken = taken
        self._lock = threading.Lock()
        self._thread_id: int | None = None
        self._over = False
        threading.Thread(target=self._run, name="keyboard hook", daemon=True).start()

    def end(self) -> None:
        with self._lock:
            self._over = True
            if self._thread_id is not None:
                _end(self._thread_id)

    def _ready(self, thread_id: int) -> None:
        with self._lock:
            self._thread_id = thread_id
            if self._over:
                _end(thread_id)

    def _run(self) -> None:
        keys = WindowsKeys(_held_modifiers())

        def decide(key: HookKey) -> bool:
            kept, told = keys.decide(key)
            for one in told:
                self._taken(one)
            return kept

        try:
            _run_hook(decide, self._ready)
        except OSError as error:
            _log.warning("Windows refuses the keyboard hook: %s", error)
        for one in keys.let_go():
            self._taken(one)


if sys.platform == "win32":
    from ctypes import wintypes

    _WH_KEYBOARD_LL, _WM_QUIT = 13, 0x0012
    _WM_KEYDOWN, _WM_SYSKEYDOWN = 0x0100, 0x0104
    _LRESULT = ctypes.c_ssize_t

    class _Struct(ctypes.Structure):
        _fields_ = (
            ("vkCode", wintypes.DWORD),
            ("scanCode", wintypes.DWORD),
            ("flags", wintypes.DWORD),
            ("time", wintypes.DWORD),
            ("dwExtraInfo", ctypes.c_size_t),
        )

    _Procedure = ctypes.WINFUNCTYPE(_LRESULT, ctypes.c_int, wintypes.WPARAM, wintypes.LPARAM)
    _user = ctypes.WinDLL("user32", use_last_error=True)
    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _user.SetWindowsHookExW.restype = wintypes.HHOOK
    _user.SetWindowsHookExW.argtypes = (ctypes.c_int, _Procedure, wintypes.HINSTANCE, wintypes.DWORD)
    _user.CallNextHookEx.restype = _LRESULT
    _user.CallNextHookEx.argtypes = (wintypes.HHOOK, ctypes.c_int, wintypes.WPARAM, wintypes.LPARAM)
    _user.UnhookWindowsHookEx.argtypes = (wintypes.HHOOK,)
    _user.GetMessageW.argtypes = (ctypes.POINTER(wintypes.MSG), wintypes.HWND, wintypes.UINT, wintypes.UINT)
    _user.PeekMessageW.argtypes = (*_user.GetMessageW.argtypes, wintypes.UINT)
    _user.PostThreadMessageW.argtypes = (wintypes.DWORD, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM)
    _user.GetAsyncKeyState.restype = ctypes.c_short
    _user.GetAsyncKeyState.argtypes = (ctypes.c_int,)
    _kernel.GetModuleHandleW.restype = wintypes.HMODULE
    _kernel.GetModuleHandleW.argtypes = (wintypes.LPCWSTR,)

    def _held_modifiers() -> list[int]:
        return [number for number in MODIFIERS if _user.GetAsyncKeyState(number) < 0]

    def _run_hook(decide: Callable[[HookKey], bool], ready: Callable[[int], None]) -> None:
        """Sets the hook and handles messages until the thread is told to end. Raises OSError."""

        def called(code: int, message: int, place: int) -> int:
            if code == 0:
                told = _Struct.from_address(place)
                scan_code = told.scanCode | (0x100 if told.flags & FLAG_EXTENDED else 0)
                down = message in (_WM_KEYDOWN, _WM_SYSKEYDOWN)
                if decide(HookKey(told.vkCode, scan_code, down, bool(told.flags & FLAG_INJECTED))):
                    return 1
            result: int = _user.CallNextHookEx(None, code, message, place)
            return result

        procedure = _Procedure(called)
        message = wintypes.MSG()
        _user.PeekMessageW(ctypes.byref(message), None, 0, 0, 0)  # makes the queue that WM_QUIT will be put in
        ready(_kernel.GetCurrentThreadId())
        hook = _user.SetWindowsHookExW(_WH_KEYBOARD_LL, procedure, _kernel.GetModuleHandleW(None), 0)
        if not hook:
            raise ctypes.WinError(ctypes.get_last_error())
        try:
            while _user.GetMessageW(ctypes.byref(message), None, 0, 0) > 0:
                pass
        finally:
            _user.UnhookWindowsHookEx(hook)

    def _end(thread_id: int) -> None:
        _user.PostThreadMessageW(thread_id, _WM_QUIT, 0, 0)

else:

    def _held_modifiers() -> list[int]:
        return []

    def _run_hook(decide: Callable[[HookKey], bool], ready: Callable[[int], None]) -> None:
        ready(0)
        raise OSError("there is no such hook on this system")

    def _end(thread_id: int) -> None: ...
