"""The citizen's page, the chat without scripts, and the way out."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from backend.conversations import views
from backend.conversations.routes import Parts
from backend.errors import Ended, HelplineError
from backend.kit import ids
from backend.kit.texts import LANGUAGES, text
from backend.pages.render import Renderer
from backend.settings import Settings

BRUSSELS = ZoneInfo("Europe/Brussels")


def _language(wanted: str) -> str:
    return wanted if wanted in LANGUAGES else "nl"


def router(parts: Parts, render: Renderer, settings: Settings) -> APIRouter:
    pages = APIRouter(include_in_schema=False)

    @pages.get("/")
    async def page(taal: str = "nl") -> HTMLResponse:
        return render("citizen.html", language=_language(taal))

    @pages.get("/weg")
    async def away() -> Response:
        """Clears what the browser holds of us and replaces us by a neutral site. History stays; the page says so."""
        answer = RedirectResponse(settings.neutral_site, 303)
        answer.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        return answer

    @pages.get("/chat/form")
    async def form_page(taal: str = "nl") -> HTMLResponse:
        return render("citizen_form.html", language=_language(taal), **_empty())

    @pages.post("/chat/form")
    async def form(
        request: Request,
        action: Annotated[str, Form(max_length=12)],
        token: Annotated[str, Form(max_length=60)] = "",
        language: Annotated[str, Form(max_length=5)] = "nl",
        say: Annotated[str, Form(max_length=8_000)] = "",
        choice: Annotated[str, Form(max_length=300)] = "",
        id: Annotated[str, Form(max_length=32)] = "",
    ) -> HTMLResponse:
        language = _language(language)
        error: str | None = None
        status = 200
        try:
            if action == "start":
                parts.sources.take(request)
                _, token = await parts.actions.start(language=language)
                await _bot_speaks(token)
            else:
                conversation = await parts.actions.by_token(token)
                if action == "say" and (choice or say).strip():
                    given = id if ids.CLIENT_ID.fullmatch(id) else ids.new_id()
                    await parts.actions.say(conversation, given, choice or say)
                    await _bot_speaks(token)
                elif action == "person":
                    await parts.actions.ask_person(conversation, ids.new_id())
                elif action == "stop":
                    await parts.actions.leave(conversation, "end")
                    ended = {"ended": True}
                    return render("citizen_form.html", language=language, **(_empty() | {"state": ended}))
        except Ended:
            pass
        except HelplineError as refused:
            error, status = text(f"errors.{refused.code}", language, **refused.values), refused.status
        try:
            context = await _context(token)
        except HelplineError as refused:
            error = error or text(f"errors.{refused.code}", language, **refused.values)
            return render(
                "citizen_form.html", status=refused.status, language=language, **(_empty() | {"error": error})
            )
        return render("citizen_form.html", status=status, language=language, **(context | {"error": error}))

    async def _bot_speaks(token: str) -> None:
        """Waits a moment for the bot, so that its answer is on the page that comes back."""
        conversation = await parts.actions.by_token(token)
        watcher = parts.hub.watcher(f"conversation:{conversation}")
        try:
            for _ in range(3):
                state = await parts.log.state(conversation)
                if state.answered >= state.said or state.speaker != "bot":
                    return
                await watcher.wait(1.0)
        finally:
            watcher.close()

    async def _context(token: str) -> dict[str, Any]:
        conversation = await parts.actions.by_token(token)
        state, entries = await parts.log.look(conversation)
        at = {entry.seq: entry.at.astimezone(BRUSSELS).strftime("%H:%M") for entry in entries}
        events = [event | {"time": at[event["seq"]]} for event in views.citizen_events(entries, state.language)]
        shown = views.citizen_state(state, parts.board.latest)
        return {"token": token, "events": events, "state": shown, "form_id": ids.new_id()}

    return pages


def _empty() -> dict[str, Any]:
    return {"token": "", "events": [], "state": None, "error": None, "form_id": ids.new_id()}
