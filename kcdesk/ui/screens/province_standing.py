"""How the devices and communes of the province stand, for the centre: asked of the server when the page comes up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from kcdesk.actions import province_standing as standing
from kcdesk.errors import KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.models.rows import Column, RowsModel
from kcdesk.ui.screens.base import Context, Screen, moment
from kcdesk.ui.widgets.parts import Table, button, card, column, heading, label, row

if TYPE_CHECKING:  # cryptography is loaded when somebody asks
    from kcdesk.sync.protocol import CommuneStanding, DeviceStanding, ProvinceStanding

LINES = 3
"""Lines that the sentence about a device may take."""


class ProvinceStandingScreen(Screen):
    """Two lists: devices by person, communes by how long nothing came from them."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        tr = self.tr
        self.entitle(tr("Tình hình các máy và xã, phường"))
        self.now = 0
        self.again_button = button(tr("Hỏi lại"), self.entered, key="F5")
        self.asked = label(quiet=True)
        self.devices: RowsModel[DeviceStanding] = RowsModel(
            (
                Column(tr("Người dùng"), lambda one: one.person, 165),
                Column(tr("Máy"), lambda one: one.device, 165),
                Column(tr("Tình trạng"), standing.state_text, 130),
                Column(tr("Liên lạc cuối"), lambda one: moment(one.last_contact_at), 150),
                Column(tr("Bản"), standing.edition_text, 60, number=True),
                Column(tr("Phiên bản"), lambda one: one.program, 100),
                Column(tr("Chưa đến"), self._oldest, 100, number=True),
                Column(tr("Số còn thiếu"), standing.gaps_text),
            ),
            self,
        )
        self.communes: RowsModel[CommuneStanding] = RowsModel(
            (
                Column(tr("Mã"), lambda one: one.code, 80),
                Column(tr("Xã, phường"), lambda one: one.name, 320),
                Column(tr("Hồ sơ cuối đến lúc"), self._came, 170),
                Column(tr("Đã bao lâu"), lambda one: standing.days_text(one.days)),
            ),
            self,
        )
        self.devices_table = Table(self.devices, tr("Các máy"))
        self.communes_table = Table(self.communes, tr("Xã, phường"))
        whole = column(row(self.again_button, self.asked, None), gap=theme.SPACE)
        self.sentence = label(wrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.sentence.setMinimumHeight(LINES * self.sentence.fontMetrics().lineSpacing())
        self.devices_table.selectionModel().currentRowChanged.connect(lambda *_: self._explain())
        devices = card(heading(tr("Các máy")), self.devices_table, self.sentence)
        whole.addWidget(devices, 3)
        whole.addWidget(
            card(heading(tr("Xã, phường, lâu nhất chưa có hồ sơ mới trước")), self.communes_table),
            2,
        )
        self.setLayout(whole)

    def entered(self) -> None:
        self.again_button.setEnabled(False)
        self.asked.setText(self.tr("Đang hỏi máy chủ của tỉnh…"))
        self.tasks.network(
            self,
            lambda desk, _: standing.province_standing(desk),
            self._show,
            failed=self._failed,
        )

    def take_focus(self) -> None:
        self.devices_table.setFocus()

    def _show(self, now: ProvinceStanding) -> None:
        self.again_button.setEnabled(True)
        self.now = now.at
        self.asked.setText(self.tr("Lúc {0}").format(moment(now.at)))
        self.devices.set_rows(now.devices)
        longest_first = sorted(
            now.communes, key=lambda one: (one.last_at is not None, one.last_at or 0, one.code)
        )
        self.communes.set_rows(longest_first)
        self.devices_table.choose_first()

    def _failed(self, error: KcdeskError) -> None:
        self.again_button.setEnabled(True)
        self.asked.setText("")
        self.told.emit("error", error.message, error.hint)

    def _explain(self) -> None:
        one = self.devices_table.current()
        self.sentence.setText("" if one is None else standing.in_words(one, self.now))

    def _oldest(self, one: DeviceStanding) -> str:
        return standing.oldest_text(one, self.now)

    def _came(self, one: CommuneStanding) -> str:
        return "" if one.last_at is None else moment(one.last_at)
