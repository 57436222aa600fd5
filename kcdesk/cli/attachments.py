"""Commands about pictures and scans."""

from __future__ import annotations

from argparse import Namespace

from kcdesk.actions import attachments as actions
from kcdesk.actions import contents
from kcdesk.actions.attachments import Added, Shown
from kcdesk.actions.bin import delete_record
from kcdesk.actions.contents import PhotosSent
from kcdesk.cli.commands import desk_of
from kcdesk.cli.output import print_error, print_json, say, table, tell
from kcdesk.domain.code_lists import AttachmentPurpose
from kcdesk.domain.kinds import ATTACHMENTS
from kcdesk.errors import BadInput


def add(options: Namespace) -> None:
    with desk_of(options) as desk:
        added = actions.add_attachments(
            desk,
            options.establishment,
            options.files,
            title=options.title,
            purpose=options.purpose,
            of=options.of,
            keep_original=options.keep_original,
            progress=lambda done, total: tell(f"{done}/{total} tệp"),
        )
    if not added.records and added.refused:
        raise added.refused[0].error
    if options.json:
        print_json(_as_json(added))
        return
    for refusal in added.refused:
        print_error(refusal.error, as_json=False)
    for name in added.already:
        tell(f"Tệp “{name}” đã có ở cơ sở này.")
    for finding in added.findings:
        tell(f"Lưu ý: {finding.message} {finding.hint}")
    say(*[f"Đã thêm {record}." for _, record in added.records] or ["Không có gì thay đổi."])


def list_of(options: Namespace) -> None:
    with desk_of(options) as desk:
        found = actions.list_attachments(desk, options.establishment, of=options.of)
    if options.json:
        print_json({"records": [one.as_json() for one in found]})
    elif found:
        say(*table(_line(one) for one in found))
    else:
        say("Cơ sở này chưa có ảnh hay tài liệu nào.")


def save(options: Namespace) -> None:
    with desk_of(options) as desk:
        size = actions.save_attachment(desk, options.id, options.output, original=options.original)
    if options.json:
        print_json({"file": str(options.output), "bytes": size})
    else:
        say(f"Đã ghi ra “{options.output}”.")


def fetch(options: Namespace) -> None:
    if bool(options.ids) == options.all:
        raise BadInput("Ghi mã của các ảnh cần tải, hoặc --all.", code="usage")
    with desk_of(options) as desk:
        report = contents.fetch_photos(desk, None if options.all else options.ids)
    if options.json:
        print_json(contents.report_as_json(report))
        return
    if report.absent:
        tell(f"Còn {len(report.absent)} tệp chưa có ở tỉnh: máy đã thêm chúng chưa gửi lên.")
    size = contents.in_megabytes(report.bytes_received) if report.fetched else ""
    say(f"Đã tải về {report.fetched} tệp ({size})." if size else "Không có tệp nào để tải về.")


def sending(options: Namespace) -> None:
    with desk_of(options) as desk:
        if options.when is not None:
            contents.set_when_sent(desk, PhotosSent[options.when.upper()])
        standing = contents.standing(desk)
    if options.json:
        print_json(
            {
                "when": standing.when.value,
                "to_send": standing.to_send,
                "to_send_bytes": standing.to_send_bytes,
                "to_fetch": standing.to_fetch,
                "to_fetch_bytes": standing.to_fetch_bytes,
            }
        )
        return
    say(
        f"Gửi nội dung ảnh, tài liệu: {standing.when.label}.",
        f"Chưa gửi: {standing.to_send} tệp, {contents.in_megabytes(standing.to_send_bytes)}.",
        f"Chưa tải về: {standing.to_fetch} tệp, {contents.in_megabytes(standing.to_fetch_bytes)}.",
    )


def remove(options: Namespace) -> None:
    with desk_of(options) as desk:
        delete_record(desk, ATTACHMENTS.name, options.id)
    if options.json:
        print_json({"id": options.id, "deleted": True})
    else:
        say(f"Đã bỏ {options.id} vào thùng rác.")


def _as_json(added: Added) -> dict[str, object]:
    return {
        "added": [record for _, record in added.records],
        "already": list(added.already),
        "refused": [
            {"file": each.file, "code": each.error.code, "message": each.error.message}
            for each in added.refused
        ],
        "findings": [{"code": each.code, "message": each.message} for each in added.findings],
    }


def _line(one: Shown) -> tuple[str, ...]:
    row = one.record.row
    purpose = next((code.label for code in AttachmentPurpose if code == row.get("purpose")), "")
    pages = f"{row['pages']} trang" if "pages" in row else ""
    size = pages or f"{row.get('width', '?')} x {row.get('height', '?')}"
    return one.id, size, purpose, one.where.text, one.title
