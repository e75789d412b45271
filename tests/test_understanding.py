"""What must never be missed, and what must never be mistaken for it; and choices made in words.

The tables hold messages as people type them with oily fingers. Each is read before a massage and in it.
"""

from dataclasses import replace
from itertools import product

import pytest

from bot.routine.model import Side
from bot.session import events as ev
from bot.session.state import (
    HOLDING,
    Finished,
    Idle,
    Knot,
    Listening,
    Massage,
    Paused,
    Place,
    Preparing,
    Reason,
    Running,
    Session,
    State,
    Talk,
    Waiting,
)
from bot.understanding import said
from bot.understanding.interpreter import Interpreter
from tests.stage import LIBRARY, Guest, Theatre

INTERPRETER = Interpreter(LIBRARY)
MASSAGE = Massage(1, Side.LEFT, Place(3), knots=(Knot("upper-left"),))
RUNNING: State = Running(MASSAGE, Waiting(0.0, 60.0))
CARD: State = Preparing()
SCREENING: State = Preparing(screening=True)
DONE: State = Finished(1500.0, 8, (), stopped=False)
BEFORE_AND_DURING: tuple[State, ...] = (Idle(), CARD, RUNNING, Listening(0.0), DONE)


def paused(reason: Reason) -> Paused:
    return Paused(MASSAGE, 60.0, 0.0, reason)


def understood(text: str, state: State, routine: str = "back") -> ev.Event:
    session = Session.fresh(1, LIBRARY.routines[routine], 0.0).moved(state)
    return INTERPRETER.understand(text, session)


def understood_after(first: str, text: str) -> ev.Event:
    """Return what a message means in a massage, just after another one."""
    session = Session.fresh(1, LIBRARY.default, 0.0).moved(RUNNING)
    event = INTERPRETER.understand(first, session)
    asked = event.question if isinstance(event, ev.Asked) else None
    return INTERPRETER.understand(text, replace(session, asked=asked))


# --- Alarms ----------------------------------------------------------------------------------------

