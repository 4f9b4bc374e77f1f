"""The HTTP and WebSocket doors of conversations. Citizens by their token, staff by their cookie."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Depends, Request, WebSocket
from pydantic import Field, TypeAdapter, ValidationError

from backend.conversations import views
from backend.conversations.actions import Actions
from backend.conversations.board import Board
from backend.conversations.desk import Desk
from backend.conversations.events import Outcome
from backend.conversations.log import Log
from backend.conversations.protocol import Cursor, Id, Text, Token
from backend.conversations.socket import CitizenSocket, OperatorSocket
from backend.errors import BadRequest, NotSignedIn
from backend.kit.limits import Sources
from backend.kit.shapes import Shape, read_json
from backend.live.hub import Hub
from backend.operators.auth import Person
from backend.operators.presence import Colleague
from backend.routing.places import Gazetteer

T = TypeVar("T", bound=Shape)
ConversationId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class StartBody(Shape):
    language: Literal["nl", "fr", "en"] = "nl"


class SayBody(Shape):
    token: Token
    id: Id
    text: Text


class EventsBody(Shape):
    token: Token
    after: Cursor = 0


class PersonBody(Shape):
    token: Token
    id: Id


class LeaveBody(Shape):
    token: Token
    how: Literal["exit", "end"]


class WordsBody(Shape):
    id: Id
    text: Text


class ReferBody(Shape):
    id: Id
    service: str = Field(max_length=64)


class HandBackBody(Shape):
    to: Literal["queue", "bot"]


class CloseBody(Shape):
    outcome: Outcome


class LevelBody(Shape):
    level: Literal["none", "concern", "serious", "acute"]
    reason: Text


class PlaceBody(Shape):
    nis: str = Field(max_length=8)


def body(shape: type[T]) -> Callable[[Request], Awaitable[T]]:
    """A strict body: duplicate keys and unknown fields are refused, whatever content type a beacon gives it."""
    adapter = TypeAdapter(shape)

    async def read(request: Request) -> T:
        raw = await request.body()
        if len(raw) > 32_768:
            raise BadRequest
        try:
            return adapter.validate_python(read_json(raw or b"{}"))
        except ValidationError as error:
            raise BadRequest from error

    return read


@dataclass(frozen=True, slots=True)
class Parts:
    actions: Actions
    log: Log
    board: Board
    hub: Hub
    desk: Desk
    gazetteer: Gazetteer
    sources: Sources
    pace: tuple[int, float]  # messages of one citizen at once, and per second after that
    own_origin: Callable[[Request | WebSocket], bool]


def citizen_routes(parts: Parts) -> APIRouter:
    router = APIRouter()
    actions, log = parts.actions, parts.log

    async def frame(conversation: str, after: int) -> dict[str, Any]:
        state, entries = await log.look(conversation, after)
        return views.citizen_frame(entries, state, parts.board.latest, after=after)

    @router.post("/chat/start")
    async def start(request: Request, given: Annotated[StartBody, Depends(body(StartBody))]) -> dict[str, Any]:
        parts.sources.take(request)
        conversation, token = await actions.start(language=given.language)
        return {"token": token, "frame": await frame(conversation, 0)}

    @router.post("/chat/say")
    async def say(given: Annotated[SayBody, Depends(body(SayBody))]) -> dict[str, Any]:
        return {"seq": await actions.say(await actions.by_token(given.token), given.id, given.text)}

    @router.post("/chat/events")
    async def events(given: Annotated[EventsBody, Depends(body(EventsBody))]) -> dict[str, Any]:
        return await frame(await actions.by_token(given.token), given.after)

    @router.post("/chat/person")
    async def person(given: Annotated[PersonBody, Depends(body(PersonBody))]) -> dict[str, Any]:
        return {"seq": await actions.ask_person(await actions.by_token(given.token), given.id)}

    @router.post("/chat/leave")
    async def leave(given: Annotated[LeaveBody, Depends(body(LeaveBody))]) -> dict[str, Any]:
        await actions.leave(await actions.by_token(given.token), given.how)
        return {}

    # Not FastAPI's own kind of route: its two exit stacks cost 3 KiB for every citizen who waits.
    async def live(socket: WebSocket) -> None:
        if not parts.own_origin(socket):
            await socket.close(4403)
            return
        await CitizenSocket(socket, actions, log, parts.board, parts.hub, parts.pace).run()

    router.add_websocket_route("/chat/live", live)
    return router


def staff_routes(
    parts: Parts,
    signed_in: Callable[..., Awaitable[Person]],
    person_of: Callable[[WebSocket], Awaitable[Person]],
) -> APIRouter:
    router = APIRouter(prefix="/api")
    actions, desk = parts.actions, parts.desk
    Me = Annotated[Person, Depends(signed_in)]

    def colleague(me: Person) -> Colleague:
        return Colleague(me.id, me.name, True)

    @router.get("/queue")
    async def queue(me: Me) -> dict[str, Any]:
        return await desk.fresh_queue(me.id)

    @router.get("/conversations/{id}")
    async def conversation(id: ConversationId, me: Me) -> dict[str, Any]:
        return (await desk.conversation(id, me.id))[0]

    @router.post("/conversations/{id}/claim")
    async def claim(id: ConversationId, me: Me) -> dict[str, Any]:
        return {"seq": await actions.claim(id, colleague(me))}

    @router.post("/conversations/{id}/say")
    async def say(id: ConversationId, me: Me, given: Annotated[WordsBody, Depends(body(WordsBody))]) -> dict[str, Any]:
        return {"seq": await actions.operator_say(id, colleague(me), given.id, given.text)}

    @router.post("/conversations/{id}/note")
    async def note(id: ConversationId, me: Me, given: Annotated[WordsBody, Depends(body(WordsBody))]) -> dict[str, Any]:
        return {"seq": await actions.note(id, colleague(me), given.id, given.text)}

    @router.post("/conversations/{id}/refer")
    async def refer(
        id: ConversationId, me: Me, given: Annotated[ReferBody, Depends(body(ReferBody))]
    ) -> dict[str, Any]:
        return {"seq": await actions.refer(id, colleague(me), given.id, given.service)}

    @router.post("/conversations/{id}/hand-back")
    async def hand_back(
        id: ConversationId, me: Me, given: Annotated[HandBackBody, Depends(body(HandBackBody))]
    ) -> dict[str, Any]:
        return {"seq": await actions.hand_back(id, colleague(me), given.to)}

    @router.post("/conversations/{id}/close")
    async def close(
        id: ConversationId, me: Me, given: Annotated[CloseBody, Depends(body(CloseBody))]
    ) -> dict[str, Any]:
        return {"seq": await actions.close(id, colleague(me), given.outcome)}

    @router.post("/conversations/{id}/level")
    async def level(
        id: ConversationId, me: Me, given: Annotated[LevelBody, Depends(body(LevelBody))]
    ) -> dict[str, Any]:
        return {"seq": await actions.set_level(id, colleague(me), given.level, given.reason)}

    @router.post("/conversations/{id}/place")
    async def place(
        id: ConversationId, me: Me, given: Annotated[PlaceBody, Depends(body(PlaceBody))]
    ) -> dict[str, Any]:
        return {"seq": await actions.set_place(id, colleague(me), given.nis)}

    @router.get("/places")
    async def places(me: Me, q: Annotated[str, Field(max_length=60)] = "") -> list[dict[str, str]]:
        return [{"nis": h.nis, "name": h.name, "detail": h.detail} for h in parts.gazetteer.search(q, 8)]

    @router.websocket("/live")
    async def live(socket: WebSocket) -> None:
        if not parts.own_origin(socket):
            await socket.close(4403)
            return
        try:
            me = await person_of(socket)
        except NotSignedIn:
            await socket.accept()
            await socket.close(4401)
            return

        async def still() -> bool:
            try:
                return (await person_of(socket)).id == me.id
            except NotSignedIn:
                return False

        await parts.board.snapshot()
        await OperatorSocket(
            socket, operator=me.id, still_signed_in=still, board=parts.board, hub=parts.hub, desk=desk
        ).run()

    return router
