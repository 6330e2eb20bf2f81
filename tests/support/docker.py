"""A Docker engine for tests: the one ``MODELYARD_TEST_DOCKER`` names (a DOCKER_HOST), else one of our own on temporary folders.

Our own is dockerd with its data, socket and process number apart from everything else on the machine. Its data folder is kept between runs
under ``~/.cache/modelyard`` so that layers are not built again, and locked: two runs at once do not share it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CACHE = Path(os.environ.get("MODELYARD_CACHE", "~/.cache/modelyard")).expanduser()
START_SECONDS = 60


def missing() -> str | None:
    """None when an engine can be had here, else what lacks."""
    if os.environ.get("MODELYARD_TEST_DOCKER"):
        return None if shutil.which("docker") and shutil.which("docker-compose") else "the programs docker and docker-compose"
    if os.geteuid() != 0:
        return "root to start dockerd, or a Docker engine named by MODELYARD_TEST_DOCKER"
    for program in ("dockerd", "docker", "docker-compose", "debootstrap", "iptables"):
        if shutil.which(program) is None:
            return f"the program '{program}' (Debian packages docker.io, docker-compose, debootstrap, iptables)"
    return None


@dataclass(frozen=True)
class Docker:
    """host: its DOCKER_HOST."""

    host: str

    def run(self, *words: str, check: bool = True, seconds: float = 120, **settings: str) -> str:
        """One command with the engine in its environment; its stdout."""
        done = subprocess.run(
            words,
            env=self.environ(settings),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert not check or done.returncode == 0, f"{' '.join(words)}\n{done.stdout}{done.stderr}"[-4000:]
        return done.stdout.strip()

    def environ(self, settings: Mapping[str, str]) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("MODELYARD_", "DOCKER_", "COMPOSE_"))}
        return {**kept, "DOCKER_HOST": self.host, "MODELYARD_CACHE": str(CACHE), **settings}


@contextmanager
def engine(folder: Path) -> Iterator[Docker]:
    """An engine; one of our own is stopped at the end. folder: for its socket and its run files."""
    if named := os.environ.get("MODELYARD_TEST_DOCKER"):
        yield Docker(named)
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    docker = Docker(f"unix://{folder}/docker.sock")
    with (CACHE / "docker.lock").open("w") as lock, (folder / "dockerd.log").open("wb") as log:
        fcntl.flock(lock, fcntl.LOCK_EX)
        places = ["--data-root", str(CACHE / "docker"), "--exec-root", str(folder / "exec"), "--pidfile", str(folder / "dockerd.pid")]
        dockerd = subprocess.Popen(
            ["dockerd", *places, "--host", docker.host, "--bridge", "none"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            end = time.monotonic() + START_SECONDS
            while subprocess.run(["docker", "version"], env=docker.environ({}), capture_output=True, check=False).returncode:
                assert dockerd.poll() is None, (folder / "dockerd.log").read_text()[-4000:]
                assert time.monotonic() < end, "dockerd did not answer"
                time.sleep(0.1)
            yield docker
        finally:
            dockerd.terminate()
            dockerd.wait(60)
            for left in (folder / "exec" / "netns").glob("*"):  # it leaves a mount, and the folder could not be removed
                subprocess.run(["umount", str(left)], capture_output=True, check=False)


@contextmanager
def composed(docker: Docker, files: list[Path], project: str, **settings: str) -> Iterator[list[str]]:
    """What a compose file describes, up; nothing of it is left afterwards. Yields the words every further command begins with."""
    words = ["docker-compose", "--project-name", project, *(word for file in files for word in ("--file", str(file)))]
    docker.run(*words, "down", "--volumes", "--timeout", "5", **settings)  # of a run that was killed
    try:
        docker.run(*words, "up", "--detach", seconds=300, **settings)
        yield words
    except BaseException:
        print(docker.run(*words, "logs", "--no-color", "--tail", "40", check=False, **settings))  # gone in a moment
        raise
    finally:
        docker.run(*words, "down", "--volumes", "--timeout", "25", seconds=300, check=False, **settings)


def facts(docker: Docker, name: str) -> dict[str, Any]:
    """What the engine knows about a container or an image."""
    import json

    [found] = json.loads(docker.run("docker", "inspect", name))
    return dict(found)
