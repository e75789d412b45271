"""Consent: whether somebody agrees, refuses, or is not listened to. Plain patterns, without the classifier.

Each function reads a text as `said.normal` returns it. This module must not depend on sessions or events.
"""

import re

from bot.understanding.said import QUESTION, any_of

# --- A "stop" or a "no" that is not heard -----------------------------------------------------------

_PEOPLE = (
    r"(?:he|she|they|him|her|husband|wife|boyfriend|girlfriend|partner|bf|gf|mate|friend|guy|man|woman|"
    r"brother|sister|dad|uncle)"
)
_WONT_STOP = re.compile(
    rf"\b{_PEOPLE} (?:just |really |still |simply )*(?:wont|will not|doesnt|does not|refuses? to|didnt|"
    rf"did not|wouldnt|would not|never|isnt|is not|"
    r"hasnt|hes not) (?:even |just )?stop(?:s|ping|ped)?"
    r"(?= (?:it|me|this|when|even|though|and|but|he|she|they|doing|hurting|pressing|touching|pushing|"
    r"massaging|rubbing|grabbing|kissing|groping|"
    r"now|please|help|although|coming|i|if|unless|no matter)\b|$)"
)
_SAYS_STOP = (
    r"(?:\b(?:says?|said|saying|shouted|shouts|yelled|screamed|whispered|mumbled|muttered|goes)(?: to me|"
    r" me)?(?: (?:a bit|again|like|please|to|lets|really|just|ow))*|"
    r"\b(?:told|tells|telling|asked|asks|asking|begged|begging|wants?|wanted|wanting|needs?) (?:me|him|her|"
    r"us|them|it)? ?to(?: please| just)?|"
    r"\b(?:asked|asks|asking|begged|begging|wants?|wanted) to(?: please| just)?) stop\b"
    r"(?! (?:at|before|by|after|when|for|the|there|"
    r"(?!doing|touching|pressing|hurting|rubbing|massaging|pushing)\w+ing)\b)"
)
_NOT_HEARD = (
    r"\b(?:but(?! (?:only|just|my|im|maybe for|first|i need|where|how|what|when|which))|though|although|"
    r"joking|kidding|laughing|laughs|giggl\w*|smil\w*|"
    r"mean it|means it|meant it|dont believe|playing|anyway|carried on|carries on|kept going|keeps going|"
    r"keep going|ignor\w*|seriously|for real|not serious)\b"
)
_STOP_UNHEARD = re.compile(rf"{_SAYS_STOP}.*{_NOT_HEARD}|{_NOT_HEARD}.*{_SAYS_STOP}")
_I_SAID_STOP = re.compile(
    r"\bi(?:ve)?(?: have| keep| kept)* (?:told|asked|begged|telling|asking|begging) "
    rf"(?:him|her|them|my {_PEOPLE}) (?:to )?(?:please )?stop(?! \w+ing)\b|"
    r"\bi(?:ve)?(?: have| keep| kept)* (?:said|saying|say|asked) (?:stop|no)(?: stop| no)* (?:and|"
    r"but) (?:he|she|they|hes|shes|its|nothing)\b|"
    r"^(?:told|asked|begged) (?:him|her|them) to stop(?! \w+ing)\b|"
    rf"\b(?:he|she|they|hes|shes)(?: is| are| just| still)* not stopping"
    r"(?! \w+ing| for| at| yet| there| until)\b|"
    rf"\b{_PEOPLE} (?:carried|carries|keeps?|kept) (?:on |going ).*"
    r"\bi (?:said|say|told|tell|asked|ask)\b.*\b(?:stop|no)\b|"
    r"\b(?:he|she|they) (?:wont|will not|doesnt) let me(?: go| leave| out| up| get up)?(?: please| help)?$|"
    r"\b(?:said|says|saying) no and i (?:carried|kept|keep|carry|went|did)\b|"
    r"\bi (?:really |just )?want (?:him|her|them) to stop(?= and\b| now\b| please\b| but\b|$)|"
    r"\b(?:he|she|hes|shes|theyre)\b.* and (?:just )?(?:wont|doesnt|didnt|hasnt) stop(?:ped)?"
    r"(?= (?:it|me|when|even|please|help)\b|$)|"
    r"\b(?:he|she|they) (?:said|says|keeps? saying) no(?: no| more)* (?:but|and) (?:\w+ ){0,3}?"
    r"(?:laugh\w*|giggl\w*|smil\w*|joking|kidding|means yes)\b"
)
_SAYS_NO = re.compile(
    r"(?:(?:but|and|so|well|ok|um|just|now) )*(?:he|she|they|hes|shes|theyre)"
    r"(?: has| have| just| keeps| kept| is| now)* "
    r"(?:(?:said|saying) no(?: no| more)*(?: to me| now| again)?|"
    r"(?:said|says|say|saying) no(?: no)* (?:but|though|although|i think|laughing|giggling|"
    r"and (?:pulled|pushed|moved|turned|laughed)|is (?:she|he) joking)\b.*)"
)
_SAYS_STOP_ALONE = re.compile(
    r"(?:(?:but|and|so|well|ok|um|just|now|help|coach|oh|wait|please) )*"
    rf"(?:{_PEOPLE}|hes|shes|theyre|my {_PEOPLE})(?: has| have| just| keeps?| kept| is| are| was| "
    rf"now| still| really| clearly)* "
    r"(?:(?:says?|said|saying|shouts?|shouted|shouting|yells?|yelled|yelling|screams?|screamed|"
    r"screaming|begs?|begged|begging|cries|cried|crying|whispers?|whispered|mumbled)(?: to me| at "
    r"me| for me to| me to| out)?"
    r"(?: a bit| again| please| to| lets| just| we should)*|"
    r"(?:told|tells|telling|asked|asks|asking|begged|begging|wants) me(?: to| please| just)*) "
    r"(?:stop|stop it|get off|stop it now|let go|leave (?:her|him|them|me) alone|quit it|no more|"
    r"enough)(?: (?:stop|please|now|it|this|again|right|that|doing|touching|her|him|them|pls|is|ok|"
    r"okay|so|do|should|what|i|help|me|no))*"
)
_UNWANTED = re.compile(
    r"\b(?:i|she|he|they) (?:really )?(?:dont|doesnt|do not|does not|didnt|never) want(?:ed)? "
    r"(?:this|it|any of this|to do this|to be here)"
    r"(?: (?:any ?more|at all|to happen|to go on|done))*(?: (?:but|and) .*)?$"
)
_DONT_STOP = re.compile(r"\b(?:dont|not|never|doesnt|no need to|didnt|wont) (?:\w+ ){0,4}?(?:to )?stop\b")


