"""Commands for erasing personal data out of the history, and the list of what was erased."""

from __future__ import annotations

from argparse import Namespace

from kcdesk.actions import erasing as actions
from kcdesk.actions.erasing import ErasurePlan
from kcdesk.cli.commands import desk_of
from kcdesk.cli.output import print_json, say, table, tell, tell_findings
from kcdesk.cli.second_thoughts import ask
from kcdesk.domain.clock import local_time


def erase(options: Namespace) -> None:
    with desk_of(options) as desk:
        plan = actions.plan_erasure(desk, options.kind, options.id, options.fields)
        for sentence in _told(plan):
            tell(sentence)
        if not options.yes:
            ask(f"Xoá hẳn {len(plan.cells)} mục của {plan.kind} {plan.record}?")
        erased, findings = actions.erase(
            desk, plan, reason=options.reason, paper=options.paper, paper_date=options.date
        )
    if options.json:
        told = [finding.message for finding in findings]
        print_json({"erasure": erased.as_json(), **plan.as_json(), "findings": told})
        return
    say(f"Đã xoá theo văn bản {erased.paper}: {', '.join(erased.fields)}.")
    tell_findings(findings)


def list_erasures(options: Namespace) -> None:
    with desk_of(options) as desk:
        found = actions.list_erasures(desk)
    if options.json:
        print_json({"erasures": [one.as_json() for one in found]})
    elif found:
        say(
            *table(
                (
                    f"{local_time(one.at):%d/%m/%Y %H:%M}",
                    one.who,
                    one.paper,
                    one.paper_date,
                    one.kind,
                    one.record,
                    f"{', '.join(one.fields)} ({one.reason})",
                )
                for one in found
            )
        )
    else:
        say("Chưa xoá dữ liệu nào theo yêu cầu.")


def _told(plan: ErasurePlan) -> list[str]:
    """What a person should know before it is gone."""
    sentences = [
        f"Xoá khỏi mọi thay đổi, bản sao lưu và phần đang ghi dở: {', '.join(plan.cells)}"
        f" ({plan.changes} thay đổi). Không lấy lại được."
    ]
    if plan.contents:
        sentences.append(f"Xoá {plan.contents} tệp ảnh, tài liệu cùng ảnh nhỏ của chúng.")
    if plan.set_aside is not None:
        sentences.append(
            f"Xoá cả thư mục “{plan.set_aside}”: các tệp cất riêng sau lần khôi phục trước không xoá từng phần được."
        )
    if plan.papers:
        sentences.append(f"Xoá tên tệp, tên người nhận ở {plan.papers} dòng của sổ giấy tờ.")
    if plan.pages:
        sentences.append(
            f"Xoá {plan.pages} trang quét đang chờ: không biết chúng của ai. Kèm vào hồ sơ trước nếu còn cần."
        )
    if plan.elsewhere:
        sentences.append(
            "Cùng nội dung ấy còn ở chỗ khác, cần xoá thì chạy lệnh này cho từng hồ sơ:"
        )
        sentences += [f"  {kind} {record} {field}" for kind, record, field in plan.elsewhere]
    sentences.append("Tệp PDF đã in, tệp đã xuất, tệp sao lưu đã chép đi nơi khác thì phải tự xoá.")
    return sentences
