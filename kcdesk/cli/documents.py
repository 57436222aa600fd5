"""Commands about papers by form: print, piles, what goes out and comes back, and how the office writes.

The actions are loaded by the command that needs them: they bring ReportLab, Pillow and pypdf.
"""

from __future__ import annotations

import dataclasses
from argparse import Namespace
from pathlib import Path

from kcdesk.cli.commands import desk_of
from kcdesk.cli.output import print_json, say, table, tell
from kcdesk.cli.papers import library_of, png_pages
from kcdesk.documents import list_forms
from kcdesk.domain.clock import local_time
from kcdesk.errors import BadInput


def list_documents(options: Namespace) -> None:
    if options.forms:
        forms = list_forms(options.forms)
    else:
        with library_of(options) as library:
            forms = library.forms()
    if options.json:
        print_json(
            {
                "documents": [
                    {"id": form.id, "title": form.title, "source": form.source} for form in forms
                ]
            }
        )
    else:
        say(*table((form.id, form.title) for form in forms))


def check(options: Namespace) -> None:
    from kcdesk.actions import documents as actions  # noqa: PLC0415

    if options.file.parent.name == "blocks":
        forms = [form.id for form in actions.check_shared(options.file)]
        if options.json:
            print_json({"block": options.file.stem, "forms": forms})
        else:
            used = f"dùng trong {', '.join(forms)}" if forms else "chưa mẫu nào dùng"
            say(f"Khối {options.file.stem}: đọc được, {used}, không có lỗi.")
        return
    form = actions.check_form(options.file)
    if options.json:
        print_json(
            {"id": form.id, "title": form.title, "family": form.family, "source": form.source}
        )
    else:
        say(f"Mẫu {form.id} “{form.title}”: đọc được, in thử được, không có lỗi.")


def print_document(options: Namespace) -> None:
    from kcdesk.actions import documents as actions  # noqa: PLC0415
    from kcdesk.actions import handing_out  # noqa: PLC0415

    word = options.output.suffix.casefold() == ".docx"
    ending: actions.Ending = "docx" if word else "pdf"
    password = _read_password(options.password_file)
    if word and password:
        raise BadInput("Tệp Word không đặt mật khẩu được.", hint="Ghi ra tệp .pdf để có mật khẩu.")
    with desk_of(options) as desk:
        if options.sample:
            printed = actions.print_sample(
                desk, options.form, ending=ending, folders=_folders(options)
            )
        else:
            printed = actions.print_document(
                desk,
                options.form,
                options.record,
                blank=options.blank,
                ending=ending,
                folders=_folders(options),
            )
        how = "protected" if password else "word" if word else "blank" if options.blank else "file"
        sent = handing_out.hand_out(
            desk, printed, options.output, how=how, taker=options.to, password=password
        )
    missing = [{"field": key, "label": label} for key, label in printed.missing]
    if options.json:
        print_json({"file": str(options.output), "bytes": sent.bytes, "missing": missing})
        return
    say(f"Đã in ra “{options.output}”.")
    if not password and not (options.blank or options.sample):
        tell(
            "Tệp này không mã hoá: ai có tệp cũng đọc được. Gửi đi thì đặt mật khẩu (--password-file)."
        )
    for one in missing:
        tell(f"Còn thiếu: {one['label']}")


def batch(options: Namespace) -> None:
    from kcdesk.actions import piles  # noqa: PLC0415

    with desk_of(options) as desk:
        lines = piles.print_batch(
            desk,
            options.form,
            options.output,
            where=dict(options.where),
            records=options.record or None,
            folders=_folders(options),
            progress=None if options.json else _progress,
        )
    printed = [line for line in lines if line.number]
    if options.json:
        print_json(
            {
                "file": str(options.output),
                "printed": len(printed),
                "papers": [line.as_json() for line in lines],
            }
        )
        return
    say(f"Đã in {len(printed)} giấy tờ ra “{options.output}”.")
    for line in lines:
        if line.refused:
            tell(f"Không in: {line.name or line.origin.record}. {line.refused}")
        elif line.missing:
            tell(f"{line.number}. {line.name}: còn thiếu {', '.join(line.missing)}")


def blanks(options: Namespace) -> None:
    from kcdesk.actions import piles  # noqa: PLC0415

    with desk_of(options) as desk:
        count = piles.blank_forms(
            desk,
            options.form,
            options.output,
            area=options.area,
            prefilled=options.prefilled,
            copies=options.copies,
            taker=options.to,
            folders=_folders(options),
            progress=None if options.json else _progress,
        )
    if options.json:
        print_json({"file": str(options.output), "printed": count})
    else:
        say(f"Đã in {count} mẫu trống ra “{options.output}”.")


def send(options: Namespace) -> None:
    from kcdesk.actions import handing_out  # noqa: PLC0415

    with desk_of(options) as desk:
        sent = handing_out.send_copy(
            desk,
            handing_out.draws(options.form, options.record, _folders(options)),
            options.output,
            taker=options.to,
            personal=options.personal,
            password=_read_password(options.password_file),
            kind=handing_out.CopyAs(getattr(options, "as")),
            pictures=png_pages,
        )
    if options.json:
        print_json(
            {
                "file": str(sent.path),
                "bytes": sent.bytes,
                "left_out": list(sent.left_out),
                "more": [str(path) for path in sent.more],
            }
        )
        return
    say(f"Đã ghi bản gửi đi “{sent.path}”, và ghi vào sổ giấy tờ.")
    if sent.left_out:
        say("Bản này không có số định danh, điện thoại và địa chỉ.")