EMERGENCIES = (
    "he's shaking all over, eyes rolled back",
    "she's having contractions",
    "her waters just broke",
    "she's bleeding a lot",
    "he's pouring with blood",
    "he took a load of pills",
    "he said he wants to end it all tonight",
    "he hasn't said anything and his breathing's weird",
    "he feels a bit sick and his vision is going",
    "it went numb in her face",
    "fire",
    "fire!",
    "FIRE",
    "fire!!",
    "wait, fire!",
    "smoke",
    "flames",
    "there's smoke in the room",
    "something is burning",
    "the house is burning",
    "the candle fell over and the sheet is burning",
    "the candles set fire to the sheets",
    "there is fire",
    "on fire",
    "smoke coming from the plug",
    "i can smell smoke",
    "the smoke alarm is going off",
    "fire alarm!",
    "help theres a fire",
    "omg fire",
    "the candle tipped over onto the rug",
    "the oil caught fire",
    "her hair is burning",
    "curtains are burning",
    "my sleeve is on fire",
    "the blanket is smouldering",
    "bed burning help",
    "fire fire fire",
    "Fire. Fire. Help.",
    "the kitchens on fire",
    "knocked the candle over and its burning",
    "theres flames on the table",
    "the towel has caught alight",
    "sparks and smoke from the socket",
    "smells like burning plastic",
    "smells of burning",
    "gas leak",
    "i smell gas",
    "call the fire brigade",
    "her hairs on fire",
    "the room is full of smoke",
    "the lamp is smoking",
    "heavy arm",
    "her arm is heavy",
    "his arm has gone heavy",
    "her arm aches on the left side",
    "she talks strangely",
    "her words make no sense",
    "she is blue",
    "heart attack",
    "stroke!",
    "help her",
    "It's an emergency",
    "her arm is weak all of a sudden",
    "he cant lift his arm",
    "one arm has gone weak",
    "his arm went limp",
    "she cant move her right side",
    "his speech is weird",
    "her speech sounds funny",
    "he is talking strangely",
    "his words are all muddled",
    "she cant find her words and her face looks odd",
    "he doesnt know where he is",
    "her lips have gone blue",
    "he looks blue",
    "hes gone really pale and sweaty and his chest feels funny",
    "she is grey and clammy",
    "i think its a stroke",
    "it might be a heart attack",
    "is this a heart attack",
    "im having a heart attack",
    "help him please",
    "please help her",
    "help my wife",
    "she needs help now",
    "its an emergency help",
    "theres an emergency",
    "get help",
    "get an ambulance",
    "we need an ambulance",
    "he needs a doctor right now",
    "hes not answering me",
    "she wont respond",
    "she stopped moving",
    "she isnt moving",
    "his eyes rolled back",
    "no pulse",
    "i think hes dead",
    "is she dead",
    "hes choking",
    "she is having an allergic reaction her throat is swelling",
    "his face is numb on one side",
    "her mouth is drooping",
    "one side of her body is numb",
    "my chest feels funny and my arm is heavy",
    "she cant see out of one eye all of a sudden",
    "sudden worst headache of her life",
    "worst headache ever came on suddenly",
    "she is breathing funny",
    "hes breathing weird",
    "her chest feels really tight",
    "shes got a pressing feeling in her chest",
    "his chest hurts",
    "chest is hurting him, really heavy",
    "my chest is tight",
    "he says theres an elephant on his chest",
    "left arm is aching and heavy",
    "his left arm feels heavy",
    "his arm has gone numb and his chest hurts",
    "her jaw aches and shes sweating",
    "arm tingling and jaw pain",
    "one side of his face has gone droopy",
    "her face has dropped",
    "her mouth is droopping on the left",
    "his face has gone odd",
    "shes slurring her words",
    "he cant speak properly all of a sudden, slurred",
    "her speech has gone all funny",
    "shes not making sense",
    "her lips are swelling",
    "his lips are tingling and swollen",
    "her tounge is swelling up",
    "throat is closing up",
    "throat feels tight and shes coming out in a rash",
    "she cant breathe",
    "he cant breath!!",
    "cannot breathe help",
    "she can't catch her breath",
    "hes struggling to breathe",
    "short of breath all of a sudden",
    "shes fainted",
    "he just fainted and isnt coming round",
    "she passed out",
    "hes passed out and wont wake up",
    "not responding",
    "hes having a seizure",
    "shes having a fit",
    "i think he's having a stroke",
    "think its a heart attack",
    "theres a fire",
    "the towel is on fire",
    "candle fell over and the curtains caught fire",
    "FIRE FIRE",
    "the duvets on fire",
    "his chest is tight is that normal",
    "help her lips are blue",
    "call an ambulance",
    "should i call an ambulance",
    "is he having a heart attack",
    "chest pain",
    "pain in my chest and left arm",
    "chest tightness",
    "crushing pain in his chest",
    "her chest went tight just now",
    "shes unconscious",
    "he collapsed",
    "hes gone grey and sweaty and his chest aches",
    "i cant feel my left arm and my chest is tight",
    "what do i do she cant breathe",
    "i can't breathe",
    "she had chest pain yesterday and its back now",
    "not joking she cant breathe",
    "he says it feels like someone is sitting on his chest",
    "my wife has a crushing feeling in the chest",
    "theres a weird pressure in my chest",
    "chest pain started 5 mins ago",
    "she complains of tightness across her chest",
    "hes clutching his chest",
    "his left arm is numb and his jaw hurts",
    "i have pain going down my left arm",
    "left arm feels like lead",
    "her smile is lopsided",
    "her mouth is hanging down on one side",
    "he cant get his words out",
    "he's talking gibberish and his face looks weird",
    "his eyelid is drooping",
    "face has gone funny",
    "tongue swelling",
    "her throat is swelling shut",
    "her lips have blown up",
    "lips swollen and wheezy",
    "he's wheezing and cant breathe",
    "she is not breathing",
    "i think she stopped breathing",
    "shes not coming round",
    "he wont wake",
    "he fainted when he stood up",
    "she just blacked out",
    "she has collapsed on the floor",
    "hes having a fit",
    "hes convulsing",
    "shes shaking all over and her eyes rolled back",
    "seizure!!",
    "theres smoke everywhere",
    "bed is on fire",
    "the pillow caught fire from the candle",
    "something is burning in the kitchen flames",
    "my hair caught fire",
    "cant brethe",
    "shes strugling to breath",
    "he cant breathe properly",
    "chest realy tihgt",
    "please help hes turning blue",
    "call 911",
)
"""Somebody may need an ambulance or the fire brigade now."""
NO_EMERGENCIES = (
    "my arm is heavy from pressing",
    "my arms are heavy",
    "arms heavy after this lol",
    "heavy arms lovely",
    "she is feeling blue today",
    "blue towel or white",
    "the blue candle",
    "his eyes are blue",
    "play the song fire",
    "fire in my thumbs",
    "my thumbs are on fire",
    "my arms are on fire",
    "her back is on fire from the heat rub",
    "smoke on the water is playing",
    "do the candles smoke",
    "the candle went out",
    "the candle is smoking a bit",
    "fire pit later",
    "where there's smoke",
    "smokin hot",
    "need a smoke after this",
    "he smokes",
    "can i smoke",
    "dinner is burning",
    "the toast is burning",
    "one stroke at a time",
    "next stroke please",
    "is this the long stroke",
    "the stroke is nice",
    "what stroke is this",
    "heart shaped towel",
    "does this help her",
    "help her relax",
    "how can i help her relax",
    "help him turn over",
    "this will help him sleep",
    "how do i help her breathe",
    "emergency chocolate",
    "in an emergency what do i do",
    "no emergency",
    "its not an emergency",
    "make no sense to me these words",
    "your words make no sense",
    "the words make no sense",
    "that makes no sense",
    "she talks in her sleep",
    "she talks too much",
    "he talks funny when hes drunk",
    "shes talking strangely about work",
    "dead arm from leaning on it",
    "my arm has gone dead",
    "my arm has gone to sleep",
    "her arm is on the pillow",
    "her arm is hanging off the bed",
    "lift her arm?",
    "should i lift her arm",
    "can she move her arm",
    "his arm feels nice and heavy",
    "arm is heavy to hold",
    "burning calories here",
    "slow burn",
    "burning question",
    "feel the burn",
    "oil burner is on",
    "there is a nice fire in the stove",
    "sitting by the fire",
    "fire is lovely and warm",
    "you are fire",
    "this massage is fire",
    "that was fire",
    "fire!! best massage ever",
    "straight fire",
    "playlist is fire",
    "hes not answering me hes asleep",
    "she isnt moving shes asleep",
    "she stopped moving her head",
    "he stopped moving around finally",
    "gas and air",
    "the gas bill",
    "heartbeat by enrique",
    "im dying of laughter",
    "im dead lol",
    "hes dead to the world",
    "shes dead tired",
    "he looks dead relaxed",
    "dead good this",
    "is it bad for her heart",
    "he broke my heart",
    "gasping for a cuppa",
    "gasping for a drink",
    "she gasped",
    "breathing heavily is that normal",
    "she is breathing funny when she laughs",
    "worst headache ever was last year",
    "where do i rest my left arm?",
    "my left arm is aching from pressing",
    "my left arm is tired",
    "does her left arm go above her head",
    "fire away",
    "im on fire tonight",
    "girl on fire is playing",
    "her back's on fire with this oil",
    "we've got a lovely fire going",
    "log fire crackling, bliss",
    "the roof the roof the roof is on fire",
    "we're getting on like a house on fire",
    "liar liar pants on fire",
    "need to put more logs on the fire",
    "light a fire under him lol",
    "set fire to the rain is on",
    "pressing on her chest ok?",
    "does the pillow go under her chest",
    "a pillow under his chest eases the pressure on his neck",
    "chest of drawers is too heavy to move",
    "glad i got that off my chest",
    "his chest muscles are tight",
    "she had a chest infection last month",
    "he had chest pain last year",
    "she used to get seizures as a kid",
    "what if she cant breathe face down",
    "how would i know if hes having a stroke",
    "what do i do if she faints",
    "my dad had a heart attack in 2019",
    "she laughed so hard she couldnt breathe",
    "he cant breathe through his nose",
    "cant breathe for laughing",
    "hes passed out snoring",
    "shes out cold bless her",
    "it takes my breath away",
    "my heart stopped when the cat jumped",
    "in the film she has a seizure",
    "nearly gave me a heart attack that cat",
    "no chest pain",
    "she hasnt got any chest pain",
    "doesnt feel tight in the chest",
    "her face is in the pillow",
    "pulling funny faces at me",
    "her face dropped off the cradle",
    "the smile dropped when i stopped",
    "one long stroke",
    "having a stroke of luck",
    "mouth wide open drooling",
    "shes talking nonsense because shes half asleep",
    "my speech for the wedding is tomorrow",
    "his tongue is hanging out like a dog",
    "her throat is dry",
    "sore throat so no talking",
    "stayin alive is playing",
    "ring of fire on the radio",
    "candle smoke smells nice",
    "she's breathing slowly",
    "deep breath in",
    "holding my breath here",
    "hot stuff coming through",
    "out of breath from laughing",
    "face gone all squashy from the pillow",
    "breath of fresh air",
    "is it ok to massage with a tight chest",
    "lips are chapped",
    "kissed her lips",
    "choking up she says its so lovely",
    "ambulance went past outside",
    "her arm is heavy, shes that relaxed",
    "his arms feel heavy and warm",
    "her chest is so warm",
    "should her chest be flat on the bed",
    "chest on the pillow ok",
    "i keep pressing her into the mattress and her chest rises",
    "he used to have asthma, couldnt breathe as a kid",
    "my left arm keeps going to sleep",
    "should my left arm be heavy or light",
    "let the arms hang heavy",
    "heavy hands on his left shoulder",
    "she says its like fire in a good way",
    "fire up the next one",
    "is the log burner too hot",
    "candle is burning nicely",
    "burning oil smells good",
    "he fell asleep, totally unconscious lol",
    "she's a stroke survivor from 2015",
    "stroke number 3 is nice",
    "which stroke",
    "heart is melting",
    "tongue in cheek",
    "i bit my tongue",
    "cheeky face",
    "face up or down",
    "that knot has a face",
    "hold her breath?",
    "breathe with her",
    "breathe in breathe out",
    "she sighed a big breath",
    "let her breathe",
    "he breathes heavily when he sleeps",
    "cant breathe this oil is so strong lol",
    "fit as a fiddle",
    "that towel doesnt fit",
    "throat lozenge",
    "her lip balm is oily",
    "is chest tightness on the list",
    "ticker is fine",
    "999 strokes",
    "he nearly passed out from pleasure",
    "having a heart to heart",
    "she collapsed laughing",
    "she's dead to the world",
    "dying of laughter here",
    "killing me with kindness",
)
"""Songs, jokes, what is past or only imagined, and tired arms."""
UNSAFE = (
    "he's got his hand round my throat",
    "I told him no but he's carrying on",
    "he wants me to touch him lower and I don't want to",
    "I only agreed because she'd be angry otherwise",
    "he locked the door",
    "he whispered that I can't tell anyone",
    "he hurt me on purpose",
    "she says stop",
    "he told me to stop",
    "she keeps saying stop",
    "she's asking me to stop",
    "get off me",
    "stop him",
    "she didn't agree to this",
    "he doesn't want to but I'm doing it anyway",
    "I'm being forced to do this",
    "he says stop",
    "they said stop",
    "she just said stop",
    "my wife says stop",
    "my girlfriend told me to stop",
    "hes begging me to stop",
    "she whispered stop",
    "she asked me to stop please",
    "he is telling me to stop",
    "she cried stop",
    "he yelled stop it",
    "she says get off",
    "she said let go",
    "he keeps telling me to stop",
    "she is saying stop stop",
    "get him off",
    "get off her",
    "leave me alone",
    "dont touch me",
    "stop touching me",
    "let me go",
    "im being held down",
    "he is making me do this",
    "they are making me do this",
    "i didnt agree to this",
    "he didnt agree to it",
    "i never agreed to this",
    "i didnt want this",
    "she doesnt want to but i carried on",
    "he doesnt like it but i keep going",
    "she said no and i carried on",
    "she keeps pulling away but i keep going",
    "she doesnt want it but im nearly done",
    "i am not allowed to say no",
    "im scared to say no",
    "he wont let me leave",
    "he locked the door and wont let me out",
    "he hit me",
    "she hits me",
    "im trapped",
    "help hes hurting me",
    "make them stop",
    "she tries to get away",
    "she pushed me off",
    "he has threatened me",
    "he forced me",
    "he is drunk and wont leave me alone",
    "im scared",
    "i am frightened",
    "i want to go home he wont let me",
    "i dont feel safe",
    "I don't feel safe with him",
    "she doesnt feel safe",
    "she wants me to stop but i think shes joking",
    "he wont stop",
    "he won't stop when i ask",
    "she wont stop hurting me",
    "he said stop but i think he likes it",
    "she says stop but shes laughing",
    "she keeps saying stop but shes giggling",
    "shes saying stop, is she joking",
    "told him to stop and he didnt",
    "i asked him to stop",
    "i keep telling her to stop",
    "she said no",
    "she said no but i think she means yes",
    "he keeps saying no",
    "im scared of him",
    "i'm frightened of my husband",
    "make him stop",
    "please make her stop",
    "hes not stopping",
    "he doesnt stop when i say stop",
    "get him off me",
    "he wont let me get up",
    "hes holding me down",
    "shes scaring me",
    "i dont want this",
    "she doesnt want this anymore",
    "she doesnt want me to touch her",
    "he is touching me where i dont want",
    "my boyfriend wont stop",
    "i feel unsafe",
    "he ignores me when i say stop",
    "he didnt stop",
    "hes forcing me",
    "she said stop but carried on laughing so i kept going",
    "she asked me to stop but i know she likes it",
    "i said no and he carried on",
    "he looks scared",
    "he keeps going when i tell him to stop",
    "she asked me to stop but shes laughing so should i carry on",
    "he isnt stopping",
    "my husband wont stop even though i said so",
    "she said stop, does she mean it",
    "she yelled stop but i think its a joke",
    "i told my boyfriend to stop and he wont",
    "he refuses to stop",
    "they wont stop",
    "please help hes not stopping",
    "i dont feel safe here",
    "im not safe",
    "im afraid of my partner",
    "he doesnt listen when i say no",
    "he wont get off me",
    "she said no more but giggled",
    "stop means nothing to him",
    "i dont want him touching me",
    "i dont want to do this anymore but he makes me",
    "hes hurting me and wont stop",
    "she pushed my hand away and said no but she was smiling",
    "i want him to stop",
    "i want him to stop and he wont",
    "she says please stop but its only ticklish",
)
"""Somebody is afraid, or is not listened to."""
NOT_UNSAFE = (
    "she told me to stop worrying",
    "he says stop at the hips",
    "she says stop for today",
    "she wants to stop",
    "he says we can stop here",
    "tell me to stop",
    "tell me when to stop",
    "when she says stop what do i do",
    "what if she says stop",
    "if she says stop i stop",
    "who says stop",
    "when do i stop",
    "the bot says stop",
    "the timer says stop",
    "stop telling me what to do",
    "she said stop being so gentle",
    "she says stop holding back",
    "she said stop tickling her feet",
    "he told me to stop after this one",
    "get off the sofa cat",
    "cat wont get off me",
    "get the dog off me",
    "get off to sleep",
    "get off at the next step",
    "how do i get off the bed",
    "let me go slow",
    "let me go next",
    "let me go to the loo",
    "let go of the tension",
    "she cant let go of her stress",
    "he forces himself to relax",
    "forced to pause, phone rang",
    "i forced him to lie down lol",
    "im forcing myself to stay awake",
    "agree to everything above",
    "she agrees to this",
    "we both agreed",
    "she agreed to the massage",
    "i want this so much",
    "she wants this",
    "he didnt want oil",
    "she doesnt want the oil",
    "he doesnt want to stop",
    "he doesnt want to get up",
    "she doesnt want to turn over",
    "im scared ill hurt her",
    "im scared of spiders",
    "she is hurting me lol her elbow",
    "leave me alone with the biscuits",
    "leave the shoulders alone",
    "leave that spot alone",
    "dont touch the spine",
    "dont touch her feet shes ticklish",
    "stop touching the knot?",
    "stop the music",
    "stop the timer",
    "police on tv",
    "he hit the spot",
    "that hit the spot",
    "she hits the pillow",
    "knock her out with this massage",
    "trapped nerve in her shoulder",
    "im trapped under the cat",
    "his arm is trapped",
    "doing it anyway?",
    "im doing the long one anyway",
    "she doesnt want to stop",
    "he wont stop talking",
    "she wont stop snoring",
    "he won't stop giggling",
    "dont stop",
    "she says dont stop",
    "she said dont stop but my arms ache",
    "please dont stop she says",
    "she never wants me to stop",
    "he cant stop smiling",
    "she said no to candles",
    "he said no pain at all",
    "asked if it hurts and she said no its fine",
    "the dog wont stop barking",
    "it wont stop raining",
    "the timer wont stop",
    "dont stop me now is playing",
    "stop in the name of love",
    "i asked her if i should stop and she said no way",
    "im scared of hurting her",
    "im scared of pressing too hard",
    "shes scared of spiders",
    "she looks scared lol its cold oil",
    "he said stop at the neck",
    "when should i stop",
    "do i stop when she says",
    "she told me to stop talking",
    "he told me to stop apologising",
    "i dont want this to end",
    "i dont want this one skip it",
    "she doesnt want it lighter",
    "no no no not that one",
    "safe to press here?",
    "is it safe",
    "do you feel safe using almond oil",
    "not safe to have candles near the towel",
    "make it stop raining",
    "she said yes",
    "cant stop wont stop",
    "he wont stop moaning about the cold",
    "she wants to stop for a drink",
    "i wont stop",
    "wont stop till youre asleep i tell her",
    "get the cat off me",
    "he was scared of me giving him a massage lol",
    "i dont want him to touch the phone",
    "he wont stop purring",
    "the baby wont stop crying",
    "shes not stopping for tea",
    "he wants to stop for a wee",
    "we dont want to stop",
    "i never want this to stop",
    "she said dont you dare stop",
    "stop hammer time",
    "she told me to stop being silly",
    "she asked me to stop at step 5",
    "i said stop the timer but it carried on",
    "i told you to stop",
    "i said stop",
    "you wont stop",
    "this app wont stop",
    "he said no thanks",
    "no she said harder",
    "she said no pain no gain",
    "i dont want this oil",
    "i dont want it to end",
    "im scared ill press too hard",
    "she feels so safe with me",
    "safe word is banana lol",
    "is that safe",
    "he told me to stop worrying",
    "cant stop laughing",
    "he wont stop falling asleep",
    "she doesnt want this to stop",
    "dont want it that hard",
    "she wants me to stop at the neck",
    "she wants to stop here",
    "shes afraid of needles",
)
"""A stop or a no that is about something else."""
YOUNG = (
    "im 14",
    "I'm 14",
    "i am fourteen",
    "my girlfriend is 15",
    "we are both sixteen",
    "im in year 9",
    "were 15",
    "my boyfriends 16",
    "hes 13",
    "shes only 17",
    "i'm 12 years old",
    "my daughter is 9",
    "my sister is 11 is that ok",
    "im a 15 year old girl",
    "we're both 14",
    "im 14 and she is 15",
    "she turns 16 tomorrow",
    "im under 18",
    "im not 18 yet",
    "were in year 10",
    "he's in 8th grade",
    "i'm underage",
    "my friend is sixteen",
    "im nearly 15",
    "my 14 year old son is lying down",
    "giving my 15 yr old daughter a massage",
    "hi im 13",
    "im 17 and hes 16",
    "she's fifteen btw",
    "btw im 15 can i do this",
    "i just turned 15",
    "is it ok that im 15",
    "hello im 13 years old",
    "i am 16 and my boyfriend is 17",
    "my gf is 14 is that allowed",
    "we're 15 and 16",
    "my mate is fifteen and wants a massage",
    "my little brother is 8",
    "hes 9 years old",
    "im a minor",
    "were both under 18",
    "still at school, im 15",
    "im in year 8",
    "im in yr 10",
    "i'm in 10th grade",
    "im only sixteen",
    "she is seventeen",
    "my son's 12 and has a sore back",
    "im twelve",
    "im 14 yrs",
    "I'm 16 if that matters",
    "my niece is 10",
)
"""Somebody present is under 18."""
NOT_YOUNG = (
    "I'm 5 minutes late",
    "she is 30",
    "it's a 9",
    "its a 10",
    "shes a 10",
    "im 15 minutes in",
    "we're 14 minutes in",
    "shes 16 weeks pregnant",
    "she is 12 weeks gone",
    "hes 15 stone",
    "he's 13 and a half stone",
    "im 14 at heart",
    "she giggles like shes 12",
    "i feel 16 again",
    "when i was 15",
    "we were 15 when we met",
    "been together since we were 16",
    "married 14 years",
    "im 41",
    "shes forty",
    "my 12 year old dog is watching",
    "a 15 year old whisky",
    "my 14 year old walked in",
    "step 14",
    "11 out of 10",
    "she's 11/10 relaxed",
    "i am sixteen going on seventeen",
    "you are the dancing queen only seventeen",
    "he is 17 again the film",
    "im 12 strokes in",
    "hes 15 years older than me",
    "im 14 years sober",
    "im in year 2 of uni",
    "my son is upstairs hes 10",
    "its 17 degrees in here",
    "im on 15",
    "there were 15",
    "she teaches year 9",
    "im in 15 minutes",
    "were 12 down 13 to go",
    "mentally im 12",
    "youd think hes 12",
    "she's size 14",
    "im 16 and a half stone",
    "15",
    "im 18",
    "were 20 minutes late",
    "im 12 stone 4",
    "he's 6 foot",
    "shes 5 foot 2",
    "im 10 minutes away",
    "we are 2",
    "im number 15",
    "its her 15th birthday present from 2001",
    "been together 16 years",
    "im on step 4",
    "my phone is 15 percent",
    "my husband is 45",
    "hes 17 stone",
    "the candle is 12 years old",
    "this sofa is 15 years old",
    "our marriage is 14 years old",
    "my back feels 80",
    "she is 11 minutes into it",
    "my kids are asleep, 9 and 12",
    "kids are 7 and 10 so we've 20 minutes peace",
    "im a teacher",
    "she acts like a teenager",
    "im in school tomorrow",
    "my daughter is 25",
    "i turned 40",
    "she turned 15 degrees",
    "im 13 knots in lol",
)
"""Numbers that are no ages, and ages of nobody who is here now."""


