"""Answer a question, using the routine's data and the state of the session.

Each kind of question has a row in `stroke_answers`, `massage_answers` or `body_answers`. The row gives the
answer and its picture. An answer must never say anything that is not in the data.
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
    """Return the answer to a question, as HTML. `left` is the number of seconds left in the current part."""
    return ANSWERS[question.ask].words(Asked(question, context, left))


def answer_picture(question: Question, context: RenderContext) -> PictureName | None:
    """Return the picture that goes with the answer to a question; None if the answer has no picture."""
    return ANSWERS[question.ask].picture(Asked(question, context, left=0.0))
