"""Where the data files beside the code are: in a checkout, and in a packaged program.

Owns one path and nothing of what the files mean.
"""

from __future__ import annotations

import sys
from pathlib import Path


def resource_path(*parts: str) -> Path:
    """The path of a file or folder below `resources/`; it need not exist.

    A PyInstaller bundle unpacks its data below `sys._MEIPASS`; a checkout has it beside the package.

    >>> resource_path("samples", "lao-cai-register.xlsx").is_file()
    True
    """
    bundle = getattr(sys, "_MEIPASS", None)
    root = Path(bundle) if bundle is not None else Path(__file__).resolve().parent.parent
    return root.joinpath("resources", *parts)
