"""Builds the application: the parts, their start and stop, the routers, the error handler, the headers. Nothing else."""

import gc
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy import Connection, select
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.staticfiles import StaticFiles

from backend.assistant.client import Assistant, RasaAssistant, ScriptedAssistant
from backend.assistant.turns import Turns
from backend.conversations.actions import Actions
from backend.conversations.board import Board
from backend.conversations.desk import Desk
from backend.conversations.log import Log
from backend.conversations.reader import Reader
from backend.conversations.routes import Parts, citizen_routes, staff_routes
from backend.db import migrate
from backend.db import tables as tables_
from backend.db.session import Database
from backend.directory import queries as directory
from backend.errors import BadRequest, HelplineError, NotFound, Unavailable
from backend.jobs import Jobs
from backend.kit.limits import Sources
from backend.kit.texts import LANGUAGES, text
from backend.live.bells import make_bell
from backend.live.hub import Hub
from backend.operators.auth import Staff
from backend.operators.presence import Presence
from backend.operators.routes import Doors
from backend.operators.routes import router as operator_routes
from backend.pages import citizen, console, desk
from backend.pages.render import Renderer
from backend.settings import Settings
from backend.settings import settings as default_settings
from backend.triage.loading import load_rules
from backend.vault.vault import Vault

log = logging.getLogger("wegwijs")
HERE = Path(__file__).resolve().parent

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)


@dataclass(slots=True)
class Services:
    """Everything that runs, for tests and commands that need a part of it."""

    settings: Settings
    db: Database
    vault: Vault
    hub: Hub
    log: Log
    reader: Reader
    presence: Presence
    actions: Actions
    board: Board
    desk: Desk
    staff: Staff
    turns: Turns
    jobs: Jobs

    async def start(self) -> None:
        await self.hub.start()
        self.log.start()
        await self.presence.refresh()
        await self.board.snapshot()
        self.jobs.start()
        await self.turns.sweep()

    async def stop(self) -> None:
        await self.jobs.stop()
        await self.turns.stop()
        await self.log.stop()
        await self.hub.stop()
        self.db.close()


def prepare(settings: Settings) -> None:
    """Migrates and seeds. Safe to call at every start."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    db = Database(settings.sqlalchemy_url)
    try:
        migrate.upgrade(db.engine)
        db.write_now(lambda c: directory.seed(c, settings.reference_dir))
    finally:
        db.close()


class WrongMasterKey(Exception):
    """The database was sealed with another master key; starting would lose every open talk's words."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"The key in {path} is not the one that sealed this database. Put the right file back.")


def other_masters(connection: Connection, master_id: str) -> bool:
    query = select(tables_.keys.c.conversation).where(tables_.keys.c.master != master_id).limit(1)
    return connection.execute(query).first() is not None


def make_services(settings: Settings, assistant: Assistant | None = None) -> Services:
    """The parts, wired. The database must be migrated and seeded (`prepare`)."""
    db = Database(settings.sqlalchemy_url)
    vault = Vault.from_file(settings.master_key_path)
    if db.read_now(lambda c: other_masters(c, vault.master_id)):
        raise WrongMasterKey(settings.master_key_path)
    hub = Hub(make_bell(settings.bell_url, settings.sqlalchemy_url))
    tables = db.read_now(directory.all_rows)
    reader = Reader(load_rules(), directory.gazetteer(tables))
    events = Log(db, vault, hub)
    presence = Presence(db)
    actions = Actions(db, events, reader, presence, directory.directory(tables))
    board = Board(db, events, presence)
    desk_ = Desk(db, events, board, presence, actions, reader.gazetteer)
    staff = Staff(db, vault, settings)
    if assistant is None:
        assistant = (
            ScriptedAssistant()
            if settings.rasa_url == "scripted:"
            else RasaAssistant(settings.rasa_url, settings.turn_key, settings.bot_timeout)
        )
    turns = Turns(db=db, hub=hub, log=events, actions=actions, assistant=assistant, reader=reader)
    jobs = Jobs(settings=settings, db=db, hub=hub, board=board, presence=presence, actions=actions, turns=turns)
    return Services(
        settings=settings,
        db=db,
        vault=vault,
        hub=hub,
        log=events,
        reader=reader,
        presence=presence,
        actions=actions,
        board=board,
        desk=desk_,
        staff=staff,
        turns=turns,
        jobs=jobs,
    )


