"""What a picture says about itself and is worth keeping as data: when and where it was taken (EXIF 2.32).

Cameras and editors write anything here; what cannot be true is left out, nothing raises.
"""

from __future__ import annotations

import datetime
import math
from typing import Any

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

_DAYS_FROM = datetime.datetime(1990, 1, 1)  # noqa: DTZ001 -- wall-clock time of a camera; older ones were never set


def read_time(image: Image.Image) -> str | None:
    """When it was taken, ISO text: the camera's wall clock, with an offset where the camera wrote one."""
    exif = _directory(image, IFD.Exif)
    written = exif.get(Base.DateTimeOriginal)
    offset = exif.get(Base.OffsetTimeOriginal)
    if not isinstance(written, str):
        return None
    try:
        # the form is fixed by the standard: "2026:03:01 08:15:00"
        at = datetime.datetime.strptime(written.strip("\0 "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return None
    if at < _DAYS_FROM:
        return None
    try:
        zone = datetime.datetime.strptime(str(offset).strip("\0 "), "%z").tzinfo
    except ValueError:
        zone = None
    return at.replace(tzinfo=zone).isoformat()


def read_place(image: Image.Image) -> tuple[str, str] | None:
    """Latitude and longitude in degrees with six decimals (0.1 m); None where nothing usable is written."""
    gps = _directory(image, IFD.GPSInfo)
    latitude = _degrees(gps.get(GPS.GPSLatitude), gps.get(GPS.GPSLatitudeRef), "N", "S", 90)
    longitude = _degrees(gps.get(GPS.GPSLongitude), gps.get(GPS.GPSLongitudeRef), "E", "W", 180)
    if latitude is None or longitude is None or latitude == longitude == 0:
        return None  # no fix yet: cameras write nought
    return f"{latitude:.6f}", f"{longitude:.6f}"


def _directory(image: Image.Image, which: IFD) -> dict[int, Any]:
    try:
        return dict(image.getexif().get_ifd(which))
    except Exception:  # noqa: BLE001 -- Pillow raises whatever it stumbles over in a broken directory
        return {}


def _degrees(parts: Any, reference: Any, positive: str, negative: str, most: int) -> float | None:
    if reference not in (positive, negative):
        return None
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if not (math.isfinite(value) and 0 <= value <= most):
        return None
    return -value if reference == negative else value
