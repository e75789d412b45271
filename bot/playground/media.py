"""What Telegram makes of an uploaded file, told from its bytes: a photo, a loop, a voice note, or a document.

Reads headers only; decodes nothing.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Medium:
    """`kind`: the message field Telegram files it under. Width and height in pixels, 0 where unknown."""

    kind: str
    mime_type: str
    width: int = 0
    height: int = 0


def recognised(kind: str, content: bytes) -> Medium | None:
    """What an upload meant as `kind` becomes; a file of the wrong format falls back to a document.

    None for a photo that is no picture, which Telegram refuses.
    """
    return FORMATS[kind](content)


def _photo(content: bytes) -> Medium | None:
    size = _png_size(content) or _gif_size(content) or _jpeg_size(content)
    return Medium("photo", "image/jpeg", *size) if size else None


def _animation(content: bytes) -> Medium:
    gif = _gif_size(content)
    if gif:
        return Medium("animation", "video/mp4", *gif)
    if content[4:8] == b"ftyp" and b"avc1" in content:
        # A handler of type "soun" is a sound track: Telegram then takes it for a video.
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


FORMATS = {"photo": _photo, "animation": _animation, "voice": _voice, "audio": _audio}


def _png_size(content: bytes) -> tuple[int, int] | None:
    if not content.startswith(b"\x89PNG\r\n\x1a\n") or len(content) < 24:
        return None
    return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")


def _gif_size(content: bytes) -> tuple[int, int] | None:
    if not content.startswith((b"GIF87a", b"GIF89a")) or len(content) < 10:
        return None
    return int.from_bytes(content[6:8], "little"), int.from_bytes(content[8:10], "little")


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """The size in the frame header, to which one hops from segment to segment."""
    at = 2
    while content.startswith(b"\xff\xd8") and content[at : at + 1] == b"\xff" and len(content) > at + 9:
        marker = content[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = content[at + 5 : at + 7], content[at + 7 : at + 9]
            return int.from_bytes(width, "big"), int.from_bytes(height, "big")
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return None