def quiet_logs(level: str) -> None:
    """Our own log: time, level, where, a sentence without words of a citizen. Libraries that print requests are silenced."""
    logging.basicConfig(
        stream=sys.stderr, level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s", force=True
    )
    for noisy in (
        "uvicorn.access",
        "uvicorn.error",
        "httpx",
        "httpcore",
        "websockets",
        "sqlalchemy",
        "asyncio",
        "multipart",
    ):
        logging.getLogger(noisy).setLevel(logging.WARNING if level != "CRITICAL" else level)
    for wordy in ("websockets", "httpcore", "sqlalchemy.engine", "python_multipart", "multipart"):
        logging.getLogger(wordy).setLevel(logging.ERROR)
    logging.getLogger("uvicorn.access").disabled = True
    logging.getLogger("alembic").setLevel(logging.WARNING)


def make_app(settings: Settings | None = None, services: Services | None = None) -> FastAPI:
    settings = settings or default_settings()
    if services is None:
        quiet_logs(settings.log_level)
        prepare(settings)
        services = make_services(settings)
    parts_ = services

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await parts_.start()
        # Rules, places and services stay for good: left to the collector, each full round over them stops every talk.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)  # a message makes about 1,000 objects; the default looks 1,000 times a second
        try:
            yield
        finally:
            await parts_.stop()

    app = FastAPI(title="Wegwijs", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.services = services
    render = Renderer(settings)
    doors = Doors(services.staff, settings)
    parts = Parts(
        actions=services.actions,
        log=services.log,
        board=services.board,
        hub=services.hub,
        desk=services.desk,
        gazetteer=services.reader.gazetteer,
        sources=Sources(burst=settings.starts_burst, per_minute=settings.starts_per_minute),
        pace=(settings.message_burst, settings.messages_per_second),
        own_origin=doors.same_origin,
    )
    app.include_router(citizen_routes(parts))
    app.include_router(staff_routes(parts, doors.signed_in, doors.person_of))
    app.include_router(operator_routes(services.staff, render, settings, services.jobs.people_changed))
    app.include_router(citizen.router(parts, render, settings))
    app.include_router(console.router(doors, render, app, settings.session_idle_minutes))
    app.include_router(desk.router(doors, render, services.db))
    app.mount("/static", StaticFiles(directory=HERE / "pages" / "static"), name="static")

    @app.get("/health", include_in_schema=False)
    async def health() -> dict[str, bool]:
        return {"ok": True}

    _errors(app)
    _headers(app, settings)
    return app


def _language(request: Request) -> str:
    wanted = request.headers.get("accept-language", "")[:2]
    return wanted if wanted in LANGUAGES and request.url.path.startswith("/chat") else "nl"


def _errors(app: FastAPI) -> None:
    def answer(request: Request, error: HelplineError) -> JSONResponse:
        message = text(f"errors.{error.code}", _language(request), **error.values)
        return JSONResponse({"code": error.code, "message": message}, error.status)

    @app.exception_handler(HelplineError)
    async def _ours(request: Request, error: HelplineError) -> JSONResponse:
        return answer(request, error)

    @app.exception_handler(RequestValidationError)
    async def _shape(request: Request, _: RequestValidationError) -> JSONResponse:
        return answer(request, BadRequest())

    @app.exception_handler(HTTPException)
    async def _theirs(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return answer(request, NotFound())
        return JSONResponse({"code": "refused", "message": text("errors.bad_request")}, error.status_code)

    @app.exception_handler(Exception)
    async def _bug(request: Request, error: Exception) -> JSONResponse:
        return answer(request, Unavailable())


class _Headers:
    """Security headers on every answer, errors and files included. Type and place of a bug, and nothing it was about."""

    def __init__(self, app: object, headers: list[tuple[bytes, bytes]]) -> None:
        self._app, self._given = app, headers

    async def __call__(self, scope: dict, receive: object, send: object) -> None:  # type: ignore[type-arg]
        if scope["type"] != "http":
            return await self._app(scope, receive, send)  # type: ignore[operator,no-any-return]

        async def add(message: dict) -> None:  # type: ignore[type-arg]
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                message["headers"] += [(n, v) for n, v in self._given if n not in present]
                # `no-referrer` would make a browser send `Origin: null` with the forms of staff, which check it.
                citizen = scope["path"] == "/" or scope["path"].startswith(("/chat", "/weg"))
                message["headers"].append((b"referrer-policy", b"no-referrer" if citizen else b"same-origin"))
            await send(message)  # type: ignore[operator]

        try:
            await self._app(scope, receive, add)  # type: ignore[operator]
        except Exception as error:
            trace = error.__traceback__
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
            log.error("a request broke: %s at %s", type(error).__name__, where)


def _headers(app: FastAPI, settings: Settings) -> None:
    given = {
        "content-security-policy": CSP,
        "x-content-type-options": "nosniff",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=()",
        "cache-control": "no-store",
        "x-robots-tag": "noindex",
    }
    if settings.https:
        given["strict-transport-security"] = "max-age=63072000; includeSubDomains"
    app.add_middleware(_Headers, headers=[(n.encode(), v.encode()) for n, v in given.items()])
