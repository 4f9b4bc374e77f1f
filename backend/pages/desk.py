"""The supervisor's page: now, today, and the last weeks. Counts only, with the small ones hidden by `stats`."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse, Response

from backend.db.session import Database
from backend.errors import NotFound
from backend.kit import times
from backend.operators.auth import Person
from backend.operators.routes import Doors
from backend.pages.render import Renderer
from backend.stats import queries, weeks
from backend.stats.report import PeriodFigures

CHOICES = (4, 12, 52)  # weeks


def router(doors: Doors, render: Renderer, db: Database) -> APIRouter:
    pages = APIRouter(include_in_schema=False)
    Lead = Annotated[Person, Depends(doors.supervisor_page)]

    async def period(weken: int) -> PeriodFigures:
        now = times.now()
        since, until = weeks.last_weeks(now, weken if weken in CHOICES else 12)
        return await db.read(lambda c: queries.period_figures(c, since, until, queries.read_names(c), now=now))

    @pages.get("/cijfers")
    async def figures(me: Lead, weken: int = 12) -> HTMLResponse:
        live = await db.read(lambda c: queries.now_figures(c, times.now()))
        chosen = weken if weken in CHOICES else 12
        return render("desk.html", person=me, live=live, figures=await period(chosen), weken=chosen, choices=CHOICES)

    @pages.get("/cijfers/nu")
    async def now(me: Lead) -> HTMLResponse:
        live = await db.read(lambda c: queries.now_figures(c, times.now()))
        return render("parts/desk_now.html", person=me, live=live)

    @pages.get("/cijfers/tabel/{name}.csv")
    async def table(name: str, me: Lead, weken: int = 12) -> Response:
        """One table as the page shows it, small counts hidden."""
        try:
            content = (await period(weken)).csv(name)
        except KeyError:
            raise NotFound from None
        headers = {"Content-Disposition": f'attachment; filename="wegwijs-{name}.csv"'}
        return Response(content, media_type="text/csv; charset=utf-8", headers=headers)

    return pages
