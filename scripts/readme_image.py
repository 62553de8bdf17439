"""Make the README's picture from the demonstration's.

Shrinks demo/quicklook/overview.png (by `make demo`) to a size that loads at once.
"""

from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parent.parent
WIDTH_PX, COLOURS, LIMIT_BYTES = 1000, 128, 300_000


def main() -> None:
    """Read, shrink, write, and refuse to be heavy."""
    picture = Image.open(ROOT / "demo" / "quicklook" / "overview.png").convert("RGB")
    height = round(picture.height * WIDTH_PX / picture.width)
    small = picture.resize((WIDTH_PX, height), Image.Resampling.LANCZOS)
    target = ROOT / "docs" / "images" / "overview.png"
    small.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)
    size = target.stat().st_size
    assert size < LIMIT_BYTES, f"{target} has {size} bytes: lower WIDTH_PX or COLOURS"
    print(f"{target}: {size} bytes")


if __name__ == "__main__":
    main()
