"""Imports without a look into each module's source."""

import sys


def use() -> None:
    """WORKAROUND PySide6 6.11 (shibokensupport/feature.py): once it is loaded, each module that is imported is searched
    for the name "PySide6" in its source, which is read, cut into lines and kept for that. It decides about names in
    snake_case, which the console does not use, and costs a tenth of the time to the first window.
    """
    import PySide6.QtCore  # noqa: F401 - brings what is changed here

    feature = sys.modules.get("shibokensupport.feature")
    if hasattr(feature, "_mod_uses_pyside"):
        feature._mod_uses_pyside = _no  # type: ignore[union-attr]


def _no(module: object) -> bool:
    return False
