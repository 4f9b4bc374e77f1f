"""Jinja2, with the texts at hand. Templates escape everything; scripts and styles come from files only."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.responses import HTMLResponse

from backend.kit.texts import text
from backend.settings import Settings

_HERE = Path(__file__).resolve().parent


class Renderer:
    def __init__(self, settings: Settings) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=select_autoescape(default=True),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals |= {"line_number": settings.line_number, "neutral_site": settings.neutral_site}

    def html(self, template: str, /, *, language: str = "nl", **context: Any) -> str:
        def t(key: str, **values: object) -> str:
            return text(key, language, **values)

        return self._environment.get_template(template).render(language=language, t=t, **context)

    def __call__(self, template: str, /, *, status: int = 200, language: str = "nl", **context: Any) -> HTMLResponse:
        return HTMLResponse(self.html(template, language=language, **context), status_code=status)
