"""The doors of the staff: where people sign in, come aboard and are managed, and the checks at every other door."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Protocol
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, HTTPException, Request, WebSocket
from pydantic import StrictBool, ValidationError
from starlette.responses import HTMLResponse, RedirectResponse, Response

from backend.errors import BadRequest, HelplineError, NotAllowed, NotSignedIn, TooMuch, WrongCode
from backend.kit.limits import Sources
from backend.kit.shapes import Shape, read_json
from backend.kit.texts import text
from backend.operators.auth import INVITE_HOURS, Member, Person, Staff, Welcome
from backend.settings import Settings

LARGEST = 16_384  # bytes of a form; a ticket is about 500
SAFE = {"GET", "HEAD"}
MADE_INACTIVE = "De toegang staat uit. {name} is overal afgemeld."


class Render(Protocol):
    """Fills a template of `pages/templates`; `pages/render.py` has the one that is used."""

    def __call__(self, template: str, /, *, status: int = 200, **context: Any) -> HTMLResponse: ...


class PresenceBody(Shape):
    available: StrictBool


async def _nobody_listens() -> None:
    return None


class Doors:
    """Who may pass. The methods with a request are dependencies: `Depends(doors.signed_in)`."""

    def __init__(self, staff: Staff, settings: Settings) -> None:
        self._staff, self._https = staff, settings.https
        self.cookie = "__Host-wegwijs" if settings.https else "wegwijs"
        self._origins = {settings.address}
        if not settings.public_url:
            self._origins |= {f"http://{host}:{settings.port}" for host in ("localhost", "127.0.0.1")}

    def token_of(self, connection: Request | WebSocket) -> str | None:
        return connection.cookies.get(self.cookie)

    def same_origin(self, connection: Request | WebSocket) -> bool:
        """Whether our own page sent this. Browsers always say so on a POST and on a socket; absence is a refusal."""
        return connection.headers.get("origin") in self._origins

    async def own_page(self, request: Request) -> None:
        if request.method not in SAFE and not self.same_origin(request):
            raise NotAllowed

    async def signed_in(self, request: Request) -> Person:
        """Any member of staff. Refuses whatever changes something and was not sent by our own page."""
        await self.own_page(request)
        return await self._staff.person(self.token_of(request))

    async def supervisor(self, request: Request) -> Person:
        person = await self.signed_in(request)
        if not person.leads:
            raise NotAllowed
        return person

    async def page(self, request: Request) -> Person:
        """As `signed_in` for a page that a person opens: leads to the sign-in page instead of an error."""
        try:
            return await self.signed_in(request)
        except NotSignedIn as error:
            raise HTTPException(303, headers={"Location": "/aanmelden"}) from error

    async def supervisor_page(self, request: Request) -> Person:
        person = await self.page(request)
        if not person.leads:
            raise NotAllowed
        return person

    async def person_of(self, socket: WebSocket) -> Person:
        """For a socket and its beats. A line that lives is no activity: the 15 minutes run on (SEC-9)."""
        return await self._staff.touch(self.token_of(socket))

    def let_in(self, response: Response, token: str) -> None:
        response.set_cookie(self.cookie, token, path="/", secure=self._https, httponly=True, samesite="strict")

    def let_out(self, response: Response) -> None:
        response.delete_cookie(self.cookie, path="/", secure=self._https, httponly=True, samesite="strict")


def router(
    staff: Staff,
    templates: Render,
    settings: Settings,
    on_presence: Callable[[], Awaitable[None]] = _nobody_listens,
) -> APIRouter:
    doors, routes = Doors(staff, settings), APIRouter()
    sources = Sources()
    own_page = [Depends(doors.own_page)]
    Lead = Annotated[Person, Depends(doors.supervisor_page)]

    def page(template: str, /, error: HelplineError | None = None, **context: Any) -> HTMLResponse:
        sentence = text(f"errors.{error.code}", "nl", **error.values) if error else ""
        response = templates(template, status=error.status if error else 200, error=sentence, **context)
        response.headers["Cache-Control"] = "no-store"
        return response

    async def enter(request: Request, token: str) -> Response:
        """A new token at every sign-in; the one before it stops working."""
        await staff.sign_out(doors.token_of(request))
        await on_presence()
        response = RedirectResponse("/console", 303)
        doors.let_in(response, token)
        return response

    @routes.get("/aanmelden")
    async def sign_in_page(request: Request) -> Response:
        try:
            await staff.person(doors.token_of(request))
        except NotSignedIn:
            return page("signin.html")
        return RedirectResponse("/console", 303)

    @routes.post("/aanmelden", dependencies=own_page)
    async def sign_in(request: Request) -> Response:
        given: dict[str, str] = {}
        try:
            sources.take(request)
            given = await form(request)
            _, token = await staff.sign_in(*(given.get(key, "") for key in ("username", "password", "code")))
        except HelplineError as error:
            return page("signin.html", error, username=given.get("username", "")[:60])
        return await enter(request, token)

    @routes.post("/afmelden", dependencies=own_page)
    async def sign_out(request: Request) -> Response:
        await staff.sign_out(doors.token_of(request))
        await on_presence()
        response = RedirectResponse("/aanmelden", 303)
        doors.let_out(response)
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response

    def welcome_page(error: HelplineError | None, given: dict[str, str]) -> HTMLResponse:
        kept = {key: given.get(key, "")[:80] for key in ("code", "name", "username")}
        return page("welcome.html", error, ticket="", **kept)

    def phone_page(error: HelplineError | None, made: Welcome) -> HTMLResponse:
        shown = {"secret_text": made.secret_text, "qr_svg_data_uri": made.qr_svg_data_uri}
        return page("welcome.html", error, ticket=made.ticket, **shown)

    @routes.get("/welkom")
    async def first_welcome() -> Response:
        return welcome_page(None, {})

    @routes.post("/welkom", dependencies=own_page)
    async def welcome(request: Request) -> Response:
        given: dict[str, str] = {}
        try:
            sources.take(request)
            given = await form(request)
            if "ticket" not in given:
                begin = (given.get(key, "") for key in ("code", "name", "username", "password"))
                return phone_page(None, await staff.begin_welcome(*begin))
            _, token = await staff.finish_welcome(given["ticket"], given.get("code", ""))
        except WrongCode as error:
            try:  # a mistyped code: the same square again; an old ticket: from the start
                return phone_page(error, staff.welcome_again(given.get("ticket", "")))
            except WrongCode:
                return welcome_page(error, {} if "ticket" in given else given)
        except HelplineError as error:
            return welcome_page(error, {} if "ticket" in given else given)
        return await enter(request, token)

    async def people_page(person: Person, error: HelplineError | None = None, **context: Any) -> HTMLResponse:
        people = [replace(one, seen_on=_in_words(one.seen_on)) for one in await staff.people()]
        return page("people.html", error, person=person, people=people, **context)

    @routes.get("/medewerkers")
    async def list_people(me: Lead) -> Response:
        return await people_page(me)

    @routes.post("/medewerkers")
    async def change_people(request: Request, me: Lead) -> Response:
        try:
            given = await form(request)
            match given.get("action"):
                case "invite":
                    name = given.get("name", "")
                    code = await staff.invite(name, given.get("role", ""), me.id)
                case "reset":
                    member = await _member(staff, given.get("id", ""))
                    name, code = member.name, await staff.invite(member.name, member.role, me.id, member.id)
                case "deactivate":
                    member = await _member(staff, given.get("id", ""))
                    await staff.set_active(member.id, False, me.id)
                    await on_presence()
                    return await people_page(me, notice=MADE_INACTIVE.format(name=member.name))
                case _:
                    raise BadRequest
        except HelplineError as error:
            return await people_page(me, error)
        return await people_page(me, invited={"name": name.strip(), "code": code, "hours": INVITE_HOURS})

    @routes.post("/api/presence")
    async def presence(request: Request, me: Annotated[Person, Depends(doors.signed_in)]) -> dict[str, bool]:
        try:
            given = PresenceBody.model_validate(read_json(await body(request)))
        except ValidationError as error:
            raise BadRequest from error
        await staff.set_available(me.id, given.available)
        await on_presence()
        return {"available": given.available}

    return routes


async def body(request: Request) -> bytes:
    """The whole body, never more than LARGEST bytes, whatever length was announced."""
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > LARGEST:
            raise TooMuch
    return bytes(found)


async def form(request: Request) -> dict[str, str]:
    """A plain form. Of a field that comes twice the last one counts; files are not for us."""
    try:
        raw = (await body(request)).decode("ascii")
        return dict(parse_qsl(raw, keep_blank_values=True, max_num_fields=20, errors="strict"))
    except ValueError as error:
        raise BadRequest from error


async def _member(staff: Staff, id: str) -> Member:
    found = next((one for one in await staff.people() if str(one.id) == id), None)
    if found is None:
        raise BadRequest
    return found


def _in_words(day: str | None) -> str | None:
    """'2025-11-03' as '3/11/2025'."""
    if not day:
        return None
    moment = date.fromisoformat(day)
    return f"{moment.day}/{moment.month}/{moment.year}"
