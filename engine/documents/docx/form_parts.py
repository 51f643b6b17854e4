"""Heads, fields and signatures that our own templates share (NĐ 30/2020, Phụ lục I; domain.md §2.2, §2.9)."""

from __future__ import annotations

from engine.documents.docx.layout import TEXT_WIDTH, each, grid, par, picture, run, when

QR = picture("rId5", "qr", "Mã QR tra cứu hồ sơ", millimetres=24)
UNDECIDED = "{% if provisional %} (ngày tạm tính – chưa có quyết định lịch nghỉ){% endif %}"
INDENT = 624  # twips: 1.1 cm


def head(*, number: str = "Số: {{ number }}/{{ symbol }}", superior: bool = True, width: int = TEXT_WIDTH) -> str:
    """Return issuer and motto side by side, below them number and date."""
    left, right = width * 44 // 100, width * 56 // 100
    issuer = (
        par(run("{{ superior_body }}", size=12), align="center", after=0) if superior else "",
        par(run("{{ issuer }}", bold=True, size=12), align="center", after=20),
        par(rule=left * 3 // 10, after=120),
        par(run(number, size=13), align="center", after=0) if number else "",
    )
    motto = (
        par(run("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", bold=True, size=12), align="center", after=0),
        par(run("Độc lập - Tự do - Hạnh phúc", bold=True, size=13), align="center", after=20),
        par(rule=right * 23 // 100, after=120),
        par(run("{{ place }}, " + DATED, italic=True, size=13), align="center", after=0),
    )
    return grid((left, right), "".join(issuer), "".join(motto))


DATED = "{% if dated %}{{ dated }}{% else %}ngày …… tháng …… năm ………{% endif %}"


def named(*lines: str, below: str = "") -> str:
    """Return the name of a slip, and what stands below it."""
    parts = [par(run(line, bold=True, size=14), align="center", after=20, keep=True) for line in lines]
    return "".join(parts) + (par(below, align="center", after=160) if below else par(after=60))


def titled_with_code(remark: str = "", lines: tuple[str, ...] = ()) -> str:
    """Return the QR code beside the name of the paper, a remark, and the code of the dossier.

    Args:
        lines: the name; none: the form's own, which is among its fields.
    """
    side = 1500
    own = each("line in title", par(run("{{ line }}", bold=True, size=14), align="center", after=0))
    name = "".join(par(run(line, bold=True, size=14), align="center", after=0) for line in lines) or own
    noted = par(run(remark, italic=True, size=11), align="center", after=0) if remark else ""
    code = when("code", par(run("Mã hồ sơ: "), run("{{ code }}", bold=True), align="center", after=0))
    linked = when("tracking_url", par(QR, align="left", after=0))
    return grid((side, TEXT_WIDTH - 2 * side, side), linked, name + noted + code, par(after=0))


def field(label: str, value: str, *, bold: bool = False) -> str:
    """Return ``label: value``."""
    return par(run(f"{label}: "), run(value, bold=bold), align="left", after=80)


def pair(label: str, value: str, other: str, other_value: str) -> str:
    """Return two fields on one line."""
    return par(run(f"{label}: {value}     {other}: {other_value}"), align="left", after=80)


def signature(role: str, note: str = "(Ký và ghi rõ họ tên)", name: str = "") -> str:
    """Return who signs, with room above the name."""
    parts = [par(run(role, bold=True), align="center", after=0, keep=True)]
    parts += [par(run(note, italic=True), align="center", after=0, keep=True)] if note else []
    parts += [par(align="center", after=0, keep=True)] * 4
    return "".join(parts) + par(run(name, bold=True), align="center", after=0)


def two_signatures(left: str, right: str) -> str:
    """Return two signatures side by side, on one page."""
    return grid((TEXT_WIDTH // 2, TEXT_WIDTH // 2), left, right, keep=True)


def looked_up() -> str:
    """Return how the citizen looks the dossier up."""
    text = "Tra cứu hồ sơ: quét mã QR ở trên hoặc mở {{ tracking_url }}"
    return when("tracking_url", par(run(text, italic=True, size=11), align="left", after=120))
