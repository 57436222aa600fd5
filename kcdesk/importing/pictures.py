"""Pictures made small and clean: turned upright, shrunk, without any data about themselves.

Owns decoding what may be broken or hostile. The data that a picture carries is read by `picture_data`.
"""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass

import pillow_heif
from PIL import Image, ImageCms

from kcdesk.errors import BadInput
from kcdesk.importing.picture_data import read_place, read_time

MAX_SIDE = 1_600
MAX_BYTES = 300 << 10
THUMBNAIL_SIDE = 256

MAX_PIXELS = 220_000_000
"""Telephones take up to 200 million points; a JPEG can be decoded at a half, a quarter or an eighth of its size."""
MAX_DECODED_PIXELS = 50_000_000
"""What may lie in memory at once: 150 MB of an RGB picture."""
MAX_WORK = 1_000_000_000
"""Points times passes over them: a progressive JPEG comes in about 10 passes, a hostile one in thousands."""

_STEPS = ((MAX_SIDE, 85), (MAX_SIDE, 75), (MAX_SIDE, 62), (1_280, 62), (1_024, 50))
"""Long side and JPEG quality, tried until the picture is within MAX_BYTES; the last is taken as it comes."""

_CLEAN_JPEG = frozenset(b"\xc0\xc1\xc2\xc4\xdb\xdd\xda")
"""Markers of segments that only draw: frames, tables, restart interval, scans."""
_CLEAN_PNG = frozenset((b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"sRGB", b"pHYs"))

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
pillow_heif.register_heif_opener()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture ready to be kept (see `attachments.Prepared`); `content` is the file itself where that was clean."""

    content: bytes
    thumbnail: bytes
    width: int
    height: int
    taken_at: str | None
    geo: tuple[str, str] | None


def read_picture(name: str, content: bytes, media_type: str) -> Picture:
    """Decode a JPEG, PNG or HEIC file and make it small and clean. Raises `BadInput`."""
    plugin = media_type.removeprefix("image/").upper().replace("HEIC", "HEIF")
    try:
        with (
            warnings.catch_warnings(action="ignore"),  # Pillow warns of data that we do without
            Image.open(io.BytesIO(content), formats=[plugin]) as image,
        ):
            _require_bearable(name, image, content)
            small = max(image.size) <= MAX_SIDE and len(content) <= MAX_BYTES and is_clean(content)
            taken_at, geo = read_time(image), read_place(image)
            upright = _upright(image)
    except BadInput:
        raise
    except Image.DecompressionBombError:
        raise _too_many_points(name) from None
    except Exception as error:  # decoders of broken files raise whatever they like
        raise BadInput(
            f"Ảnh “{name}” bị hỏng, không mở được.",
            hint="Chép lại ảnh từ máy ảnh hoặc điện thoại, hoặc chụp lại.",
            code="broken_file",
        ) from error
    thumbnail = _thumbnail(upright)
    if small:
        return Picture(content, thumbnail, *upright.size, taken_at, geo)
    kept, size = _compressed(upright)
    return Picture(kept, thumbnail, *size, taken_at, geo)


def thumbnail_of(kept: bytes) -> bytes:
    """The thumbnail of a picture that was read and kept before."""
    with Image.open(io.BytesIO(kept), formats=["JPEG", "PNG"]) as image:
        return _thumbnail(_upright(image))


def _thumbnail(upright: Image.Image) -> bytes:
    return _jpeg(_fitted(upright, THUMBNAIL_SIDE), 80)


def is_clean(content: bytes) -> bool:
    """Whether a JPEG or PNG holds nothing but the picture: no data about it, nothing behind it."""
    try:
        return _clean_jpeg(content) if content.startswith(b"\xff\xd8") else _clean_png(content)
    except (IndexError, struct.error):
        return False


def _require_bearable(name: str, image: Image.Image, content: bytes) -> None:
    """Refuse what would take more memory or time than a small laptop has; nothing is decoded yet."""
    points = image.width * image.height
    if (
        "progressive" in image.info
    ):  # its coefficients lie in memory at full size, however small it is read
        passes = content.count(b"\xff\xda")
        if points > MAX_DECODED_PIXELS or points * passes > MAX_WORK:
            raise _too_many_points(name)
    image.draft(None, _fitting(image.size, 2 * MAX_SIDE))  # only a JPEG can be read smaller
    if image.width * image.height > MAX_DECODED_PIXELS:
        raise _too_many_points(name)


def _upright(image: Image.Image) -> Image.Image:
    """The picture at most MAX_SIDE long, upright, in grey or sRGB, on white where one could see through it."""
    orientation = image.getexif().get(0x0112, 1)
    profile = image.info.get("icc_profile")
    image.load()
    made = _resizable(image)
    made.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if made.has_transparency_data:
        made = made.convert("RGBA")
        white = Image.new("RGBA", made.size, "white")
        made = Image.alpha_composite(white, made)
    if made.mode == "RGB" and profile:
        made = _in_srgb(made, profile)
    if made.mode != "L":
        made = made.convert("RGB")
    turned = _TURNS.get(orientation) if isinstance(orientation, int) else None
    made = made.transpose(turned) if turned is not None else made
    made.info = {}  # what stands there would be written again: comments, resolution
    return made


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation (tag 0x0112) -> what turns the picture upright."""


