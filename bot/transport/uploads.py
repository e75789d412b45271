"""Chooses the files that are sent to Telegram with messages.

Each file is uploaded once, and after that sent by its file_id. This module must not wait until a missing file
is made: it requests the file, and reports that no file is available yet.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from bot.backoff import Hold
from bot.clock import Clock
from bot.media.supply import Supply
from bot.storage.errors import StoreUnavailable
from bot.storage.store import Store
from bot.wording.attachments import Attachment, PartPicture

log = logging.getLogger(__name__)

FAILED_UPLOAD_PAUSE = 10.0
"""For how many seconds of real time a file is not used after its upload has failed. The time doubles after
each further failure."""
MAX_DOUBLINGS = 5


class MediaKind(StrEnum):
    """The kind of a file. The values are the Bot API's names."""

    PHOTO = "photo"
    ANIMATION = "animation"
    VOICE = "voice"
    AUDIO = "audio"


KIND_OF_SUFFIX = {
    ".png": MediaKind.PHOTO,
    ".mp4": MediaKind.ANIMATION,
    ".ogg": MediaKind.VOICE,
    ".m4a": MediaKind.AUDIO,
}


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file to send. `content` is its file_id, or its path if Telegram does not have the file yet.

    `key` is the file's name on disk without the extension. `cover` is the cover picture of a guided track.
    `stands_in` is true for a still picture that is sent because the moving picture is not available yet.
    """

    key: str
    kind: MediaKind
    content: str | Path
    cover: Path | None = None
    stands_in: bool = False


class Uploads:
    """The files that the bot with the id `bot` can send.

    `known` maps the key of each file that Telegram already has to the file_id. If `supply` is None, no file
    is ever available, and messages are sent without files.
    """

    def __init__(
        self, store: Store, bot: int, known: dict[str, str], supply: Supply | None, real_time: Clock
    ) -> None:
        self._store = store
        self._bot = bot
        self._known = known
        self._supply = supply
        self._real_time = real_time
        self._used: set[str] = set()
        self._uploading: set[str] = set()
        self._failing: dict[str, Hold] = {}

    def available(
        self, attachment: Attachment | None, *, may_upload: bool, or_still: bool = False
    ) -> MediaFile | None:
        """Return the file that can be sent now; None if there is none.

        If `may_upload` is false, only a file that Telegram already has is returned. If `or_still` is true,
        the still picture is returned while the moving picture is missing. A missing file is requested from
        the supply.
        """
        file = self._file(attachment)
        still = self._file(_still_of(attachment)) if file is None and or_still else None
        file = replace(still, stands_in=True) if still else file
        if file is None or file.key in self._uploading or self._is_paused(file.key):
            return None
        return file if may_upload or isinstance(file.content, str) else None

    def is_expected(self, attachment: Attachment | None, *, or_still: bool = False) -> bool:
        """Return whether the file is available or can still be made.

        If `or_still` is true, the still picture of a moving picture counts too.
        """
        still = _still_of(attachment) if or_still else None
        return self._key(attachment) is not None or self._key(still) is not None

    def progress(self, attachment: Attachment) -> float | None:
        """Return how much of the file has been made, from 0 to 1; None if it is not being made."""
        return self._supply.progress(attachment) if self._supply else None

    def begin(self, file: MediaFile) -> None:
        """Record that a message with the file is being sent.

        Until `end` is called, no other message uploads the file.
        """
        if isinstance(file.content, Path):
            self._uploading.add(file.key)

    def end(self, file: MediaFile) -> None:
        """Record that the message with the file is no longer being sent, whether or not it arrived."""
        self._uploading.discard(file.key)

    async def prune(self, now: float) -> None:
        """Forget the file_ids that have not been used for a long time. Raises StoreUnavailable."""
        used, self._used = self._used, set()
        for key in await self._store.prune_file_ids(self._bot, used, now):
            self._known.pop(key, None)

    async def accepted(self, file: MediaFile, file_id: str | None) -> None:
        """Note that Telegram has accepted the file, and remember the file_id that Telegram gave it."""
        self._failing.pop(file.key, None)
        if isinstance(file.content, Path) and file_id:
            self._known[file.key] = file_id
            await self._keep(file.key, file_id)

    def failed(self, file: MediaFile) -> None:
        """Note that sending the file has failed. If it was uploaded, do not use it for a while.

        After each further failure, the file is not used for a longer time. A file that was sent by its
        file_id can be used again at once.
        """
        if isinstance(file.content, Path):
            tries = self._failing.get(file.key, Hold()).tries
            pause = FAILED_UPLOAD_PAUSE * 2 ** min(tries, MAX_DOUBLINGS)
            self._failing[file.key] = Hold(self._real_time.now() + pause, tries + 1)

    def unreadable(self, file: MediaFile) -> None:
        """Stop using a file that exists on disk but cannot be read."""
        if self._supply:
            self._supply.reject(file.key)

    async def refused(self, file: MediaFile, reason: str) -> None:
        """Handle Telegram's refusal of a file.

        If the file was sent by its file_id, forget the file_id, so that the file is uploaded again. If the
        file was uploaded, stop using it.
        """
        if not isinstance(file.content, Path):
            log.info("Telegram has forgotten a file: it is uploaded anew")
            self._known.pop(file.key, None)
            await self._keep(file.key, None)
        elif self._supply:
            log.error("Telegram refuses %s, which is left out from now on: %s", file.content.name, reason)
            self._supply.reject(file.key)

    def _file(self, attachment: Attachment | None) -> MediaFile | None:
        """Return the file with its file_id or, if that is not known, with its path.

        If the file is not made yet, request it and return None.
        """
        made = self._supply.lookup(attachment) if self._supply and attachment else None
        if self._supply is None or attachment is None or made is None:
            return None
        path = self._supply.find(attachment)
        content = self._known.get(made.key) or path
        if content is None:
            self._supply.request(attachment)
            return None
        self._used.add(made.key)
        return MediaFile(made.key, KIND_OF_SUFFIX[made.suffix], content, self._supply.cover(attachment))

    def _is_paused(self, key: str) -> bool:
        return key in self._failing and self._real_time.now() < self._failing[key].until

    def _key(self, attachment: Attachment | None) -> str | None:
        made = self._supply.lookup(attachment) if self._supply and attachment else None
        return made.key if made else None

    async def _keep(self, key: str, file_id: str | None) -> None:
        """Store the file_id in the database for the next start. None deletes it.

        If the database is unavailable, do nothing.
        """
        with suppress(StoreUnavailable):
            await self._store.set_file_id(self._bot, key, file_id)


def _still_of(attachment: Attachment | None) -> PartPicture | None:
    """Return the still picture that can replace a moving one for now; None for any other attachment."""
    if isinstance(attachment, PartPicture) and attachment.moves:
        return replace(attachment, moves=False)
    return None
