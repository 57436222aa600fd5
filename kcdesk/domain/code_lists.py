"""Closed lists of the field: every code that records carry, with its Vietnamese label.

Owns codes and labels only. Which codes a rule allows (legal forms by date, caps by activity) is
data elsewhere. A `Code` is a plain string, so records and wire stay strings, and a code that a
newer version wrote is kept and shown as it is.
Sources: dossier sections 3 (activity groups), 5.1 (states), 6.2, 6.3 (forms), 9 (glossary).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Self


class Code(StrEnum):
    """A code with the words a user reads.

    >>> LegalForm.HTX == "HTX", LegalForm.HTX.label
    (True, 'Hợp tác xã')
    """

    label: str

    def __new__(cls, code: str, label: str) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member

    @classmethod
    def of(cls, code: str) -> Self:
        """The code of this list that is written so. Raises `ValueError` for one that is not in it.

        >>> Fund.of("KCQG").label
        'Khuyến công quốc gia'
        """
        for member in cls:
            if member == code:
                return member
        raise ValueError(code)


class LegalForm(Code):
    DOANH_NGHIEP = "DOANH_NGHIEP", "Doanh nghiệp"
    HTX = "HTX", "Hợp tác xã"
    LIEN_HIEP_HTX = "LIEN_HIEP_HTX", "Liên hiệp hợp tác xã"
    TO_HOP_TAC = "TO_HOP_TAC", "Tổ hợp tác"
    HO_KINH_DOANH = "HO_KINH_DOANH", "Hộ kinh doanh"
    KHAC = "KHAC", "Khác"


class Fund(Code):
    KCQG = "KCQG", "Khuyến công quốc gia"
    KCDP = "KCDP", "Khuyến công địa phương"


class ActivityGroup(Code):
    """The nine clauses of NĐ 45/2012, Điều 4, shortened; recalled, see dossier section 3."""

    KC1_TRAINING = "KC1_TRAINING", "Đào tạo nghề, truyền nghề, nâng cao tay nghề"
    KC2_MANAGEMENT = (
        "KC2_MANAGEMENT",
        "Nâng cao năng lực quản lý; hội thảo, tập huấn, tham quan học tập; "
        "khởi sự, thành lập doanh nghiệp",
    )
    KC3_TECHNOLOGY = (
        "KC3_TECHNOLOGY",
        "Mô hình trình diễn kỹ thuật; chuyển giao công nghệ; ứng dụng máy móc tiên tiến; "
        "sản xuất sạch hơn",
    )
    KC4_PRODUCT = (
        "KC4_PRODUCT",
        "Phát triển sản phẩm công nghiệp nông thôn tiêu biểu: bình chọn, hội chợ triển lãm, "
        "nhãn hiệu, phòng trưng bày",
    )
    KC5_CONSULTING = (
        "KC5_CONSULTING",
        "Tư vấn, trợ giúp: dự án đầu tư, marketing, quản lý, mẫu mã bao bì, sản xuất sạch hơn",
    )
    KC6_INFORMATION = "KC6_INFORMATION", "Thông tin, tuyên truyền"
    KC7_LINKAGE = (
        "KC7_LINKAGE",
        "Liên doanh, liên kết, hợp tác; hiệp hội; cụm công nghiệp; di dời; xử lý ô nhiễm",
    )
    KC8_INTERNATIONAL = "KC8_INTERNATIONAL", "Hợp tác quốc tế về khuyến công"
    KC9_PROGRAMME = (
        "KC9_PROGRAMME",
        "Nâng cao năng lực quản lý và tổ chức thực hiện khuyến công; mạng lưới cộng tác viên; "
        "cơ sở dữ liệu",
    )


class OperationStatus(Code):
    ACTIVE = "ACTIVE", "Đang hoạt động"
    SEASONAL = "SEASONAL", "Hoạt động theo mùa vụ"
    PAUSED = "PAUSED", "Tạm ngừng hoạt động"
    CLOSED = "CLOSED", "Đã chấm dứt hoạt động"


class Gender(Code):
    MALE = "MALE", "Nam"
    FEMALE = "FEMALE", "Nữ"


class Premises(Code):
    """`area_owned` of the survey sheet: whose the workshop is."""

    OWNED = "OWNED", "Sở hữu"
    RENTED = "RENTED", "Đi thuê"


class Difficulty(Code):
    CAPITAL = "CAPITAL", "Vốn"
    LAND = "LAND", "Mặt bằng, đất đai"
    TECHNOLOGY = "TECHNOLOGY", "Công nghệ, máy móc"
    MARKET = "MARKET", "Thị trường"
    LABOUR = "LABOUR", "Lao động"
    PROCEDURE = "PROCEDURE", "Thủ tục"
    POWER = "POWER", "Điện"


class FigureBasis(Code):
    ACTUAL = "actual", "Thực hiện"
    ESTIMATE = "estimate", "Ước"
    PLAN = "plan", "Kế hoạch"


class FigureSource(Code):
    SURVEY = "survey", "Phiếu khảo sát"
    LIST = "list", "Danh sách nhập vào"
    OFFICE = "office", "Cơ quan cung cấp"


class AttachmentPurpose(Code):
    """What a picture or scan shows: after dossier section 5.3 and forms F22, F29, whose checklists are `designed`."""

    PHOTO_SITE = "PHOTO_SITE", "Ảnh cơ sở, nhà xưởng"
    PHOTO_BEFORE = "PHOTO_BEFORE", "Ảnh trước hỗ trợ"
    PHOTO_AFTER = "PHOTO_AFTER", "Ảnh sau hỗ trợ"
    PHOTO_PRODUCT = "PHOTO_PRODUCT", "Ảnh sản phẩm"
    PHOTO_BOOTH = "PHOTO_BOOTH", "Ảnh gian hàng"
    REGISTRATION = "REGISTRATION", "Giấy đăng ký, hợp đồng hợp tác"
    IDENTITY = "IDENTITY", "CCCD của người đại diện"
    APPLICATION = "APPLICATION", "Đơn, phiếu, cam kết đã ký"
    QUOTATION = "QUOTATION", "Báo giá, chứng thư giá, catalogue"
    CONTRACT = "CONTRACT", "Hợp đồng mua bán"
    INVOICE = "INVOICE", "Hoá đơn"
    HANDOVER = "HANDOVER", "Biên bản bàn giao"
    ENVIRONMENT = "ENVIRONMENT", "Giấy tờ về môi trường"
    CERTIFICATE = "CERTIFICATE", "Giấy chứng nhận sản phẩm"
    OTHER = "OTHER", "Khác"


class SheetState(Code):
    """Where an answer sheet stands."""

    DRAFT = "DRAFT", "Đang ghi"
    FINISHED = "FINISHED", "Đã ghi xong"
    ACCEPTED = "ACCEPTED", "Đã nhận vào hồ sơ"
    RETURNED = "RETURNED", "Trả lại"


class RoundResult(Code):
    """Why an establishment of a survey round has no sheet and will have none."""

    NOT_FOUND = "NOT_FOUND", "Không tìm thấy"
    REFUSED = "REFUSED", "Từ chối"


class PriorityFlag(Code):
    """Criteria of priority, dossier section 4.4; weights and dates are data of the province."""

    PRIORITY_AREA = "PRIORITY_AREA", "Địa bàn ưu tiên"
    EXPORT = "EXPORT", "Sản xuất hàng xuất khẩu"
    LOCAL_MATERIAL = "LOCAL_MATERIAL", "Sử dụng trên 50% nguyên liệu của tỉnh"
    LABOUR_INTENSIVE = "LABOUR_INTENSIVE", "Sử dụng từ 50 lao động trở lên"
    SUPPORTING_INDUSTRY = "SUPPORTING_INDUSTRY", "Công nghiệp hỗ trợ"
    FOR_AGRICULTURE = "FOR_AGRICULTURE", "Cơ khí, hóa chất phục vụ nông nghiệp"
    TYPICAL_PRODUCT = "TYPICAL_PRODUCT", "Sản phẩm công nghiệp nông thôn tiêu biểu"
    KEY_PRODUCT = "KEY_PRODUCT", "Sản phẩm chủ lực, mũi nhọn"
    WOMEN_OWNED = "WOMEN_OWNED", "Phụ nữ làm chủ"
    ETHNIC_OWNED = "ETHNIC_OWNED", "Người dân tộc thiểu số làm chủ"


class ExpectedIndicator(Code):
    """What a beneficiary expects to change: rows of `expected` in form F02."""

    OUTPUT = "OUTPUT", "Sản lượng"
    REVENUE = "REVENUE", "Doanh thu (đồng/năm)"
    WORKERS = "WORKERS", "Lao động (người)"
    WAGE = "WAGE", "Thu nhập bình quân (đồng/người/tháng)"


class SchemeShape(Code):
    SINGLE = "SINGLE", "Đề án đơn"
    GROUP = "GROUP", "Đề án nhóm"
    PILOT = "PILOT", "Đề án điểm"


class SchemeState(Code):
    SURVEYED = "SURVEYED", "Khảo sát nhu cầu"
    REGISTERED = "REGISTERED", "Đăng ký nhu cầu hỗ trợ"
    DRAFTED = "DRAFTED", "Lập đề án"
    BASE_APPRAISED = "BASE_APPRAISED", "Thẩm định cấp cơ sở"
    APPRAISED = "APPRAISED", "Thẩm định"
    PLAN_APPROVED = "PLAN_APPROVED", "Phê duyệt kế hoạch năm"
    CONTRACTED = "CONTRACTED", "Ký hợp đồng"
    ADVANCED = "ADVANCED", "Tạm ứng"
    IMPLEMENTING = "IMPLEMENTING", "Triển khai"
    ADJUSTING = "ADJUSTING", "Điều chỉnh, bổ sung"
    STOPPED = "STOPPED", "Ngừng triển khai"
    BASE_ACCEPTED = "BASE_ACCEPTED", "Nghiệm thu cơ sở"
    SETTLED = "SETTLED", "Quyết toán"
    LIQUIDATED = "LIQUIDATED", "Thanh lý hợp đồng"
    FOLLOWED_UP = "FOLLOWED_UP", "Theo dõi sau hỗ trợ"
    CLOSED = "CLOSED", "Đóng hồ sơ"
    RETURNED = "RETURNED", "Trả lại bổ sung"
    REJECTED = "REJECTED", "Không duyệt"
    WITHDRAWN = "WITHDRAWN", "Rút"


class EthnicGroup(Code):
    """The 54 peoples of Vietnam, in the order of the statistical list of 1979."""

    KINH = "KINH", "Kinh"
    TAY = "TAY", "Tày"
    THAI = "THAI", "Thái"
    HOA = "HOA", "Hoa"
    KHMER = "KHMER", "Khmer"
    MUONG = "MUONG", "Mường"
    NUNG = "NUNG", "Nùng"
    HMONG = "HMONG", "Mông"
    DAO = "DAO", "Dao"
    GIA_RAI = "GIA_RAI", "Gia Rai"
    NGAI = "NGAI", "Ngái"
    E_DE = "E_DE", "Ê Đê"
    BA_NA = "BA_NA", "Ba Na"
    XO_DANG = "XO_DANG", "Xơ Đăng"
    SAN_CHAY = "SAN_CHAY", "Sán Chay"
    CO_HO = "CO_HO", "Cơ Ho"
    CHAM = "CHAM", "Chăm"
    SAN_DIU = "SAN_DIU", "Sán Dìu"
    HRE = "HRE", "Hrê"
    MNONG = "MNONG", "Mnông"
    RAGLAI = "RAGLAI", "Raglai"
    XTIENG = "XTIENG", "Xtiêng"
    BRU_VAN_KIEU = "BRU_VAN_KIEU", "Bru - Vân Kiều"
    THO = "THO", "Thổ"
    GIAY = "GIAY", "Giáy"
    CO_TU = "CO_TU", "Cơ Tu"
    GIE_TRIENG = "GIE_TRIENG", "Gié Triêng"
    MA = "MA", "Mạ"
    KHO_MU = "KHO_MU", "Khơ Mú"
    CO = "CO", "Co"
    TA_OI = "TA_OI", "Tà Ôi"
    CHO_RO = "CHO_RO", "Chơ Ro"
    KHANG = "KHANG", "Kháng"
    XINH_MUN = "XINH_MUN", "Xinh Mun"
    HA_NHI = "HA_NHI", "Hà Nhì"
    CHU_RU = "CHU_RU", "Chu Ru"
    LAO = "LAO", "Lào"
    LA_CHI = "LA_CHI", "La Chí"
    LA_HA = "LA_HA", "La Ha"
    PHU_LA = "PHU_LA", "Phù Lá"
    LA_HU = "LA_HU", "La Hủ"
    LU = "LU", "Lự"
    LO_LO = "LO_LO", "Lô Lô"
    CHUT = "CHUT", "Chứt"
    MANG = "MANG", "Mảng"
    PA_THEN = "PA_THEN", "Pà Thẻn"
    CO_LAO = "CO_LAO", "Cơ Lao"
    CONG = "CONG", "Cống"
    BO_Y = "BO_Y", "Bố Y"
    SI_LA = "SI_LA", "Si La"
    PU_PEO = "PU_PEO", "Pu Péo"
    BRAU = "BRAU", "Brâu"
    O_DU = "O_DU", "Ơ Đu"
    RO_MAM = "RO_MAM", "Rơ Măm"


class Suitability(Code):
    """What a survey on the spot finds (F05)."""

    SUITABLE = "SUITABLE", "Phù hợp"
    INCOMPLETE = "INCOMPLETE", "Cần bổ sung"
    UNSUITABLE = "UNSUITABLE", "Không phù hợp"


class DocumentState(Code):
    """A document of a dossier (F06)."""

    PRESENT = "PRESENT", "Có"
    MISSING = "MISSING", "Thiếu"
    WRONG = "WRONG", "Sai"


class CriterionResult(Code):
    PASSED = "PASSED", "Đạt"
    FAILED = "FAILED", "Không đạt"


class AppraisalConclusion(Code):
    APPROVE = "APPROVE", "Đề nghị duyệt"
    SUPPLEMENT = "SUPPLEMENT", "Đề nghị bổ sung"
    REJECT = "REJECT", "Không duyệt"


class AcceptanceConclusion(Code):
    PASSED = "PASSED", "Đạt"
    CONDITIONAL = "CONDITIONAL", "Đạt có điều kiện"
    FAILED = "FAILED", "Không đạt"


class AdjustmentKind(Code):
    BENEFICIARY = "BENEFICIARY", "Thay đổi đơn vị thụ hưởng"
    CONTENT = "CONTENT", "Điều chỉnh nội dung"
    BUDGET = "BUDGET", "Điều chỉnh kinh phí"
    TIME = "TIME", "Điều chỉnh thời gian"
    STOP = "STOP", "Ngừng triển khai"
    ADD = "ADD", "Bổ sung đề án"


class Cause(Code):
    """Why a scheme is late, changed or stopped (F13, F14, F15)."""

    CAPITAL = "CAPITAL", "Đơn vị thụ hưởng thiếu vốn đối ứng"
    SITE = "SITE", "Mặt bằng, nhà xưởng"
    SUPPLIER = "SUPPLIER", "Nhà cung cấp, giá thiết bị"
    MARKET = "MARKET", "Thị trường, nguyên liệu"
    PROCEDURE = "PROCEDURE", "Thủ tục, hồ sơ"
    BUDGET = "BUDGET", "Cấp kinh phí chậm"
    DISASTER = "DISASTER", "Thiên tai, dịch bệnh"
    WITHDRAWAL = "WITHDRAWAL", "Đơn vị thụ hưởng đổi ý"
    OTHER = "OTHER", "Khác"


class MachineUse(Code):
    """What became of a machine after support (F20)."""

    GOOD = "GOOD", "Dùng tốt"
    LITTLE = "LITTLE", "Dùng ít"
    BROKEN = "BROKEN", "Hỏng"
    TRANSFERRED = "TRANSFERRED", "Chuyển nhượng"


class ProductLevel(Code):
    """Levels of voting; DISTRICT until 30/06/2025."""

    COMMUNE = "COMMUNE", "Cấp xã"
    PROVINCE = "PROVINCE", "Cấp tỉnh"
    REGION = "REGION", "Cấp khu vực"
    NATION = "NATION", "Cấp quốc gia"
    DISTRICT = "DISTRICT", "Cấp huyện (cũ)"


class ProductGroup(Code):
    HANDICRAFT = "HANDICRAFT", "Thủ công mỹ nghệ"
    FOOD = "FOOD", "Chế biến nông, lâm, thủy sản và thực phẩm"
    MACHINERY = "MACHINERY", "Thiết bị, máy móc, dụng cụ, phụ tùng cơ khí"
    OTHER = "OTHER", "Khác"


CODE_LISTS: Mapping[str, type[Code]] = MappingProxyType(
    {
        "legal_form": LegalForm,
        "fund": Fund,
        "activity_group": ActivityGroup,
        "operation_status": OperationStatus,
        "gender": Gender,
        "ethnic_group": EthnicGroup,
        "premises": Premises,
        "difficulty": Difficulty,
        "figure_basis": FigureBasis,
        "figure_source": FigureSource,
        "sheet_state": SheetState,
        "round_result": RoundResult,
        "priority_flag": PriorityFlag,
        "expected_indicator": ExpectedIndicator,
        "scheme_shape": SchemeShape,
        "scheme_state": SchemeState,
        "suitability": Suitability,
        "document_state": DocumentState,
        "criterion_result": CriterionResult,
        "appraisal_conclusion": AppraisalConclusion,
        "acceptance_conclusion": AcceptanceConclusion,
        "adjustment_kind": AdjustmentKind,
        "cause": Cause,
        "machine_use": MachineUse,
        "product_level": ProductLevel,
        "product_group": ProductGroup,
    }
)
"""Every list by the name that data files (forms, questionnaires) use for it."""


def label_of(list_name: str, code: str) -> str:
    """The Vietnamese label of `code`; a code this version does not know stays as it is.

    Raises `KeyError` for a list that does not exist.

    >>> label_of("legal_form", "HO_KINH_DOANH"), label_of("legal_form", "NEWER")
    ('Hộ kinh doanh', 'NEWER')
    """
    return next((entry.label for entry in CODE_LISTS[list_name] if entry == code), code)
