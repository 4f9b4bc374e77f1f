"""Who is who among the staff: invitations, two factors, sessions. The only writer of operators, invites and sessions.

Passwords are argon2id, second factors are sealed with the master key, tokens and invitations are kept as hashes.
"""

import asyncio
import base64
import binascii
import json
import secrets
import unicodedata
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pyotp
import segno
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from backend.db import tables as t
from backend.db.session import Database
from backend.errors import (
    BadRequest,
    NameTaken,
    NotAllowed,
    NotFound,
    NotSignedIn,
    SignInFailed,
    TooFast,
    WeakPassword,
    WrongCode,
)
from backend.kit import ids, times
from backend.operators import passwords
from backend.settings import Settings
from backend.vault.vault import Unreadable, Vault

T = TypeVar("T")

RANK = {"operator": 0, "supervisor": 1, "admin": 2}
STEP = 30  # seconds that one code of the second factor lives
SEEN_EVERY = timedelta(seconds=15)  # how often `sessions.seen_at` is written; a console beats every 20 s
INVITE_HOURS = 24
TICKET_LIVES = timedelta(minutes=30)  # time to find a phone and scan a square
FIRST_NAME = "Beheerder"
LONGEST_NAME = 60  # as in db/tables.py
AT_ONCE, IN_LINE = 2, 40  # password hashes: 64 MiB and a core each, so two together and a short line


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in."""

    id: int
    name: str
    username: str
    role: str

    @property
    def leads(self) -> bool:
        """May see figures and people."""
        return RANK[self.role] >= RANK["supervisor"]


@dataclass(frozen=True, slots=True)
class Member:
    """A line of the list of staff. `seen_on` is the ISO day of the last sign-in."""

    id: int
    name: str
    username: str
    role: str
    active: bool
    available: bool
    seen_on: str | None


@dataclass(frozen=True, slots=True)
class Welcome:
    """What a newcomer puts on a phone. `ticket` carries everything, sealed: the server keeps nothing meanwhile."""

    ticket: str
    secret_text: str
    qr_svg_data_uri: str

    def __repr__(self) -> str:
        return "<Welcome>"


@dataclass(frozen=True, slots=True)
class _Pending:
    """The inside of a ticket. `password` is already the argon2id hash."""

    invite: str
    name: str
    username: str
    password: str
    secret: str
    until: float


class SlowDown:
    """After five failures in a row a username waits 1 s, 2 s, 4 s … at most a minute; never locked, soon forgotten.

    In memory only, for known and unknown names alike. An attempt counts before it is judged, so that a hundred at the
    same moment do not all pass.
    """

    FREE, MOST, FORGET, REMEMBER = 5, 60.0, timedelta(minutes=15), 10_000

    def __init__(self) -> None:
        self._tries: OrderedDict[str, tuple[int, datetime, datetime]] = OrderedDict()  # failures, not before, last try

    def take(self, username: str, now: datetime) -> None:
        failures, not_before, last = self._tries.get(username, (0, now, now))
        if now - last >= self.FORGET:
            failures, not_before = 0, now
        if now < not_before:
            raise TooFast
        failures += 1
        wait = min(self.MOST, 2.0 ** min(failures - self.FREE, 10)) if failures >= self.FREE else 0.0
        self._tries[username] = (failures, now + timedelta(seconds=wait), now)
        self._tries.move_to_end(username)
        if len(self._tries) > self.REMEMBER:
            self._tries.popitem(last=False)

    def forget(self, username: str) -> None:
        self._tries.pop(username, None)


class Staff:
    """Signing in, staying signed in, and who may do so."""

    def __init__(
        self, db: Database, vault: Vault, settings: Settings, *, now: Callable[[], datetime] = times.now
    ) -> None:
        self._db, self._vault, self._now = db, vault, now
        self._idle = timedelta(minutes=settings.session_idle_minutes)
        self._longest = timedelta(hours=settings.session_hours)
        self._hasher = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=1)
        self._hashing, self._in_line = asyncio.Semaphore(AT_ONCE), 0
        self._slow = SlowDown()
        self._acted: dict[str, datetime] = {}  # session hash to the last thing its person did; a beat is no deed
        # What an unknown username is checked against, so that it takes as long as a known one (SEC-8).
        self._nobody = self._hasher.hash(secrets.token_urlsafe(16))
        self._no_secret = vault.seal_secret(_totp_of(0), pyotp.random_base32().encode())

    # -- sessions ------------------------------------------------------------------------------------------------------

    async def person(self, token: str | None) -> Person:
        """Who this is, because they did something. Raises NotSignedIn."""
        return await self._signed_in(token, acting=True)

    async def touch(self, token: str | None) -> Person:
        """As `person` for a beat of an open console: it shows life, and does not stop the clock of inactivity."""
        return await self._signed_in(token, acting=False)

    async def _signed_in(self, token: str | None, *, acting: bool) -> Person:
        if not token:
            raise NotSignedIn
        key, now = ids.digest(token), self._now()
        row = await self._db.read(lambda connection: _session(connection, key))
        if row is None:
            self._acted.pop(key, None)
            raise NotSignedIn
        acted = self._acted.get(key, row.seen_at)
        if now - acted >= self._idle or now - row.created_at >= self._longest:
            await self.sign_out(token)
            raise NotSignedIn
        self._acted[key] = now if acting else acted
        if now - row.seen_at >= SEEN_EVERY:
            seen = update(t.sessions).where(t.sessions.c.hash == key, t.sessions.c.seen_at < now).values(seen_at=now)
            await self._db.write(lambda connection: connection.execute(seen))
        return Person(row.id, row.name, row.username, row.role)

    async def sign_in(self, username: str, password: str, code: str) -> tuple[Person, str]:
        """Both factors at once. One answer, after the same work, for every way in which it can be wrong (SEC-8)."""
        username, password, now = username_key(username), passwords.normal(password), self._now()
        self._slow.take(username, now)
        row = await self._db.read(lambda connection: _by_username(connection, username))
        known = row is not None and row.active
        right = await self._verify(row.password if row is not None else self._nobody, password)
        id, sealed = (row.id, row.totp) if row is not None else (0, self._no_secret)
        fits = self._fits(id, sealed, code, now)
        if row is None or not (known and right and fits):
            raise SignInFailed
        person, secret = Person(row.id, row.name, row.username, row.role), row.totp

        def enter(connection: Connection) -> str:
            # The condition is the replay table: of two requests with one code, one finds the step still unused.
            used = connection.execute(
                update(t.operators)
                .where(
                    t.operators.c.id == person.id,
                    t.operators.c.active,
                    t.operators.c.totp_step < _step(now),
                    t.operators.c.password == row.password,
                    t.operators.c.totp == secret,
                )
                .values(totp_step=_step(now), available=person.role == "operator", seen_on=_day(now))
            )
            if used.rowcount != 1:
                raise SignInFailed
            return self._open_session(connection, person.id, now)

        token = await self._db.write(enter)
        self._slow.forget(username)
        self._remember(token, now)
        return person, token

    async def sign_out(self, token: str | None) -> None:
        if token:
            key = ids.digest(token)
            self._acted.pop(key, None)
            await self._db.write(lambda connection: connection.execute(_without(key)))

    # -- invitations ---------------------------------------------------------------------------------------------------

    async def invite(self, name: str, role: str, by: int | None, operator: int | None = None) -> str:
        """A code that works once and for a day. With `operator` it renews that person's access, name and role kept.

        `by` None is the command line. Nobody gives more than they have: a supervisor makes no administrator.
        """
        name = clean_name(name) if operator is None else name
        if role not in RANK and operator is None:
            raise BadRequest
        return await self._db.write(lambda connection: self._invite(connection, name, role, by, operator))

    async def first_code(self) -> str | None:
        """When nobody leads yet: an invitation for the first administrator. The former one stops working."""

        def look(connection: Connection) -> str | None:
            leading = select(t.operators.c.id).where(
                t.operators.c.active, t.operators.c.role.in_(("supervisor", "admin"))
            )
            if connection.execute(leading.limit(1)).first() is not None:
                return None
            former = (t.invites.c.name == FIRST_NAME, t.invites.c.role == "admin", t.invites.c.operator.is_(None))
            connection.execute(delete(t.invites).where(*former))
            return self._invite(connection, FIRST_NAME, "admin", None, None)

        return await self._db.write(look)

    async def begin_welcome(self, code: str, name: str, username: str, password: str) -> Welcome:
        """Checks the invitation and the choices, and makes the second factor. Stores nothing."""
        hashed, now = _invite_hash(code), self._now()
        invite = await self._db.read(lambda connection: _invite_row(connection, hashed, now))
        if invite is None:
            raise WrongCode
        name, username, password = clean_name(name), username_key(username), passwords.normal(password)
        if len(username) < 2:
            raise BadRequest
        if passwords.is_weak(password, username):
            raise WeakPassword
        taken = await self._db.read(lambda connection: _by_username(connection, username))
        if taken is not None and taken.id != invite.operator:
            raise NameTaken
        stored = await self._hash(password)
        until = (now + TICKET_LIVES).timestamp()
        return self._welcome(_Pending(hashed, name, username, stored, pyotp.random_base32(), until))

    def welcome_again(self, ticket: str) -> Welcome:
        """The same square once more, after a mistyped code. Raises WrongCode when the ticket is too old."""
        return self._welcome(self._open_ticket(ticket), ticket)

    async def finish_welcome(self, ticket: str, code: str) -> tuple[Person, str]:
        """The first code from the phone: uses up the invitation, makes or renews the person, and signs in."""
        pending, now = self._open_ticket(ticket), self._now()
        if not pyotp.TOTP(pending.secret).verify(_six(code), for_time=now, valid_window=0):
            raise WrongCode

        def join(connection: Connection) -> tuple[Person, str]:
            invite = _invite_row(connection, pending.invite, now)
            used = connection.execute(delete(t.invites).where(t.invites.c.hash == pending.invite))
            if invite is None or used.rowcount != 1:
                raise WrongCode
            values: dict[str, Any] = {
                "name": pending.name,
                "username": pending.username,
                "password": pending.password,
                "totp": b"",
                "totp_step": _step(now),
                "role": invite.role,
                "active": True,
                "available": invite.role == "operator",
                "seen_on": _day(now),
            }
            id = invite.operator
            if id is None:
                made = connection.execute(insert(t.operators).values(values)).inserted_primary_key
                assert made is not None
                id = int(made[0])
            else:
                if connection.execute(update(t.operators).where(t.operators.c.id == id).values(values)).rowcount != 1:
                    raise WrongCode
                connection.execute(delete(t.sessions).where(t.sessions.c.operator == id))
            sealed = self._vault.seal_secret(_totp_of(id), pending.secret.encode())
            connection.execute(update(t.operators).where(t.operators.c.id == id).values(totp=sealed))
            _audit(connection, now, id, "joined" if invite.operator is None else "renewed", f"operator:{id}")
            return Person(id, pending.name, pending.username, invite.role), self._open_session(connection, id, now)

        try:
            person, token = await self._db.write(join)
        except IntegrityError as error:
            raise NameTaken from error
        self._slow.forget(person.username)
        self._remember(token, now)
        return person, token

    # -- people --------------------------------------------------------------------------------------------------------

    async def people(self) -> list[Member]:
        o = t.operators.c
        query = select(o.id, o.name, o.username, o.role, o.active, o.available, o.seen_on).order_by(
            o.active.desc(), o.name, o.id
        )
        rows = await self._db.read(lambda connection: connection.execute(query).all())
        return [Member(*row) for row in rows]

    async def set_active(self, id: int, active: bool, by: int | None) -> None:
        """Taking access away ends every session and open renewal at once. Nobody takes it from themselves."""
        now = self._now()

        def change(connection: Connection) -> None:
            target = _operator(connection, id)
            if by == id:
                raise NotAllowed
            _must_outrank(connection, by, target.role)
            connection.execute(update(t.operators).where(t.operators.c.id == id).values(active=active, available=False))
            if not active:
                connection.execute(delete(t.sessions).where(t.sessions.c.operator == id))
                connection.execute(delete(t.invites).where(t.invites.c.operator == id))
            _audit(connection, now, by, "activated" if active else "deactivated", f"operator:{id}")

        await self._db.write(change)

    async def set_available(self, id: int, available: bool) -> None:
        change = update(t.operators).where(t.operators.c.id == id, t.operators.c.active).values(available=available)
        if (await self._db.write(lambda connection: connection.execute(change).rowcount)) != 1:
            raise NotFound

    # -- inside --------------------------------------------------------------------------------------------------------

    def _invite(self, connection: Connection, name: str, role: str, by: int | None, operator: int | None) -> str:
        now = self._now()
        if operator is not None:
            target = _operator(connection, operator)
            name, role = target.name, target.role
            connection.execute(delete(t.invites).where(t.invites.c.operator == operator))  # only the newest works
        _must_outrank(connection, by, role)
        connection.execute(delete(t.invites).where(t.invites.c.expires_at <= now))
        code = "-".join(ids.short_code() for _ in range(3))  # 71 bits, spoken in three breaths
        connection.execute(
            insert(t.invites).values(
                hash=_invite_hash(code),
                name=name,
                role=role,
                operator=operator,
                expires_at=now + timedelta(hours=INVITE_HOURS),
            )
        )
        _audit(connection, now, by, "invited", f"role:{role}" if operator is None else f"operator:{operator}")
        return code

    def _open_session(self, connection: Connection, operator: int, now: datetime) -> str:
        """Only the hash is kept. Sessions that ran out go at the same time."""
        s = t.sessions.c
        connection.execute(
            delete(t.sessions).where(or_(s.created_at <= now - self._longest, s.seen_at <= now - self._idle))
        )
        token = ids.new_token()
        connection.execute(
            insert(t.sessions).values(hash=ids.digest(token), operator=operator, created_at=now, seen_at=now)
        )
        return token

    def _remember(self, token: str, now: datetime) -> None:
        self._acted = {key: at for key, at in self._acted.items() if now - at < self._idle}
        self._acted[ids.digest(token)] = now

    def _fits(self, id: int, sealed: bytes, code: str, now: datetime) -> bool:
        """Whether this is the code of exactly this half minute (SEC-7)."""
        try:
            secret = self._vault.open_secret(_totp_of(id), sealed).decode()
        except Unreadable:
            return False
        return pyotp.TOTP(secret).verify(_six(code), for_time=now, valid_window=0)

    def _welcome(self, pending: _Pending, ticket: str = "") -> Welcome:
        if not ticket:
            inside = [pending.invite, pending.name, pending.username, pending.password, pending.secret, pending.until]
            sealed = self._vault.seal_secret("welcome", json.dumps(inside).encode())
            ticket = base64.urlsafe_b64encode(sealed).decode()
        address = pyotp.TOTP(pending.secret).provisioning_uri(name=pending.username, issuer_name="Wegwijs")
        square = segno.make(address, error="m", micro=False).svg_data_uri(scale=4, border=4, dark="#000", light="#fff")
        groups = [pending.secret[i : i + 4] for i in range(0, len(pending.secret), 4)]
        return Welcome(ticket, " ".join(groups), square)

    def _open_ticket(self, ticket: str) -> _Pending:
        try:
            sealed = base64.urlsafe_b64decode(ticket.encode("ascii"))
            pending = _Pending(*json.loads(self._vault.open_secret("welcome", sealed)))
        except (Unreadable, binascii.Error, ValueError) as error:
            raise WrongCode from error
        if pending.until <= self._now().timestamp():
            raise WrongCode
        return pending

    async def _hash(self, password: str) -> str:
        return await self._in_turn(lambda: self._hasher.hash(password))

    async def _verify(self, stored: str, password: str) -> bool:
        def check() -> bool:
            try:
                return self._hasher.verify(stored, password if len(password) <= passwords.LONGEST else "")
            except (VerificationError, InvalidHashError):
                return False

        return await self._in_turn(check)

    async def _in_turn(self, work: Callable[[], T]) -> T:
        if self._in_line >= IN_LINE:
            raise TooFast
        self._in_line += 1
        try:
            async with self._hashing:
                return await asyncio.to_thread(work)
        finally:
            self._in_line -= 1


def username_key(username: str) -> str:
    """One form of a username: composed, lower case, single spaces. Empty when it cannot be one."""
    key = " ".join(unicodedata.normalize("NFKC", username).casefold().split())
    return key if len(key) <= LONGEST_NAME and all(c.isalnum() or c in " ._@-'+" for c in key) else ""


def clean_name(name: str) -> str:
    """A first name that a citizen may read. Raises BadRequest."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadRequest
    return name