def test_an_emergency_is_recognised_in_any_state() -> None:
    for text, state in product(EMERGENCIES, (*BEFORE_AND_DURING, *map(paused, Reason))):
        assert isinstance(understood(text, state), ev.EmergencyReported), (text, state)


def test_what_only_sounds_like_an_emergency_is_none() -> None:
    for text, state in product(NO_EMERGENCIES, (CARD, RUNNING)):
        assert not isinstance(understood(text, state), ev.EmergencyReported), (text, state)


def test_somebody_who_is_not_safe_is_heard_in_any_state() -> None:
    for text, state in product(UNSAFE, (*BEFORE_AND_DURING, paused(Reason.PAIN))):
        assert understood(text, state) == ev.UnsafeReported(), (text, state)


def test_a_stop_about_something_else_does_not_count_as_unsafe() -> None:
    for text, state in product(NOT_UNSAFE, (CARD, RUNNING)):
        assert not isinstance(understood(text, state), ev.UnsafeReported), (text, state)


@pytest.mark.parametrize("state", [SCREENING, paused(Reason.ASK_FIRST), paused(Reason.STOPPING)])
def test_she_said_no_is_an_answer_where_the_coach_has_asked(state: State) -> None:
    assert not isinstance(understood("she said no", state), ev.UnsafeReported)


