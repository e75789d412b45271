"""Text -> samples. The only module that knows a speech engine; each is imported when it first speaks.

Hibari brings its voice along. Piper wants a voice file, which whoever runs the coach supplies.
"""

from collections.abc import Callable
from functools import partial
from hashlib import sha256
from importlib.metadata import distributions, version
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.media.voice.sound import Samples

SPEED = 0.88
"""Of a voice's usual pace: unhurried."""


class NoVoice(Exception):
    """There is no voice; the text is one sentence that says why, and what to do."""


class Engine:
    """A voice, loaded when it first speaks, in a second. `name` tells all that its sound depends on."""

    def __init__(self, name: str, load: "Callable[[], Callable[[str], tuple[Samples, int]]]") -> None:
        self.name = name
        self._load = load
        self._voice: Callable[[str], tuple[Samples, int]] | None = None
        self._lock = Lock()

    def speak(self, text: str) -> "tuple[Samples, int]":
        """Samples, float32 and mono, and how many there are a second. In any thread. Raises NoVoice."""
        with self._lock:
            if self._voice is None:
                self._voice = self._load()
            return self._voice(text)


def why_not(voice_file: Path | None = None) -> str:
    """What is missing for a voice, in one sentence; empty where nothing is. Opens nothing."""
    if voice_file is None:
        missing = next((name for name in ("hibari-tts", "onnxruntime") if not _installed(name)), None)
        if missing is None:
            return ""
        return f"There is no voice, since the package {missing} is missing: install the extra `voice`."
    for path in (voice_file, _description(voice_file)):
        if not path.is_file():
            return (
                f"There is no voice file {path}: put both parts of a Piper voice there, .onnx and .onnx.json."
            )
    if not _installed("piper-tts"):
        return (
            f"The voice file {voice_file} cannot be used, since the package piper-tts is missing:"
            " install it, or leave the setting empty for the voice that comes with the extra `voice`."
        )
    return ""


def _installed(package: str) -> bool:
    return any(distributions(name=package))


def engine(voice_file: Path | None = None) -> Engine:
    """Piper with that voice, or without one Hibari. Raises NoVoice."""
    missing = why_not(voice_file)
    if missing:
        raise NoVoice(missing)
    if voice_file is None:
        return Engine(f"hibari-tts {version('hibari-tts')} {SPEED}", _hibari)
    name = f"piper-tts {version('piper-tts')} {_digest(voice_file)} {SPEED}"
    return Engine(name, partial(_piper, voice_file))


def _hibari() -> "Callable[[str], tuple[Samples, int]]":
    from hibari import Hibari

    voice = Hibari()
    return lambda text: (voice(text, speed=SPEED, seed=0), voice.sample_rate)


def _piper(voice_file: Path) -> "Callable[[str], tuple[Samples, int]]":
    import numpy as np
    from piper import PiperVoice, SynthesisConfig

    try:
        voice = PiperVoice.load(voice_file)
    except Exception as error:
        raise NoVoice(f"{voice_file} cannot be read as a voice for Piper: put a whole one there.") from error
    pace = SynthesisConfig(length_scale=voice.config.length_scale / SPEED)

    def speak(text: str) -> "tuple[Samples, int]":
        chunks = [chunk.audio_float_array for chunk in voice.synthesize(text, pace)]
        return np.concatenate([np.zeros(0, np.float32), *chunks]), voice.config.sample_rate

    return speak


def _description(voice_file: Path) -> Path:
    """Where Piper looks for what a voice is like."""
    return voice_file.with_name(f"{voice_file.name}.json")


def _digest(file: Path) -> str:
    digest = sha256()
    with file.open("rb") as opened:
        for block in iter(partial(opened.read, 1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()