def book(options: Namespace) -> None:
    from kcdesk.actions import handing_out  # noqa: PLC0415

    with desk_of(options) as desk:
        if options.back is not None:
            handing_out.bring_back(desk, options.back)
        notes = handing_out.paper_book(desk, out=options.out)
    if options.json:
        print_json({"papers": [handing_out.note_as_json(note) for note in notes]})
        return
    head = ("Số", "Lúc", "Cách", "Mẫu", "Giao cho", "Đã về", "Tệp")
    rows = [
        (
            str(note.id),
            f"{local_time(note.at):%d/%m/%Y %H:%M}",
            handing_out.HOW.get(note.how, note.how),
            note.form,
            note.taker,
            f"{local_time(note.back_at):%d/%m/%Y}" if note.back_at else "",
            note.file_name,
        )
        for note in notes
    ]
    say(*table([head, *rows]))


def find(options: Namespace) -> None:
    from kcdesk.actions import paper_codes  # noqa: PLC0415

    with desk_of(options) as desk:
        found = paper_codes.find_by_code(desk, options.code)
    if options.json:
        print_json(dataclasses.asdict(found))
    else:
        say(f"{found.kind} {found.record}")


def scan(options: Namespace) -> None:
    from kcdesk.actions import scans  # noqa: PLC0415

    with desk_of(options) as desk:
        done = scans.file_scan(desk, options.file)
    if options.json:
        print_json(
            {
                "filed": [one.as_json() for one in done.filed],
                "waiting": list(done.waiting),
                "not_scanned": list(done.not_scanned),
            }
        )
        return
    for one in done.filed:
        say(f"Mẫu {one.form}: {len(one.pages)} trang, đã kèm vào hồ sơ {one.record}.")
    if done.waiting:
        tell(f"Chưa đọc được mã của trang {_numbers(done.waiting)}: xem kcdesk document waiting.")
    if done.not_scanned:
        tell(f"Trang {_numbers(done.not_scanned)} không phải là ảnh quét, không làm gì.")


def waiting(options: Namespace) -> None:
    from kcdesk.actions import scans  # noqa: PLC0415

    with desk_of(options) as desk:
        if options.file:
            number, establishment = options.file
            if not number.isdecimal():
                raise BadInput(f"“{number}” không phải là số của một trang chờ.")
            scans.file_unread(desk, int(number), establishment)
        pages = scans.unread_pages(desk)
    if options.output:
        for page in pages:
            path = options.output / f"trang-{page.id}.jpg"
            try:
                path.write_bytes(page.picture)
            except OSError:
                raise BadInput(
                    f"Không ghi được tệp “{path}”.", hint="Kiểm tra thư mục.", code="unwritable"
                ) from None
    if options.json:
        print_json(
            {
                "pages": [
                    {"number": page.id, "file": page.file_name, "page": page.page} for page in pages
                ]
            }
        )
    else:
        say(*(f"{page.id}. Trang {page.page} của {page.file_name}" for page in pages))


def ruler(options: Namespace) -> None:
    from kcdesk.actions.clear_files import write_clear_file  # noqa: PLC0415
    from kcdesk.documents.ruler import draw_ruler  # noqa: PLC0415

    write_clear_file(options.output, draw_ruler())
    if options.json:
        print_json({"file": str(options.output)})
    else:
        say(f"Đã ghi trang thử máy in “{options.output}”. In ra với tỷ lệ 100% rồi đo.")


def offices(options: Namespace) -> None:
    from kcdesk.actions import offices as office_actions  # noqa: PLC0415

    with desk_of(options) as desk:
        if options.file is not None:
            office_actions.set_offices(desk, options.file)
        kept = office_actions.offices_of(desk)
    if options.json:
        print_json(
            {
                "offices": [
                    {"role": one.role, "name": one.name, "signers": [s.name for s in one.signers]}
                    for one in kept
                ]
            }
        )
        return
    say(*(f"{one.name}: {', '.join(signer.name for signer in one.signers)}" for one in kept))
    if not kept:
        tell(
            "Chưa có cơ quan nào. Sửa tệp mẫu resources/samples/offices.toml rồi: kcdesk settings offices TỆP"
        )


def words(options: Namespace) -> None:
    from kcdesk.actions import offices as office_actions  # noqa: PLC0415

    said = {
        key: getattr(options, key)
        for key in ("linh", "nghin", "ty", "dong")
        if getattr(options, key)
    }
    with desk_of(options) as desk:
        style = dataclasses.replace(office_actions.words_of(desk), **said)
        if said:
            office_actions.set_words(desk, style)
    if options.json:
        print_json(dataclasses.asdict(style))
    else:
        say(f"Đọc số: {style.linh}, {style.nghin}, {style.ty}, {style.dong}")


def _folders(options: Namespace) -> tuple[Path, ...]:
    return (options.forms,) if options.forms else ()


def _read_password(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return path.read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise BadInput(
            f"Không đọc được tệp mật khẩu “{path}”.", hint="Kiểm tra đường dẫn."
        ) from None


def _progress(done: int, total: int) -> None:
    if done and (done % 20 == 0 or done == total):
        tell(f"Đã in {done}/{total}")


def _numbers(pages: tuple[int, ...]) -> str:
    return ", ".join(map(str, pages))
