"""Photos of 12 million points, as telephones take them: prepared, encrypted and on disk; listed, checked; memory.

The floor of preparing is what any program needs for a small JPEG: decode, resize to the same size, encode once.
The same hundred photos at every size: what an establishment's photos cost does not depend on the others.
"""

from __future__ import annotations

import io
import random  # noqa: TID251 -- the same photos in every run
import subprocess
import sys
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from PIL import Image, ImageChops

from benchmarks.measuring import Figure, Ground, median, taking_turns
from kcdesk.actions.attachments import add_attachments, list_attachments
from kcdesk.actions.records import list_records
from kcdesk.importing.attachments import read_attachment

PHOTOS = 100
SIZE = (4000, 3000)

_PEAK = """
import re, sys
from pathlib import Path
from kcdesk.importing import pictures
from kcdesk.importing.attachments import read_attachment

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

before = peak()
for file in sys.argv[1:]:
    read_attachment(Path(file))
print(peak() - before)
"""


def measure(ground: Ground) -> Iterable[Figure]:
    ground.say(f"taking {PHOTOS} photos")
    folder = ground.folder()
    photos = [taken(folder / f"{number}.jpg", number) for number in range(PHOTOS)]
    heics = [as_heic(photo) for photo in photos[:5]]

    ahead, behind = iter(photos), iter(photos)
    floor, ours = taking_turns(
        20, lambda: barely(next(ahead)), lambda: read_attachment(next(behind))
    )
    yield Figure(
        "preparing a photo of 12 MP", PHOTOS, median(ours) * 1e3, "ms", None, median(floor) * 1e3
    )
    (heic,) = taking_turns(1, lambda: [read_attachment(each) for each in heics])
    yield Figure("preparing a HEIC of 12 MP", len(heics), heic[0] / len(heics) * 1e3, "ms")

    with ground.desk(100) as desk:
        establishment = str(list_records(desk, "establishments", limit=1).records[0].row["id"])
        start = time.perf_counter()
        added = add_attachments(desk, establishment, photos)
        seconds = time.perf_counter() - start
        assert len(added.records) == PHOTOS
        yield Figure("preparing and storing a photo", PHOTOS, seconds / PHOTOS * 1e3, "ms")
        kept = sum(
            path.stat().st_size
            for path in (desk.workspace.folder / "attachments").rglob("*")
            if path.is_file()
        )
        yield Figure("kept of a photo, with its thumbnail", PHOTOS, kept / PHOTOS / 1024, "KB", 340)
        (listing,) = taking_turns(5, lambda: list_attachments(desk, establishment))
        yield Figure("listing them with thumbnails", PHOTOS, median(listing) * 1e3, "ms")
        (checking,) = taking_turns(3, lambda: list(desk.workspace.attachments.check()))
        yield Figure("checking 5,000 such photos", PHOTOS, median(checking) * 5_000 / PHOTOS, "s")

    for what, files in (
        ("memory for JPEG of 12 MP", photos[:10]),
        ("memory for HEIC of 12 MP", heics),
    ):
        printed = subprocess.run(
            [sys.executable, "-c", _PEAK, *files], capture_output=True, check=True, text=True
        )
        yield Figure(what, len(files), float(printed.stdout), "MB", 250)


def taken(path: Path, number: int) -> Path:
    """A photo with soft colours and the grain of a small sensor."""
    chance = random.Random(number)
    few = Image.frombytes("RGB", (40, 30), chance.randbytes(40 * 30 * 3)).resize(
        SIZE, Image.Resampling.BICUBIC
    )
    grain = ImageChops.offset(_grain(), 37 * number, 53 * number)
    Image.blend(few, grain, 0.25).save(path, "JPEG", quality=92)
    return path


@cache
def _grain() -> Image.Image:
    return Image.effect_noise(SIZE, 20).convert("RGB")


def as_heic(photo: Path) -> Path:
    import pillow_heif  # noqa: PLC0415

    pillow_heif.register_heif_opener()
    path = photo.with_suffix(".heic")
    with Image.open(photo) as image:
        image.save(path, "HEIF", quality=70)
    return path


def barely(path: Path) -> bytes:
    """The least: decode, resize, encode once."""
    with Image.open(path) as image:
        image.thumbnail((1_600, 1_600), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        image.save(out, "JPEG", quality=75)
    return out.getvalue()
