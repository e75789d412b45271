"""How the Bot API is called over HTTP, and what counts as Telegram's answer.

It knows no method, tries nothing again, and logs nothing. No file is ever fetched.
"""

import json
from http import HTTPStatus
from typing import Any

from telegram.error import BadRequest, NetworkError
from telegram.request import HTTPXRequest


class Request(HTTPXRequest):
    """Any answer that is not Telegram's JSON, such as a proxy's page of HTML, counts as an outage.

    python-telegram-bot would write such an answer to the log, and it can be a batch of updates that was cut
    short. It would also take a proxy's 401 or 403 for Telegram's own.
    """

    async def do_request(self, *args: Any, **named: Any) -> tuple[int, bytes]:
        """The status code and the body. Raises NetworkError; BadRequest for what cannot be sent at all."""
        try:
            code, payload = await super().do_request(*args, **named)
        except UnicodeError:  # whose text repeats the words
            raise BadRequest("half a pair of surrogates cannot be sent") from None
        if not _is_telegrams(code, payload):
            raise NetworkError(f"what answers with {code} is not Telegram")
        return code, payload


def _is_telegrams(code: int, payload: bytes) -> bool:
    try:
        said = json.loads(payload.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return False
    wanted = "result" if code < HTTPStatus.MULTIPLE_CHOICES else "description"
    return isinstance(said, dict) and wanted in said
