"""Convert SVG to pixels, and pixels to PNG, JPEG and MP4. The same input always gives the same bytes.

This module must not depend on what is drawn. Its functions must not run on the event loop, because a call
takes between 50 ms and some seconds.
"""

import io
from collections.abc import Iterable
from functools import lru_cache

import av
import resvg_py
from PIL import Image

FRAMES_PER_SECOND = 10
"""This is enough for hands, which move slowly: at most two centimetres from one frame to the next."""
SHADE_STEP = 5
"""Colour values in a PNG are rounded to multiples of this number. The rounding is invisible, and makes the
file half as large."""
X264_OPTIONS = {"crf": "32", "preset": "medium", "flags": "+bitexact", "x264-params": "threads=1"}
"""The options of the video encoder x264. It uses one thread only, because with several threads the output
differs each time. At this rate factor (crf), no compression artefacts (blocks) can be seen in flat
drawings."""
BT709, LIMITED_RANGE = 1, 1
"""H.264's numbers for the colour space and the colour range. They are written into the file, so that players
do not have to guess them."""

MP4_OPTIONS = {"moov_size": "4096", "fflags": "+bitexact"}
"""The options of the MP4 file. They reserve space for the file's index at its start, so that a player can
start before it has loaded the whole file."""


@lru_cache(maxsize=4)
def rasterise(svg: str) -> Image.Image:
    """Render an SVG to an RGBA image.

    The latest images are cached, because the hands can look the same in several frames. Callers must not
    modify the image.
    """
    drawn = resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True)
    return Image.open(io.BytesIO(drawn)).convert("RGBA")


def overlay(below: Image.Image, above: Image.Image, at: tuple[int, int] = (0, 0)) -> Image.Image:
    """Return a new image: `below` with `above` on top.

    `at` is the position of the upper left corner of `above` in `below`, in pixels.
    """
    both = below.copy()
    both.alpha_composite(above, at)
    return both


def png(picture: Image.Image) -> bytes:
    table = [min(255, round(shade / SHADE_STEP) * SHADE_STEP) for shade in range(256)]
    written = io.BytesIO()
    picture.convert("RGB").point(table * 3).save(written, "PNG", compress_level=6)
    return written.getvalue()


def jpeg(picture: Image.Image, size: int) -> bytes:
    """Return the picture as a JPEG, scaled to `size` by `size` pixels."""
    written = io.BytesIO()
    small = picture.convert("RGB").resize((size, size), Image.Resampling.LANCZOS)
    small.save(written, "JPEG", quality=88)
    return written.getvalue()


def mp4(frames: Iterable[Image.Image], size: tuple[int, int]) -> bytes:
    """Return the frames as an MP4 file: H.264 video without sound, FRAMES_PER_SECOND frames per second.

    `size` is the width and height of the frames in pixels. Only one frame at a time is kept in memory.
    """
    written = io.BytesIO()
    with av.open(written, "w", format="mp4", options=MP4_OPTIONS) as film:
        stream = film.add_stream("libx264", FRAMES_PER_SECOND, options=X264_OPTIONS)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.thread_count = 1
        coded = stream.codec_context
        coded.colorspace = coded.color_primaries = coded.color_trc = BT709
        coded.color_range = LIMITED_RANGE
        for picture in frames:
            film.mux(stream.encode(_frame(picture)))
        film.mux(stream.encode())
    return written.getvalue()


def _frame(picture: Image.Image) -> av.VideoFrame:
    plain = av.VideoFrame.from_bytes(picture.convert("RGBA").tobytes(), *picture.size, format="rgba")
    return plain.reformat(format="yuv420p", dst_colorspace=BT709, dst_color_range=LIMITED_RANGE)
