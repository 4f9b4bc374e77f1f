"""The operator's console, and the API's description for people who write a client."""

from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from backend.errors import NotSignedIn
from backend.operators.auth import Person
from backend.operators.routes import Doors
from backend.pages.render import Renderer


def router(doors: Doors, render: Renderer, app: FastAPI, idle_minutes: int) -> APIRouter:
    pages = APIRouter(include_in_schema=False)

    @pages.get("/console")
    async def console(request: Request) -> Response:
        try:
            person = await doors.signed_in(request)
        except NotSignedIn:
            return RedirectResponse("/aanmelden", 303)
        answer: HTMLResponse = render("console.html", person=person, active="console", idle_minutes=idle_minutes)
        return answer

    @pages.get("/api/openapi.json")
    async def openapi(_: Annotated[Person, Depends(doors.supervisor)]) -> JSONResponse:
        return JSONResponse(get_openapi(title="Wegwijs", version="1", routes=app.routes))

    return pages
