"""What a message names -> the recording itself."""

from bot.media.voice.studio import Recording, Studio
from bot.routine.model import Library
from bot.session.state import Choices
from bot.wording.attachments import GuidedTrack, Heard, VoiceNote
from bot.wording.script import script


def recording(named: Heard, studio: Studio, library: Library) -> Recording:
    """Raises LookupError or ValueError where the routines no longer have what was named."""
    match named:
        case VoiceNote(lines=lines):
            return studio.note(lines)
        case GuidedTrack(routine=routine, length=length, stands=stands):
            return studio.track(script(library, Choices(routine, length, stands)))
