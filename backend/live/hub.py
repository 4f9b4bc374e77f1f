"""The doorbell: who watches which topic, and waking them. A ring carries a topic and nothing else.

Every watcher reads the log after its own cursor when it wakes, so a lost ring, a slow reader or a reconnect costs
time and never a message. A watcher that does not read holds a set of topics, which cannot grow beyond what it watches.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

OnRing = Callable[[str], None]
Hear = Callable[[str, bool], None]  # the topic; whether another process rang

ALL = "*"  # rung by a bell that was away: everything may have news


class Bell(Protocol):
    """Brings rings to every process. Contract in tests/contracts/test_bells.py."""

    remote: bool  # other processes may write; memory of the log must then be checked against the database

    async def start(self, hear: Hear) -> None: ...

    async def ring(self, topics: Iterable[str]) -> None: ...

    async def stop(self) -> None: ...


class Watcher:
    """One reader's set of rung topics. A bare future instead of an Event: 700 bytes less for every citizen who waits."""

    __slots__ = ("_asleep", "_hub", "_rung", "_topics")

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._topics: set[str] = set()
        self._rung: set[str] = set()
        self._asleep: asyncio.Future[None] | None = None

    def watch(self, *topics: str) -> None:
        for topic in topics:
            self._topics.add(topic)
            self._hub._watchers[topic].add(self)

    def unwatch(self, *topics: str) -> None:
        for topic in topics:
            self._topics.discard(topic)
            watchers = self._hub._watchers.get(topic)
            if watchers is not None:
                watchers.discard(self)
                if not watchers:
                    del self._hub._watchers[topic]

    def wake(self, topic: str) -> None:
        self._rung.add(topic)
        if self._asleep is not None and not self._asleep.done():
            self._asleep.set_result(None)

    async def wait(self, timeout: float | None = None) -> set[str]:
        """The topics that rang since the last call; an empty set after `timeout` seconds of silence."""
        if not self._rung:
            self._asleep = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(timeout):
                    await self._asleep
            except TimeoutError:
                return set()
            finally:
                self._asleep = None
        rung, self._rung = self._rung, set()
        return rung

    def close(self) -> None:
        self.unwatch(*tuple(self._topics))


class Hub:
    """Rings what this process knows, and passes on what others ring."""

    def __init__(self, bell: Bell) -> None:
        self.bell = bell
        self._watchers: defaultdict[str, set[Watcher]] = defaultdict(set)
        self._listeners: list[OnRing] = []
        self._foreign: list[OnRing] = []

    async def start(self) -> None:
        await self.bell.start(self._heard)

    async def stop(self) -> None:
        await self.bell.stop()

    def watcher(self, *topics: str) -> Watcher:
        watcher = Watcher(self)
        watcher.watch(*topics)
        return watcher

    def listen(self, callback: OnRing, *, foreign: bool = False) -> None:
        """Called for every ring, of any topic; with `foreign` only for those of other processes. Must not block.

        Who listens to foreign rings is called before anyone else: memory must know that it is old before it is read.
        """
        (self._foreign if foreign else self._listeners).append(callback)

    def ring(self, *topics: str) -> Awaitable[None]:
        return self.bell.ring(topics)

    def wake(self, topic: str) -> None:
        """Wakes the watchers in this process only."""
        for watcher in tuple(self._watchers.get(topic, ())):
            watcher.wake(topic)

    def topics(self) -> list[str]:
        return list(self._watchers)

    def _heard(self, topic: str, foreign: bool) -> None:
        if foreign:
            for listener in self._foreign:
                listener(topic)
        if topic == ALL:
            for known in self.topics():
                self._heard(known, False)
            return
        for listener in self._listeners:
            listener(topic)
        for watcher in tuple(self._watchers.get(topic, ())):
            watcher.wake(topic)
