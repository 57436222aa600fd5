"""Commands that keep what was written: backups, restoring one, recovering a damaged workspace."""

from __future__ import annotations

import datetime
from argparse import ArgumentTypeError, Namespace
from functools import partial

from kcdesk.actions import backups
from kcdesk.actions.desk import default_folder, key_source
from kcdesk.cli.commands import desk_of
from kcdesk.cli.output import print_json, say, tell
from kcdesk.domain.clock import HANOI, local_time
from kcdesk.domain.findings import Finding
from kcdesk.domain.money import format_vnd
from kcdesk.storage.backups.manifest import Manifest
from kcdesk.storage.backups.repository import Progress
from kcdesk.storage.keys import KeyMode, KeySource


def backup(options: Namespace) -> None:
    with desk_of(options) as desk:
        if options.list:
            _list(options, backups.backups_in(desk, options.source))
            return
        report = backups.back_up(desk, output=options.output, place=options.to, progress=_percent())
        findings = backups.backup_status(desk).findings
    if options.json:
        print_json(report.as_json())
        return
    cost = f"thêm {_size(report.new_bytes)}" if report.new_bytes else "không có gì mới"
    say(f"Đã sao lưu {report.manifest.changes} thay đổi ({cost}).")
    if report.output is not None:
        say(f"Đã chép vào “{report.output}” ({_size(report.output_bytes)}).")
    _tell(findings)


def restore(options: Namespace) -> None:
    folder = options.workspace or default_folder()
    restored = backups.restore(
        folder,
        options.source,
        partial(_keys, options),
        moment=options.at,
        progress=_percent(),
    )
    if options.json:
        print_json(backups.restored_as_json(restored))
        return
    say(f"Đã khôi phục {_said(restored.manifest)} vào “{folder}”.")
    if restored.set_aside is not None:
        say(f"Dữ liệu trước đó được cất nguyên vẹn trong “{restored.set_aside}”.")
    say("Từ nay dữ liệu này ghi tiếp như một thiết bị mới, không dùng lại số thay đổi nào.")


def recover(options: Namespace) -> None:
    folder = options.workspace or default_folder()
    recovered = backups.recover(
        folder,
        partial(_keys, options),
        others=options.source,
        progress=_percent(),
    )
    if options.json:
        print_json(backups.recovered_as_json(recovered))
        return
    if recovered.backup is not None:
        say(f"Bắt đầu từ {_said(recovered.backup)}.")
    say(
        f"Từ các bản sao lưu: {recovered.from_backups} thay đổi.",
        f"Từ những trang còn đọc được của tệp hỏng: thêm {recovered.from_file} thay đổi"
        f" ({recovered.bad_pages} trong {recovered.pages} trang không đọc được).",
        *(f"Còn thiếu {gap.sentence}." for gap in recovered.gaps),
    )
    if not recovered.gaps:
        say("Không thiếu thay đổi nào của máy này.")
    else:
        say(
            "Nếu tỉnh đã nhận những thay đổi ấy, chúng sẽ về lại khi đồng bộ; còn lại phải nhập lại."
        )
    say(f"Các tệp hỏng được cất nguyên vẹn trong “{recovered.set_aside}”.")


def moment(text: str) -> int:
    """A time of the clock in Vietnam as people write it, in milliseconds UTC; a day means its end."""
    for form in ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%H:%M %d/%m/%Y", "%d/%m/%Y %H:%M"):
        try:
            time = datetime.datetime.strptime(text, form).replace(tzinfo=HANOI, second=59)
        except ValueError:
            continue
        return int(time.timestamp() * 1000) + 999
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            day = datetime.datetime.strptime(text, form).replace(tzinfo=HANOI)
        except ValueError:
            continue
        return int((day + datetime.timedelta(days=1)).timestamp() * 1000) - 1
    raise ArgumentTypeError(f"“{text}” không phải thời điểm dạng 2027-03-01 14:05 hoặc 01/03/2027")


def _list(options: Namespace, manifests: list[Manifest]) -> None:
    if options.json:
        print_json({"backups": [backups.manifest_as_json(each) for each in manifests]})
    elif manifests:
        say(*(_said(each).capitalize() for each in manifests))
    else:
        say("Chưa có bản sao lưu nào.")


def _said(manifest: Manifest) -> str:
    return (
        f"bản sao lưu lúc {local_time(manifest.at):%H:%M ngày %d/%m/%Y}"
        f" ({backups.reason_text(manifest.reason)}; {manifest.changes} thay đổi, {_size(manifest.size)})"
    )


def _keys(options: Namespace, mode: KeyMode) -> KeySource:
    return key_source(mode, options.passphrase_file, options.recovery_code_file)


def _percent() -> Progress:
    """Tells every tenth part once; work in several steps counts anew in each."""
    told = -1

    def progress(done: int, total: int) -> None:
        nonlocal told
        tenth = 10 * done // total if total else 10
        if tenth != told:
            told = tenth
            tell(f"{10 * tenth} %")

    return progress


def _size(size: int) -> str:
    return f"{format_vnd(max(1, size // 1024))} KB"


def _tell(findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        tell(f"Lưu ý: {finding.message}")
        tell(finding.hint)
