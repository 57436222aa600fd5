"""The pictures of all screens can be taken, and show something."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PySide6.QtGui import QImage


def test_every_screen_has_a_picture(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "kcdesk.ui.gallery", "-o", str(tmp_path)],
        check=True,
        capture_output=True,
    )
    pictures = [QImage(str(path)) for path in sorted(tmp_path.glob("*.png"))]
    assert len(pictures) >= 30
    windows = [picture for picture in pictures if picture.width() == 1366]
    assert {picture.height() for picture in windows} == {768}
    for picture in pictures:
        colours = {
            picture.pixel(x, y)
            for x in range(0, picture.width(), 7)
            for y in range(0, picture.height(), 3)
        }
        assert len(colours) > 10