def is_unheard(text: str) -> bool:
    """Return whether a message says that somebody's "stop" or "no" is not respected."""
    if _WONT_STOP.search(text) or _I_SAID_STOP.search(text) or _UNWANTED.search(text):
        return True
    return bool(_STOP_UNHEARD.search(text)) and not _DONT_STOP.search(text)


def says_no(text: str) -> bool:
    """Return whether a message says no more than that somebody said no."""
    return bool(_SAYS_NO.fullmatch(text))


def says_stop(text: str) -> bool:
    """Return whether a message says no more than that somebody said stop."""
    return bool(_SAYS_STOP_ALONE.fullmatch(text))


# --- Permission ----------------------------------------------------------------------------------

DOCTORS = any_of(
    "doctors?, docs?, dr, gp, midwife, midwifes?, nurse, physio\\w*, consultant, surgeon, oncologist, "
    "pharmacist, chemist, "
    "hospital, specialist, cardiologist, haematologist, health visitor, clinic"
)
PARENTS = any_of(
    "parents?, mums?, moms?, mother, dads?, father, guardian, mam, mummy, daddy, mom and dad, mum and dad"
)
_AGREES = (
    r"(?:has |have |had |just |already |both |did |all |totally |definitely |and dad |and mum |and mom |"
    r"now |too |do |does |they |she |he |it |"
    r"apparently )*(?:(?:said|says|say|told|gave|given|ok ?d|okays?|okayed|oked|cleared|agreed|agrees|"
    r"approves?|approved|confirmed|reckons|"
    r"thinks|signed)\b.*\b(?:yes|ok|okay|oks|fine|good|alright|all right|safe|go ahead|"
    r"no problem|allowed|clear|permission|"
    r"can (?:have|get|be|go|start)|may (?:have|get)|off|"
    r"happy|great|recommended|encouraged)\b|(?:is |are |was )?(?:ok|okay|fine|happy|cool|good|alright|"
    r"all right) with|(?:approves?d?|agreed|agrees|okayed|ok ?d)\b|cleared|(?:did|has)$)"
)
_REFUSES = re.compile(
    r"\b(?:no|not|dont|cant|shouldnt|didnt|hasnt|havent|never|wont|wouldnt|isnt|arent|without|unless|until|"
    r"if|ask|asking|should|"
    r"must|avoid|wait|waiting|yet|only (?:if|after)|can i|could)\b"
)


