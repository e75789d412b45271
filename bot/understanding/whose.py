"""Whose condition a message tells of, and when: somebody's who is not here, one long over, or none at all.

Each function reads a text as `said.normal` returns it. In doubt, a condition counts as one of the two people
here. This module must not depend on sessions or events.
"""

import re

_ELDERS = (
    r"(?:mothers?|mums?|moms?|mam|mummy|fathers?|dads?|daddy|parents?|nans?|nana|gran|granny|grandmas?|"
    r"grandmother|grandad|granddad|grandpa|grandfather|aunts?|auntie|uncles?|neighbours?|neighbors?|"
    r"colleagues?|coworker|boss|flatmate|ex|cats?|dogs?|mother in law|father in law|in laws|bab(?:y|ys))"
)
_OTHERS = r"(?:sisters?|brothers?|cousins?|nephews?|nieces?|friends?|mates?|kids?|sons?|daughters?)"
_AWAY = r"(?:neighbours?|neighbors?|colleagues?|coworker|boss|ex|cats?|dogs?|bab(?:y|ys)|kids?)"
_RELATIVE = re.compile(
    r"(?:(?:oh|btw|by the way|and|but|so|well|yes|yeah|also|lol|haha) )*"
    rf"(?:(?:her|his|their) (?:{_ELDERS}|{_OTHERS})|(?:my|our|the) {_AWAY}|"
    rf"(?:my|our) {_ELDERS}(?: has| had| have| got| caught| is| was| just)* (?:(?:a|an|the|bad|high) )*"
    r"(?:fever|temperature|flu|covid|cold|stroke|heart attack|drunk|infection|died|passed away))\b"
)
_MAY_BE_HERE = re.compile(
    r"\b(?:i|im|ive|me|my|she|shes|her|he|hes|him|his|we|weve|us|our|they|theyre|massag\w*|lying|lies|here|"
    r"table|rub\w*|press\w*|back|ok|okay|safe|alright|matter|can|should|carry|go|start|receiver|so|too|also|"
    r"caught|both|first|genetic|family|says?|said|thinks|told|due|kick\w*|bump|inside|born|"
    r"expecting|on the way|"
    r"now|today|tonight)\b"
)
"""Words which show that the message may be about somebody who is here."""
_YEARS_AGO = re.compile(
    r"\b(?:years? (?:ago|back)|(?:couple|few|\d+) (?:of )?years (?:ago|back)|last year|the year before|"
    r"in (?:19|20)\d\d|as a (?:kid|child|baby|teen|teenager|boy|girl)|in (?:my|her|his|their) "
    r"(?:teens|twenties|20s|30s|childhood)|when (?:i|she|he|they|we) (?:was|were) "
    r"(?:a|an|little|young|younger|small|\d+|at|in|kids?|children|pregnant)|decades? ago|ages ago|"
    r"used to|a lifetime ago)\b"
)
_MONTHS_AGO = re.compile(
    r"\b(?:months? ago|last (?:month|summer|winter|spring|autumn|christmas|easter|january|february|march|"
    r"april|may|june|july|august|september|october|november|december))\b"
)
_AGAIN = re.compile(
    r"\b(?:should|can|may|ok|okay|safe|matter|count|list|careful|easy|now|again|still|ever since|"
    r"since then|since|breast ?feeding|nursing|last (?:week|night|weekend)|weeks? ago|days? ago|"
    r"never (?:healed|went|gone|been)|comes? back|came back|"
    r"and (?:shes|hes|im|she is|he is|i am) (?:\w+ )?(?:pregnant|ill|sick)|not (?:healed|over)|flares?|"
    r"long covid|keeps?|sometimes|today|tonight|this (?:week|morning|month)|yesterday)\b"
)
_OVER_IN_YEARS = {
    "a fever",
    "anything infected or inflamed",
    "a burn or sunburn",
    "an open or healing wound",
    "a broken bone",
    "pregnancy",
    "dizziness or fainting",
    "too much alcohol",
    "strong painkillers",
}
"""Conditions that do not matter any more after a year."""
_OVER_IN_MONTHS = {"a fever", "a burn or sunburn", "dizziness or fainting", "too much alcohol"}
"""Conditions that do not matter any more after a month."""
_DENIED = re.compile(
    r"(?:(?:no|nope|nah|ok|yes|yeah|well|its ok|dont worry|so|and|honestly|lol|haha|btw) )*"
    r"(?:(?:im|i am|shes|she is|hes|he is|were|we are|theyre|they are|i|she|he|we|they|its|it is|"
    r"(?:my )?(?:wife|husband|partner|girlfriend|boyfriend)(?: is)?) )?"
    r"(?:definitely |certainly |really |actually |both )?"
    r"(?:not|isnt|arent|aint|am not|havent(?: got| had)?|hasnt(?: got| had)?|dont have|doesnt have|"
    r"never had|no|nobody is|noone is|no one is|neither of us (?:is|has|are)|without|have no|has no) "
    r"(?:a |an |any |even |at all |got |actually |really |the )*"
    r"(?P<of>(?:sign of |signs of )?\w+(?: \w+)?(?: or \w+)?)"
    r"(?: no \w+)*(?: (?:just|only) vitamins)?"
    r"(?: (?:at all|anymore|any more|yet|here|tonight|today|lol|haha|honest|promise|just happy|just relaxed|"
    r"thank god|thankfully|thanks|or anything))*"
)
_NOT_A_DENIAL = re.compile(
    r"\b(?:only|sure|well|better|healed|gone|epipen|allowed|clotting|meds|medication|pills|tablets|"
    r"doctor|idea|taken|good|great|right|too|very|feeling|just|until|bleeding|inhaler|healing|safe)\b"
)


def is_elsewhere(text: str) -> bool:
    """Return whether a message tells of a relative or an animal that plainly is not being massaged."""
    found = _RELATIVE.match(text)
    return found is not None and not _MAY_BE_HERE.search(text, found.end())


def is_over(text: str, condition: str) -> bool:
    """Return whether a message says that a condition is so long past that it does not matter any more."""
    if _AGAIN.search(text):
        return False
    years = condition in _OVER_IN_YEARS and _YEARS_AGO.search(text)
    return bool(years or (condition in _OVER_IN_MONTHS and _MONTHS_AGO.search(text)))


def is_denied(text: str) -> bool:
    """Return whether a message says no more than that nobody has a condition, as in "she's not pregnant"."""
    found = _DENIED.fullmatch(text)
    return found is not None and not _NOT_A_DENIAL.search(found["of"])
