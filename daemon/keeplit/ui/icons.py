"""The flame's pictures: the geometry of `keeplit.core.flame`, drawn by Pillow at any size. The one user of Pillow.

Everything is drawn four times as large or more and made smaller once, so that edges are smooth at 16 pixels too.
"""

import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from keeplit.adapters.tray_parts import without
from keeplit.core.flame import (
    ANY,
    DARK,
    LIGHT,
    NOTHING,
    SIZE,
    TEMPLATE,
    Area,
    Face,
    Palette,
    Point,
    Shape,
    drawing,
    svg,
)

with without("PIL._imagingft"):  # nothing is written here: FreeType is 1 MB
    from PIL import Image, ImageDraw

FINER = 8
MOST_PIXELS = 1024
SHARES = 48  # as many pictures of one ring as differ to the eye
PALETTES = {"dark": DARK, "light": LIGHT, "any": ANY, "template": TEMPLATE}
SIZES = (16, 22, 24, 32, 44, 48, 64, 128, 256)
KEPT_SHARE = 0.7  # of the ring, in the pictures that are kept as files
KEPT: Mapping[str, Sequence[int]] = {"dark": (16, 24, 32, 48), "light": (16, 24, 32, 48), "template": (18, 36)}
LOGO = (32, 64, 128, 256, 512)
THEME = r"Software\Microsoft\Windows\CurrentVersion\Themes\Personalize"


@lru_cache(maxsize=64)
def picture(face: Face, share: float | None, size: int, panel: str = "dark") -> Image.Image:
    """Return the icon of a face, `size` pixels wide, for a panel: "dark", "light", "any", or "template" (macOS)."""
    return render(drawing(face, share, PALETTES[panel], template=panel == "template"), size)


def rounded(share: float | None) -> float | None:
    """Return a share as it is drawn: a ring that would look the same is the same picture."""
    return None if share is None else round(min(max(share, 0.0), 1.0) * SHARES) / SHARES


def render(shapes: Sequence[Shape], size: int) -> Image.Image:
    """Return shapes as a picture with an alpha channel. Raises `ValueError` for a size that is none."""
    if not 0 < size <= MOST_PIXELS:
        raise ValueError(f"an icon is 1 to {MOST_PIXELS} pixels wide, not {size}")
    finer = max(4, min(FINER, 2048 // size))
    canvas = Image.new("RGBA", (size * finer, size * finer), (0, 0, 0, 0))
    for shape in shapes:
        _draw(canvas, shape, size * finer / SIZE)
    return canvas.resize((size, size), Image.Resampling.LANCZOS)


def _draw(canvas: Image.Image, shape: Shape, scale: float) -> None:
    mask = Image.new("L", canvas.size, 0)
    pen = ImageDraw.Draw(mask)
    if isinstance(shape, Area):
        pen.polygon(_scaled(shape.points, scale), fill=255)
        for hole in shape.holes:
            pen.polygon(_scaled(hole, scale), fill=0)
        colour = shape.fill
    else:
        points, width = _scaled(shape.points, scale), max(1, round(shape.width * scale))
        pen.line(points, fill=255, width=width, joint="curve")
        for x, y in (points[0], points[-1]):
            half = width / 2
            pen.ellipse((x - half, y - half, x + half, y + half), fill=255)
        colour = shape.colour
    ink = (0, 0, 0, 0) if colour == NOTHING else colour
    canvas.paste(Image.new("RGBA", canvas.size, ink), (0, 0), mask)


def _scaled(points: Sequence[Point], scale: float) -> list[Point]:
    return [(x * scale, y * scale) for x, y in points]


def png(image: Image.Image) -> bytes:
    """Return a picture as PNG. `Image.save` would load what reads and writes four other kinds of files."""
    from PIL import PngImagePlugin

    data = BytesIO()
    image.encoderinfo = {}
    Image.SAVE[PngImagePlugin.PngImageFile.format](image, data, "")
    return data.getvalue()


def contact_sheet(sizes: Sequence[int] = SIZES[:6], share: float = 0.7) -> Image.Image:
    """Return all faces in all sizes on both panels in one picture, to be looked at."""
    gap = 12
    on_panels = (("dark", "#26262a"), ("light", "#efeeec"), ("any", "#26262a"), ("any", "#efeeec"))
    grounds = (*on_panels, ("template", "#ffffff"))
    width = sum(size + gap for size in sizes) + gap
    row = max(sizes) + gap
    sheet = Image.new("RGB", (width * len(grounds), row * len(Face) + gap), "#ffffff")
    for column, (panel, ground) in enumerate(grounds):
        sheet.paste(ground, (column * width, 0, (column + 1) * width, sheet.height))
        for line, face in enumerate(Face):
            left = column * width + gap
            for size in sizes:
                icon = picture(face, share, size, panel)
                sheet.paste(icon, (left, gap + line * row + (row - gap - size) // 2), icon)
                left += size + gap
    return sheet


def palette(panel: str) -> Palette:
    """Return the colours of a panel."""
    return PALETTES[panel]


def panel() -> str:
    """Return what the icon is drawn for here: Windows tells how bright its bar is, a Mac colours it, others do not."""
    if sys.platform == "darwin":
        return "template"
    if sys.platform == "win32":
        import winreg

        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, THEME) as key:
                return "light" if winreg.QueryValueEx(key, "SystemUsesLightTheme")[0] else "dark"
        except OSError:
            return "dark"
    return "any"


def write_all(folder: Path) -> list[Path]:
    """Write the pictures of all faces: the source as SVG, and drawn at the usual sizes; return the files."""
    written: list[Path] = []
    for face in Face:
        for kind, sizes in KEPT.items():
            shapes = drawing(face, KEPT_SHARE, PALETTES[kind], template=kind == "template")
            vector = folder / "svg" / f"{face}-{kind}.svg"
            vector.parent.mkdir(parents=True, exist_ok=True)
            vector.write_text(svg(shapes), "utf-8", newline="\n")
            written.append(vector)
            drawn = ((size, picture(face, KEPT_SHARE, size, kind)) for size in sizes)
            written += [_saved(folder / kind / f"{face}-{size}.png", image) for size, image in drawn]
    written += [_saved(folder / "logo" / f"keeplit-{size}.png", picture(Face.FRESH, 1.0, size, "any")) for size in LOGO]
    return written


def _saved(path: Path, image: Image.Image) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, "PNG", optimize=True)
    return path


if __name__ == "__main__":
    print(f"{len(write_all(Path(sys.argv[1])))} pictures in {sys.argv[1]}")