def test_a_person_under_eighteen_is_recognised_in_any_state() -> None:
    for text, state in product(YOUNG, BEFORE_AND_DURING):
        assert understood(text, state) == ev.YoungTold(), (text, state)


def test_other_numbers_are_no_ages() -> None:
    for text, state in product(NOT_YOUNG, (CARD, RUNNING)):
        assert not isinstance(understood(text, state), ev.YoungTold), (text, state)


@pytest.mark.parametrize("text", [EMERGENCIES[0], UNSAFE[0], YOUNG[0], "9", "shes pregnant", "ow"])
def test_every_alarm_gets_through_a_flood(text: str) -> None:
    assert INTERPRETER.hurts(text)


def test_alarms_are_found_without_the_classifier() -> None:
    assert all(map(INTERPRETER.cries, ("ow", *EMERGENCIES, *YOUNG)))
    assert not any(map(INTERPRETER.cries, ("next", "fire away", "how hard", "she loves it", "8 minutes")))


# --- Health ----------------------------------------------------------------------------------------

TOLD = {
    "a fever": "she has a fever",
    "anything infected or inflamed": "he has shingles",
    "a burn or sunburn": "she got sunburnt",
    "an open or healing wound": "she has an open cut",
    "a broken bone": "he broke a rib",
    "a blood clot in a vein": "she had a blood clot",
    "chest pain": "she gets chest pains sometimes",
    "dizziness or fainting": "she fainted last week",
    "too much alcohol": "shes drunk",
    "strong painkillers": "hes on codeine",
    "blood thinners": "hes on warfarin",
    "a bleeding disorder": "he is a haemophiliac",
    "very few blood platelets": "her platelets are low",
    "brittle bones (osteoporosis)": "she has osteoporosis",
    "recent surgery": "she had a c-section",
    "a heart problem": "he has a pacemaker",
    "fragile skin": "she has eczema",
    "an allergy to nuts (for almond oil)": "shes allergic to nuts",
    "pregnancy": "shes pregnant",
    "cancer": "she has cancer",
    "a slipped disc": "he has a slipped disc",
    "pain that nobody has explained": "she fell down the stairs yesterday",
    "": "she has epilepsy",
}
"""For each condition of the handbook, and for one that it does not know: a message that tells of it."""
ASKED = ("{}", "oh {} by the way", "is it ok if {}", "wait {}, does that matter?", "{} can we carry on")


def test_every_condition_is_recognised_told_and_asked() -> None:
    safety = LIBRARY.handbook.safety
    assert set(TOLD) == {*safety.conditions, ""}
    for (condition, text), form, state in product(TOLD.items(), ASKED, (CARD, RUNNING)):
        not_today = condition in [each.name for each in safety.not_today]
        told = ev.HealthTold(condition=condition, not_today=not_today)
        assert understood(form.format(text), state) == told, (form.format(text), state)


