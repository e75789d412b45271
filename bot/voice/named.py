"""What a message names -> the recording itself."""

from bot.attachments import GuidedTrack, Heard, VoiceNote
from bot.routine import Library
from bot.session import Choices
from bot.voice.script import script
from bot.voice.studio import Recording, Studio


def recording(named: Heard, studio: Studio, library: Library) -> Recording:
    """Raises LookupError or ValueError where the routines no longer have what was named."""
    match named:
        case VoiceNote(lines=lines):
            return studio.note(lines)
        case GuidedTrack(routine=routine, length=length, stands=stands):
            return studio.track(script(library, Choices(routine, length, stands)))
