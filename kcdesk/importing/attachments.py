"""Pictures and scans of other people's making: a file's bytes in, what is kept of it out. Stores nothing.

Owns telling apart by content, never by name, and the limits. How pictures are made small and clean is `pictures`,
what a PDF may be is `pdf`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePath

from kcdesk.domain.text import normalise
from kcdesk.errors import BadInput

JPEG, PNG, HEIC, PDF = "image/jpeg", "image/png", "image/heic", "application/pdf"
MAX_FILE_BYTES = 64 << 20
"""A picture of 200 million points, as the largest telephones make them, is about 50 MB."""
MAX_PDF_BYTES = 20 << 20

_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is kept of a file.

    name:      of the file it came from, without folders
    content:   what is kept: a picture without any data about itself, or a PDF as it came
    thumbnail: a small JPEG; None for a PDF
    width, height: of the kept picture, in points; None for a PDF
    pages:     of a PDF
    taken_at:  when the camera says it was taken, ISO text, with an offset where the camera knew it
    geo:       latitude and longitude in degrees, as decimals
    original:  the file byte by byte, where it was asked for and differs from `content`
    """

    name: str
    media_type: str
    content: bytes
    thumbnail: bytes | None = None
    width: int | None = None
    height: int | None = None
    pages: int | None = None
    taken_at: str | None = None
    geo: tuple[str, str] | None = None
    original: bytes | None = None

    @property
    def title(self) -> str:
        """The file's name without its ending."""
        return normalise(PurePath(self.name).stem)


def read_attachment(path: Path, *, keep_original: bool = False) -> Prepared:
    """Read a file and prepare it. Raises `BadInput`, in one sentence that names the file."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise _too_large(path.name, MAX_FILE_BYTES)
        content = path.read_bytes()
    except FileNotFoundError:
        raise BadInput(f"Không tìm thấy tệp “{path}”.", code="no_file") from None
    except IsADirectoryError:
        raise BadInput(f"“{path}” là thư mục, không phải tệp.", code="no_file") from None
    except OSError as error:
        raise BadInput(
            f"Không đọc được tệp “{path}”.",
            hint="Đóng tệp nếu đang mở trong chương trình khác và kiểm tra quyền đọc.",
            code="unreadable",
        ) from error
    return prepare(path.name, content, keep_original=keep_original)


def prepare(name: str, content: bytes, *, keep_original: bool = False) -> Prepared:
    """What is kept of a file with that name and content. Raises `BadInput` for what is broken, hostile or too large."""
    from kcdesk.importing import pdf, pictures  # noqa: PLC0415 -- Pillow and pypdf are loaded when a file comes

    if not content:
        raise BadInput(
            f"Tệp “{name}” trống, không có nội dung.", hint="Chép lại tệp.", code="empty_file"
        )
    media_type = media_type_of(content)
    if media_type == PDF:
        if len(content) > MAX_PDF_BYTES:
            raise _too_large(name, MAX_PDF_BYTES)
        return Prepared(name, PDF, content, pages=pdf.count_pages(name, content))
    if media_type is None:
        raise BadInput(
            f"Tệp “{name}” không phải là ảnh JPEG, PNG, HEIC hay tài liệu PDF.",
            hint="Mở tệp bằng chương trình đã tạo ra nó rồi lưu lại thành JPEG hoặc PDF.",
            code="not_an_attachment",
        )
    if len(content) > MAX_FILE_BYTES:
        raise _too_large(name, MAX_FILE_BYTES)
    picture = pictures.read_picture(name, content, media_type)
    original = content if keep_original and content != picture.content else None
    return Prepared(
        name,
        media_type if picture.content is content else JPEG,
        picture.content,
        picture.thumbnail,
        picture.width,
        picture.height,
        taken_at=picture.taken_at,
        geo=picture.geo,
        original=original,
    )


def require_keepable(name: str, content: bytes) -> str:
    """Its media type, if a content may be kept as it stands: what `prepare` on some device has made of a file.

    A picture holds nothing but the picture. Raises `BadInput` for everything else.
    """
    from kcdesk.importing import pictures  # noqa: PLC0415

    prepare(name, content)
    media_type = media_type_of(content)
    assert media_type is not None
    if media_type != PDF and (media_type == HEIC or not pictures.is_clean(content)):
        raise BadInput(
            f"Ảnh “{name}” còn mang thông tin khác ngoài hình ảnh.",
            hint="Thêm lại ảnh bằng kcdesk, chương trình sẽ làm sạch ảnh.",
            code="not_clean",
        )
    return media_type


def thumbnail_of(kept: bytes) -> bytes:
    """The thumbnail (JPEG) of a picture that was prepared and kept before."""
    from kcdesk.importing import pictures  # noqa: PLC0415

    return pictures.thumbnail_of(kept)


def media_type_of(content: bytes) -> str | None:
    """What a file is by its first bytes; None for what we do not take.

    >>> media_type_of(b"%PDF-1.7 ..."), media_type_of(b"PK...")
    ('application/pdf', None)
    """
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        return HEIC
    return PDF if content.startswith(b"%PDF-") else None


def _too_large(name: str, limit: int) -> BadInput:
    return BadInput(
        f"Tệp “{name}” lớn hơn {limit >> 20} MB.",
        hint="Quét lại với độ phân giải 150–200 dpi, hoặc chia thành nhiều tệp.",
        code="too_large",
    )
