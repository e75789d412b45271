"""Recognise what an uploaded file is, as Telegram does: a photo, an animation, a voice note and so on.

This module only looks for the marks of file formats in the file's bytes. It must not decode the file.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Medium:
    """How Telegram classifies a file.

    `kind` is the field of Telegram's Message that contains the file, such as "photo". `width` and `height`
    are in pixels, or 0 if they are not known.
    """

    kind: str
    mime_type: str
    width: int = 0
    height: int = 0


def recognise(kind: str, content: bytes) -> Medium | None:
    """Return how Telegram classifies a file that is uploaded as `kind`, a key of RECOGNISERS.

    A file in a wrong format is classified as a document. Telegram refuses a photo that is not a picture; in
    that case the result is None.
    """
    return RECOGNISERS[kind](content)


def _photo(content: bytes) -> Medium | None:
    size = _png_size(content) or _gif_size(content) or _jpeg_size(content)
    return Medium("photo", "image/jpeg", *size) if size else None


def _animation(content: bytes) -> Medium:
    gif = _gif_size(content)
    if gif:
        return Medium("animation", "video/mp4", *gif)
    if content[4:8] == b"ftyp" and b"avc1" in content:
        # A handler of type "soun" means that there is sound. Telegram treats such a file as a video.
        return Medium("video" if b"soun" in content else "animation", "video/mp4")
    return _document(content)


def _voice(content: bytes) -> Medium:
    if content.startswith(b"OggS") and b"OpusHead" in content[:100]:
        return Medium("voice", "audio/ogg")
    audio = _audio(content)
    return Medium("voice", audio.mime_type) if audio.kind == "audio" else audio


def _audio(content: bytes) -> Medium:
    if content.startswith(b"ID3") or (content[:1] == b"\xff" and content[1:2] >= b"\xe0"):
        return Medium("audio", "audio/mpeg")
    if content[4:8] == b"ftyp":
        return Medium("audio", "audio/mp4")
    return _document(content)


def _document(content: bytes) -> Medium:
    return Medium("document", "application/octet-stream")


RECOGNISERS = {"photo": _photo, "animation": _animation, "voice": _voice, "audio": _audio}


def _png_size(content: bytes) -> tuple[int, int] | None:
    if not content.startswith(b"\x89PNG\r\n\x1a\n") or len(content) < 24:
        return None
    return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")


def _gif_size(content: bytes) -> tuple[int, int] | None:
    if not content.startswith((b"GIF87a", b"GIF89a")) or len(content) < 10:
        return None
    return int.from_bytes(content[6:8], "little"), int.from_bytes(content[8:10], "little")


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Return the width and height of a JPEG picture in pixels, or None if it has no frame header.

    The frame header contains the size, and comes after other segments of the file.
    """
    start = 2
    while (
        content.startswith(b"\xff\xd8") and content[start : start + 1] == b"\xff" and len(content) > start + 9
    ):
        marker = content[start + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = content[start + 5 : start + 7], content[start + 7 : start + 9]
            return int.from_bytes(width, "big"), int.from_bytes(height, "big")
        start += 2 + int.from_bytes(content[start + 2 : start + 4], "big")
    return None