TOLD_IN_MANY_WORDS = {
    "dizziness or fainting": (
        "dizzy",
        "im dizzy",
        "she went dizzy",
        "a bit dizzy he says",
        "feeling faint",
        "i feel faint",
        "she feels a bit light headed",
        "lightheaded",
        "feels sick",
        "i feel sick",
        "going to be sick",
        "she might throw up",
        "head is spinning",
        "the room is spinning",
        "seeing stars",
        "nauseous",
        "she says she feels queasy",
        "woozy",
        "everythings going black",
    ),
    "too much alcohol": (
        "we're both drunk",
        "were drunk",
        "im a bit tipsy",
        "hes drunk",
        "shes had a lot of wine",
        "she's had quite a lot of wine",
        "weve had a few beers",
        "i had too much to drink",
        "he had six pints",
        "we had 2 bottles of wine",
        "she is hammered",
        "ive had a few",
        "drunk",
        "were both a bit merry",
        "had loads of wine",
        "i am so drunk",
    ),
    "anything infected or inflamed": (
        "I think it's infected",
        "it looks infected",
        "the cut is infected",
        "her skin is infected",
        "its swollen",
        "looks inflamed",
        "theres pus",
        "shes got an infection",
        "he has an abscess",
    ),
    "a broken bone": (
        "he broke his arm",
        "she broke her rib last week",
        "i broke my wrist",
        "her rib is broken",
        "he fractured his collarbone",
        "she cracked a rib",
        "i broke a toe",
        "her ankle is broken",
        "he has a broken leg",
        "my husband broke his back",
    ),
}
"""For each of these conditions: how people tell of it in a massage, often without a verb."""
NO_ALARM = (
    "my mother has a fever",
    "my mum had a stroke",
    "his dad has cancer",
    "her sister is pregnant",
    "her mum is pregnant",
    "the dog has a broken leg",
    "our cat is pregnant",
    "my boss is drunk",
    "my neighbour had a heart attack",
    "her friend has diabetes",
    "the baby has a fever",
    "my dad died of cancer",
    "his mum is on blood thinners",
    "her ex was always drunk",
    "I was pregnant two years ago",
    "she had covid last year",
    "i had a fever last month",
    "he broke his arm in 2010",
    "she broke her leg as a kid",
    "he had the flu last winter",
    "she was pregnant last year",
    "he fainted once years ago",
    "i got sunburnt last summer",
    "we got drunk last year",
    "she had chickenpox as a kid",
    "he had a broken leg 5 years ago",
    "i had covid in 2020",
    "she used to get drunk",
    "he used to faint",
    "shes not pregnant",
    "im not drunk",
    "no fever",
    "not drunk just happy",
    "nobody is ill",
    "she hasnt got a fever",
    "no allergies",
    "we arent drunk",
    "i dont have a fever",
    "no rash or anything",
    "she's cold",
    "she is a bit cold",
    "im cold",
    "hes cold",
    "she says its cold",
    "its cold in here",
    "her feet are cold",
    "shes shivering",
    "my hands are freezing",
    "the oil is cold",
    "brr",
    "the room is cold",
    "she wants a blanket",
    "the chair has a high back",
    "the stool is too low",
    "bare skin with oil",
    "bare back with oil",
    "bra strap",
    "her bra strap is in the way",
    "bra clasp",
    "the necklace",
    "her hair is in the way",
    "there is a mole there",
    "she has a mole here",
    "theres a freckle",
    "birthmark on the left",
    "it tickles",
    "she is ticklish",
    "hes ticklish",
    "shes giggling",
    "shes moaning",
    "he is groaning",
    "she is snoring",
    "baby is crying",
    "the baby woke up",
    "the dog is whining",
    "dont stop",
    "quiet please",
    "its too hard to reach",
    "too hard to see in here",
    "this is nuts",
    "thats sick",
    "drives me nuts",
    "sick of this song",
    "faint smell of lavender",
    "im dizzy with happiness",
    "he fell asleep, carry on?",
    "she fell asleep",
    "hes asleep should i carry on",
    "is the wine ok",
    "a glass of wine after",
    "we had a glass of wine",
    "can i have wine after",
    "bottle of oil",
    "burned the toast",
    "burnt dinner lol",
    "broke the bed",
    "i broke a nail",
    "broke my phone",
    "broken candle",
    "my phone is broken",
    "the timer is broken",
    "the music is infectious",
    "her laugh is infectious",
)
"""Illnesses of other people or long past, and cold, tickling, clothes, chairs and praise."""
STILL_ILL = (
    "she has a fever",
    "he's got covid",
    "my wife is pregnant",
    "im pregnant",
    "she had surgery last month",
    "he had a heart attack last year",
    "she had a blood clot last year",
    "he has had cancer",
    "she was pregnant and lost it last week",
    "she gave birth two weeks ago",
    "my mum is lying here she has osteoporosis",
    "can i massage my mum she has a fever",
    "my mum has a fever is that ok",
    "im massaging my dad and he has a heart problem",
    "my sister is on the table and shes pregnant",
    "she had covid last week",
    "he had flu last month and still has it",
    "i broke my arm years ago and it still hurts",
    "she isnt sure if shes pregnant",
    "not sure if its infected",
    "shes not pregnant but she has a slipped disc",
    "no fever but shes got a rash",
    "neither of us has a fever but he takes warfarin",
    "my gran has osteoporosis",
    "my dad takes warfarin",
    "her dad says she has a fever",
    "the baby is due in march",
    "the cat scratched her back and its infected",
    "she had surgery years ago and has a fever",
    "my sister is pregnant",
    "i had a stent in 2019",
    "not drunk but dizzy",
)
"""What sounds like somebody else's illness, or like one long past, but may be of somebody here now."""


def test_a_condition_is_recognised_in_the_words_of_a_massage() -> None:
    for condition, texts in TOLD_IN_MANY_WORDS.items():
        for text, state in product(texts, (CARD, RUNNING)):
            assert understood(text, state) == ev.HealthTold(condition=condition, not_today=True), (
                text,
                state,
            )


def test_what_ails_nobody_here_now_raises_no_alarm() -> None:
    for text, state in product(NO_ALARM, (CARD, RUNNING)):
        assert not isinstance(understood(text, state), ev.Alarm | ev.StopAsked), (text, state)


def test_what_may_ail_somebody_here_is_still_an_alarm() -> None:
    for text, state in product(STILL_ILL, (CARD, RUNNING)):
        assert isinstance(understood(text, state), ev.HealthTold), (text, state)


# --- A number out of ten ---------------------------------------------------------------------------

NOT_RATED = (
    "step 4",
    "8 minutes",
    "5 mins",
    "8 min",
    "go to 5",
    "number 7",
    "step 8 out of 10",
    "10/10 would recommend",
    "10 out of 10 for technique lovely",
    "she gives this massage 10/10",
    "9 out of 10 dentists",
    "11/10",
    "100/10",
    "the one",
    "this one",
    "next one",
    "one more",
    "two knots",
    "3 more minutes",
    "30",
    "30 seconds",
    "2 left",
    "how many out of ten",
    "is 8 too much",
    "8 of 8",
    "5 more",
    "skip 2",
    "one sec",
    "another 5",
    "what number",
    "10 out of 10 amazing",
    "shes a perfect 10",
    "10 points from me",
    "1 min",
    "the 4th one",
    "10 fingers",
    "4 hands would be better",
    "at 9 oclock",
    "its 9 30",
    "20",
    "8?",
)
"""Numbers that say nothing of the pressure."""
RATED = {
    "8": 8,
    "its an 8": 8,
    "shes saying 9 out of ten": 9,
    "7/10": 7,
    "about a six": 6,
    "ten!!": 10,
    "10": 10,
    "it's a 9": 9,
    "thats a nine": 9,
    "a nine": 9,
    "9 out of 10": 9,
    "eight": 8,
    "hes at a 7": 7,
    "shes at 8": 8,
    "like a 5 maybe": 5,
    "id say 6": 6,
    "4 out of ten she says": 4,
    "pressure is 7 out of 10": 7,
    "on a scale of 1 to 10 its an 8": 8,
    "now its a 7": 7,
    "7 or 8": 8,
    "7-8": 8,
    "pain is 9/10": 9,
    "3": 3,
    "0": 0,
    "6 now": 6,
    "8 is that ok": 8,
    "7.5": 8,
    "8.5": 9,
    "9.5": 10,
    "8,5": 9,
    "7.0": 7,
    "pressure 8": 8,
    "nine she says": 9,
    "hurts like an 8": 8,
    "she gives it a 9": 9,
    "2/10": 2,
    "it was 8 now its 6": 6,
    "10/10": 10,
}
"""The scores that messages give the pressure."""


def test_a_number_out_of_ten_rates_the_pressure_of_a_massage_under_way() -> None:
    for text, score in RATED.items():
        assert understood(text, RUNNING) == ev.PressureRated(score=score), text
        assert not isinstance(understood(text, CARD), ev.PressureRated), text


def test_other_numbers_rate_nothing() -> None:
    for text in NOT_RATED:
        assert not isinstance(understood(text, RUNNING), ev.PressureRated), text


def test_a_word_of_pain_beside_a_number_counts_more() -> None:
    assert understood("sharp pain 5/10", RUNNING) == ev.PainReported()


# --- Answers ---------------------------------------------------------------------------------------

AGREED = (
    "a doctor has said yes",
    "her midwife said its fine",
    "doc says ok",
    "gp cleared her",
    "the physio is fine with it",
)
NOT_AGREED = (
    "has a doctor said yes",
    "the doctor said no",
    "my mum said its fine",
    "im no doctor but its fine",
    "should i ask the doctor",
    "doctor hasnt said yes yet",
    "the physio said she can do yoga",
    "shes a nurse",
    "ok",
    "carry on",
)


