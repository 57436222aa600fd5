"""A guard against a fault of the Qt binding, which runs when `kcdesk.ui` is imported.

The wheels of PySide6 6.12.0 are built with headers of CPython 3.12 or newer, where None is immortal (PEP 683) and is
returned without counting. On an older interpreter every Qt method that returns nothing therefore loses a reference to
None (`setText`, `show`, `processEvents` ...), and after some thousand calls the process aborts with "deallocating
None". So None, True and False get what 3.12 gives them: a count that is never used up (tests/ui/test_immortal.py).
"""

from __future__ import annotations

import ctypes
import sys

ENOUGH = 1 << 40
"""A call takes one; a thousand calls a second use this up in thirty years."""


def guard_singletons() -> None:
    """Make None, True and False immortal on interpreters where they are not. Doing it twice does no harm."""
    if sys.version_info >= (3, 12):
        return
    for singleton in (None, True, False):
        # An object begins with its reference count (Include/object.h, CPython 3.11).
        count = ctypes.c_ssize_t.from_address(id(singleton))
        if count.value < ENOUGH:
            count.value += ENOUGH
