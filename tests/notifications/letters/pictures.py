"""Pictures as staff have them on their computers."""

import io
from typing import Any

from PIL import Image, ImageDraw


def drawn_logo(width: int = 300, height: int = 110, form: str = "PNG", **saved_with: Any) -> bytes:
    """A box of two colours with an edge all around, in a file of that form."""
    picture = Image.new("RGB", (width, height), "#1f4e8c")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((width // 2, 0, width, height), fill="#c03a2b")
    pen.rectangle((0, 0, width - 1, height - 1), outline="black", width=max(1, height // 20))
    return saved(picture, form, **saved_with)


def saved(picture: Image.Image, form: str = "PNG", **saved_with: Any) -> bytes:
    """The file of a picture."""
    file = io.BytesIO()
    picture.save(file, form, **saved_with)
    return file.getvalue()