def agreed_by(people: str, text: str) -> bool:
    """Return whether a message says that one of these people, DOCTORS or PARENTS, has agreed."""
    if QUESTION.match(text) or not re.search(rf"\b{people} {_AGREES}", text):
        return False
    return not _REFUSES.search(re.sub(r"\bno (?:problem|worries|issue|harm)\b|\bcan\b", "", text))


def refused_by(people: str, text: str) -> bool:
    """Return whether a message says that one of these people, DOCTORS or PARENTS, has said no."""
    pattern = rf"\b{people} (?:has |have |just |and dad |and mum )*(?:said|says|say) (?:no|not|dont)\b"
    return bool(re.search(pattern, text)) and not QUESTION.match(text)


# --- Yes, no and stop, where care is needed --------------------------------------------------------

_SURE_YES = re.compile(
    r"(?:yes|yep|yeah|yup|y|yess+|yea|aye)(?: (?:yes|she has|he has|they have|they did|he did|she did|"
    r"it has|they said yes|she said yes|he said yes|"
    r"they have|please|already|asked|we asked|we have|we did|i have|i did|we checked|checked|definitely|"
    r"of course))*"
)
_SURE_NO = re.compile(
    r"(?:no|nope|nah|n|not yet)(?: (?:no|not yet|yet|he hasnt|she hasnt|they havent|they hasnt|not really|"
    r"havent asked|we havent|we havent asked|i havent|didnt ask|"
    r"we didnt|they didnt|thanks|sorry|never|nobody has|noone has))*"
)
_WANTS_TO_END = re.compile(
    r"(?:(?:ok|okay|yes|yeah|yep|right|then|please|lets|well|we|ill|i|want|to|just|can|should|better|were|"
    r"im|so|no|alright|fine|she|he|wants|going) )*"
    r"(?:stop|stp|sotp|stopp|stpo|end|finish|finished|done|quit|cancel|call it a day|leave it)(?: (?:it|"
    r"now|here|please|pls|then|for today|today|the massage|"
    r"this|for tonight|there|massage|everything|stop|at that|ok))*"
)


def is_sure_yes(text: str) -> bool:
    """Return whether a message is a plain yes. "Ok" is none: it may mean no more than "I have read that"."""
    return bool(_SURE_YES.fullmatch(text))


_BARE_YES = re.compile(
    r"(?:yes|yep|yeah|yup|y|yess+|yea|aye)(?: (?:yes|yep|yeah|please|definitely|of course|asked|already))*"
)
_WILL_NOT_GO_ON = re.compile(
    r"(?:(?:i|we|she|he|no|sorry|really|just) )*(?:dont|doesnt|do not|does not) (?:really )?want to "
    r"(?:continue|go on|carry on|keep going)(?: \w+)?"
)
_VAGUE_ABOUT_HEALTH = re.compile(
    r"(?:(?:no|nope|nah|yes|yeah|ok|well|but|i think|i guess) )*(?:(?:were|we are|im|i am|shes|she is|hes|"
    r"he is|both|all|are|totally|perfectly) )+(?:fine|healthy|ok|okay|good|well|fit)|"
    r"maybe|perhaps|not sure|dont know|i dont know|no idea|"
    r"(?:just )?(?:a|one|1|half a) (?:small )?(?:glass|sip) of (?:wine|beer|prosecco)|"
    r"does the (?:giver|receiver|one who gives) count(?: too)?|"
    r"(?:its |it is )?(?:her|his|my|our) first (?:time|massage)"
)


def is_bare_yes(text: str) -> bool:
    """Return whether a message is a yes that does not say to what."""
    return bool(_BARE_YES.fullmatch(text))


def will_not_go_on(text: str) -> bool:
    """Return whether a message says no more than that somebody does not want to go on."""
    return bool(_WILL_NOT_GO_ON.fullmatch(text))


def is_vague_about_health(text: str) -> bool:
    """Return whether a message answers the health question without naming a condition or ruling all out."""
    return bool(_VAGUE_ABOUT_HEALTH.fullmatch(text))


def is_sure_no(text: str) -> bool:
    return bool(_SURE_NO.fullmatch(text))


def wants_to_end(text: str) -> bool:
    """Return whether a message says nothing but that the massage should end."""
    return bool(_WANTS_TO_END.fullmatch(text))