@pytest.mark.parametrize("state", [SCREENING, paused(Reason.ASK_FIRST)])
def test_a_doctors_permission_counts_where_it_is_asked_for(state: State) -> None:
    for text in AGREED:
        assert understood(text, state) == ev.PermissionGiven(), text
    for text in NOT_AGREED:
        assert understood(text, state) != ev.PermissionGiven(), text


@pytest.mark.parametrize(
    ("reason", "yes", "no"),
    [
        (Reason.ASK_FIRST, ev.PauseAsked(), ev.StopConfirmed()),
        (Reason.YOUNG, ev.PermissionGiven(), ev.StopConfirmed()),
        (Reason.TRACK, ev.TrackConfirmed(), ev.ResumeAsked()),
        (Reason.EMERGENCY, ev.PauseAsked(), ev.PauseAsked()),
        (Reason.NOT_TODAY, ev.PauseAsked(), ev.PauseAsked()),
    ],
)
def test_yes_and_no_answer_what_a_pause_asks(reason: Reason, yes: ev.Event, no: ev.Event) -> None:
    assert [understood(text, paused(reason)) for text in ("yes", "Yep", "no", "nope")] == [yes, yes, no, no]


def test_a_parent_has_to_agree_for_a_child_and_a_doctor_for_a_condition() -> None:
    for text in ("her mum said yes", "A parent has said yes", "dads fine with it, dad said ok"):
        assert understood(text, paused(Reason.YOUNG)) == ev.PermissionGiven(), text
        assert understood(text, paused(Reason.ASK_FIRST)) != ev.PermissionGiven(), text
    assert understood("the doctor said yes", paused(Reason.YOUNG)) != ev.PermissionGiven()


def test_only_clear_words_end_an_emergency() -> None:
    for text in ("We're all right", "false alarm", "hes fine now", "shes ok", "all good now"):
        assert understood(text, paused(Reason.EMERGENCY)) == ev.EmergencyEnded(), text
    for text in ("ok", "carry on", "resume", "hes not fine", "hmm", "next", "is she ok", "play"):
        assert understood(text, paused(Reason.EMERGENCY)) != ev.EmergencyEnded(), text


@pytest.mark.parametrize("reason", sorted(HOLDING))
def test_stop_ends_a_massage_that_is_held(reason: Reason) -> None:
    for text in ("stop", "Stop", "ok stop please", "lets stop", "sotp"):
        assert understood(text, paused(reason)) == ev.StopConfirmed(), text


SAYS_RIGHT = (
    "just right",
    "just right she says",
    "she says just right",
    "he says its just right",
    "perfect",
    "perfect as is",
    "its perfect",
    "lovely as it is",
    "no its fine",
    "no thats fine",
    "fine",
    "its fine",
    "good",
    "its good",
    "all good",
    "same",
    "the same",
    "spot on",
    "feels just right",
    "no change",
    "she likes it",
    "keep it like that",
    "neither",
    "in between",
    "about right",
    "it's just right, thanks",
)
"""Answers to "lighter, firmer, or just right?" that want nothing changed."""
SAYS_FIRMER = (
    "firmer",
    "bit firmer please",
    "a bit firmer",
    "firmer she says",
    "harder please",
    "a touch firmer",
    "it could be firmer",
)
SAYS_LIGHTER = (
    "lighter",
    "a bit lighter",
    "lighter please",
    "lighter she says",
    "softer please",
    "a little less",
)


def test_the_check_in_is_answered_in_a_massage() -> None:
    for after in ("how hard", "firmer", "is it ok to go firmer"):
        for texts, event in (
            (SAYS_RIGHT, ev.Chatted()),
            (SAYS_FIRMER, ev.FirmerAsked()),
            (SAYS_LIGHTER, ev.LighterAsked()),
        ):
            for text in texts:
                assert understood_after(after, text) == event, (after, text)


def test_no_is_no_cry_of_pain_unless_it_is_shouted() -> None:
    for text in ("no", "No.", "nope"):
        assert understood(text, RUNNING) == ev.Unclear(), text
        assert understood(text, paused(Reason.PAIN)) == ev.PauseAsked(), text
    for text in ("NO", "no!"):
        assert understood(text, RUNNING) == ev.PainReported(), text


def test_a_plain_stop_asks_whether_to_stop_for_today_and_a_shouted_one_is_pain() -> None:
    for text in ("stop", "Stop", "stop.", "ok stop", "sotp"):
        assert understood(text, RUNNING) == ev.StopAsked(), text
    for text in (
        "STOP",
        "stop!",
        "stop stop stop",
        "stop it hurts",
        "please stop",
        "dont! stop",
        "this doesn't feel right",
    ):
        assert understood(text, RUNNING) == ev.PainReported(), text
    assert INTERPRETER.hurts("stop")
    assert INTERPRETER.cries("stop")


def test_a_doctor_must_agree_after_a_condition_was_told_before_the_massage() -> None:
    told = Preparing(screening=True, told=True)
    for text in ("yes", "yes she has", "yep", *AGREED):
        assert understood(text, told) == ev.PermissionGiven(), text
    for text in ("no", "not yet", "nope", "no we havent", "the doctor said no", "she said no"):
        assert understood(text, told) == ev.ScreenedOut(), text
    for text in ("ok", "sure", "go ahead", "please"):
        assert understood(text, told) == ev.VagueAnswer(), text
    assert understood("no", SCREENING) == understood("yes", SCREENING) == ev.VagueAnswer()


# --- Choices ---------------------------------------------------------------------------------------

NECK = "neck-and-shoulders"
CHOSEN_BEFORE: dict[str, ev.Event] = {
    "35 minutes": ev.LengthChosen(length=2100),
    "make it 15": ev.LengthChosen(length=900),
    "can we do half an hour?": ev.LengthChosen(length=1800),
    "thirty-five mins pls": ev.LengthChosen(length=2100),
    "20": ev.LengthChosen(length=1200),
    "the long one": ev.LengthChosen(length=2100),
    "the short one please": ev.LengthChosen(length=900),
    "I stand on the right": ev.SideChosen(side=Side.RIGHT),
    "right side": ev.SideChosen(side=Side.RIGHT),
    "let's do the neck one": ev.RoutineChosen(routine=NECK),
    "neck massage pls": ev.RoutineChosen(routine=NECK),
    "can we do the neck one?": ev.RoutineChosen(routine=NECK),
    "another routine": ev.RoutineChosen(routine=NECK),
    "the other one": ev.RoutineChosen(routine=NECK),
    "read aloud on": ev.ReadAloudChosen(on=True),
    "dont read aloud": ev.ReadAloudChosen(on=False),
    "talk less please": ev.TalkChosen(talk=Talk.BRIEF),
    "less chat": ev.TalkChosen(talk=Talk.BRIEF),
    "more detail": ev.TalkChosen(talk=Talk.FULL),
    "my back hurts": ev.PainReported(),
}
CHOSEN_DURING: dict[str, ev.Event] = {
    "im on the left actually": ev.SideChosen(side=Side.LEFT),
    "no I'm standing on the right": ev.SideChosen(side=Side.RIGHT),
    "timer on": ev.TimerSwitched(on=True),
    "turn the timer off please": ev.TimerSwitched(on=False),
    "no knot upper left after all": ev.KnotRetracted(spot="upper-left"),
    "take away the lower right one": ev.KnotRetracted(spot="lower-right"),
    "that wasn't a knot, top left": ev.KnotRetracted(spot="upper-left"),
    "that wasnt a knot": ev.KnotRetracted(spot="upper-left"),
    "no knot in the middle right": ev.KnotRetracted(spot="middle-right"),
    "not the upper left one": ev.KnotRetracted(spot="upper-left"),
    "no knots actually": ev.KnotRetracted(spot="upper-left"),
    "unmark all": ev.KnotRetracted(spot="upper-left"),
    "the upper right one is wrong": ev.KnotRetracted(spot="upper-right"),
    "play the guided track": ev.TrackAsked(),
    "few words please": ev.TalkChosen(talk=Talk.BRIEF),
    "quiet please": ev.TalkChosen(talk=Talk.BRIEF),
    "I never walked round, I'm still on the left": ev.SideChosen(side=Side.LEFT),
}


