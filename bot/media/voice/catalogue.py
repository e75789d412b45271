"""What a message names -> the recording itself."""

from bot.media.voice.studio import Recording, Studio
from bot.routine.model import Library
from bot.session.state import Choices
from bot.wording.attachments import AudioName, GuidedTrack, VoiceNote
from bot.wording.track_script import write_track_script


def recording(named: AudioName, studio: Studio, library: Library) -> Recording:
    """Raises LookupError or ValueError where the routines no longer have what was named."""
    match named:
        case VoiceNote(lines=lines):
            return studio.note(lines)
        case GuidedTrack(routine=routine, length=length, stands=stands):
            return studio.track(write_track_script(library, Choices(routine, length, stands)))