def _totp_of(operator: int) -> str:
    """Binds a sealed second factor to its person, so that rows cannot be swapped (SEC-11)."""
    return f"totp:{operator}"


def _step(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP


def _day(moment: datetime) -> str:
    return moment.astimezone(times.BRUSSELS).date().isoformat()


def _six(code: str) -> str:
    """Six digits; spaces are how apps show them."""
    digits = "".join(code.split())
    return digits if len(digits) == 6 and digits.isascii() and digits.isdigit() else ""


def _invite_hash(code: str) -> str:
    """However it was typed: small letters, other dashes, none."""
    return ids.digest("".join(c for c in code.upper() if c.isalnum())[:80])


def _session(connection: Connection, key: str) -> Any | None:
    o, s = t.operators.c, t.sessions.c
    query = (
        select(o.id, o.name, o.username, o.role, s.created_at, s.seen_at)
        .join_from(t.sessions, t.operators, s.operator == o.id)
        .where(s.hash == key, o.active)
    )
    return connection.execute(query).first()


def _without(key: str) -> Any:
    return delete(t.sessions).where(t.sessions.c.hash == key)


def _by_username(connection: Connection, username: str) -> Any | None:
    return connection.execute(select(t.operators).where(t.operators.c.username == username)).first()


def _operator(connection: Connection, id: int) -> Any:
    row = connection.execute(select(t.operators).where(t.operators.c.id == id)).first()
    if row is None:
        raise NotFound
    return row


def _invite_row(connection: Connection, hashed: str, now: datetime) -> Any | None:
    query = select(t.invites).where(t.invites.c.hash == hashed, t.invites.c.expires_at > now)
    return connection.execute(query).first()


def _must_outrank(connection: Connection, by: int | None, role: str) -> None:
    """Leads, is active, and stands at least as high as the role it is about. The command line always may."""
    if by is None:
        return
    row = connection.execute(select(t.operators.c.role, t.operators.c.active).where(t.operators.c.id == by)).first()
    if row is None or not row.active or RANK[row.role] < max(RANK["supervisor"], RANK[role]):
        raise NotAllowed


def _audit(connection: Connection, at: datetime, by: int | None, action: str, subject: str) -> None:
    connection.execute(insert(t.audit).values(at=at, operator=by, action=action, subject=subject))
