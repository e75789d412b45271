"""The text of the cards: start card, prep checklist, grid for marking knots, and list of marked knots.

A card is a message with buttons; the buttons are in `keyboards`. All text is Telegram's HTML.
"""

from html import escape

from bot.routine.durations import spell
from bot.routine.model import Item
from bot.wording.context import RenderContext
from bot.wording.instructions import starting_position
from bot.wording.text import join_lines, join_names, lower_first, plural

READ_ALOUD = (
    "\n\n<b>Read aloud:</b> a voice note comes before each step. Tap the first one to hear it; "
    "while one is playing, the next follows by itself."
)


def start_card(context: RenderContext) -> str:
    routine, choices = context.routine, context.session.choices
    hello = f"Hi {escape(context.name)}." if context.name else "Hello."
    return (
        f"{hello} <b>{escape(routine.name)}</b>, one stroke at a time.\n"
        f"{plural(len(routine.steps), 'step')}, about {spell(choices.length)}. "
        f"{starting_position(routine, choices)}\n\n"
        "Prop your phone where you can see it, sound on, and lock it once we've begun. "
        "I keep the time, and each stroke comes as a message."
        f"{READ_ALOUD if context.voice and choices.aloud else ''}"
    )


def checklist(context: RenderContext) -> str:
    """Return the text of the checklist. It explains the items that are not ticked yet."""
    items = enumerate(context.routine.checklist)
    missing = [item for number, item in items if number not in context.session.ticked]
    if not missing:
        return "<b>Prep checklist</b>\nAll ready. Take a slow breath together."
    time = spell(context.routine.prep_time)
    heading = f"<b>Prep checklist</b>\nAllow about {time}. Tap each one when it's ready."
    return f"{heading}\n\n{join_lines(map(_explained, missing))}".rstrip()


def _explained(item: Item) -> str:
    """Return why an item matters and what to do without it; an empty string if neither is known."""
    instead = f"If not: {lower_first(item.instead)}" if item.instead else ""
    reasons = " ".join(text for text in (item.why, instead) if text)
    return f"<b>{escape(item.name)}.</b> {escape(reasons)}" if reasons else ""


def knot_grid() -> str:
    return "<b>Where is the knot?</b>\nYour partner's left and right. Tap again to unmark."


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
        return f"We'll come back to {knots} in step {knot_step}."
    if current_step > knot_step:
        return f"Step {knot_step} is behind us, so rest a warm palm there for a moment."
    return ""
