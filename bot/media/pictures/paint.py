"""SVG -> pixels, PNG, JPEG and MP4. The same drawing gives the same bytes.

Must never know what is drawn. Everything here takes from 50 ms to some seconds: call it off the event loop.
"""

import io
from collections.abc import Iterable
from functools import lru_cache

import av
import resvg_py
from PIL import Image

FRAMES_A_SECOND = 16
SHADES = 5
"""Every how manieth of 256 shades a PNG keeps: a half of its bytes, and nothing that one sees."""
X264 = {"crf": "32", "preset": "medium", "flags": "+bitexact", "x264-params": "threads=1"}
"""One thread, since several give other bytes each time. Flat drawings show no blocks at this rate factor."""
BT709, LIMITED = 1, 1
"""The colours of high definition and their range, as numbers of H.264: no player has to guess."""

MP4 = {"moov_size": "4096", "fflags": "+bitexact"}
"""Room for the index in front, so that a film plays while it loads."""


@lru_cache(maxsize=4)
def image(svg: str) -> Image.Image:
    """An SVG's pixels, with their transparency. Kept while hands lie still: change none of them."""
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
    picture.convert("RGB").point(table * 3).save(written, "PNG", compress_level=6)
    return written.getvalue()


def jpeg(picture: Image.Image, size: int) -> bytes:
    """A small square."""
    written = io.BytesIO()
    small = picture.convert("RGB").resize((size, size), Image.Resampling.LANCZOS)
    small.save(written, "JPEG", quality=88)
    return written.getvalue()


def mp4(frames: Iterable[Image.Image], size: tuple[int, int]) -> bytes:
    """A film of that size and without sound: H.264 in MP4. It takes one frame at a time."""
    written = io.BytesIO()
    with av.open(written, "w", format="mp4", options=MP4) as film:
        stream = film.add_stream("libx264", FRAMES_A_SECOND, options=X264)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.thread_count = 1
        coded = stream.codec_context
        coded.colorspace = coded.color_primaries = coded.color_trc = BT709
        coded.color_range = LIMITED
        for picture in frames:
            film.mux(stream.encode(_frame(picture)))
        film.mux(stream.encode())
    return written.getvalue()


def _frame(picture: Image.Image) -> av.VideoFrame:
    plain = av.VideoFrame.from_bytes(picture.convert("RGBA").tobytes(), *picture.size, format="rgba")
    return plain.reformat(format="yuv420p", dst_colorspace=BT709, dst_color_range=LIMITED)
