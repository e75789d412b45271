"""Numbers, ages, sides and the like: plain patterns, without the classifier.

Each function reads a text as `normal` returns it. This module must not depend on sessions or events.
"""

import re
from collections.abc import Iterable

from bot.routine.model import Side

MAX_CHARACTERS = 1000
"""Only the beginning of a message is read, because no long message is a plain number or choice."""
NUMBERS = [
    *(
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_TENS = re.compile(rf"\b({'|'.join(TENS)})(?: ({'|'.join(NUMBERS[1:10])})\b)?")
_NUMBER = re.compile(rf"\b({'|'.join(NUMBERS)})\b(?<!\bone)|\bone(?= out of\b)")
"""Matches a number in words. "One" is none in "this one"."""
_HOURS = {
    "3 quarters of an hour": "45 min",
    "quarter of an hour": "15 min",
    "quarter hour": "15 min",
    "hour and a half": "90 min",
    "half an hour": "30 min",
    "half hour": "30 min",
    "an hour": "60 min",
    "one hour": "60 min",
    "1 hour": "60 min",
}

QUESTION = re.compile(
    r"(?:is|are|was|does|do|did|should|what|which|when|where|why|how|who|can|could|has|have|would)\b"
)
"""Matches the first word of a question."""


def normal(text: str) -> str:
    """Return a text in lower case, with its words separated by single spaces and its numbers in digits.

    "7/10" becomes "7 out of 10", "7.5" becomes "8", and "thirty-five" becomes "35".
    """
    text = re.sub(r"['’]", "", text[:MAX_CHARACTERS].lower())
    text = text.replace("+", " plus ").replace("<3", " love ")
    text = re.sub(r"(\d)\s*/\s*(?=\d)", r"\1 out of ", text)
    text = re.sub(r"\b(\d+)[.,](\d)\b", lambda found: str(int(found[1]) + (found[2] > "0")), text)
    text = re.sub(r"(\d)\s*[-–]\s*(?=\d)", r"\1 to ", text)
    text = " ".join(re.findall(r"[^\W_]+", text))
    text = _TENS.sub(lambda found: str(20 + 10 * TENS.index(found[1]) + _digit(found[2])), text)
    return _NUMBER.sub(lambda found: str(NUMBERS.index(found[0])), text)


def _digit(word: str | None) -> int:
    return NUMBERS.index(word) if word else 0


def any_of(phrases: str) -> str:
    """Return a pattern for any of these phrases, which are separated by commas."""
    return f"(?:{'|'.join(phrase.strip() for phrase in phrases.split(','))})"


# --- Age -----------------------------------------------------------------------------------------

_PARTNERS = (
    r"girl ?friends?, boy ?friends?, gf, bf, partners?, mates?, friends?, bff, crush, cousins?, sisters?, "
    r"brothers?, "
    r"sis, bro, receiver, patient, person"
)
_CHILDREN = (
    "sons?, daughters?, kids?, child, boy, girl, lad, lass, grandsons?, granddaughters?, grandson, "
    "grandkids?, "
    "nephews?, nieces?, step ?sons?, step ?daughters?, little brothers?, little sisters?, teenagers?, "
    "students?"
)
_WHO = (
    r"(?:\b(?:im|i am|shes|she is|hes|he is|theyre|they are|we are|both of us are)|"
    r"(?:^|\b(?:hi|hey|hello|ok|and|but|so|btw|fyi|well|yes|yeah|no|actually|cos|because|since|"
    r"is it ok) )were|"
    rf"\b(?:my|his|her|our|the) {any_of(_PARTNERS + ',' + _CHILDREN)}(?: here)?(?: is|s| whos| who is)?)"
)
_ONLY = (
    r"(?: (?:both|only|just|still|nearly|almost|actually|about|turning|gonna be|going to be|aged|a|is|like))*"
)
_OLD = r"(?: ?(?:years?|yrs?|yr|y|yo|y o)(?: ?olds?)?| old)?"
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_ENDS = (
    r"(?= (?:and (?!a )|but|so (?:is|can|do|am|are|will|what)|is|are|can|too|both|btw|today|tomorrow|"
    r"next (?:week|month|year)|last (?:week|month)|yesterday|almost|nearly|recently|this year|"
    rf"in (?:{_MONTHS}|a (?:week|month|few))|actually|lol|haha|though|if|"
    r"does|do|she|he|we|i|im|my|also|as well|not|really|now|still|soon|dont|please|pls|will|may)\b|$)"
)
_AGES = r"1[1-7]"
_YOUNG = re.compile(
    rf"{_WHO}{_ONLY} {_AGES}{_OLD}{_ENDS}|"
    rf"{_WHO}{_ONLY} (?:1[0-7]|[3-9]) ?(?:years?|yrs?|yr|y|yo|y o)(?: ?old\b|$)|"
    rf"\b(?:i|she|he|we|both) (?:turn|turns|turned|just turned|only turned)(?: only| just)? {_AGES}{_ENDS}|"
    rf"{_WHO}(?: both)? (?:not|isnt|arent|aint)(?: even| yet| quite)? 1[68](?: yet)?{_ENDS}|"
    rf"{_WHO}{_ONLY} (?:under ?age|underaged|under (?:1[68]|18s)|(?:a )?minors?|(?:a )?teenagers?|"
    rf"(?:a )?child|"
    rf"(?:a )?children|(?:a )?kids?|(?:a )?schoolkids?|(?:a )?school ?(?:girl|boy)){_ENDS}|"
    rf"{_WHO}(?: both| only| still| just)* (?:in|at) (?:(?:year|yr|y) ?(?:[7-9]|1[0-3])|"
    r"(?:6|7|8|9|10|11|12)th grade|grade (?:[6-9]|1[0-2])|"
    r"(?:sixth|seventh|eighth|ninth|tenth|eleventh|twelfth) grade|"
    rf"(?:middle|secondary|high|primary) school){_ENDS}|"
    rf"{_WHO}(?: both)? still (?:in|at) school{_ENDS}"
)
"""Matches a message in which somebody present is said to be under 18. A bare number is taken for an age only
from 11 on: "she's a 9" is about the pressure."""
_YOUNG_PERSON = re.compile(
    r"\b(?:(?:1[0-7]|[3-9]) ?(?:(?:years?|yrs?|yr|y) ?olds?|yo)|teenage) "
    rf"{any_of(_PARTNERS + ',' + _CHILDREN)}\b|"
    rf"\b(?:my|our|his|her) {any_of(_CHILDREN)}(?: is|s| whos| who is)?{_ONLY} (?:1[0-7]|"
    rf"[3-9]){_OLD}{_ENDS}"
)
_NOT_MEANT = re.compile(
    r"\b(?:like|as if|mentally|think|inside|wish|when|since|pretend|feels?|acts?|acting|remember) "
    r"(?:im|i am|shes|she is|hes|he is|theyre|were|we are|she|he|i)\b|"
    r"\bat heart\b|\b(?:wish|used to be|if i was|if i were)\b"
)
_ELSEWHERE = re.compile(
    r"\b(?:walked|came|comes|coming|barged|bursts?|asleep|sleeping|bed|upstairs|downstairs|next door|"
    r"shouting|knock\w*|"
    r"sleepover|babysit\w*|xbox|playing|plays|watching|telly|tv|wants? (?:a drink|water|dinner|food)|home|"
    r"school run|"
    r"crying|calling|phoned|rang|texted|than|bought|made|gave us|older|teaches|teach|taught)\b"
)


_PARENT_OF = re.compile(
    rf"(?:i|we|she|he|they) (?:have|has|got|ive got) an? \d+ ?(?:years?|yrs?|yr|y) ?olds? {any_of(_CHILDREN)}"
)


def is_young(text: str) -> bool:
    """Return whether a message says that somebody present is under 18."""
    if _NOT_MEANT.search(text) or _PARENT_OF.fullmatch(text):
        return False
    if _YOUNG_PERSON.search(text) and _ELSEWHERE.search(text):
        return False
    return bool(_YOUNG.search(text) or _YOUNG_PERSON.search(text))


# --- A number out of ten -------------------------------------------------------------------------

_SCORE = r"(10|(?<!\d )\d)"
_BEFORE_SCORE = any_of(
    "its, it is, thats, that is, thatll be, this is, this one is, shes, hes, theyre, im, i am, she is, "
    "he is, at, a, an, about, "
    "around, roughly, like, maybe, probably, perhaps, more, id, i d, say, says, said, saying, reckons, "
    "she, he, they, i, "
    "give, gives, gave, it, me, of, is, was, now, ok, okay, hmm, hm, um, er, oh, well, so, yeah, yep, yes, "
    "just, only, strong, "
    "good, bit, over, nearly, almost, pressure, pain, score, rating, level, rate, rates, feels, feeling, "
    "would, call, calls, "
    "on, the, scale, from 1 to 10, 1 to 10, definitely, easily, still, hits, hitting, goes, gone, up to, "
    "down to, to, erm, dropped, "
    "still, hurts, hurting, number is, and, but, getting, there"
)
_AFTER_SCORE = any_of(
    "out of 10, of 10, on the scale, on that scale, now, here, there, pls, please, she says, he says, "
    "they say, she said, he said, "
    "ish, or so, i think, id say, maybe, for her, for him, for me, right now, pressure, pain, at least, "
    "at most, "
    "(?:and )?is (?:that|it) (?:ok|okay|bad|normal|too much|alright|all right|fine|right|good|too hard), "
    "really, honestly, tbh, probably, on pain, for pain, for pressure, on pressure, today, coach, so far, "
    "already, easy, easily, again"
)
_RATED = re.compile(
    rf"(?:(?:it |that |she |he )?was (?:at |an? |like )*\d (?:but |and |then )*)?(?:{_BEFORE_SCORE} )*?"
    rf"(?:\d (?:or|to|maybe|possibly) (?:a |an )?)?{_SCORE}(?: {_AFTER_SCORE})*"
)
_OUT_OF_TEN = re.compile(r"(?<!\d )\b(10|\d) (?:out of|outta|outa|outof) (?:a )?10\b")
_ON_A_SCALE = re.compile(
    r"\b(?:pain|pressure|hurts?|hurting|scale)\b(?: \w+){0,4}? (?:is|its|a|an|at|level|like|about|now|say|"
    r"says) (10|\d)"
    r"(?= (?:now|she|he|so|and|is|please|pls|here|out|i|from|but)\b|$)"
)
_OTHER_SCORE = re.compile(
    r"\b(?:steps?|service|technique|skills?|effort|recommend|marks|review|stars?|hotel|dentists?|times|"
    r"people|men|women|film|movie|wine|dinner|music|playlist|smell\w*|candles?|confiden\w*|tired\w*|lovely|"
    r"amazing|bliss\w*|"
    r"heaven\w*|brilliant|perfect|best|love[sd]?|gorgeous|wonderful|fantastic|great|relax\w*|yum\w*|dreamy|"
    r"well done|"
    r"good job|no notes|would|happy|enjoy\w*|masseu\w*|nice|excellent|again|thanks?|thank|cheers|better|"
    r"done|massage|so good|rating me|"
    r"my (?:thumbs?|hands?|arms?|wrists?|back)|handsome|hot|sexy|cute|looks|snor\w*|exam|test|mood|worth|"
    r"magic|delicious|guess|points)\b"
)


def score_in(text: str, *, asks: bool) -> int | None:
    """Return the receiver's rating of the pressure, from 0 to 10; None if a message contains none.

    A bare number counts, so call this only in a massage; "8?" is no rating. `asks` is true if the message has
    a question mark.
    """
    if text == "11" and not asks:
        return 10  # one worse than the worst
    if QUESTION.match(text):
        return None
    found = _RATED.fullmatch(text)
    if found and not (asks and text[found.end(1) :] == ""):
        return int(found[1])
    if _OTHER_SCORE.search(text) or re.search(r"\bwants? (?:it )?(?:to be )?(?:at )?an? \d", text):
        return None
    found = _OUT_OF_TEN.search(text) or _ON_A_SCALE.search(text)
    return int(found[1]) if found else None


# --- Lengths and sides ---------------------------------------------------------------------------

_POLITE = (
    r"(?:(?:ok|okay|please|pls|actually|maybe|hmm|um|no|yes|yeah|well|so|oh|then|hi|hey|just|sorry|but|"
    r"and) )*"
)
_CHOOSES = any_of(
    "make it, make this, lets do, lets have, lets make it, lets go for, lets go with, do, can we do, "
    "can we have, could we do, could we have, "
    "can you make it, could you make it, i want, we want, she wants, he wants, id like, wed like, "
    "i would like, we would like, id prefer, "
    "change it to, change to, set it to, set it for, switch to, switch it to, go for, go with, ill do, "
    "ill have, ill take, ill go for, "
    "well do, we have, we only have, we have only, weve got, weve only got, ive got, ive only got, i have, "
    "i only have, got, only got, only, "
    "prefer, i choose, try"
)
_MASSAGE_LONG = (
    r"(?: (?:please|pls|one|version|massage|session|then|instead|today|tonight|only|thanks|though|now|max|"
    r"long|total|"
    r"is fine|is enough|is all we have|is all weve got|is good|will do|back|neck|instead of \d+|not \d+|"
    r"(?:mins?|minutes?)))*"
)
_MINUTES = r" ?(?:minutes?|mins?|minuets?|minuts?|minites?|mintues?|m)"
_LENGTH = re.compile(
    rf"{_POLITE}(?P<verb>{_CHOOSES} )?(?:(?:the|a|an|about|for|just|only|around) )*(?P<number>\d{{1,3}})"
    rf"(?P<unit>{_MINUTES})?{_MASSAGE_LONG}"
)
LEAST_LENGTH = 10
"""A bare time of fewer minutes, such as "2 min", rather asks to wait than for a massage of that length."""


def minutes_in(text: str) -> tuple[int, bool] | None:
    """Return the number of minutes that a message chooses for a massage, and whether it surely does. Return
    None if a message chooses no length.
    """
    for words, in_minutes in _HOURS.items():
        text = text.replace(words, in_minutes)
    found = _LENGTH.fullmatch(text)
    if not found:
        return None
    minutes = int(found["number"])
    return minutes, bool(found["verb"] or (found["unit"] and minutes >= LEAST_LENGTH))


_BEGINS = re.compile(rf"{_POLITE}(?:{_CHOOSES}|start|begin|lets start|lets begin)\b")
_AFTER_NAME = (
    r"(?: (?:one|ones|massage|routine|rub|version|thing|please|pls|instead|then|today|tonight|this time|"
    r"now|again|"
    r"for her|for him|for me|for us|actually|thanks|too))*"
)


def begins_with_choice(text: str) -> bool:
    """Return whether a message begins like a choice, such as "make it" or "can we do"."""
    return bool(_BEGINS.match(text))


def names_one_of(names: Iterable[str], plain: Iterable[str], text: str) -> bool:
    """Return whether a message chooses something by one of its names: "let's do the neck one".

    Those of the names that are `plain` also count alone.
    """
    known, alone = ("|".join(map(re.escape, sorted(some, key=len, reverse=True))) for some in (names, plain))
    verb = rf"(?:{_CHOOSES}|start|begin|lets start|lets begin) (?:with )?"
    the = r"(?:(?:the|a|an|her|his|my|some|this|that) )*"
    ends = r"(?: and shoulders?)?" + _AFTER_NAME
    chosen = rf"{verb}{the}(?:{known})"
    described = rf"(?:the )?(?:{known}) (?:one|massage|routine|rub)"
    pattern = rf"{_POLITE}(?:{chosen}|{described}|{the}(?:{alone})){ends}"
    return bool(re.fullmatch(pattern, text))


_STANDS = re.compile(
    r"(?:i (?:never|didnt|havent|have not|did not|forgot to) (?:walk(?:ed)?|mov(?:e|ed)|chang(?:e|"
    r"ed)|switch(?:ed)?|go|gone|went|swap(?:ped)?)"
    r"(?: (?:round|around|over|across|sides?|yet|places|the|bed|table|to|other|side|of))* )?"
    r"(?:(?:no|ok|actually|wait|sorry|oh|well|but|and|btw|um|so|hi|yes|yeah|hmm|oops|hang on|fyi|coach) )*"
    r"(?:(?:i|im|ill|i am|ive|id|we)(?: (?:am|will|stay|now|actually|want|would|like|prefer|rather|to|need|"
    r"can|only|must|still|"
    r"have|got|usually|always|really|be|over|here|just))* )?"
    r"(?:(?P<stand>(?:stand|stood|standing|sit|sitting|kneel|kneeling|stay|staying)(?: here)?(?: on| at|"
    r" to| from)?)|(?P<on>on|at)) "
    r"(?:the |her |his |their )?(?P<side>left|right|lef|rigth|rihgt|rght|lft)(?: ?hand)?(?: side)?"
    r"(?: of (?:the )?(?:bed|table|mattress|couch|sofa|floor|her|him|them|person|mat|massage table))?"
    r"(?: (?:actually|now|btw|by the way|not|the|left|right|instead|sorry|though|today|please|pls|then|"
    r"tonight|really|"
    r"i think|here|remember|lol|by now|mate|coach|so|all along|side|of course))*"
)
_PUTS = re.compile(
    r"(?:(?:ok|please|actually|no|lets|can you|could you) )*(?:make it|change (?:it )?to|switch (?:it )?to|"
    r"put me on|set it to) "
    r"(?:the )?(?P<side>left|right)(?: side)?(?: please| pls| instead)?|(?:the )?(?P<bare>left|"
    r"right) side(?: please| pls)?"
)


def side_in(text: str) -> Side | None:
    """Return the side on which the writer says to stand; None if a message says nothing about that."""
    found = _STANDS.fullmatch(text)
    if not found or not (found["stand"] or re.search(r"\b(?:i|im|we|id)\b", text)):
        return None
    return _side(found["side"])


def side_chosen(text: str) -> Side | None:
    """Return the side that a message chooses before a massage, such as "right side please"; None if it
    chooses none.
    """
    found = _PUTS.fullmatch(text)
    return side_in(text) or (_side(found["side"] or found["bare"]) if found else None)


def _side(word: str) -> Side:
    return Side.LEFT if word.startswith("l") else Side.RIGHT


# --- Knots ---------------------------------------------------------------------------------------

_ROWS = {
    "upper": "upper|top|high|higher|uper",
    "lower": "lower|bottom|low|lowest",
    "middle": "middle|mid|centre|center|central",
}
_COLUMNS = {"left": "left|lefthand", "right": "right|righthand", "middle": "middle|mid|centre|center|central"}
_RETRACTED = re.compile(
    r"\b(?:no|not a|wasnt a|isnt a|wasnt really a|never a) knots?\b|^(?:no )?not (?:in |at |on "
    r")?(?:the |that )?(?:"
    r"upper|lower|middle|top|bottom|left|right)\b|"
    r"\b(?:take|took) (?:\w+ ){0,6}?(?:away|off|out)\b|\b(?:remove|unmark|delete|untick|clear|scrap|cancel|"
    r"forget|undo)\b|"
    r"\bknot\b.*\b(?:after all|wasnt|isnt there|not there)\b|\bthere (?:isnt|wasnt) (?:a |any )?knot\b"
)
_KNOT_WORDS = re.compile(r"\b(?:knots?|mark|marked)\b")
_NO_RETRACTION = re.compile(
    r"\b(?:towel|pillow|hands?|weight|pressure|her top|his top|shirt|bra|blanket|sheet|oil|any ?more|"
    r"gone|melted|eased|"
    r"knot left|forgets?|dont forget|"
    r"dont|how|which|what|where|should|is|was|are|can i|do i)\b"
)


_WRONG_SPOT = re.compile(
    r"(?:no |sorry |coach |oh )*(?:the |that )?(?:\w+ ){1,3}(?:one |knot |mark |spot )?(?:is|was) "
    r"(?:wrong|a mistake|not right|incorrect|not a knot|no knot)(?: actually| sorry)?"
)
_ALL_KNOTS = re.compile(
    r"(?:unmark|clear|remove|delete|forget|scrap|untick|cancel|undo) (?:them )?(?:all|everything|every knot)"
    r"(?: (?:of )?(?:them|the knots|knots|marks|the marks|of it|please|pls))*"
)


def retracts_knot(text: str) -> bool:
    """Return whether a message says that a marked knot is none."""
    if _ALL_KNOTS.fullmatch(text) or (spot_in(text) and _WRONG_SPOT.fullmatch(text)):
        return not QUESTION.match(text)
    named = _KNOT_WORDS.search(text) or spot_in(text)
    return bool(_RETRACTED.search(text) and named) and not _NO_RETRACTION.search(text)


def spot_in(text: str) -> str | None:
    """Return the spot of the back that a message names by row and column, such as "upper-left"; None if it
    does not name both.
    """
    rows = [row for row, names in _ROWS.items() if re.search(rf"\b(?:{names})\b", text)]
    columns = [column for column, names in _COLUMNS.items() if re.search(rf"\b(?:{names})\b", text)]
    row = next((row for row in rows if row != "middle"), "middle" if rows else None)
    column = next((column for column in columns if column != "middle"), "middle" if columns else None)
    if (row, column) == ("middle", "middle"):
        return "centre"
    return f"{row}-{column}" if row and column else None