def _resizable(image: Image.Image) -> Image.Image:
    """The picture in a mode that can be resized smoothly."""
    if image.mode in ("L", "LA", "RGB", "RGBA", "CMYK"):
        return image
    if image.mode.startswith("I"):  # 16 bits of grey, as scanners write them
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if image.mode == "1":
        return image.convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """The colours that the picture's profile means; those of a profile that cannot be read are taken as sRGB."""
    try:
        meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        changed = ImageCms.profileToProfile(image, meant, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return image if changed is None else changed


def _compressed(image: Image.Image) -> tuple[bytes, tuple[int, int]]:
    """JPEG bytes of about MAX_BYTES at most, and the size they have in points."""
    for side, quality in _STEPS:
        fitted = _fitted(image, side)
        content = _jpeg(fitted, quality)
        if len(content) <= MAX_BYTES:
            break
    return content, fitted.size


def _fitted(image: Image.Image, side: int) -> Image.Image:
    size = _fitting(image.size, side)
    return (
        image
        if size == image.size
        else image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    )


def _fitting(size: tuple[int, int], side: int) -> tuple[int, int]:
    """The size at most `side` long, in the same shape.

    >>> _fitting((4000, 3000), 1600), _fitting((10, 5), 1600), _fitting((90000, 2), 1600)
    ((1600, 1200), (10, 5), (1600, 1))
    """
    width, height = size
    if max(size) <= side:
        return size
    scale = side / max(size)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def _clean_jpeg(content: bytes) -> bool:
    place = 2
    while content[place : place + 2] != b"\xff\xd9":
        if content[place] != 0xFF:
            return False
        marker, (length,) = content[place + 1], struct.unpack_from(">H", content, place + 2)
        segment = content[place + 4 : place + 2 + length]
        plain = marker in _CLEAN_JPEG or (marker, segment[:5], length) == (0xE0, b"JFIF\0", 16)
        if not plain and (marker, segment[:5], length) != (0xEE, b"Adobe", 14):
            return False
        place += 2 + length
        if marker == 0xDA:  # the drawing itself: up to the next marker that is no restart
            place = content.index(0xFF, place)
            while content[place + 1] == 0 or 0xD0 <= content[place + 1] <= 0xD7:
                place = content.index(0xFF, place + 2)
    return place + 2 == len(content)


def _clean_png(content: bytes) -> bool:
    place, kind = 8, b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", content, place)
        if kind not in _CLEAN_PNG:
            return False
        place += 12 + length
    return place == len(content)


def _too_many_points(name: str) -> BadInput:
    return BadInput(
        f"Ảnh “{name}” quá lớn để mở trên máy này.",
        hint=f"Thu ảnh xuống dưới {MAX_DECODED_PIXELS // 1_000_000} triệu điểm ảnh rồi thêm lại.",
        code="too_many_points",
    )
