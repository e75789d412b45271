"""The summary of a massage, as text and as a picture. There is no summary before the massage is finished."""

from bot.session.state import Finished, Knot
from bot.wording.attachments import EndCard
from bot.wording.context import RenderContext
from bot.wording.instructions import closing_sentences
from bot.wording.text import plural


def summary(context: RenderContext) -> str:
    """Return the summary as Telegram's HTML. Raises TypeError if the massage is not finished."""
    state = context.session.state
    if not isinstance(state, Finished):
        raise TypeError("only a finished massage has a summary")
    heading, *aftercare = closing_sentences(state, context.routine)
    figures = [plural(_minutes(state), "minute"), *_all_steps(state, context), *_knot_figures(state.knots)]
    return "\n".join([f"<b>{heading}</b>", *aftercare, "", " ".join(f"{figure}." for figure in figures)])


def end_card(context: RenderContext) -> EndCard | None:
    """Return the picture that sums up the massage; None if the massage is not finished or not a single step
    was done.
    """
    state = context.session.state
    if not isinstance(state, Finished) or not state.steps:
        return None
    knots, eased = len(state.knots), _eased(state.knots)
    return EndCard(
        context.routine.id, state.steps, _minutes(state), knots, eased, context.session.choices.tone
    )


def _all_steps(state: Finished, context: RenderContext) -> list[str]:
    """Return "All 8 steps" in a list; an empty list unless every step was done."""
    total = len(context.routine.steps)
    return [f"All {plural(total, 'step')}"] if state.steps == total and not state.stopped else []


def _minutes(state: Finished) -> int:
    return max(1, round(state.worked / 60))


def _knot_figures(knots: tuple[Knot, ...]) -> list[str]:
    """Return a phrase such as "2 knots" or "1 of 2 knots eased", in a list; an empty list if no knots are
    marked.

    The phrase never says "0 of 2 knots eased". People who do not tap buttons never report that a knot eased,
    so it would be unfair to them.
    """
    if not knots:
        return []
    total, eased = plural(len(knots), "knot"), _eased(knots)
    return [f"{eased} of {total} eased" if eased else total]


def _eased(knots: tuple[Knot, ...]) -> int:
    return sum(knot.eased for knot in knots)
