"""The main job from an empty machine to a synced survey and a printed application, checked step by step.

Everything is done by the command line, a process for each command, and every number is read back by a process of its
own from the file it speaks of. The register is read a second time here, row by row, to have something to compare with.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from kcdesk.demo.cutting_proxy import CuttingProxy
from kcdesk.demo.program import Document, Program, run, server
from kcdesk.demo.steps import Minutes
from kcdesk.domain.words import dong_in_words
from kcdesk.resources import resource_path

AREA = "old:10"
"""The former province of Lào Cai."""
PERSON = "Lý Thị Mẩy"
PROVINCE = "tỉnh Lào Cai"
DIVIDED = resource_path("samples", "dia-ban-chia-tach.xlsx")
ANSWERS = resource_path("samples", "F01-tra-loi.json")
ALL = ("--limit", "1000000")

TYPED_FOR_APPLICATION = {
    "rep_position": "Chủ hộ",
    "rep_id_no": "010085000001",
    "reg_no": "12A8001234",
    "reg_date": "14/05/2012",
    "reg_issuer": "Phòng Tài chính - Kế hoạch huyện Bảo Yên",
    "main_products/1/name": "Gạch không nung",
    "main_products/1/unit": "viên",
    "main_products/1/output": "180000",
    "receiver": "Sở Công Thương tỉnh Lào Cai",
    "kcdp": "150 triệu",
    "machines_to_buy/1/name": "Máy ép gạch không nung",
    "machines_to_buy/1/model": "QT6-15",
    "machines_to_buy/1/origin": "Việt Nam",
    "machines_to_buy/1/quantity": "1",
    "machines_to_buy/1/unit_price": "320 triệu",
    "start": "01/03/2027",
    "finish": "30/09/2027",
    "attachments": "REGISTRATION; COUNTERPART; IDENTITY; QUOTATION",
}
"""What a person types for F02 after the survey: nothing that was known before."""


@dataclass(frozen=True)
class MainJob:
    """Where the job is done. `folder` is empty at the start and holds everything at the end."""

    folder: Path
    register: Path
    minutes: Minutes

    def run(self) -> None:
        passphrase = self.folder / "mat-khau.txt"
        passphrase.write_text("mật khẩu của bản thử\n", "utf-8")
        first = Program(self.folder / "may-1", passphrase)
        second = Program(self.folder / "may-2", passphrase)
        self.create(first)
        self.import_lists(first)
        self.find(first)
        establishment = first("list", "establishments", "--search", "vang a pao")["records"][0][
            "id"
        ]
        self.survey(first, establishment)
        self.apply(first, establishment)
        database = f"sqlite:///{(self.folder / 'tinh.db').as_posix()}"
        codes = set_up_province(database, enrolments=2)
        with server(database) as url, CuttingProxy(url) as proxy:
            self.join(first, second, establishment, database, proxy, codes)
            self.disagree(first, second, establishment)

    # 1 ------------------------------------------------------------------------------------------------

    def create(self, first: Program) -> None:
        self.minutes.begin("Tạo dữ liệu mã hoá cho địa bàn tỉnh Lào Cai cũ, không cần máy chủ")
        made = first("init", "--name", PERSON, "--area", AREA)
        status = first("status")
        self.minutes.equal("địa bàn", [area["code"] for area in status["areas"]], [AREA])
        self.minutes.holds(
            "xã, phường hiện nay của địa bàn", made["communes"], made["communes"] > 0
        )
        head = (first.workspace / "workspace.db").read_bytes()[:16]
        self.minutes.holds(
            "tệp dữ liệu đã mã hoá", head != b"SQLite format 3\0", head != b"SQLite format 3\0"
        )

    # 2 ------------------------------------------------------------------------------------------------

    def import_lists(self, first: Program) -> None:
        minutes = self.minutes
        minutes.begin(f"Nhập danh sách {self.register.name}")
        report = first("import", "establishments", str(self.register))
        table = first("report", "B4")
        minutes.equal("cơ sở", table["total"]["establishments"], report["imported"])
        minutes.equal(
            "theo loại hình",
            {row["label"]: row["establishments"] for row in table["rows"]},
            {row["label"]: report["by_legal_form"][row["legal_form"]] for row in table["rows"]},
        )
        minutes.equal("lao động", table["total"]["workers"], report["workers"])
        minutes.equal(
            "giá trị sản xuất (đồng)",
            table["total"]["production_value"],
            report["production_value"],
        )
        for total in report["totals"]:
            minutes.holds(
                f"dòng tổng cộng của danh sách, {total['field']} (so với {total['stated']})",
                total["computed"],
                total["agrees"],
            )
        figures = first("list", "figures", *ALL)["records"]
        kinds = Counter((one["year"], one["basis"]) for one in figures)
        minutes.equal("số liệu ước năm 2020", kinds[2020, "estimate"], len(figures))
        minutes.equal(
            "xã, phường cũ đã rõ xã, phường mới",
            report["old_communes_resolved"],
            report["old_communes"],
        )
        everyone = first("list", "establishments", *ALL)["records"]
        old = Counter(record.get("old_commune_name") for record in everyone)
        alike = {name: old[name] for name in ("Phường Sa Pa", "Phường Sa Pả")}
        minutes.holds("hai phường chỉ khác nhau ở dấu", alike, all(alike.values()))

        minutes.begin(
            "Nhập danh sách có địa chỉ ở xã, phường bị chia, rồi chọn xã, phường cho từng cơ sở"
        )
        report = first("import", "establishments", str(DIVIDED))
        waiting = first("communes", "list")["undecided"]
        minutes.equal("cơ sở chờ chọn xã, phường", len(waiting), report["undecided"])
        for one in waiting:
            first("communes", "decide", one["id"], one["candidates"][0]["code"])
        minutes.equal("còn chờ sau khi chọn", len(first("communes", "list")["undecided"]), 0)
        moved = [first("show", "establishments", one["id"]) for one in waiting]
        kept = sum("old_commune" in record and "commune" in record for record in moved)
        minutes.equal("cơ sở có cả xã, phường cũ và mới", kept, len(waiting))

    # 3 ------------------------------------------------------------------------------------------------

    def find(self, first: Program) -> None:
        minutes = self.minutes
        minutes.begin("Tìm cơ sở như người ta gõ")
        everyone = first("list", "establishments", *ALL)["records"]
        found = {text: self._search(first, text) for text in ("vang a pao", "Vàng A Páo", "duc")}
        named = [one["id"] for one in everyone if "Vàng A Páo" in one["name"]]
        minutes.same_many("“vang a pao” thấy trước tiên", found["vang a pao"][:1], named)
        minutes.same_many("“Vàng A Páo” thấy trước tiên", found["Vàng A Páo"][:1], named)
        phone = next(one["phone"] for one in everyone if one["id"] == named[0])
        minutes.same_many(
            "điện thoại của cơ sở ấy chỉ ra", self._search(first, "0" + phone[3:]), named
        )
        duc = {one["id"] for one in everyone if "Đức" in one["name"].split()}
        minutes.holds(
            "“duc” thấy mọi tên có chữ Đức", len(duc), bool(duc) and duc <= set(found["duc"])
        )
        taxed = [(one["id"], one["tax_code"]) for one in everyone if "tax_code" in one]
        start = taxed[0][1][:5]
        minutes.same_many(
            f"năm số đầu của mã số thuế, {start}",
            set(self._search(first, start)),
            {id_ for id_, code in taxed if code.startswith(start)},
        )
        codes = Counter(code for _, code in taxed)
        twice = [code for code, count in codes.items() if count > 1]
        for code in [next(code for code in codes if codes[code] == 1), *twice]:
            minutes.same_many(
                f"mười số, {code}",
                set(self._search(first, code)),
                {id_ for id_, other in taxed if other == code},
            )

    def _search(self, program: Program, text: str) -> list[str]:
        records = program("list", "establishments", "--search", text, *ALL)["records"]
        return [record["id"] for record in records]

    # 4 ------------------------------------------------------------------------------------------------

    def survey(self, first: Program, establishment: str) -> None:
        minutes = self.minutes
        minutes.begin("Ghi phiếu khảo sát F01 và nhận câu trả lời vào hồ sơ")
        answers = json.loads(ANSWERS.read_text("utf-8"))
        wrong = self.folder / "tra-loi-sai.json"
        wrong.write_text(json.dumps({**answers, "workers_female": 60}), "utf-8")
        fill = ("questionnaire", "fill", "F01")
        sentence = first.refused(*fill, str(wrong), "--establishment", establishment)
        minutes.holds("câu trả lời sai bị giữ lại", sentence, "nữ" in sentence)
        minutes.equal("phiếu sau lần sai", len(first("list", "surveys")["records"]), 0)
        filled = first(*fill, str(ANSWERS), "--establishment", establishment, "--accept")
        record = first("show", "establishments", establishment)
        minutes.holds("đề xuất từ phiếu", len(filled["proposals"]), len(filled["proposals"]) > 0)
        for proposal in filled["proposals"]:
            key = "workers_total" if proposal["field"] == "workers" else proposal["field"]
            minutes.equal(proposal["label"], record.get(key), proposal["new"])
        survey = first("show", "surveys", filled["id"])
        minutes.equal("máy móc trong phiếu", len(survey["machines"]), len(answers["machines"]))
        minutes.equal("trạng thái phiếu", survey["sheet_state"], "ACCEPTED")
        minutes.holds(
            "câu bị bỏ qua không có trong phiếu",
            "heard_channel" in survey,
            "heard_channel" not in survey,
        )

    # 5 ------------------------------------------------------------------------------------------------

    def apply(self, first: Program, establishment: str) -> None:
        minutes = self.minutes
        minutes.begin("Đăng ký nhu cầu, chỉ hỏi điều chưa ai nói, và in đơn F02")
        before = first("show", "establishments", establishment)
        twice = [key for key in TYPED_FOR_APPLICATION if key in before]
        minutes.equal("trường phải gõ dù đã biết", len(twice), 0)
        typed = [f"{key}={text}" for key, text in TYPED_FOR_APPLICATION.items()]
        need = first("add", "needs", f"establishment={establishment}", *typed)
        minutes.holds("trường đã gõ cho F02", len(typed), need["kind"] == "needs")
        pages = self._print(first, need["id"])
        text = " ".join(" ".join(pages).split())
        for label, wanted in (
            ("tên cơ sở trên đơn", before["name"]),
            ("số tiền trên đơn", "320.000.000"),
            ("bằng chữ", dong_in_words(320_000_000)),
        ):
            minutes.holds(label, wanted, wanted in text)
        minutes.holds("số trang", len(pages), len(pages) > 0)

    def _print(self, program: Program, need: str) -> list[str]:
        output = program.workspace.parent / f"F02-{program.workspace.name}.pdf"
        printed = program("document", "print", "F02", "--record", need, "-o", str(output))
        self.minutes.equal("trường còn thiếu trên đơn", len(printed["missing"]), 0)
        status, document = run("document", "text", str(output), "--json")
        assert status == 0
        pages: list[str] = document["pages"]
        return pages

    # 6 ------------------------------------------------------------------------------------------------

    def join(
        self,
        first: Program,
        second: Program,
        establishment: str,
        database: str,
        proxy: CuttingProxy,
        codes: list[str],
    ) -> None:
        minutes = self.minutes
        minutes.begin(
            "Nối với máy chủ của tỉnh; đường truyền đứt giữa lúc gửi; máy thứ hai nhận đủ, đứt giữa lúc nhận"
        )
        first("join", "--server", proxy.url, "--code", codes[0])
        before = proxy.passed["up"]
        proxy.cut_after("up", 100_000)
        sent = first("sync")
        once = sent["bytes_sent"] - sent["bytes_sent_twice"]
        self._cut("gửi", sent, once, proxy.passed["up"] - before)
        status = first("status")
        province = province_status(database)
        minutes.equal("thay đổi tỉnh đang giữ", province["changes"], status["changes"])
        minutes.equal(
            "trùng lặp ở tỉnh", province["double_changes"] + province["double_entries"], 0
        )
        minutes.equal("chưa gửi", status["undelivered"], 0)
        minutes.equal("bị từ chối", len(status["refused"]), 0)

        second("init", "--name", PERSON, "--area", AREA)
        second("join", "--server", proxy.url, "--code", codes[1])
        before = proxy.passed["down"]
        proxy.cut_after("down", 100_000)
        received = second("sync")
        once = received["bytes_received"] - received["bytes_received_twice"]
        self._cut("nhận", received, once, proxy.passed["down"] - before)
        province = province_status(database)
        minutes.equal("thay đổi tỉnh đang giữ", province["changes"], status["changes"])
        minutes.equal(
            "trùng lặp ở tỉnh", province["double_changes"] + province["double_entries"], 0
        )
        for kind in ("establishments", "figures", "surveys", "needs"):
            minutes.same_many(
                f"{kind} trên máy thứ hai giống máy thứ nhất",
                *self._same(second, first, kind),
            )
        history = ("show", "establishments", establishment, "--history")
        minutes.same_many(
            "lịch sử của cơ sở giống nhau",
            second(*history)["history"],
            first(*history)["history"],
        )
        need = first("list", "needs")["records"][0]["id"]
        self._print(second, need)
        papers = [
            (p.workspace.parent / f"F02-{p.workspace.name}.pdf").read_bytes()
            for p in (first, second)
        ]
        minutes.holds(
            "đơn F02 in ở hai máy giống nhau từng byte", len(papers[1]), papers[0] == papers[1]
        )

    def _cut(self, doing: str, report: Document, once: int, passed: int) -> None:
        """`once`: bytes of the body or answer; `passed`: all that the line carried, HTTP's own words included."""
        twice = passed - once
        share = twice * 100 / once
        self.minutes.holds(f"số lần đứt khi {doing}", report["cuts"], report["cuts"] == 1)
        self.minutes.holds(
            f"byte đi qua đường truyền khi {doing}, thừa so với một lần",
            f"{twice} trên {once} ({share:.1f} %)",
            twice >= 0 and share <= 5,
        )
        self.minutes.holds("hai bên khớp nhau", report["digests_equal"], report["digests_equal"])

    def _same(
        self, one: Program, other: Program, kind: str
    ) -> tuple[list[Document], list[Document]]:
        """The records of a kind on both, without where each says they are."""
        lists = [
            sorted(
                (self._values(record) for record in program("list", kind, *ALL)["records"]), key=str
            )
            for program in (one, other)
        ]
        return lists[0], lists[1]

    def _values(self, record: Document) -> Document:
        return {key: value for key, value in record.items() if key != "state"}

    # 7 ------------------------------------------------------------------------------------------------

    def disagree(self, first: Program, second: Program, establishment: str) -> None:
        minutes = self.minutes
        minutes.begin("Hai máy cùng sửa một cơ sở khi không có mạng")
        target = ("set", "establishments", establishment)
        first(*target, "email=hovangapao@example.vn")
        second(*target, "hamlet=Thôn Dín 2")
        self._sync_all(first, second)
        for name, program in (("máy 1", first), ("máy 2", second)):
            record = program("show", "establishments", establishment)
            both = record["email"], record["hamlet"]
            minutes.equal(
                f"hai trường khác nhau, {name}", both, ("hovangapao@example.vn", "Thôn Dín 2")
            )
        first(*target, "trade=Sản xuất gạch không nung, ngói")
        second(*target, "trade=Sản xuất vật liệu xây dựng")
        self._sync_all(first, second)
        for name, program in (("máy 1", first), ("máy 2", second)):
            (conflict,) = program("conflicts")["conflicts"]
            values = {side["value"] for side in conflict["values"]}
            minutes.equal(
                f"cùng một trường, {name}, số giá trị chờ chọn",
                (conflict["field"], len(values)),
                ("trade", 2),
            )
        chosen = conflict["values"][0]
        second("resolve", "establishments", establishment, "trade", "--pick", chosen["change"])
        self._sync_all(second, first)
        for name, program in (("máy 1", first), ("máy 2", second)):
            record = program("show", "establishments", establishment)
            minutes.equal(f"sau khi chọn, {name}", record["trade"], chosen["value"])
            minutes.equal(f"còn khác nhau, {name}", len(program("conflicts")["conflicts"]), 0)

    def _sync_all(self, *programs: Program) -> None:
        for program in (*programs, programs[0]):
            program("sync")


def set_up_province(database: str, *, enrolments: int) -> list[str]:
    """Make the demonstration's province with one officer; enrolment codes for that many devices."""
    commands = [
        ("init", PROVINCE),
        ("area", AREA),
        *(("area", code) for code in DIVIDED_AREAS),
        ("user", PERSON, "--role", "officer", "--area", AREA, *_areas(DIVIDED_AREAS)),
    ]
    for words in commands:
        status, document = run("server", *words, "--db", database, "--json")
        assert status == 0, document
    codes = []
    for _ in range(enrolments):
        _, document = run("server", "enrol", PERSON, "--db", database, "--json")
        codes.append(str(document["code"]))
    return codes


DIVIDED_AREAS = ("old:946", "old:555")
"""Long Phú (Sóc Trăng) and Tuy Hòa (Phú Yên): the demonstration's officer looks after these communes too."""


def province_status(database: str) -> Document:
    _, document = run("server", "status", "--db", database, "--json")
    return document


def _areas(codes: tuple[str, ...]) -> list[str]:
    return [word for code in codes for word in ("--area", code)]
