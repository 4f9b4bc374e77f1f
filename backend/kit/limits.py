"""How often one source may start something. Sources are known by a keyed hash that lives in memory for a day (HLP-8)."""

import hashlib
import secrets
import time
from collections import OrderedDict

from starlette.requests import HTTPConnection

from backend.errors import TooFast

DAY = 86_400.0


class Sources:
    """A token bucket per source: `burst` at once, then `per_minute`. Nothing is written; the key rotates every day."""

    def __init__(self, *, burst: int = 60, per_minute: float = 20.0, remember: int = 20_000) -> None:
        self._burst, self._rate, self._remember = float(burst), per_minute / 60, remember
        self._key, self._born = secrets.token_bytes(32), time.monotonic()
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def take(self, connection: HTTPConnection) -> None:
        now = time.monotonic()
        if now - self._born > DAY:
            self._key, self._born = secrets.token_bytes(32), now
            self._buckets.clear()
        host = connection.client.host if connection.client else ""
        source = hashlib.blake2b(host.encode(), key=self._key, digest_size=16).digest()
        left, at = self._buckets.pop(source, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._rate)
        if left < 1:
            self._buckets[source] = (left, now)
            raise TooFast
        self._buckets[source] = (left - 1, now)
        if len(self._buckets) > self._remember:
            self._buckets.popitem(last=False)
