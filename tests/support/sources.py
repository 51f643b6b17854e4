"""The source files of this project, for tests about the project itself."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("bpmn", "engine", "web", "workers", "bench")


def modules(package: str) -> list[Path]:
    """Return the modules of a package; migrations, which are never edited again, left out."""
    return sorted(path for path in (ROOT / package).rglob("*.py") if "versions" not in path.parts)


def module_name(path: Path) -> str:
    """Return the dotted name under which a module is imported."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
