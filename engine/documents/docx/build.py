"""Builds our own .docx templates: ``python -m engine.documents.docx.build`` writes them, the same bytes each time."""

from __future__ import annotations

import sys
import zipfile
from io import BytesIO
from pathlib import Path

from engine.documents.docx import slip_layouts
from engine.documents.docx.form_layouts import Layout
from engine.documents.docx.layout import FONT, SPACES, body, par, run, white_png

TEMPLATES = Path(__file__).parent / "templates"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

TYPES = (
    f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_WORD}.document.main+xml"/>'
    f'<Override PartName="/word/styles.xml" ContentType="{_WORD}.styles+xml"/>'
    f'<Override PartName="/word/settings.xml" ContentType="{_WORD}.settings+xml"/>'
    f'<Override PartName="/word/header1.xml" ContentType="{_WORD}.header+xml"/>'
    f'<Override PartName="/word/footer1.xml" ContentType="{_WORD}.footer+xml"/>'
    '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
    "</Types>"
)
RELATIONS = (
    f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
    f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
    "</Relationships>"
)
STYLES = (
    f"<w:styles {SPACES}><w:docDefaults><w:rPrDefault><w:rPr>"
    f'<w:rFonts w:ascii="{FONT}" w:hAnsi="{FONT}" w:eastAsia="{FONT}" w:cs="{FONT}"/>'
    '<w:sz w:val="SIZE"/><w:szCs w:val="SIZE"/><w:lang w:val="vi-VN" w:eastAsia="vi-VN"/>'
    "</w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>"
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style></w:styles>'
)
SETTINGS = (  # a broken line of a justified paragraph is not stretched
    f'<w:settings {SPACES}><w:zoom w:percent="100"/><w:compat><w:doNotExpandShiftReturn/>'
    '<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>'
    "</w:compat></w:settings>"
)
NUMBER = '<w:fldSimple w:instr="PAGE"><w:r><w:t>2</w:t></w:r></w:fldSimple>'


def made(layout: Layout) -> bytes:
    """Return the template of a layout."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in _parts(layout).items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o600 << 16
            archive.writestr(entry, content)
    return out.getvalue()


def _parts(layout: Layout) -> dict[str, bytes]:
    links = (("styles", "styles.xml"), ("header", "header1.xml"), ("footer", "footer1.xml"),
             ("settings", "settings.xml"), ("image", "media/qr.png"))  # fmt: skip
    document = "".join(
        f'<Relationship Id="rId{no}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for no, (kind, target) in enumerate(links, start=1)
    )
    foot = par(run(layout.foot, size=9, grey=True), align="left", after=0)
    texts = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": RELATIONS,
        "word/document.xml": body(layout.content, landscape=layout.landscape),
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{document}</Relationships>',
        "word/styles.xml": STYLES.replace("SIZE", str(round(layout.size * 2))),
        "word/settings.xml": SETTINGS,
        "word/header1.xml": f"<w:hdr {SPACES}>{par(NUMBER, align='center')}</w:hdr>",
        "word/footer1.xml": f"<w:ftr {SPACES}>{foot}</w:ftr>",
        "docProps/core.xml": _properties(layout.title),
    }
    return {name: (_HEAD + text).encode() for name, text in texts.items()} | {"word/media/qr.png": white_png()}


def _properties(title: str) -> str:
    return (
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title><dc:language>vi-VN</dc:language>'
        "</cp:coreProperties>"
    )


def main() -> int:
    """Write all templates."""
    TEMPLATES.mkdir(exist_ok=True)
    for name, layout in slip_layouts.ALL.items():
        (TEMPLATES / f"{name}.docx").write_bytes(made(layout))
    return 0


if __name__ == "__main__":
    sys.exit(main())
