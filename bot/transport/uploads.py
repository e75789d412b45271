"""What goes to Telegram with a message: each file is uploaded once, and from then on named by its file_id.

Must never make a message wait for a file to be made: what is not at hand goes without.
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

SHAKY = 10.0
"""Real seconds that messages go without a file after its upload failed, doubled each time."""


class Kind(StrEnum):
    """What Telegram calls it."""

    PHOTO = "photo"
    ANIMATION = "animation"
    VOICE = "voice"
    AUDIO = "audio"


KINDS = {".png": Kind.PHOTO, ".mp4": Kind.ANIMATION, ".ogg": Kind.VOICE, ".m4a": Kind.AUDIO}


@dataclass(frozen=True, slots=True)
class File:
    """What goes to Telegram: a file_id, or where that is not known yet, the file to upload and its cover."""

    key: str
    kind: Kind
    content: str | Path
    cover: Path | None = None
    stands_in: bool = False
    """Whether it is a still, to be seen until its loop is made."""


class Media:
    """One bot's files. Without a `supply` nothing is ever at hand, and words go alone.

    `known` are the file_ids of what was uploaded before, by key.
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
        self._shaky: dict[str, Hold] = {}

    def at_hand(self, attachment: Attachment | None, *, upload: bool, still: bool = False) -> File | None:
        """What can be sent now, without `upload` only what Telegram has already.

        If it is missing, its making is ordered; where that is a loop, its `still` can stand in for it.
        """
        file = self._file(attachment)
        instead = self._file(_still_of(attachment)) if file is None and still else None
        file = replace(instead, stands_in=True) if instead else file
        if file is None or file.key in self._uploading or self._is_shaky(file.key):
            return None
        return file if upload or isinstance(file.content, str) else None

    def is_coming(self, attachment: Attachment | None, *, still: bool = False) -> bool:
        """Whether it is at hand, or may yet be; or else its `still`."""
        instead = _still_of(attachment) if still else None
        return self._key(attachment) is not None or self._key(instead) is not None

    def progress(self, attachment: Attachment) -> float | None:
        """How much of it is made, from 0 to 1; None where it is not being made."""
        return self._supply.progress(attachment) if self._supply else None

    def begins(self, file: File) -> None:
        """It is being sent. Until it `ended`, no other message uploads it."""
        if isinstance(file.content, Path):
            self._uploading.add(file.key)

    def ended(self, file: File) -> None:
        """Whatever came of it."""
        self._uploading.discard(file.key)

    async def prune(self, now: float) -> None:
        """Forget the file_ids that nobody has used for long. Raises StoreUnavailable."""
        used, self._used = self._used, set()
        for key in await self._store.prune_files(self._bot, used, now):
            self._known.pop(key, None)

    async def taken(self, file: File, file_id: str | None) -> None:
        """Telegram has it, under this file_id."""
        self._shaky.pop(file.key, None)
        if isinstance(file.content, Path) and file_id:
            self._known[file.key] = file_id
            await self._note(file.key, file_id)

    def failed(self, file: File) -> None:
        """An upload did not arrive: for a while, longer each time, messages go without."""
        if isinstance(file.content, Path):
            tries = self._shaky.get(file.key, Hold()).tries
            self._shaky[file.key] = Hold(self._real_time.now() + SHAKY * 2 ** min(tries, 5), tries + 1)

    def unreadable(self, file: File) -> None:
        """It is there and cannot be read: nobody can have it."""
        if self._supply:
            self._supply.give_up(file.key)

    async def refused(self, file: File, why: str) -> None:
        """Telegram no longer knows the file_id; or it does not take the file at all."""
        if not isinstance(file.content, Path):
            log.info("Telegram has forgotten a file: it is uploaded anew")
            self._known.pop(file.key, None)
            await self._note(file.key, None)
        elif self._supply:
            log.error("Telegram refuses %s, which is left out from now on: %s", file.content.name, why)
            self._supply.give_up(file.key)

    def _file(self, attachment: Attachment | None) -> File | None:
        """What Telegram has, or else what can be uploaded. If there is neither, its making is ordered."""
        made = self._supply.named(attachment) if self._supply and attachment else None
        if self._supply is None or attachment is None or made is None:
            return None
        path = self._supply.find(attachment)
        content = self._known.get(made.key) or path
        if content is None:
            self._supply.order(attachment)
            return None
        self._used.add(made.key)
        return File(made.key, KINDS[made.suffix], content, self._supply.cover(attachment))

    def _is_shaky(self, key: str) -> bool:
        return key in self._shaky and self._real_time.now() < self._shaky[key].until

    def _key(self, attachment: Attachment | None) -> str | None:
        made = self._supply.named(attachment) if self._supply and attachment else None
        return made.key if made else None

    async def _note(self, key: str, file_id: str | None) -> None:
        """For the next start; if the database is away just now, a file is uploaded once more then."""
        with suppress(StoreUnavailable):
            await self._store.keep_file(self._bot, key, file_id)


def _still_of(attachment: Attachment | None) -> PartPicture | None:
    if isinstance(attachment, PartPicture) and attachment.moves:
        return replace(attachment, moves=False)
    return None
