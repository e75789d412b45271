"""Answer a question from the routine's data and from where the session is.

The answers themselves, with their pictures, are rows in `stroke_answers`, `massage_answers` and
`body_answers`. An answer must never say what the data does not say.
"""

from bot.session.state import Ask, Question
from bot.wording.asked import AnswerRow, Asked
from bot.wording.attachments import PictureName
from bot.wording.body_answers import BODY_ANSWERS
from bot.wording.context import RenderContext
from bot.wording.massage_answers import MASSAGE_ANSWERS
from bot.wording.stroke_answers import STROKE_ANSWERS

ANSWERS: dict[Ask, AnswerRow] = STROKE_ANSWERS | MASSAGE_ANSWERS | BODY_ANSWERS


def answer(question: Question, context: RenderContext, left: float = 0.0) -> str:
    """Return the answer to a question, as HTML; `left` is the seconds left in the part under way."""
    return ANSWERS[question.ask].words(Asked(question, context, left))


def answer_picture(question: Question, context: RenderContext) -> PictureName | None:
    """Name the picture that comes with the answer; None if it has none."""
    return ANSWERS[question.ask].picture(Asked(question, context, left=0.0))
