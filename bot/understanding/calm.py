"""Small matters that only sound like pain or an illness: cold, tickling, pleasure, noises, clothes.

A message counts only if it says nothing else, because anything more may be an alarm. Each function reads a
text as `said.normal` returns it. This module must not depend on sessions or events.
"""

import re
from enum import StrEnum

_WHO = (
    r"(?:i|im|i am|she|shes|she is|he|hes|he is|they|theyre|they are|we|we are|were both|it|its|it "
    r"is|this|this is|thats|that is|my wife|"
    r"my husband|my partner|her|his|my|our|the|your|both of us)"
)
_BEFORE = (
    r"(?:(?:ok|okay|hmm|um|oh|ooh|well|so|and|but|sorry|wait|coach|no|yes|yeah|lol|haha|hey|btw|hang on|"
    r"(?:she|he|they|my wife|my husband)(?: just| only)? (?:says?|said|thinks|reckons|complains|"
    r"tells me|told me)(?: that)?|"
    r"shes saying|hes saying|i think|apparently|now) )*"
)
_AFTER = (
    r"(?: (?:now|here|tonight|today|please|pls|lol|haha|though|again|a bit|a little|in here|in this "
    r"room|already|still|"
    r"so much|sorry|honestly|coach|without a blanket|under here|on top|at the moment|right now|she "
    r"says|he says|too|out of the oil|"
    r"what do i do|what can i do|any tips|help))*"
)
_VERY = (
    r"(?:(?:a|bit|a bit|little|so|very|really|too|quite|kinda|getting|get|gets|got|feels?|feeling|"
    r"still|just|super|pretty|all|is|are|slightly|rather|always|only|starting|to|be|said|also|"
    r"totally|absolutely) )*"
)
_COLD = (
    r"(?:cold|colder|chilly|chilled|freezing|frozen|nippy|shivery|shivering|shivers|brr+|goosebumps|"
    r"goose bumps|goosebumpy|goose pimples)"
)
_COLD_PARTS = (
    r"(?:(?:room|hands?|fingers?|feet|toes|oil|back|shoulders?|skin|bed|table|floor|air|house|legs|"
    r"arms|nose|palms|fingertips|wife|husband) (?:is |are |feels? |feel |s )?)"
)


class Matter(StrEnum):
    """What a message is about that is no alarm."""

    COLD = "cold"
    NOISE = "noise"
    """Somebody or something needs a moment: a baby, a doorbell."""
    PLEASURE = "pleasure"
    OTHER = "other"


_RIGHT = re.compile(
    rf"{_BEFORE}(?:(?:it|its|this|that|thats|feels|it feels|that feels|keep it|leave it|stay|the "
    rf"pressure|pressure|pressures|is|all|just|about|exactly|she likes it|he likes it) )*"
    r"(?:right|spot on|perfect|fine|good|great|lovely|the same|same|as is|as it is|neither|either|"
    r"in between|no change|like this|like that|ideal|happy)"
    r"(?: (?:as is|as it is|as it was|like this|like that|it|the same|same|this way|please|pls|"
    r"thanks|thank you|she says|he says|for her|for him|for me|now|there|here|cheers|ta|with it|"
    r"with this))*"
)
"""Matches an answer to the check-in that wants nothing changed."""


