"""Pictures and scans as cameras, scanners and enemies make them, made in code."""

from __future__ import annotations

import io
import random
import struct
import zlib
from functools import cache

import pillow_heif
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

pillow_heif.register_heif_opener()


@cache
def photo(width: int = 800, height: int = 600, *, grain: float = 0.0) -> Image.Image:
    """A picture with soft colours, a red upper left corner, and `grain` (0 to 1) as of a dark workshop."""
    chance = random.Random(7)
    pale = bytes(60 + byte // 3 for byte in chance.randbytes(16 * 12 * 3))
    few = Image.frombytes("RGB", (16, 12), pale)
    made = few.resize((width, height), Image.Resampling.BICUBIC)
    if grain:
        noise = Image.frombytes("L", (width, height), chance.randbytes(width * height))
        made = Image.blend(made, noise.convert("RGB"), grain)
    made.paste((255, 0, 0), (0, 0, width // 4, height // 4))
    return made


def exif(*, orientation: int = 1, place: bool = True) -> Image.Exif:
    """What a telephone writes: in Y Tý, on 1 March 2026, with the owner's name."""
    made = Image.Exif()
    made[Base.Orientation] = orientation
    made[Base.Artist] = "Vàng A Páo"
    made[Base.Make] = "Sao Mai"
    of_exif = made.get_ifd(IFD.Exif)
    of_exif[Base.DateTimeOriginal] = "2026:03:01 08:15:00"
    of_exif[Base.OffsetTimeOriginal] = "+07:00"
    if place:
        gps = made.get_ifd(IFD.GPSInfo)
        gps[GPS.GPSLatitudeRef], gps[GPS.GPSLatitude] = "N", (22.0, 38.0, 6.0)
        gps[GPS.GPSLongitudeRef], gps[GPS.GPSLongitude] = "E", (103.0, 37.0, 12.0)
    return made


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@cache
def phone_jpeg(orientation: int = 1) -> bytes:
    return encoded(photo(2400, 1800), "JPEG", quality=90, exif=exif(orientation=orientation))


@cache
def phone_heic() -> bytes:
    return encoded(photo(640, 480), "HEIF", quality=70, exif=exif().tobytes())


def png_that_claims(width: int, height: int) -> bytes:
    """A small PNG whose head speaks of a very large picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def jpeg_that_claims(width: int, height: int, *, progressive: bool = False) -> bytes:
    content = encoded(photo(), "JPEG", progressive=progressive)
    marker = b"\xff\xc2" if progressive else b"\xff\xc0"
    place = content.index(marker) + 5
    return content[:place] + struct.pack(">HH", height, width) + content[place + 4 :]


def pdf(
    pages: int = 2,
    *,
    password: str = "",
    action: str = "",
    attach: bytes = b"",
    drawing: bytes = b"0.2 0.4 0.6 rg 72 600 300 120 re f",
) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        page = writer.add_blank_page(595, 842)
        drawn = DecodedStreamObject()
        drawn.set_data(drawing)
        page[NameObject("/Contents")] = writer._add_object(drawn)
    if action:
        acts = DictionaryObject({NameObject("/S"): NameObject(action)})
        writer.root_object[NameObject("/OpenAction")] = writer._add_object(acts)
    if attach:
        writer.add_attachment("hoa-don.exe", attach)
    if password:
        writer.encrypt(password, algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
