"""The text of the cards: start card, prep checklist, grid for marking knots, and list of marked knots.

A card is a message with buttons; the buttons are in `keyboards`. All text is Telegram's HTML.
"""

from html import escape

from bot.routine.durations import spell
from bot.wording.context import RenderContext
from bot.wording.instructions import starting_position
from bot.wording.text import join_names

READ_ALOUD = (
    "\n\n<b>Read aloud:</b> a voice note comes before each step. Tap it to hear it; "
    "while one is playing, it goes on to the next by itself."
)


def start_card(context: RenderContext) -> str:
    routine, choices = context.routine, context.session.choices
    hello = f"Hi {escape(context.name)}." if context.name else "Hello."
    return (
        f"{hello} I'll coach you through a <b>{escape(routine.name.lower())}</b>, one stroke at a time.\n"
        f"{len(routine.steps)} steps, about {spell(choices.length)}. "
        f"{starting_position(routine, choices)}\n\n"
        "Once you begin I keep the time and tell you what comes next. Your hands need not touch the phone."
        f"{READ_ALOUD if context.voice and choices.aloud else ''}"
    )


def checklist(context: RenderContext) -> str:
    if len(context.session.ticked) == len(context.routine.checklist):
        return "<b>Prep checklist</b>\nAll ready. Take a slow breath together."
    return f"<b>Prep checklist</b>\nAbout {spell(context.routine.prep_time)}. Tap each one when it's ready."


def knot_grid() -> str:
    return "<b>Where is the knot?</b>\nLeft and right are your partner's own. Tap again to take a mark away."


def marked_knots(context: RenderContext) -> str:
    """Return the text that lists the marked knots and says when they will be massaged."""
    names = [context.handbook.spots[knot.spot].name.lower() for knot in context.massage.knots]
    if not names:
        return "No knots marked."
    when = _when_eased(context, "it" if len(names) == 1 else "them")
    return f"<b>Marked:</b> {escape(join_names(names))}. {when}".strip()


def _when_eased(context: RenderContext, knots: str) -> str:
    """Return a sentence that says when the knots will be massaged, or what to do if the step for knots has
    passed.

    During the step for knots, return an empty string. `knots` is "it" or "them".
    """
    knot_step = next((number for number, step in enumerate(context.routine.steps, 1) if step.each_knot), 0)
    current_step = context.massage.place.step
    if current_step < knot_step:
        return f"We come back to {knots} in step {knot_step}."
    if current_step > knot_step:
        return f"Step {knot_step} is behind us: rest a warm palm there for a moment."
    return ""