def test_choices_are_understood_in_words() -> None:
    for state, chosen in ((CARD, CHOSEN_BEFORE), (Idle(), {}), (RUNNING, CHOSEN_DURING)):
        for text, event in chosen.items():
            assert understood(text, state) == event, text


def test_the_two_people_can_swap_places_in_words_once_they_have_finished() -> None:
    for text in ("swap", "swap places", "my turn now", "ok lets swap", "now me please"):
        assert understood(text, DONE) == ev.SwapAsked(), text
        assert understood(text, RUNNING) != ev.SwapAsked(), text


@pytest.mark.parametrize(
    "text",
    ["how long is 15 minutes", "give me 5 mins", "whats the long one", "is the neck one better",
     "im right here", "do i stand on the right", "2 min", "i dont want the neck one", "im all right",
     "so long"],
)  # fmt: skip
def test_what_chooses_nothing_changes_nothing(text: str) -> None:
    choosing = (ev.LengthChosen, ev.SideChosen, ev.RoutineChosen, ev.TimerSwitched, ev.TalkChosen)
    assert not isinstance(understood(text, CARD), choosing)
    assert not isinstance(understood(text, RUNNING), choosing)


@pytest.mark.parametrize(
    "text",
    ["im on the right side of her back", "am i on the right", "shes on the right", "the knot is on the left",
     "im on the right track"],
)  # fmt: skip
def test_a_side_of_something_else_does_not_move_the_giver(text: str) -> None:
    assert not isinstance(understood(text, RUNNING), ev.SideChosen)


@pytest.mark.parametrize("text", ["15 minutes", "the long one", "neck massage", "swap places"])
def test_what_belongs_to_the_card_is_not_chosen_in_a_massage(text: str) -> None:
    assert not isinstance(understood(text, RUNNING), ev.LengthChosen | ev.RoutineChosen | ev.SwapAsked)


def test_numbers_are_written_in_digits() -> None:
    assert said.normal("Thirty-five mins, 7/10 or 7.5; twenty-one") == "35 mins 7 out of 10 or 8 21"


# --- Conversations ---------------------------------------------------------------------------------


