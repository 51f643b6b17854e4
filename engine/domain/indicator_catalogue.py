"""The catalogue of indicators: what is counted of what, and where the numbers come from (domain.md §5, §9.1).

Keys stand in targets and figures of the database and never change their meaning.
"""

from __future__ import annotations

from engine.domain.indicators import Indicator, Origin, Shape
from engine.errors import InvalidInputError


class UnknownIndicatorError(InvalidInputError):
    """No indicator has this key."""

    code = "unknown-indicator"


def by_key(key: str) -> Indicator:
    """Return the indicator of a key.

    Raises:
        UnknownIndicatorError: there is none.
    """
    found = INDICATORS.get(key)
    if found is None:
        raise UnknownIndicatorError(f"no indicator is called {key[:60]!r}; see docs/reference", field="indicator")
    return found


_766, _PLAN = "Quyết định 766/QĐ-TTg (domain.md §5)", "domain.md §9.1"
_F, _R = Origin.FACTS, Origin.REGISTER
INDICATORS: dict[str, Indicator] = {
    row.key: row
    for row in (
        # index 766
        Indicator(
            "publish_on_time",
            "Quyết định công bố TTHC đúng hạn / quyết định công bố TTHC",
            "Decisions publishing procedures on time / decisions publishing procedures",
            _766,
        ),
        Indicator(
            "update_on_time",
            "TTHC cập nhật trên CSDL quốc gia đúng hạn / TTHC phải cập nhật",
            "Procedures updated on the national database on time / procedures to update",
            _766,
        ),
        Indicator(
            "content_full",
            "TTHC công khai đủ nội dung / TTHC công khai",
            "Procedures published with full content / procedures published",
            _766,
        ),
        Indicator(
            "dossier_sync",
            "Hồ sơ đồng bộ lên Cổng Dịch vụ công quốc gia / hồ sơ",
            "Dossiers tracked and synced with the national portal / dossiers",
            f"{_766}, {_PLAN}",
        ),
        Indicator(
            "on_time_received",
            "Hồ sơ tiếp nhận trong kỳ đã giải quyết đúng hạn (kể cả rút, dừng) / hồ sơ tiếp nhận trong kỳ",
            "Dossiers received in the period and kept on time (or withdrawn, stopped) / received in the period",
            _766,
            _F,
        ),
        Indicator(
            "online_services",
            "TTHC cung cấp trực tuyến (một phần, toàn trình) / TTHC của cơ quan",
            "Procedures offered online (partly or fully) / procedures of the authority",
            f"{_766}, {_PLAN}",
            _R,
        ),
        Indicator(
            "online_services_used",
            "Dịch vụ công trực tuyến có hồ sơ nộp trực tuyến / dịch vụ công trực tuyến",
            "Online services with dossiers filed online / online services",
            _766,
            _R,
        ),
        Indicator(
            "online_dossiers",
            "Hồ sơ nộp trực tuyến / hồ sơ tiếp nhận trong kỳ",
            "Dossiers filed online / dossiers received in the period",
            f"{_766}, {_PLAN}",
            _F,
        ),
        Indicator(
            "online_payment",
            "Hồ sơ thanh toán trực tuyến / hồ sơ có nghĩa vụ tài chính",
            "Dossiers paid online / dossiers with a financial obligation",
            f"{_766}, {_PLAN}",
            _F,
        ),
        Indicator(
            "fee_services_paid_online",
            "TTHC có hồ sơ thanh toán trực tuyến / TTHC có hồ sơ phát sinh nghĩa vụ tài chính",
            "Procedures with dossiers paid online / procedures whose dossiers had a financial obligation",
            _766,
            _F,
        ),
        Indicator(
            "fee_services_on_portal",
            "TTHC có phí được thanh toán trên Cổng Dịch vụ công quốc gia / TTHC có phí",
            "Procedures with a fee that can be paid on the national portal / procedures with a fee",
            _766,
        ),
        Indicator(
            "electronic_results",
            "Hồ sơ đã giải quyết có kết quả điện tử / hồ sơ đã giải quyết có kết quả",
            "Dossiers finished with an electronic result / dossiers finished with a result",
            f"{_766}, {_PLAN}",
            _F,
        ),
        Indicator(
            "papers_digitised",
            "Thành phần hồ sơ đã số hóa / thành phần hồ sơ tiếp nhận trong kỳ",
            "Papers digitised / papers of dossiers received in the period",
            f"{_766}, {_PLAN}",
            _F,
        ),
        Indicator(
            "papers_reused",
            "Thành phần hồ sơ dùng lại dữ liệu đã số hóa / thành phần hồ sơ tiếp nhận trong kỳ",
            "Papers taken from digitised data / papers of dossiers received in the period",
            f"{_766}, {_PLAN}",
            _F,
        ),
        Indicator(
            "results_in_personal_store",
            "Kết quả đồng bộ lên kho dữ liệu điện tử cá nhân / kết quả",
            "Results synced to the personal store / results",
            _766,
        ),
        Indicator(
            "dossiers_with_population_data",
            "Hồ sơ khai thác dữ liệu dân cư / hồ sơ",
            "Dossiers that use population data / dossiers",
            _766,
        ),
        Indicator(
            "procedures_with_population_data",
            "TTHC khai thác dữ liệu dân cư / TTHC",
            "Procedures that use population data / procedures",
            _766,
        ),
        Indicator(
            "certified_copies",
            "Bản sao chứng thực điện tử / bản sao chứng thực",
            "Certified copies made electronically / certified copies",
            _766,
        ),
        Indicator(
            "satisfied_reception",
            "Đánh giá hài lòng / đánh giá về tiếp nhận, giải quyết TTHC",
            "Satisfied answers / answers on reception and resolution",
            f"{_766}, {_PLAN}",
        ),
        Indicator(
            "petitions_on_time",
            "Phản ánh, kiến nghị xử lý đúng hạn / phản ánh, kiến nghị đã xử lý",
            "Petitions answered on time / petitions answered",
            _766,
        ),
        Indicator(
            "satisfied_petitions",
            "Đánh giá hài lòng / đánh giá về xử lý phản ánh, kiến nghị",
            "Satisfied answers / answers on the handling of petitions",
            _766,
        ),
        # plans: what dossiers, the register and the tasks answer
        Indicator(
            "on_time_finished",
            "Hồ sơ giải quyết trước và đúng hạn / hồ sơ đã giải quyết",
            "Dossiers finished early or on time / dossiers finished",
            f"{_PLAN}; §6.3",
            _F,
        ),
        Indicator(
            "open_late",
            "Hồ sơ đang quá hạn / hồ sơ đang giải quyết",
            "Dossiers open and late / dossiers open",
            _PLAN,
            _F,
        ),
        Indicator(
            "time_cut",
            "Thời gian giải quyết TTHC đã cắt giảm / thời gian giải quyết các TTHC đó của năm gốc",
            "Processing time cut / processing time of the same procedures in the base year",
            _PLAN,
            _F,
        ),
        Indicator(
            "national_published",
            "TTHC công khai trên CSDL quốc gia / TTHC",
            "Procedures published on the national database / procedures",
            _PLAN,
            _R,
        ),
        Indicator(
            "nonterritorial_published",
            "TTHC phi địa giới đã công khai / TTHC phi địa giới",
            "Non-territorial procedures published / non-territorial procedures",
            f"{_PLAN}; §1.12",
            _R,
        ),
        Indicator(
            "internal_published",
            "TTHC nội bộ đã công khai / TTHC nội bộ",
            "Internal procedures published / internal procedures",
            _PLAN,
            _R,
        ),
        Indicator(
            "full_online_services",
            "TTHC cung cấp dịch vụ công trực tuyến toàn trình / TTHC",
            "Procedures offered fully online / procedures",
            _PLAN,
            _R,
        ),
        Indicator(
            "plan_tasks_on_time",
            "Nhiệm vụ của kế hoạch hoàn thành đúng hạn / nhiệm vụ đã hoàn thành hoặc đã đến hạn",
            "Tasks of the plan done on time / tasks done or due",
            _PLAN,
            Origin.TASKS,
        ),
        # plans: entered by hand
        Indicator(
            "city_tasks_on_time",
            "Nhiệm vụ cấp trên giao hoàn thành đúng hạn / nhiệm vụ được giao",
            "Tasks assigned from above done on time / tasks assigned",
            _PLAN,
        ),
        Indicator(
            "satisfied_administration",
            "Đánh giá hài lòng về phục vụ hành chính / đánh giá",
            "Satisfied answers on the administration's service / answers",
            _PLAN,
        ),
        Indicator(
            "satisfied_public_services",
            "Đánh giá hài lòng về dịch vụ công (y tế, giáo dục) / đánh giá",
            "Satisfied answers on public services (health, education) / answers",
            _PLAN,
        ),
        Indicator(
            "satisfied_online_services",
            "Đánh giá hài lòng về dịch vụ công trực tuyến / đánh giá",
            "Satisfied answers on online services / answers",
            _PLAN,
        ),
        Indicator(
            "satisfied_land",
            "Đánh giá hài lòng về đất đai, xây dựng, đầu tư / đánh giá",
            "Satisfied answers on land, construction, investment / answers",
            _PLAN,
        ),
        Indicator("sipas", "Chỉ số SIPAS (điểm %)", "SIPAS (score in percent)", _PLAN, shape=Shape.LEVEL),
        Indicator(
            "par_index", "Chỉ số cải cách hành chính PAR Index (điểm)", "PAR Index (score)", _PLAN, shape=Shape.LEVEL
        ),
        Indicator("pci", "Chỉ số PCI (điểm)", "PCI (score)", _PLAN, shape=Shape.LEVEL),
        Indicator("dcci", "Chỉ số DCCI (điểm)", "DCCI (score)", _PLAN, shape=Shape.LEVEL),
        Indicator("sipas_rank", "Thứ hạng SIPAS", "Rank by SIPAS", _PLAN, shape=Shape.LEVEL),
        Indicator("par_rank", "Thứ hạng PAR Index", "Rank by PAR Index", _PLAN, shape=Shape.LEVEL),
        Indicator("pci_rank", "Thứ hạng PCI", "Rank by PCI", _PLAN, shape=Shape.LEVEL),
        Indicator("dti", "Chỉ số chuyển đổi số DTI (điểm)", "DTI (score)", _PLAN, shape=Shape.LEVEL),
        Indicator(
            "internal_processes_reviewed",
            "Quy trình nội bộ đã rà soát / quy trình nội bộ",
            "Internal procedures reviewed / internal procedures",
            _PLAN,
        ),
        Indicator("iso_units", "Đơn vị áp dụng ISO 9001:2015 / đơn vị", "Units under ISO 9001:2015 / units", _PLAN),
        Indicator("iso_audited", "Đơn vị được đánh giá ISO trong năm / đơn vị", "Units audited for ISO / units", _PLAN),
        Indicator(
            "units_inspected",
            "Phòng, đơn vị được kiểm tra cải cách hành chính / phòng, đơn vị",
            "Divisions inspected on administrative reform / divisions",
            _PLAN,
        ),
        Indicator(
            "electronic_documents",
            "Văn bản xử lý hoàn toàn điện tử / văn bản",
            "Documents processed fully electronically / documents",
            _PLAN,
        ),
        Indicator(
            "compliance_cost_cut",
            "Chi phí tuân thủ TTHC đã cắt giảm / chi phí của năm gốc",
            "Compliance cost cut / compliance cost of the base year",
            _PLAN,
        ),
        Indicator(
            "technical_procedures_reviewed",
            "TTHC trong quy chuẩn kỹ thuật đã công khai, rà soát / TTHC trong quy chuẩn kỹ thuật",
            "Procedures in technical regulations published and reviewed / procedures there",
            _PLAN,
        ),
        Indicator(
            "business_reports_electronic",
            "Báo cáo của doanh nghiệp thực hiện điện tử / báo cáo của doanh nghiệp",
            "Business reports made electronically / business reports",
            _PLAN,
        ),
        Indicator(
            "business_data_once",
            "Thông tin doanh nghiệp chỉ cung cấp một lần / thông tin doanh nghiệp phải cung cấp",
            "Business information provided only once / business information to provide",
            _PLAN,
        ),
        Indicator(
            "data_governance",
            "Mức độ trưởng thành quản trị dữ liệu (cấp)",
            "Data governance maturity (level)",
            _PLAN,
            shape=Shape.LEVEL,
        ),
        Indicator("open_data_agencies", "Cơ quan mở dữ liệu / cơ quan", "Agencies with open data / agencies", _PLAN),
        Indicator(
            "shared_platforms",
            "Nền tảng dùng chung đã sử dụng / nền tảng dùng chung",
            "Shared platforms in use / shared platforms",
            _PLAN,
        ),
        Indicator(
            "initiatives", "Sáng kiến cải cách hành chính (số lượng)", "Initiatives (number)", _PLAN, shape=Shape.COUNT
        ),
        Indicator(
            "dialogues",
            "Cuộc đối thoại với người dân, doanh nghiệp (số lượng)",
            "Dialogues (number)",
            _PLAN,
            shape=Shape.COUNT,
        ),
    )
}
#: by key, in the order in which lists show them