_JOBS = (
    r"(?:nurse|doctor|surgeon|physio|physiotherapist|paramedic|midwife|vet|dentist|pharmacist|cardiologist)"
)
_SIGNS = r"(?:cancer|leo|virgo|libra|scorpio|aries|taurus|gemini|pisces|aquarius|capricorn|sagittarius)"
_AGE = r"(?:1[89]|[2-9]\d)(?: years? old| yo)?"
_FUN = (
    rf"(?:{_WHO} )?{_VERY}(?:drunk|high|gasps?|gasping|wheezing) (?:on|in|with) "
    r"(?:happiness|love|joy|life|bliss|pleasure|delight|endorphins)|"
    rf"{_WHO} (?:too |so |quite )?high up(?: \w+){{0,4}}|"
    r"(?:i|we) (?:have|got) an? \d+ ?(?:years?|yr) old (?:son|daughter|kid|boy|girl)|"
    r"(?:love|punch) drunk|"
    r"(?:this|that|the|your|his|her) (?:song|music|joke|jokes|playlist) (?:is|are) killing (?:me|us)|"
    r"(?:youre|you are|shes|hes) killing it|(?:its |this is |thats |so |just )*breathtaking|"
    r"you saved my (?:back|neck|shoulders|life)(?: (?:it|they) (?:was|were) killing me(?: before|"
    r" earlier)?)?|"
    r"(?:she|he|i|we|my wife|my husband|the dog|the dogs|the cat|our dog|next doors dog|the baby)(?: just)? "
    r"(?:wont|cant|doesnt) stop "
    r"(?:laughing|giggling|smiling|talking|yawning|singing|barking|meowing|babbling)|"
    r"it (?:did )?hurts?(?: a bit| before| earlier)* but (?:now )?(?:its|it is|it has|the pain is)"
    r"(?: all| now| completely)* (?:gone|passed|better|fine)(?: now)?|"
    r"(?:i|she|he) could (?:fall a)?sleep(?: here| for ever| forever| for days| like this| now)?|"
    r"(?:the |our |my )?(?:dinner|toast|supper|food|cake|lasagne|pizza)(?: is|s| are)? burning"
)
"""Praise and small talk that only sound like an alarm."""
_PLAIN = (
    rf"(?:{_WHO} )?(?:is |am |are )?burning (?:up |off )?(?:the |some |so many )?calories|"
    r"(?:she|he) has a crush on (?:me|him|her|you)|"
    rf"{_WHO} (?:a|an) (?:\w+ )?{_JOBS}|"
    r"(?:she|he|i|my wife|my husband) works? "
    r"(?:in|on|at) (?:the|a|an) (?:\w+ )?(?:ward|hospital|clinic|unit|pharmacy)|"
    rf"{_WHO} a {_SIGNS}(?: and| but)? {_WHO} a {_SIGNS}|"
    rf"{_WHO} allergic to (?:bad |his |her |your |this |my )*"
    r"(?:music|jokes?|mornings?|work|exercise|mondays?|singing|housework|cleaning)|"
    r"the (?:music|song|playlist|timer|tv|fan|speaker)(?: has| just)? (?:stopped|died|cut out|paused)|"
    r"(?:his|her|my|the) (?:stomach|tummy|belly)(?: is| keeps|s)? (?:rumbling|gurgling|growling|grumbling)|"
    r"(?:im|i am|shes|she is) on (?:my|her) period|(?:my |her )?period is late|"
    rf"{_WHO} {_AGE}(?: (?:and|but))?(?: {_WHO} {_AGE})?(?: (?:today|now|already))?|"
    r"(?:i|she|he) was \d+ when (?:i|she|he) (?:first )?had (?:a|my|her|his)(?: first)? massage|"
    r"(?:the|that) knots?(?: has| have| just)* moved(?: around| away| a bit)?"
)
"""Plain facts that only sound like an illness."""
_MATTERS = {
    Matter.COLD: rf"(?:{_WHO} )?{_VERY}{_COLD_PARTS}?{_VERY}{_COLD}|(?:{_WHO} )?(?:has|got|have|getting) "
    rf"(?:the )?"
    rf"(?:{_WHO} )?{_VERY}{_COLD_PARTS}?{_VERY}{_COLD}|(?:{_WHO} )?(?:has|got|have|getting) (?:the )?"
    rf"(?:cold (?:hands|feet|fingers|toes)|goose ?bumps|goose ?pimples|chills from the cold)|"
    r"(?:cold|freezing|icy) (?:hands|fingers|oil|feet|room|toes|in here)|(?:she|he|i) wants? (?:a|"
    r"the|another) blanket|warm(?:er)? (?:hands|oil)",
    Matter.NOISE: r"(?:the |our |my )?(?:baby|babys|babies|kids?|toddler|child|son|daughter|little one|"
    r"newborn|"
    r"twins|next doors baby) (?:is |are |s )?(?:just )?"
    r"(?:crying|cries|cry|screaming|yelling|awake|woke up|waking up|up|calling|shouting|whimpering|howling)|"
    r"(?:the |our )?(?:dog|dogs|cat|cats|puppy) (?:is |are )?(?:whimpering|whining|howling|crying|"
    r"scratching at the door|being sick|yelping)",
    Matter.PLEASURE: rf"{_FUN}|(?:{_WHO} )?{_VERY}(?:tickles|tickling|tickly|ticklish|tickled|giggly|"
    r"giggling|"
    rf"moaning|"
    rf"groaning|purring|sighing|humming|drooling|dribbling|snoring|melting|"
    r"moans|groans|sighs|goose bumps of joy|dizzy with (?:joy|pleasure|happiness|love)|weak at the "
    r"knees|dead relaxed|floating|numb with pleasure|drowsy|floaty|"
    r"relaxed|in heaven|in bliss|(?:(?:has|have|just|nearly|almost|half|fast|sound|fell|fallen|"
    r"falling) )*asleep|nodded off|nodding off|dozed off|dozing|sleeping)(?: (?:(?:should|can|do|"
    r"shall|may) (?:i|we) |or )?(?:carry on|keep going|go on|continue)| (?:again|already))?(?: "
    r"(?:with pleasure|happily|in pleasure|with joy|with delight|from pleasure|like a cat|in a good "
    r"way|in bliss|of pleasure|at your cold hands))?|"
    r"(?:its |thats |this is |just )?(?:a )?(?:good|happy|nice) (?:moan|groan|pain lol|noises?|"
    r"sounds?|sigh)s?|happy tears|tears of joy|crying with laughter|crying laughing|(?:shes|hes|she "
    r"is|he is|im) "
    r"(?:crying (?:with|of) (?:laughter|joy)|crying laughing|dying of laughter|in stitches)",
    Matter.OTHER: rf"{_PLAIN}|(?:{_WHO} )?(?:(?:theres|there is|there are|has|have|had|got|"
    r"with) )?(?:a |an |the |"
    rf"some |"
    rf"small |big |few |tiny |little |her |his )*(?:mole|moles|freckles?|birthmark|birth mark|beauty "
    rf"spot|bra|bra straps?|strap|straps|bra clasp|clasp|hook|waistband|necklace|chain|ponytail|long "
    rf"hair|"
    r"hair)(?: (?:is|are|keeps|gets|got|in|on|there|here|the|her|his|my|way|back|left|right|"
    r"shoulder|neck|spine|under|side|of|lower|upper|middle|getting|a|it|undone|stuck|off|to|be|that|"
    r"feel|i|can|see|just))*|"
    r"(?:the |this |my |our |a )?(?:chair|stool|bench|seat|armchair)(?: (?:has|is|hasnt|got|isnt|"
    r"with))? (?:(?:a|an|no|the|too|very|quite|really|pretty|high|low|hard|soft|wide|narrow|tall|"
    r"big|small|wooden|straight|curved|back|backrest|arms|armrests?|"
    r"armless|and|so|of|to|reach|over|its|squeaky|old|wobbly|firm)(?: |$))+|"
    r"(?:on |onto )?(?:bare|naked|clean|dry|oily|soft|smooth|hairy|her bare|his bare) (?:skin|back|"
    r"backs|shoulders)(?: (?:with|without|and|no|oil|lotion|cream|or|over|through|clothes|a|t|shirt|"
    r"top))*|"
    rf"(?:{_WHO} )?(?:is |are )?(?:just )?(?:too|very|so|bit|a bit|really) (?:hard|far|awkward|"
    rf"tricky|difficult) to (?:reach|get to|see|read|find|reach over|do|hold|balance|kneel|keep up|"
    rf"count|hear)(?: (?:it|there|that|her|his|the|shoulder|shoulders|side|bit|spot|from here|across|"
    rf"over|back|far|neck|other|right|left))*|"
    r"(?:(?:i|she|he|we|they|ive|shes|hes|weve|had|have|has|having|just|only) )*(?:a|one|half a|1) "
    r"(?:small |little |tiny |big )?(?:glass|sip|drop) of (?:wine|prosecco|beer|champagne|red|"
    r"white)(?: (?:each|with dinner|after|earlier|before|later))*|"
    r"(?:(?:i|she|he|we|just|have|has|ive) )*(?:burnt|burned|broke|smashed|cracked|snapped) (?:the |"
    r"a |my |his |her |our )?(?:toast|dinner|food|pizza|bed|nail|nails|phone|candle|glass|mug|cup|"
    r"plate|lamp|chair|table|record|silence|ice|internet)|"
    r"(?:the|her|his|this|your) (?:laugh|laughter|music|giggles?|song|beat|smile|giggling|yawns?|"
    r"yawning) (?:is|are) (?:so |really )?(?:infectious|contagious)|"
    r"(?:drives|drive|driving) me (?:nuts|mad|crazy)|(?:its|thats|this is|you are|youre) (?:nuts|"
    r"bananas|sick|crazy|mad|insane)|"
    r"a? ?faint(?:ly)? (?:smell|scent|line|music|light|sound|noise|mark|glow|knot|snoring|snore|"
    r"hum)s?(?: of \w+)?|"
    r"(?:im |shes |hes )?sick of (?:\w+ ?){1,4}",
}
_MATTER = {matter: re.compile(rf"{_BEFORE}(?:{pattern}){_AFTER}") for matter, pattern in _MATTERS.items()}


