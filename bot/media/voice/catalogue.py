"""Find the recording that an attachment names."""

from bot.media.voice.studio import Recording, Studio
from bot.routine.model import Library
from bot.session.state import Choices
from bot.wording.attachments import AudioName, GuidedTrack, VoiceNote
from bot.wording.track_script import write_track_script


def recording(named: AudioName, studio: Studio, library: Library) -> Recording:
    """Return the named recording.

    Raises LookupError if the library does not contain the routine of a guided track, and ValueError if a
    massage with that routine cannot have the track's length.
    """
    match named:
        case VoiceNote(lines=lines):
            return studio.note(lines)
        case GuidedTrack(routine=routine, length=length, stands=stands, talk=talk):
            return studio.track(write_track_script(library, Choices(routine, length, stands, talk=talk)))
