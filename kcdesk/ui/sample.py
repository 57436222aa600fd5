"""A workspace that shows something on every screen: for pictures and for tests of the window.

Everything in it is invented or comes from the sample lists that kcdesk ships.
"""

from __future__ import annotations

import datetime
import json
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.styles import Font
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter

from kcdesk.actions.attachments import add_attachments
from kcdesk.actions.desk import Desk, create_desk, keys_for, open_desk
from kcdesk.actions.documents import print_document
from kcdesk.actions.importing import import_list
from kcdesk.actions.records import list_records, set_fields
from kcdesk.actions.reviewing import return_survey
from kcdesk.actions.rounds import assign, close_without, establishments_in, get_round, give_out
from kcdesk.actions.survey_proposals import accept_proposals, finish_survey
from kcdesk.actions.surveys import fill_in, open_survey, save_survey
from kcdesk.domain.clock import Clock, Randomness, system_randomness
from kcdesk.domain.code_lists import AttachmentPurpose, RoundResult
from kcdesk.importing.old_encodings import Encoding, encode
from kcdesk.resources import resource_path
from kcdesk.storage.sync_books import Province

AREA = "old:10"
PERSON = "Nguyễn Thị Hoa"
COLLEAGUE = "Lò Văn Sơn"
REGISTER = resource_path("samples", "lao-cai-register.xlsx")
DIVIDED = resource_path("samples", "dia-ban-chia-tach.xlsx")