def matter_of(text: str) -> Matter | None:
    """Return the small matter that a message is about; None if it may be about anything else."""
    return next((matter for matter, pattern in _MATTER.items() if pattern.fullmatch(text)), None)


def is_just_right(text: str) -> bool:
    """Return whether a message says no more than that the pressure is right as it is."""
    return bool(_RIGHT.fullmatch(text))


_GOOD = r"(?:good|nice|well|happy|pleasant|comfy|comfortable|relaxing|enjoying|enjoy|right|great|lovely)"
_DISPLEASED = re.compile(
    rf"\b(?:isnt|doesnt|dont|not|aint|arent|am not|cant say)"
    r"(?: (?:feel|feeling|look|looking|seem|all|very|really|"
    rf"that|so|at all|a|been|too|sound|much|finding|it|this|be|its)){{0,3}} {_GOOD}\b|"
    r"\bcant feel (?:my|her|his) (?:arms?|legs?|hands?|foot|feet|fingers?|toes)\b|"
    r"\b(?:she|he|shes|hes)(?: is)? (?:doesnt|isnt|not|wont) answer(?:ing)?\b(?! (?:the|my|your|that)\b)"
)
_NOT_THE_HANDS = re.compile(
    r"\b(?:music|song|playlist|smells?|oil|candles?|lit|versed|outside|room|weather|bed|table|pillows?|towel|light|lamp|phone|timer|"
    r"only|just|want|but (?:perfect|amazing|great|fantastic|heaven|brilliant)|dinner|movie|film|day|picture|"
    r"voice|bot|app|why not|words|tired|work|not too|doesnt get|enough|good at (?!all)|"
    r"right (?:now|side|hand|shoulder|there)|"
    r"left|sure|yet|worry|mind|know|well done|knot|firmer|harder|deeper|sleep|sleeping)\b"
)


def is_displeased(text: str) -> bool:
    """Return whether a message says that the massage, or somebody in it, is not well: "that isn't nice"."""
    return bool(_DISPLEASED.search(text)) and not _NOT_THE_HANDS.search(text)