async def test_a_condition_told_pauses_until_a_doctor_has_agreed(sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await sam.writes("oh shes pregnant by the way")
    sam.sees("I've paused. If pregnant, ask a doctor or midwife first")
    assert sam.buttons == ["A doctor has said yes", "Stop"]
    await sam.writes("ok carry on")
    sam.sees("Has a doctor said yes?")
    await sam.writes("her midwife said its fine")
    sam.sees("Step 3 of 8")


async def test_an_emergency_is_over_when_somebody_says_so(sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await sam.writes("his chest feels tight")
    sam.sees("Call 112, 911 or 999 now.")
    await sam.writes("yes")
    sam.sees("We're paused.")
    await sam.writes("false alarm, it was the pillow")
    sam.sees("It may be best to stop for today.")
    await sam.writes("carry on")
    sam.sees("Step 3 of 8")


async def test_fire_is_an_emergency_and_being_cold_is_none(sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await sam.writes("she's a bit cold")
    sam.sees("owel")
    await sam.writes("wait, fire!")
    sam.sees("112, 911 or 999")


async def test_the_check_in_is_answered_without_a_pause(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    for words in ("bit firmer please", "just right", "lighter", "no its fine"):
        await sam.writes(words)
        session = await theatre.store.load(sam.person.chat_id)
        assert session
        assert isinstance(session.state, Running), words


async def test_dizziness_pauses_with_advice(sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await sam.writes("she's gone dizzy")
    sam.sees("Lie down, sip some water, and get up slowly.")


async def test_a_stop_that_is_told_of_ends_the_massage(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await sam.writes("she keeps saying stop")
    sam.sees("Stop means stop")
    session = await theatre.store.load(sam.person.chat_id)
    assert session
    assert isinstance(session.state, Finished)


async def test_a_stop_that_is_laughed_off_ends_the_massage(theatre: Theatre, sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await sam.writes("she wants me to stop but i think shes joking")
    sam.sees("Stop means stop")
    session = await theatre.store.load(sam.person.chat_id)
    assert session
    assert isinstance(session.state, Finished)


async def test_high_numbers_mean_lighter_and_pain(sam: Guest) -> None:
    await sam.begins()
    await sam.reaches("Step 3")
    await sam.writes("about a six")
    sam.sees("6 out of ten is fine.")
    await sam.writes("its an 8")
    sam.sees("8 is too much: lighter from here")
    await sam.writes("ten!!")
    sam.sees("10 is pain: lift your hands.")


async def test_the_card_changes_by_words(sam: Guest) -> None:
    await sam.writes("/start")
    await sam.writes("35 minutes")
    sam.sees("35 min")
    await sam.writes("make it 20")
    sam.sees("This one takes 15 min, 25 min or 35 min.")
    await sam.writes("let's do the neck one")
    sam.sees("Neck and shoulders, one stroke at a time.", "5 steps, about 8 min.")


async def test_without_a_voice_reading_aloud_cannot_be_switched_on_in_words(sam: Guest) -> None:
    await sam.writes("/start")
    await sam.writes("read aloud on")
    sam.sees("I have no voice here.")


# --- In the middle of a massage ------------------------------------------------------------------

IN_A_MASSAGE: dict[type[ev.Event], tuple[str, ...]] = {
    ev.EmergencyReported: (
        "help",
        "HELP ME",
        "HELP!!!",
        "help us",
        "i need help now",
        "someone help",
        "he's out cold",
        "she stopped talking and is drooling",
        "we have a fire",
        "gas smell",
        "where is my inhaler",
        "he talks funny suddenly",
        "he cant lift his arm",
        "one side of his body is weak",
        "she cant move her arm",
        "he's drooling and one side of the mouth hangs",
        "stroke!!",
        "stroke",
        "heart attack i think",
        "heart attack",
        "he turned grey and clammy",
        "pain between the shoulder blades and im sweating",
        "her tongue feels thick after the oil",
        "throat feels funny",
        "she cant swallow",
        "her face is puffy",
        "hes wheezing",
        "shes gasping",
        "he's not moving",
        "he bit his tongue and jerks",
        "worst headache of my life",
        "hypo",
        "i want to kill myself",
        "smoke in the room",
        "theres fire",
        "Fire!!!!!",
        "FIRE",
        "fire!",
        "coughing blood",
        "i took too many pills",
        "hes diabetic and shaking",
        "anaphylaxis",
        "allergic reaction",
        "she's allergic to the oil, face swelling",
        "he cant feel his legs",
        "he's numb between the legs",
        "she just peed herself",
        "she passed out drunk lol",
        "please help",
        "help please",
        "Help!",
        "she cant swallow properly",
        "i cant swallow",
        "he took too many pills",
        "her lips are swelling",
        "she's wheezing badly",
        "he's gasping for air",
        "we need help",
        "hes out cold",
        "HELP",
    ),
    ev.PainReported: (
        "something is wrong",
        "somethings not right",
        "she doesnt look good",
        "she doesnt look good at all",
        "she doesnt look well",
        "he doesnt feel good",
        "he doesnt feel well",
        "he doesnt answer, must be asleep",
        "feels amazing, i cant feel my arm",
        "so good i cant feel my legs",
        "she isnt enjoying it",
        "that kinda hurts haha but ok",
        "this doesnt feel good",
        "that doesnt feel nice",
        "it isnt nice",
        "not nice",
        "she isnt happy",
        "he's not happy with that",
        "not relaxing at all",
        "im not comfy",
        "i heard a crack",
        "this isnt very nice",
        "i dont feel well",
        "he doesnt look right",
        "im not enjoying this",
        "she says it doesnt feel right",
        "not comfortable",
    ),
    ev.UnsafeReported: (
        "i was forced to do this",
        "i feel pressured",
        "do i really have to stop if she says stop",
        "is it ok if shes asleep and i touch her",
        "can i say no to this",
        "he's groping me",
        "he has his hand on my bum",
        "its getting sexual and i dont want",
        "he touched my butt and i didnt like it",
        "he hit me",
        "he put something in my drink",
        "she hit me",
        "he grabbed my bum",
        "he touched me down there",
        "can she say no",
    ),
    ev.StopAsked: ("i changed my mind",),
}
"""What must never be missed, by the event that it causes."""
TOLD_BARE: dict[str, tuple[str, ...]] = {
    "dizziness or fainting": (
        "im gonna pass out",
        "im dizzy",
        "love it, a bit dizzy tho",
        "she says the room is spinning",
        "i feel faint",
        "i think i'm going to faint",
        "lightheaded",
        "everything is going black",
    ),
    "too much alcohol": (
        "we are both really drunk lol",
        "we are all drunk",
        "we're both drunk",
        "we're drunk",
        "im so drunk lol",
        "were tipsy lol",
        "we're sooo drunk this is great",
        "drunk massage is the best",
        "i am drunk",
        "shes wasted",
        "hes stoned",
        "she's high",
        "im tripping",
        "weed gummies",
        "he drank 6 beers",
        "hes plastered",
        "we drank a lot",
    ),
    "a blood clot in a vein": (
        "his leg is red swollen and hot",
        "my calf is sore and swollen since the flight",
        "red hot swollen calf",
        "calf is hot and swollen",
    ),
    "a fever": (
        "she feels hot, 38.7",
        "i feel hot and shivery",
        "39.2",
        "he's got a temp",
    ),
    "a broken bone": (
        "her rib popped",
        "i think he cracked a rib on sunday",
    ),
    "strong painkillers": (
        "codeine",
        "she took a percocet",
    ),
    "a bleeding disorder": ("she bruises so easily, prednisone",),
    "cancer": ("metastases in the spine",),
    "": (
        "she had a miscarriage",
        "im breastfeeding",
        "she gave birth last week",
        "postpartum",
        "varicose veins",
        "rheumatoid arthritis",
        "low blood sugar",
        "oil in her eye",
    ),
}
"""For each of these conditions, and for none that the handbook names: how people mention it."""
SOME_CONDITION = (
    "my nose is bleeding",
    "burnt my hand on the candle",
    "hot wax on her back",
    "theres blood",
    "39.5",
    "her temp is 38.5",
    "she drank a lot",
    "they're stoned",
    "he's very drunk",
    "i burned her with the candle",
    "she has a nosebleed",
    "leg is swollen and warm",
    "she took oxycodone",
)
STOPS_IN_SOME_WAY = (
    "she said stop lol",
    "she asked me to stop",
    "he wants to stop",
    "i said no",
    "get off me",
    "let me go",
    "id rather not",
    "she's not into it",
    "safeword",
    "red",
    "im scared",
    "he doesnt answer, must be asleep",
    "appendix hurts",
)
GOES_ON = (
    "help me with the oil",
    "can you help",
    "can you help me",
    "help me find the knot",
    "drunk with happiness",
    "punch drunk",
    "love drunk",
    "im drunk on love",
    "she is drunk with happiness",
    "what stroke",
    "long strokes",
    "this stroke",
    "im wheezing with laughter",
    "she's gasping with pleasure",
    "he is cold",
    "im on my period",
    "period is late",
    "im 40 and shes 38",
    "i was 14 when i first had a massage",
    "im 45 and he is 50",
    "this song is killing me",
    "my mother has a fever",
    "i was pregnant two years ago",
    "don't stop",
    "please dont stop",
    "dont you dare stop",
    "dont stop!!",
    "you're killing it",
    "breathtaking",
    "im burning up the calories",
    "she has a crush on me",
    "she's a nurse",
    "the cat fainted lol",
    "dinner is burning",
    "the music stopped",
    "his stomach is rumbling",
    "it hurt before but now its gone",
    "you saved my back, it was killing me before",
    "she won't stop laughing",
    "the dog wont stop barking",
    "i could sleep",
    "no fever",
    "she isnt pregnant",
    "no blood thinners, just vitamins",
    "my dog had surgery",
    "grandma broke her hip last year",
    "im a cancer, shes a leo",
    "shes a heart surgeon",
    "she works in the cancer ward",
    "im allergic to bad music",
    "do we need a safeword",
    "she looks so good",
    "not bad",
    "not too hard",
    "it doesnt get better than this",
    "this isnt just good its heaven",
    "i dont have enough oil",
    "no not that good at this lol",
    "im not good at this",
    "the oil doesnt smell nice",
    "help with the next step",
    "can you help her relax",
    "help him relax how",
    "is it ok if she sleeps",
    "she is asleep",
    "red wine",
    "im high up on the bed",
    "the wax candle",
    "a pop song",
    "she isnt cold",
    "dont worry its not that well lit",
    "she likes it hot",
    "calf massage please",
    "can we do her calves",
    "my hands smell of gum",
    "weed the garden",
    "we wasted the oil",
    "i wasted so much oil",
    "high five",
)
"""Praise, small talk and questions that must not stop a massage."""
ANSWERS_VAGUELY = (
    "no we're fine",
    "we are healthy",
    "maybe",
    "a glass of wine",
    "no fever, no pregnancy",
    "not pregnant",
    "yes but she's fine",
    "does the giver count",
    "it's her first time",
)


def test_what_must_stop_a_massage_does() -> None:
    for event, texts in IN_A_MASSAGE.items():
        for text in texts:
            assert isinstance(understood(text, RUNNING), event), text
    for text in STOPS_IN_SOME_WAY:
        assert isinstance(understood(text, RUNNING), ev.Alarm | ev.StopAsked), text
    for text in SOME_CONDITION:
        assert isinstance(understood(text, RUNNING), ev.HealthTold), text


def test_a_condition_is_named_only_if_its_advice_fits() -> None:
    for condition, texts in TOLD_BARE.items():
        for text in texts:
            event = understood(text, RUNNING)
            assert isinstance(event, ev.HealthTold), text
            assert event.condition == condition, text


def test_what_is_no_alarm_does_not_stop_a_massage() -> None:
    for text in GOES_ON:
        event = understood(text, RUNNING)
        assert not isinstance(event, ev.Alarm | ev.StopAsked | ev.PauseAsked), (text, event)


def test_help_is_a_cry_in_a_massage_and_a_question_before_it() -> None:
    assert understood("help", RUNNING) == understood("HELP!!", paused(Reason.ASKED)) == ev.EmergencyReported()
    assert isinstance(understood("help", CARD), ev.Asked)


def test_a_bare_yes_is_no_doctors_permission() -> None:
    for text in ("yes", "yep", "yes please", "yes of course", "ok"):
        assert understood(text, paused(Reason.ASK_FIRST)) == ev.PauseAsked(), text
    for text in ("yes she said yes", "the doctor did", "yes he has", "yes they have", "the doctor said yes"):
        assert understood(text, paused(Reason.ASK_FIRST)) == ev.PermissionGiven(), text


def test_a_doubt_does_not_end_an_emergency() -> None:
    for text in (
        "we're all right but he is still grey",
        "we are not all right",
        "shes ok but her arm is odd",
    ):
        assert understood(text, paused(Reason.EMERGENCY)) != ev.EmergencyEnded(), text


def test_vague_answers_to_the_health_question_are_asked_again() -> None:
    for text in ANSWERS_VAGUELY:
        assert understood(text, SCREENING) == ev.VagueAnswer(), text
    assert understood("nope nothing", SCREENING) == ev.ScreenedClear()


def test_other_states_hear_what_is_meant() -> None:
    assert understood("yes", CARD) == ev.Began()
    assert understood("he hurt me", DONE) == ev.UnsafeReported()
    assert understood("i dont want to continue", paused(Reason.PAIN)) == ev.StopConfirmed()
    assert understood("she turned sixteen last week", SCREENING) == ev.YoungTold()
    for text in ("she's 18 today", "im 45 and he is 50", "i have a 14 year old daughter"):
        assert not isinstance(understood(text, SCREENING), ev.Alarm), text
    assert understood("11", RUNNING) == ev.PressureRated(score=10)
    at_knots = Running(replace(MASSAGE, place=Place(5)), Waiting(0.0, 60.0))
    assert understood("the knot moved", at_knots) != ev.KnotEased()
    assert understood("the knot is a hard lump that doesnt move", at_knots) == ev.HealthTold(condition="")
