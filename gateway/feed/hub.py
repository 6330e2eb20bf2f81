"""Between the followers and the windows: who hears of what, where everybody is, and when a window has to go."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any

from gateway.feed import cursor as cursors
from gateway.feed.cursor import Positions
from gateway.feed.follower import POLL_SECONDS, PROGRESS, Ask, Follower
from gateway.feed.stream import IDENTITY, Stream, Viewer, event, shown
from libs.common.errors import PlatformError, busy

BEAT_SECONDS = 15.0
FIRST_SECONDS = 1.0  # a new window waits so long for services that have not been read yet
STREAMS = 4096  # of everybody, in this process
RETRY_MS = 2000  # until a browser whose window was cut asks again
Check = Callable[[Stream], Awaitable[str]]
Ended = Callable[[str], None]


class _Watch:
    """Somebody who waits for one object to change."""

    def __init__(self, id: int) -> None:
        self.id, self.changed = id, asyncio.Event()


class Hub:
    """check: why a window may not go on ("" when it may), asked when something about its person changed. ended: told of every end."""

    def __init__(self, services: Iterable[str], ask: Ask, check: Check, per_person: int, ended: Ended = lambda _why: None) -> None:
        self.followers = {name: Follower(name, ask, self) for name in services}
        self.streams: set[Stream] = set()
        self._check, self._per_person, self._ended = check, per_person, ended
        self._of: Counter[int] = Counter()
        self._watched: defaultdict[str, set[_Watch]] = defaultdict(set)
        self._listening = asyncio.Event()
        self._checks: set[asyncio.Task[None]] = set()

    # --- what runs as long as the gateway

    async def run(self, draining: Callable[[], bool]) -> None:
        """Reads while somebody listens. A gateway that is about to stop lets its windows go to another one."""
        tasks = [asyncio.create_task(self._follow(each)) for each in self.followers.values()]
        tasks.append(asyncio.create_task(self._beat()))
        try:
            while not draining():
                await asyncio.sleep(POLL_SECONDS)
            self._end_all("DRAINING")
            await asyncio.Event().wait()
        finally:
            for task in tasks:
                task.cancel()
            self._end_all("STOPPED")

    async def _follow(self, follower: Follower) -> None:
        while True:
            if not self._listening.is_set():
                follower.forget()
                await self._listening.wait()
            if not await follower.read():
                await asyncio.sleep(POLL_SECONDS)

    async def _beat(self) -> None:
        """Keeps what lies between from closing a quiet connection, and tells a window where it is."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            now = time.time()
            for stream in [each for each in self.streams if now >= each.valid_until]:
                self.close(stream, "SESSION_ENDED")
            for stream in list(self.streams):
                self._send(stream, "beat", {})

    # --- windows

    async def open(self, viewer: Viewer, token: str, valid_until: float, was: Positions | None) -> Stream:
        """A new window, told where it is and what it missed since ``was``. Raises 429 BUSY."""
        if self._of[viewer.user_id] >= self._per_person:
            raise busy("open streams", f"{self._per_person} a person")
        if len(self.streams) >= STREAMS:
            raise busy("open streams", str(STREAMS))
        self._of[viewer.user_id] += 1
        self._listening.set()
        stream = Stream(viewer, token, valid_until, {})
        self.streams.add(stream)  # counted at once: what is missing of it comes below, before anything else
        await self._first(self.followers.values())
        self._begin(stream, was)
        return stream

    def _begin(self, stream: Stream, was: Positions | None) -> None:
        if not stream.open:  # the gateway began to stop meanwhile
            return
        stream.restart()
        unread = [name for name, each in self.followers.items() if each.position is None]
        stream.pending = {name: was[name] for name in unread if was and name in was}
        silent = sorted(name for name, each in self.followers.items() if not each.answers)
        stream.put(f"retry: {RETRY_MS}\n".encode() + event("hello", {"silent": silent}))
        lost = False
        for name, follower in self.followers.items():
            if was is None or name in unread:
                continue
            missed = follower.since(was.get(name, 0))
            lost = lost or missed is None
            self._tell(stream, name, missed or [])
        self._send(stream, "reset" if lost else "beat", {})

    def close(self, stream: Stream, why: str = "") -> None:
        """why: told to the window as the last event; "" for one that has gone, or does not keep up."""
        if stream not in self.streams:
            return
        self.streams.discard(stream)
        self._of[stream.viewer.user_id] -= 1
        if not self._of[stream.viewer.user_id]:
            del self._of[stream.viewer.user_id]
        self._perhaps_nobody()
        self._ended(why or "GONE")
        stream.end(event("end", {"reason": why}) if why else None)

    @asynccontextmanager
    async def watch(self, service: str, id: int) -> AsyncIterator[asyncio.Event]:
        """Set whenever an object of a service may have changed; for who reads it again by their own rights."""
        watch = _Watch(id)
        self._watched[service].add(watch)
        self._listening.set()
        try:
            await self._first([self.followers[service]])
            yield watch.changed
        finally:
            self._watched[service].discard(watch)
            self._perhaps_nobody()

    @staticmethod
    async def _first(followers: Iterable[Follower]) -> None:
        """Until they know where they stand: what happens from then on is heard."""
        with suppress(asyncio.TimeoutError):
            async with asyncio.timeout(FIRST_SECONDS):
                for follower in followers:
                    await follower.tried.wait()

    def _perhaps_nobody(self) -> None:
        if not self.streams and not any(self._watched.values()):
            self._listening.clear()

    # --- what followers say

    def arrived(self, service: str, changes: list[Any]) -> None:
        touched = {change.entity_id for change in changes}
        for watch in self._watched[service]:
            if watch.id in touched:
                watch.changed.set()
        told: dict[Viewer, bytes] = {}
        place, ready = self._cursor({}), _newest_progress(changes)
        for stream in list(self.streams):
            if stream.viewer not in told:
                mine = [shown(service, change) for change in ready if stream.viewer.sees(service, change)]
                told[stream.viewer] = event("changes", mine, place) if mine else b""
            if not told[stream.viewer]:
                continue
            if stream.pending:
                self._tell(stream, service, ready)
                self._send(stream, "beat", {})
            elif not stream.put(told[stream.viewer]):
                self.close(stream, "")
        if service == IDENTITY:
            self._recheck({change.user_id for change in changes} | {change.entity_id for change in changes if change.entity == "user"})

    def found(self, service: str, lost: bool) -> None:
        follower = self.followers[service]
        for watch in self._watched[service]:
            watch.changed.set()  # what it missed is not known
        for stream in list(self.streams):
            position = stream.pending.pop(service, None)
            missed = [] if position is None else follower.since(position)
            self._send(stream, "service", {"service": service, "answers": True})
            self._tell(stream, service, missed or [])
            self._send(stream, "reset" if lost or missed is None else "beat", {})
        if lost and service == IDENTITY:
            self._recheck({stream.viewer.user_id for stream in self.streams})

    def silent(self, service: str) -> None:
        for stream in list(self.streams):
            self._send(stream, "service", {"service": service, "answers": False})

    # --- shared steps

    def _tell(self, stream: Stream, service: str, changes: list[Any]) -> None:
        """Without a place: what follows tells it, once all services have been told of."""
        mine = [shown(service, change) for change in changes if stream.viewer.sees(service, change)]
        if mine and not stream.put(event("changes", mine)):
            self.close(stream, "")

    def _send(self, stream: Stream, name: str, data: Any) -> None:
        if not stream.put(event(name, data, self._cursor(stream.pending))):
            self.close(stream, "")

    def _cursor(self, pending: Positions) -> str:
        known = {name: each.position for name, each in self.followers.items() if each.position is not None}
        return cursors.encode({**known, **pending})

    def _recheck(self, users: set[int]) -> None:
        """Whose session ended or whose rights changed goes; asked once per credential."""
        for stream in [each for each in self.streams if each.viewer.user_id in users]:
            task = asyncio.create_task(self._checked(stream))
            self._checks.add(task)
            task.add_done_callback(self._checks.discard)

    async def _checked(self, stream: Stream) -> None:
        with suppress(PlatformError):  # nobody to ask: it is asked again when the identity service tells more, and its time ends anyway
            if why := await self._check(stream):
                self.close(stream, why)

    def _end_all(self, why: str) -> None:
        for stream in list(self.streams):
            self.close(stream, why)


def _newest_progress(changes: list[Any]) -> list[Any]:
    """Of an object's steps in one reading only the last one counts, and none before a change of its state."""
    last = {(change.entity, change.entity_id): change.position for change in changes}
    return [c for c in changes if c.kind != PROGRESS or last[c.entity, c.entity_id] == c.position]
