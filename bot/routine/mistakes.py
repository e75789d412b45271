"""Turns pydantic's validation errors into plain sentences, each with a remedy, for authors of routines.

This module must not show pydantic's own messages, which are written for programmers.
"""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.routine.document import Document, Loc, describe

Message = tuple[str, str]
"""Two texts: what is wrong, and the remedy."""


def report_errors(error: ValidationError, model: type[BaseModel], document: Document) -> None:
    """Report to `document` every error that pydantic found when it validated the document as a `model`."""
    for details in error.errors(include_url=False):
        loc = details["loc"]
        if details["type"] == "too_short" and len(details["input"]) >= details["ctx"]["min_length"]:
            continue  # pydantic counts only the valid entries; each invalid entry has an error of its own
        if details["type"] == "extra_forbidden":
            what, remedy = _unknown_key(loc, model)
        else:
            what, remedy = _MESSAGES.get(details["type"], _other)(details)
        document.report(loc, what, remedy)


def suggest(word: str, known: Iterable[str]) -> str:
    """Return the remedy for a word that is not in `known`.

    The remedy names the most similar known word, or all known words if none is similar.
    """
    known = list(known)
    close = get_close_matches(word, known, n=1)
    if close:
        return f"did you mean `{close[0]}`?"
    return f"choose one of: {', '.join(known)}" if known else "there is nothing to choose from; delete it"


def keys_of(model: type[BaseModel]) -> dict[str, type[BaseModel] | None]:
    """Return a model's keys as written in YAML, each with the model of its value.

    If a value is not described by a model, as a text is not, the key has None instead of a model.
    """
    return {field.alias or name: _model_in(field.annotation) for name, field in model.model_fields.items()}


def _model_in(annotation: object) -> type[BaseModel] | None:
    """Return the first model in a type such as `tuple[Step, ...]` or `Technique | None`, or None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for arg in get_args(annotation) if (model := _model_in(arg))), None)


def _unknown_key(loc: Loc, model: type[BaseModel]) -> Message:
    *around, key = loc
    for name in around:
        model = keys_of(model).get(str(name)) or model
    return f"there is no key `{key}` here", suggest(str(key), keys_of(model))


def _missing(error: ErrorDetails) -> Message:
    key = error["loc"][-1]
    return f"{describe(error['loc'])} is missing", f"add `{key}:`; docs/routines.md explains it"


def _kind(error: ErrorDetails) -> str:
    """Return a phrase that names the kind of value the author wrote, such as "a number" or "a list"."""
    kinds = {
        str: "a text",
        bool: "true or false",
        float: "a number",
        list: "a list",
        dict: "a group of keys",
    }
    return kinds.get(type(error["input"]), "something else")


def _wrong_type(wanted: str, remedy: str) -> Callable[[ErrorDetails], Message]:
    return lambda error: (f"{describe(error['loc'])} is {_kind(error)}, but should be {wanted}", remedy)


def _not_a_text(error: ErrorDetails) -> Message:
    scalar = isinstance(error["input"], bool | float)
    remedy = "put it into quotes" if scalar else "write one text after the colon"
    return _wrong_type("a text", remedy)(error)


def _text_too_long(error: ErrorDetails) -> Message:
    length, most = len(error["input"]), error["ctx"]["max_length"]
    what = f"{describe(error['loc'])} is too long: {length} characters, the maximum is {most}"
    return what, f"cut {length - most}"


def _text_too_short(error: ErrorDetails) -> Message:
    return f"{describe(error['loc'])} is too short", f"write at least {error['ctx']['min_length']} characters"


def _too_many(error: ErrorDetails) -> Message:
    have, most = len(error["input"]), error["ctx"]["max_length"]
    return f"{describe(error['loc'])} has {have} entries, the maximum is {most}", f"remove {have - most}"


def _too_few(error: ErrorDetails) -> Message:
    have, least = len(error["input"]), error["ctx"]["min_length"]
    what = f"{describe(error['loc'])} has {have or 'no'} entries, the minimum is {least}"
    return what, f"add {least - have}"


def _bad_id(error: ErrorDetails) -> Message:
    loc = error["loc"][:-1] if error["loc"][-1] == "[key]" else error["loc"]
    name = "the file's name" if loc == ("id",) else describe(loc)
    return (
        f"{name} cannot be an id: {error['input']}",
        "use lower-case letters, digits and hyphens, at most 31, a letter first",
    )


def _unknown_choice(error: ErrorDetails) -> Message:
    word = error["input"] if isinstance(error["input"], str) else _kind(error)
    choices = str(error["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")
    return f"{describe(error['loc'])} cannot be {word}", f"choose one of: {choices}"


def _own_message(error: ErrorDetails) -> Message:
    """Return the message of an error that a validator in this project raised as "what; remedy"."""
    what, _, remedy = str(error["ctx"]["error"]).partition("; ")
    return f"{describe(error['loc'])}: {what}", remedy


def _other(error: ErrorDetails) -> Message:
    return f"{describe(error['loc'])} is not valid", "see docs/routines.md"


_KEYS = _wrong_type("a group of keys", "write its keys on the lines below, indented")
_LIST = _wrong_type("a list", "write each entry on a line of its own, beginning with `- `")

_MESSAGES: dict[str, Callable[[ErrorDetails], Message]] = {
    "missing": _missing,
    "string_type": _not_a_text,
    "bool_type": _wrong_type("true or false", "write true or false, without quotes"),
    "tuple_type": _LIST,
    "dict_type": _KEYS,
    "model_type": _KEYS,
    "string_too_long": _text_too_long,
    "string_too_short": _text_too_short,
    "string_pattern_mismatch": _bad_id,
    "enum": _unknown_choice,
    "too_long": _too_many,
    "too_short": _too_few,
    "value_error": _own_message,
}
"""The function that writes the message for each type of pydantic's errors."""
