"""Runs the steps of the Dockerfile in a folder instead of a container, and tests the result. Needs root.

    python -m tests.container

Each path below a WORKDIR is replaced with a path in a new folder. As in Docker, a build stage has no access
to the files of the stage before, except by COPY. After the build, the coach is started as the image's user.
It must answer a message, report that it is healthy, and end at SIGTERM.
"""

import asyncio
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.playground.api import StandIn, serve
from bot.playground.people import add_person
from bot.playground.world import World
from tests.postgres import free_port

ROOT = Path(__file__).parent.parent
PATIENCE = 60.0
"""Seconds within which the test of the running coach must be finished."""
GRACE = 10.0
"""Seconds between SIGTERM and SIGKILL when Docker stops a container."""


@dataclass(frozen=True)
class Step:
    """One instruction of a Dockerfile, such as RUN, and its arguments."""

    name: str
    what: str


def steps(dockerfile: str) -> list[Step]:
    """Return the instructions of a Dockerfile, without comments."""
    lines = "\n".join(line for line in dockerfile.splitlines() if not line.startswith("#"))
    whole = re.sub(r"\\\n\s*", " ", lines).splitlines()
    return [Step(*line.split(maxsplit=1)) for line in whole if line.strip()]


@dataclass
class Image:
    """What the steps so far have left in `folder`, and how the command of the image is run."""

    folder: Path
    tops: set[str]
    """The first folder of each WORKDIR, such as "coach". The corresponding folders are in `folder`."""
    workdir: Path = field(init=False)
    user: int | None = None
    environment: dict[str, str] = field(default_factory=dict)
    command: Sequence[str] = ()
    health: Sequence[str] = ()

    def build(self, dockerfile: Sequence[Step]) -> None:
        for step in dockerfile:
            print(step.name, step.what, flush=True)
            getattr(self, f"_{step.name.lower()}")(step.what)

    def _from(self, what: str) -> None:
        """Begin a new build stage. The files of the stage before can only be copied from now on."""
        earlier = self.folder / "earlier"
        shutil.rmtree(earlier, ignore_errors=True)
        there = [path for path in self.folder.iterdir() if path.name in self.tops]
        earlier.mkdir()
        for path in there:
            path.rename(earlier / path.name)
        self.workdir, self.user, self.environment = self.folder, None, {}

    def _workdir(self, what: str) -> None:
        self.workdir = Path(self._here(what))
        self.workdir.mkdir(parents=True, exist_ok=True)

    def _run(self, what: str) -> None:
        path = f"{self.folder}/programs:{os.environ['PATH']}"
        subprocess.run(
            ["sh", "-ec", self._here(what)],
            cwd=self.workdir,
            env=os.environ | {"PATH": path, "PIP_QUIET": "1"},
            check=True,
        )

    def _copy(self, what: str) -> None:
        *sources, target = what.split()
        if sources[0].startswith("--from="):
            place = Path(self._here(target))
            place.parent.mkdir(parents=True, exist_ok=True)
            (self.folder / "earlier" / sources[1].lstrip("/")).rename(place)
            return
        for source in sources:
            origin, place = ROOT / source, self.workdir / target
            if origin.is_dir():
                shutil.copytree(origin, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(origin, place)

    def _user(self, what: str) -> None:
        self.user = int(what.split(":")[0])

    def _env(self, what: str) -> None:
        name, _, value = what.partition("=")
        self.environment[name] = value

    def _volume(self, what: str) -> None:
        if not Path(self._here(what)).is_dir():
            raise SystemExit(f"{what} is not there to be a volume: it would belong to root")

    def _healthcheck(self, what: str) -> None:
        self.health = json.loads(self._here(what.partition(" CMD ")[2]))

    def _cmd(self, what: str) -> None:
        self.command = json.loads(self._here(what))

    def _here(self, text: str) -> str:
        return re.sub(rf"(?<![\w.])/(?={'|'.join(self.tops)})", f"{self.folder}/", text)


async def tried(image: Image, port: int) -> None:
    """Start the coach, write to it, check its health, and stop it. Exits if anything is wrong."""
    world = World(asyncio.get_running_loop().time)
    sam = add_person(world, "Sam")
    greeted = asyncio.Event()
    world.subscribe(
        lambda _: greeted.set() if any("Hi Sam" in each.text for each in sam.messages()) else None
    )
    async with serve(StandIn(world)) as url, asyncio.timeout(PATIENCE):
        image.environment |= {"TELEGRAM_BOT_TOKEN": world.token, "TELEGRAM_API_URL": url, "PORT": str(port)}
        unready = await started(image, image.health, asyncio.subprocess.DEVNULL)
        check(await unready.wait() != 0, "it is healthy before it runs")
        coach = await started(image, image.command)
        try:
            sam.writes("/start")
            await greeted.wait()
            check(await (await started(image, image.health)).wait() == 0, "it is not healthy")
            coach.terminate()
            async with asyncio.timeout(GRACE):
                check(await coach.wait() == 0, "SIGTERM does not end it well")
        finally:
            if coach.returncode is None:
                coach.kill()


async def started(image: Image, command: Sequence[str], log: int | None = None) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *command,
        cwd=image.workdir,
        env=image.environment,
        user=image.user,
        group=image.user,
        extra_groups=[],
        stderr=log,
    )


def check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SystemExit(f"The image is not as it should be: {otherwise}.")


def python() -> str:
    """Return the path of a Python that a user without rights can run too.

    A Python in root's home folder would not do. Exits with a message if there is none.
    """
    for name in (os.environ.get("PYTHON", "python3"), "/usr/bin/python3"):
        where = ["-c", "import sys, ensurepip; print(sys.version_info >= (3, 11) and sys.executable)"]
        found = subprocess.run([name, *where], capture_output=True, text=True).stdout.strip()
        with suppress(OSError):
            subprocess.run([found, "-V"], user=10001, capture_output=True, check=True)
            return found
    raise SystemExit("There is no Python 3.11 or newer with ensurepip that a user without rights can run.")


def main() -> None:
    dockerfile = steps((ROOT / "Dockerfile").read_text("utf-8"))
    folders = {step.what.split("/")[1] for step in dockerfile if step.name == "WORKDIR"}
    with tempfile.TemporaryDirectory(prefix="container-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        (folder / "programs").mkdir()
        (folder / "programs/python").symlink_to(python())
        image = Image(folder, folders)
        image.build(dockerfile)
        asyncio.run(tried(image, free_port()))
        check((folder / "coach/data/coach.db").stat().st_uid == image.user, "its data is not its own")
    print("The image is as it should be.")


if __name__ == "__main__":
    main()