@dataclass(frozen=True, slots=True)
class Sample:
    """A workspace in `folder`, opened with the passphrase in a file beside it."""

    folder: Path
    clock: Clock
    randomness: Randomness = system_randomness

    @property
    def passphrase_file(self) -> Path:
        return self.folder / "mat-khau.txt"

    @property
    def workspace(self) -> Path:
        return self.folder / "du-lieu"

    def create(self, person: str = PERSON) -> Desk:
        """Make the workspace and open it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.passphrase_file.write_text("mật khẩu của bản thử\n", "utf-8")
        return create_desk(
            self.workspace,
            person=person,
            areas=[AREA],
            keys=keys_for(self.passphrase_file),
            clock=self.clock,
            randomness=self.randomness,
        )

    def open(self) -> AbstractContextManager[Desk]:
        return open_desk(
            self.workspace,
            passphrase_file=self.passphrase_file,
            clock=self.clock,
            randomness=self.randomness,
        )


def old_list(path: Path) -> Path:
    """The short list once more, as an office kept it: names in a font from before Unicode, some rows changed."""
    book = load_workbook(DIVIDED)
    sheet = book[book.sheetnames[0]]
    for row in sheet.iter_rows(min_row=4, min_col=2, max_col=2):
        for cell in row:
            if isinstance(cell.value, str):
                cell.value = encode(cell.value, Encoding.TCVN3)
                cell.font = Font(name=".VnTime")
    sheet["F8"] = "0912 000 111"
    sheet["M9"] = 14
    sheet["B11"] = encode("HTX rèn Tân Thượng", Encoding.TCVN3)
    book.save(path)
    return path


def fill(desk: Desk) -> None:
    """The register, and a list with addresses in communes that were divided."""
    import_list(desk, REGISTER)
    import_list(desk, DIVIDED)


def disagree(desk: Desk, colleague: Desk) -> str:
    """An establishment of which two devices say different things without knowing of each other; its id.

    Both desks lie in this process, so their changes are handed over directly.
    """
    record = str(list_records(desk, "establishments", search="vang a pao").records[0].row["id"])
    colleague.workspace.receive(desk.workspace.history("establishments", record), {})
    before = colleague.workspace.chain().last_n
    set_fields(colleague, "establishments", record, {"phone": "0912 345 678", "email": ""})
    set_fields(desk, "establishments", record, {"phone": "0987 654 321"})
    own = colleague.workspace.own_changes(before, colleague.workspace.chain().last_n)
    desk.workspace.know_devices({colleague.workspace.device_id: colleague.workspace.person})
    desk.workspace.receive(own, {})
    return record


def deliver(desk: Desk) -> None:
    """As if the province had taken everything but the newest change, and one more was made since.

    It never answers: there is no such server.
    """
    from kcdesk.sync.parcels.keys import parcel_identity, recipient_of  # noqa: PLC0415

    workspace = desk.workspace
    refused, waiting = list_records(desk, "establishments", limit=2).records
    set_fields(desk, "establishments", str(refused.row["id"]), {"note": "Sửa thử"})
    chain = workspace.chain()
    workspace.join_province(
        Province(
            "https://tinh.example",
            "Trung tâm Khuyến công tỉnh Lào Cai",
            "1",
            bytes(32),
            "",
            "officer",
            desk.clock(),
            desk.clock(),
            recipient_of(parcel_identity(bytes(32))),
        )
    )
    workspace.confirm(chain.last_n, chain.last_hash, [(chain.last_n, "no_area")])
    set_fields(desk, "establishments", str(waiting.row["id"]), {"note": "Chưa gửi"})


def give_out_sheets(desk: Desk) -> str:
    """A round over two communes: some sheets are done, one came back, one establishment was not found; its id."""
    of = establishments_in(desk, ["02683", "02728"])[:40]
    round_id, _ = give_out(
        desk,
        "Khảo sát nhu cầu năm 2027",
        "F01",
        of,
        due_on=desk.today + datetime.timedelta(days=30),
        assigned_to=PERSON,
    )
    answers = json.loads(resource_path("samples", "F01-tra-loi.json").read_text("utf-8"))
    answers["survey_date"] = desk.today.isoformat()
    for number, establishment in enumerate(of[:6]):
        survey = open_survey(desk, "F01", establishment, round_id=round_id)
        fill_in(survey.sheet, answers)
        if number == 0:
            save_survey(desk, survey)
            continue
        proposals = finish_survey(desk, survey)
        if number == 1:
            remarks = {
                "area_m2": "Khác hồ sơ năm trước, đo lại giúp",
                "phone": "Số này của người khác",
            }
            return_survey(desk, survey.record, remarks, "Xem lại diện tích và điện thoại")
        elif number > 3:
            accept_proposals(desk, survey, proposals)
    sheets = [sheet.given for sheet in get_round(desk, round_id).sheets]
    gone, other = sheets[-1], sheets[-2]
    close_without(desk, gone.record, RoundResult.NOT_FOUND, "Đã chuyển đi nơi khác")
    assign(desk, [other.record], COLLEAGUE)
    return round_id


def photograph(desk: Desk, establishment: str, folder: Path) -> None:
    """Give an establishment some pictures, drawn here, and a scan; the files are made in `folder`."""
    folder.mkdir()
    named = {
        "Xưởng nhìn từ ngoài": (AttachmentPurpose.PHOTO_SITE, (0.55, 0.25), (1600, 1200)),
        "Máy ép gạch cũ": (AttachmentPurpose.PHOTO_BEFORE, (0.08, 0.5), (1600, 1200)),
        "Máy ép gạch QT6-15": (AttachmentPurpose.PHOTO_AFTER, (0.38, 0.6), (1200, 1600)),
        "Gạch thành phẩm": (AttachmentPurpose.PHOTO_PRODUCT, (0.03, 0.7), (1600, 900)),
    }
    for title, (purpose, colours, size) in named.items():
        file = folder / f"{title}.jpg"
        _drawn(*size, *colours).save(str(file), quality=90)
        add_attachments(desk, establishment, [file], purpose=purpose.value)
    scan = folder / "Giấy đăng ký hộ kinh doanh.pdf"
    scan.write_bytes(print_document(desk, "F02", None, blank=True).pdf)
    add_attachments(desk, establishment, [scan], purpose=AttachmentPurpose.REGISTRATION.value)


def _drawn(width: int, height: int, hue: float, saturation: float) -> QImage:
    """A scene of sky, hills and a building in one colour: something to look at."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    sky = QLinearGradient(0, 0, 0, height)
    sky.setColorAt(0, QColor.fromHsvF(hue, saturation * 0.3, 0.95))
    sky.setColorAt(1, QColor.fromHsvF(hue, saturation * 0.1, 1.0))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.fillRect(image.rect(), sky)
    for number in range(3):
        painter.setBrush(QColor.fromHsvF(hue, saturation, 0.75 - 0.15 * number))
        top = height * (0.45 + 0.13 * number)
        painter.drawEllipse(QRectF(width * (0.45 * number - 0.4), top, width * 1.1, height))
    wall = QRectF(width * 0.3, height * 0.45, width * 0.4, height * 0.35)
    painter.setBrush(QColor.fromHsvF(hue, saturation * 0.4, 0.9))
    painter.drawRect(wall)
    painter.setBrush(QColor.fromHsvF(hue, saturation, 0.35))
    painter.drawRect(QRectF(wall.left() - 30, wall.top() - 40, wall.width() + 60, 60))
    painter.drawRect(QRectF(wall.center().x() - 60, wall.bottom() - 180, 120, 180))
    painter.end()
    return image
