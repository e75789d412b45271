"""Convert text to samples with a speech engine.

There are two engines, Hibari and Piper. Hibari includes a voice. Piper needs a voice file, which the operator
of the bot provides. An engine's Python package is imported only when the engine first speaks. Other modules
must not depend on which engines there are.
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
"""The speaking rate, as a multiple of the voice's usual rate."""


class NoVoice(Exception):
    """No voice is available. The error's text is one sentence that says why, and what to do."""


class Engine:
    """A speech engine with its voice.

    `name` identifies everything that the sound of the voice depends on. `load` is a function that loads the
    voice, and returns a function from a text to its samples and their rate. `load` is called when the engine
    first speaks, and takes a second.
    """

    def __init__(self, name: str, load: "Callable[[], Callable[[str], tuple[Samples, int]]]") -> None:
        self.name = name
        self._load = load
        self._voice: Callable[[str], tuple[Samples, int]] | None = None
        self._lock = Lock()

    def speak(self, text: str) -> "tuple[Samples, int]":
        """Return the samples of the spoken text, and their rate per second. Raises NoVoice.

        The samples are mono and float32. This method is thread-safe.
        """
        with self._lock:
            if self._voice is None:
                self._voice = self._load()
            return self._voice(text)


def why_not(voice_file: Path | None = None) -> str:
    """Return one sentence that says why no voice is available, or an empty string if a voice is available.

    This function does not load the voice, so it does not notice a file that Piper cannot read.
    """
    if voice_file is None:
        missing = next((name for name in ("hibari-tts", "onnxruntime") if not _is_installed(name)), None)
        if missing is None:
            return ""
        return f"There is no voice, since the package {missing} is missing: install the extra `voice`."
    for path in (voice_file, _config_path(voice_file)):
        if not path.is_file():
            return (
                f"There is no voice file {path}: put both parts of a Piper voice there, .onnx and .onnx.json."
            )
    if not _is_installed("piper-tts"):
        return (
            f"The voice file {voice_file} cannot be used, since the package piper-tts is missing:"
            " install it, or leave the setting empty for the voice that comes with the extra `voice`."
        )
    return ""


def _is_installed(package: str) -> bool:
    return any(distributions(name=package))


def engine(voice_file: Path | None = None) -> Engine:
    """Return Piper with this voice file, or Hibari if `voice_file` is None. Raises NoVoice."""
    missing = why_not(voice_file)
    if missing:
        raise NoVoice(missing)
    if voice_file is None:
        return Engine(f"hibari-tts {version('hibari-tts')} {SPEED}", _load_hibari)
    name = f"piper-tts {version('piper-tts')} {_digest(voice_file)} {SPEED}"
    return Engine(name, partial(_load_piper, voice_file))


def _load_hibari() -> "Callable[[str], tuple[Samples, int]]":
    from hibari import Hibari

    voice = Hibari()
    return lambda text: (voice(text, speed=SPEED, seed=0), voice.sample_rate)


def _load_piper(voice_file: Path) -> "Callable[[str], tuple[Samples, int]]":
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


def _config_path(voice_file: Path) -> Path:
    """Return the path of the configuration file that Piper reads together with a voice file."""
    return voice_file.with_name(f"{voice_file.name}.json")


def _digest(file: Path) -> str:
    digest = sha256()
    with file.open("rb") as opened:
        for block in iter(partial(opened.read, 1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()
