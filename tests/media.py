"""Makes small real files that a browser can show or play: a picture, a silent film, and a second of sound."""

import io
import math
import zlib
from array import array
from fractions import Fraction
from struct import pack
from typing import Literal

import av

SIDE = 64
RATE = 48_000
FRAME = 960
"""The number of samples in a frame: Opus encodes this many at a time."""


def png() -> bytes:
    """Return a PNG of 64 by 64 pixels in one colour."""
    rows = (b"\0" + b"\xe0\x8a\x4b" * SIDE) * SIDE
    header = pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    packed = [
        pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def film() -> bytes:
    """Return half a second of H.264 video in MP4. The picture becomes lighter from frame to frame."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=12)
        stream.width, stream.height, stream.pix_fmt = SIDE, SIDE, "yuv420p"
        for number in range(6):
            frame = av.VideoFrame(SIDE, SIDE, "yuv420p")
            for plane, level in zip(frame.planes, (number * 40, 128, 128), strict=True):
                plane.update(bytes([level]) * plane.buffer_size)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return buffer.getvalue()


def sound(container: Literal["ogg", "mp4"]) -> bytes:
    """Return a tone of one second: Opus in OGG, or AAC in MP4."""
    codec: Literal["libopus", "aac"] = "libopus" if container == "ogg" else "aac"
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as out:
        stream = out.add_stream(codec, rate=RATE, layout="mono")
        for start in range(0, RATE, FRAME):
            frame = av.AudioFrame("flt" if container == "ogg" else "fltp", "mono", FRAME)
            wave = array("f", (math.sin(at * 0.05) / 4 for at in range(start, start + FRAME)))
            frame.planes[0].update(wave.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
            frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return buffer.getvalue()
