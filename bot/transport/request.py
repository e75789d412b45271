"""The HTTP client for the Bot API, which checks that an answer comes from Telegram.

This module must not retry, log, or depend on any particular method of the Bot API.
"""

import json
from http import HTTPStatus
from typing import Any

from telegram.error import BadRequest, NetworkError
from telegram.request import HTTPXRequest


class Request(HTTPXRequest):
    """Treats every answer that is not Telegram's JSON, for example a proxy's HTML page, as an outage.

    Otherwise, python-telegram-bot would write such an answer to the log. This must not happen, because the
    answer can be a truncated batch of people's messages. The library would also mistake a proxy's error 401
    or 403 for Telegram's.
    """

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Send the request. Return the status code and the body of the answer.

        Raises NetworkError if there is no answer from Telegram, and BadRequest if the text cannot be encoded.
        """
        try:
            code, payload = await super().do_request(*args, **kwargs)
        except UnicodeError:  # the UnicodeError's own message quotes the text
            raise BadRequest("half a pair of surrogates cannot be sent") from None
        if not _is_from_telegram(code, payload):
            raise NetworkError(f"what answers with {code} is not Telegram")
        return code, payload


def _is_from_telegram(code: int, payload: bytes) -> bool:
    try:
        answer = json.loads(payload.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return False
    required = "result" if code < HTTPStatus.MULTIPLE_CHOICES else "description"
    return isinstance(answer, dict) and required in answer
