"""SVG -> pixels, PNG and MP4. The same drawing gives the same bytes.

Must never know what is drawn. Everything here takes from 50 ms to some seconds: call it off the event loop.
"""

import io
from collections.abc import Sequence

import av
import resvg_py
from PIL import Image

FRAMES_A_SECOND = 20
SHADES = 5
"""Every how manieth of 256 shades a PNG keeps: a half of its bytes, and nothing that one sees."""
X264 = {"crf": "30", "preset": "slow", "flags": "+bitexact", "x264-params": "threads=1"}
"""One thread, since several give other bytes each time; up to a rate factor of 32 one sees no blocks."""

MP4 = {"moov_size": "4096", "fflags": "+bitexact"}
"""Room for the index in front, so that a film plays while it loads."""


def image(svg: str) -> Image.Image:
    """An SVG's pixels, with their transparency."""
    drawn = resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True)
    return Image.open(io.BytesIO(drawn)).convert("RGBA")


def laid(below: Image.Image, above: Image.Image, at: tuple[int, int] = (0, 0)) -> Image.Image:
    """One on the other."""
    both = below.copy()
    both.alpha_composite(above, at)
    return both


def png(picture: Image.Image) -> bytes:
    table = [min(255, round(shade / SHADES) * SHADES) for shade in range(256)]
    written = io.BytesIO()
    picture.convert("RGB").point(table * 3).save(written, "PNG", optimize=True)
    return written.getvalue()


def mp4(frames: Sequence[Image.Image]) -> bytes:
    """A film without sound: H.264 in MP4, its index in front, so that it plays while it loads."""
    written = io.BytesIO()
    with av.open(written, "w", format="mp4", options=MP4) as film:
        stream = film.add_stream("libx264", FRAMES_A_SECOND, options=X264)
        stream.width, stream.height = frames[0].size
        stream.pix_fmt = "yuv420p"
        stream.thread_count = 1
        for picture in frames:
            film.mux(stream.encode(_frame(picture)))
        film.mux(stream.encode())
    return written.getvalue()


def _frame(picture: Image.Image) -> av.VideoFrame:
    return av.VideoFrame.from_bytes(picture.convert("RGBA").tobytes(), *picture.size, format="rgba")
