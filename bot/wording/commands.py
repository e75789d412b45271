"""Telegram's command menu, and the description that an empty chat shows."""

from dataclasses import dataclass

from bot.session import events as ev

DESCRIPTION = (
    "I coach two people through a massage, live. One rests, one has busy hands, and I keep the time:"
    " each stroke comes as a message when it is due. For comfort, not treatment."
)
"""What Telegram shows in an empty chat, before /start."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command: the event it causes, and its description in Telegram's menu."""

    event: type[ev.Event]
    meaning: str


COMMANDS = {
    "start": Command(ev.Started, "Begin a massage, or start again"),
    "track": Command(ev.TrackAsked, "The whole massage as one audio track"),
    "checklist": Command(ev.ChecklistAsked, "What to have ready"),
    "next": Command(ev.NextAsked, "On to the next stroke"),
    "back": Command(ev.BackAsked, "Back to the stroke before"),
    "pause": Command(ev.PauseAsked, "Pause"),
    "resume": Command(ev.ResumeAsked, "Go on after a pause"),
    "again": Command(ev.AgainAsked, "This stroke once more"),
    "knot": Command(ev.KnotsAsked, "Mark a knot you found"),
    "stop": Command(ev.StopAsked, "Stop for today"),
    "help": Command(ev.HelpAsked, "How this works"),
    "privacy": Command(ev.PrivacyAsked, "What I remember and what I don't"),
    "forget": Command(ev.ForgetAsked, "Delete everything I know about you"),
}
"""Every command, in the order of the menu. The keys are the commands without their slash."""
VOICE_COMMANDS = {"track"}
"""The commands that are in the menu only if the coach can speak."""


def menu_commands(*, voice: bool) -> dict[str, Command]:
    """Return the commands to show in the menu. `voice` is true if the coach can speak."""
    return {name: command for name, command in COMMANDS.items() if voice or name not in VOICE_COMMANDS}
