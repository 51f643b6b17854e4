"""The people and places of the demo. All of them are made up, and say so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from engine.domain.actors import Role

PASSWORD = "motcua-demo"  # noqa: S105 - printed at every start of a demo
FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô")
MIDDLE = ("Văn", "Thị", "Minh", "Thu", "Đức", "Ngọc", "Quang", "Thanh")
GIVEN = ("An", "Bình", "Châu", "Dung", "Giang", "Hà", "Khánh", "Lan", "Mai", "Nam", "Phúc", "Quỳnh", "Sơn", "Trang")

# (code, name); the first is the one-stop unit
UNITS = (
    ("TTPVHCC", "Trung tâm Phục vụ hành chính công"),
    ("VAN_PHONG", "Văn phòng HĐND và UBND"),
    ("VAN_HOA_XA_HOI", "Phòng Văn hóa – Xã hội"),
    ("KINH_TE_HA_TANG", "Phòng Kinh tế, Hạ tầng và Đô thị"),
    ("LANH_DAO", "Lãnh đạo UBND"),
    ("VAN_THU", "Văn thư"),
    ("CONG_AN", "Công an phường"),
    ("TRUONG_CONG_AN", "Trưởng Công an phường"),
    ("DAT_DAI", "Chi nhánh Văn phòng đăng ký đất đai"),
    ("THUE", "Thuế cơ sở"),
    ("BAO_HIEM", "Bảo hiểm xã hội cơ sở"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """An agency of the demo; ``short`` is the place name on papers."""

    code: str
    name: str
    short: str
    phone: str
    suffix: str  #: of the sign-in names


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """An officer of the demo; one with a ``label`` has the password and is offered for a first look."""

    username: str
    name: str
    title: str
    role: Role
    place: Place
    unit: str | None
    label: str


CITY = Place("H99", "Ủy ban nhân dân thành phố Sông Mẫu", "Sông Mẫu", "0299 000 0000", "tp")
WARDS = (
    Place("H99.31.01", "Ủy ban nhân dân phường An Mẫu", "An Mẫu", "0299 000 0001", "anmau"),
    Place("H99.31.02", "Ủy ban nhân dân phường Bình Mẫu", "Bình Mẫu", "0299 000 0002", "binhmau"),
)

# Who is only asked for opinions: an agency with one unit and one officer; (place, unit, its name, role of the partner)
ASKED = (
    (
        Place("H99.CA", "Công an thành phố Sông Mẫu", "Sông Mẫu", "0299 000 0003", "pccc"),
        ("PCCC", "Phòng Cảnh sát phòng cháy, chữa cháy"),
        "canh_sat_pccc",
    ),
    (
        Place("H99.DL", "Điện lực Sông Mẫu", "Sông Mẫu", "0299 000 0004", "dienluc"),
        ("DIEU_DO", "Phòng Điều độ"),
        "dien_luc",
    ),
)

# (sign-in name, name, title, role, unit, what to call them in the list of sign-ins)
_JOBS = (
    ("tiepnhan", "Lê Thị Tiếp", "Chuyên viên", Role.DESK, "TTPVHCC", "tiếp nhận và trả kết quả"),
    ("tiepnhan2", "Vũ Văn Nhận", "Chuyên viên", Role.DESK, "TTPVHCC", ""),
    ("hotich", "Trần Thị Tịch", "Công chức tư pháp – hộ tịch", Role.OFFICER, "VAN_PHONG", "thụ lý hộ tịch"),
    ("vanhoa", "Đỗ Thị Hòa", "Chuyên viên", Role.OFFICER, "VAN_HOA_XA_HOI", ""),
    ("kinhte", "Ngô Văn Kinh", "Chuyên viên", Role.OFFICER, "KINH_TE_HA_TANG", "thụ lý kinh tế, đất đai, xây dựng"),
    ("lanhdao", "Phạm Văn Đạo", "Phó Chủ tịch", Role.APPROVER, "LANH_DAO", "lãnh đạo: xét duyệt, ký"),
    ("vanthu", "Bùi Thị Thư", "Văn thư", Role.CLERK, "VAN_THU", "văn thư"),
    ("giamsat", "Hoàng Văn Giám", "Giám đốc Trung tâm", Role.SUPERVISOR, None, "giám sát, điều phối, báo cáo"),
    ("congan", "Đặng Văn Công", "Cán bộ công an phường", Role.OFFICER, "CONG_AN", ""),
    ("truongcongan", "Vũ Văn Trưởng", "Trưởng Công an phường", Role.APPROVER, "TRUONG_CONG_AN", ""),
    ("datdai", "Nguyễn Thị Đất", "Viên chức", Role.OFFICER, "DAT_DAI", ""),
    ("thue", "Trần Văn Thuế", "Công chức thuế", Role.OFFICER, "THUE", ""),
    ("baohiem", "Lê Thị Bảo", "Viên chức", Role.OFFICER, "BAO_HIEM", ""),
)
_OF_THE_CITY = (
    ("ykien", "Phan Văn Ý", "Chuyên viên", Role.OFFICER, "CO_QUAN_Y_KIEN", ""),
    ("kiemtra", "Vũ Thị Kiểm", "Thanh tra viên", Role.AUDITOR, None, "kiểm tra: chỉ xem"),
    ("quantri", "Ngô Thị Trị", "Quản trị viên", Role.ADMIN, None, "quản trị: người dùng, lịch, thủ tục"),
)


def _people() -> Iterator[DemoPerson]:
    for place in (*WARDS, CITY):
        for job in (*_JOBS, *(_OF_THE_CITY if place is CITY else ())):
            username, name, title, role, unit, label = job
            shown = f"{label}, {place.short}" if label and _is_offered(place, role) else ""
            yield DemoPerson(f"{username}.{place.suffix}", f"{name} (mẫu)", title, role, place, unit, shown)
    for place, (unit, _name), _role in ASKED:
        label = f"cho ý kiến, {place.name}"
        yield DemoPerson(
            f"ykien.{place.suffix}", "Phan Thị Kiến (mẫu)", "Chuyên viên", Role.OFFICER, place, unit, label
        )


def _is_offered(place: Place, role: Role) -> bool:
    if place is WARDS[0]:
        return True  # one ward in full; of the others, who is needed to see two agencies work together
    of_others = {CITY: (Role.DESK, Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN)}
    return role in of_others.get(place, (Role.DESK, Role.APPROVER, Role.SUPERVISOR))


PEOPLE = tuple(_people())


def citizen_name(rng: Random) -> str:
    """Return a made-up name that is marked as one."""
    return f"{rng.choice(FAMILY)} {rng.choice(MIDDLE)} {rng.choice(GIVEN)} (mẫu)"
