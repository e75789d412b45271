"""What pydantic finds wrong with a file, in plain words and with a remedy.

Must never show pydantic's own wording: it speaks to programmers, and this is read by authors.
"""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.routine.document import Document, Loc, spoken

Words = tuple[str, str]
"""What is wrong, and the remedy."""


def report(error: ValidationError, model: type[BaseModel], document: Document) -> None:
    """Note all that `error` found when `document` was read as a `model`."""
    for details in error.errors(include_url=False):
        loc = details["loc"]
        if details["type"] == "too_short" and len(details["input"]) >= details["ctx"]["min_length"]:
            continue  # pydantic counts the good entries only; the bad ones are reported themselves
        if details["type"] == "extra_forbidden":
            what, remedy = _unknown_key(loc, model)
        else:
            what, remedy = _WORDS.get(details["type"], _otherwise)(details)
        document.report(loc, what, remedy)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A remedy for a word that is none of the `known`."""
    known = list(known)
    close = get_close_matches(word, known, n=1)
    if close:
        return f"did you mean `{close[0]}`?"
    return f"choose one of: {', '.join(known)}" if known else "there is none that could be named here"


def keys_of(model: type[BaseModel]) -> dict[str, type[BaseModel] | None]:
    """The keys a model has in YAML, each with the model of what stands under it, if any."""
    return {field.alias or name: _model_in(field.annotation) for name, field in model.model_fields.items()}


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for arg in get_args(annotation) if (model := _model_in(arg))), None)


def _unknown_key(loc: Loc, model: type[BaseModel]) -> Words:
    *around, key = loc
    for name in around:
        model = keys_of(model).get(str(name)) or model
    return f"there is no key `{key}` here", did_you_mean(str(key), keys_of(model))


def _missing(error: ErrorDetails) -> Words:
    key = error["loc"][-1]
    return f"{spoken(error['loc'])} is missing", f"add `{key}:`; docs/routines.md says what it means"


def _kind(error: ErrorDetails) -> str:
    kinds = {str: "a text", bool: "true or false", float: "a number", list: "a list", dict: "keys"}
    return kinds.get(type(error["input"]), "something else")


def _wrong_type(wanted: str, remedy: str) -> Callable[[ErrorDetails], Words]:
    return lambda error: (f"{spoken(error['loc'])} is {_kind(error)}, and should be {wanted}", remedy)


def _text_wanted(error: ErrorDetails) -> Words:
    plain = isinstance(error["input"], bool | float)
    remedy = "put it into quotes" if plain else "write one text after the colon"
    return f"{spoken(error['loc'])} is {_kind(error)}, and should be a text", remedy


def _long_text(error: ErrorDetails) -> Words:
    length, most = len(error["input"]), error["ctx"]["max_length"]
    what = f"{spoken(error['loc'])} is too long: {length} characters, and {most} at most"
    return what, f"cut {length - most}"


def _short_text(error: ErrorDetails) -> Words:
    return f"{spoken(error['loc'])} is too short", f"write at least {error['ctx']['min_length']} characters"


def _many(error: ErrorDetails) -> Words:
    have, most = len(error["input"]), error["ctx"]["max_length"]
    return f"{spoken(error['loc'])} has {have} entries, and {most} at most", f"take out {have - most}"


def _few(error: ErrorDetails) -> Words:
    have, least = len(error["input"]), error["ctx"]["min_length"]
    return f"{spoken(error['loc'])} has {have or 'no'} entries, and at least {least}", f"add {least - have}"


def _bad_id(error: ErrorDetails) -> Words:
    loc = error["loc"][:-1] if error["loc"][-1] == "[key]" else error["loc"]
    name = "the file's name" if loc == ("id",) else spoken(loc)
    return (
        f"{name} cannot be an id: {error['input']}",
        "use at most 31 small letters, digits and hyphens, a letter first",
    )


def _unknown_word(error: ErrorDetails) -> Words:
    word = error["input"] if isinstance(error["input"], str) else _kind(error)
    choices = str(error["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")
    return f"{spoken(error['loc'])} cannot be {word}", f"choose one of: {choices}"


def _own(error: ErrorDetails) -> Words:
    """Our validators say "what; remedy" themselves."""
    what, _, remedy = str(error["ctx"]["error"]).partition("; ")
    return f"{spoken(error['loc'])}: {what}", remedy


def _otherwise(error: ErrorDetails) -> Words:
    return f"{spoken(error['loc'])} is not as it should be", "see docs/routines.md"


_KEYS = _wrong_type("keys", "write its keys on the lines below, indented")
_LIST = _wrong_type("a list", "write each entry on a line of its own, beginning with `- `")

_WORDS: dict[str, Callable[[ErrorDetails], Words]] = {
    "missing": _missing,
    "string_type": _text_wanted,
    "bool_type": _wrong_type("true or false", "write true or false, without quotes"),
    "tuple_type": _LIST,
    "dict_type": _KEYS,
    "model_type": _KEYS,
    "string_too_long": _long_text,
    "string_too_short": _short_text,
    "string_pattern_mismatch": _bad_id,
    "enum": _unknown_word,
    "too_long": _many,
    "too_short": _few,
    "value_error": _own,
}
