"""A picture -> a track's cover as Telegram takes it. The picture itself is drawn by `bot.pictures`."""

from io import BytesIO

from PIL import Image

SIDE = 320
"""Pixels; Telegram takes no wider and no higher one."""


def thumbnail(picture: bytes) -> bytes:
    """A JPEG of at most 320x320 pixels, well under 200 kB. Raises OSError for what is no picture."""
    with Image.open(BytesIO(picture)) as opened:
        small = opened.convert("RGB")
    small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    file = BytesIO()
    small.save(file, "JPEG", quality=88)
    return file.getvalue()
