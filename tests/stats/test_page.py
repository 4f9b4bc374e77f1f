"""The page as a browser gets it: no inline code, no violations, and a live part that stays out of the way."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from backend.db.session import Database
from backend.db.tables import metadata
from backend.pages.render import Renderer
from backend.settings import Settings
from backend.stats import queries, sample, weeks
from backend.stats.facts import Names

NOW = datetime(2026, 11, 25, 13, 2, tzinfo=UTC)
STATIC = Path(__file__).resolve().parents[2] / "backend" / "pages" / "static"
ORIGIN = "http://desk.test"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; require-trusted-types-for 'script'"
)
PERSON = SimpleNamespace(id=1, name="An", role="supervisor")


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Renderer, Database]]:
    folder = tmp_path_factory.mktemp("desk")
    db = Database(f"sqlite:///{folder / 'desk.sqlite'}")
    metadata.create_all(db.engine)
    db.write_now(partial(sample.insert_sample, n=4_000, now=NOW, seed=3, waiting=14))
    yield Renderer(Settings(data_dir=folder / "var")), db
    db.close()


def page_html(parts: tuple[Renderer, Database], weken: int = 12, *, now: datetime = NOW) -> str:
    render, db = parts
    since, until = weeks.last_weeks(now, weken)
    return render.html(
        "desk.html",
        person=PERSON,
        active="cijfers",
        live=db.read_now(partial(queries.now_figures, now=now)),
        figures=db.read_now(partial(queries.period_figures, since=since, until=until, names=Names(), now=now)),
        weken=weken,
        choices=weeks.CHOICES,
    )


def test_the_page_has_no_inline_style_or_script(parts: tuple[Renderer, Database]) -> None:
    html = page_html(parts)
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*src=)|javascript:", html)
    assert not re.search(r"(?:src|href)=\"https?:", html)


def test_every_chart_has_its_table_and_its_file(parts: tuple[Renderer, Database]) -> None:
    html = page_html(parts)
    charts = re.findall(r'<article id="([a-z]+)"', html)
    assert len(charts) == len(set(charts)) == 12
    assert html.count("<table") == 12
    for name in charts:
        assert f'href="/cijfers/tabel/{name}.csv?weken=12"' in html


def test_a_period_before_the_line_opened_is_a_sentence(parts: tuple[Renderer, Database]) -> None:
    html = page_html(parts, now=datetime(2020, 1, 15, tzinfo=UTC))
    assert "nog geen contacten" in html
    assert "<article" not in html


@pytest.fixture
def desk(parts: tuple[Renderer, Database], browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The page in a browser, with the policy that the server sends."""
    options: dict[str, Any] = dict(getattr(request, "param", {"viewport": {"width": 1440, "height": 900}}))
    context = browser.new_context(bypass_csp=options.pop("bypass_csp", False), **options)
    page = context.new_page()
    page.said = []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.answer = {"status": 200}
    page.asked = 0

    def serve(route: Any) -> None:
        path = route.request.url.removeprefix(ORIGIN).split("?")[0]
        headers = {"Content-Security-Policy": POLICY}
        if path.startswith("/static/"):
            route.fulfill(path=STATIC / path.removeprefix("/static/"), headers=headers)
        elif path == "/cijfers/nu":
            page.asked += 1
            live = parts[1].read_now(partial(queries.now_figures, now=NOW.replace(minute=4)))
            html = parts[0].html("parts/desk_now.html", live=live)
            route.fulfill(body=html, content_type="text/html", headers=headers, **page.answer)
        else:
            route.fulfill(body=page_html(parts), content_type="text/html; charset=utf-8", headers=headers)

    page.route("**/*", serve)
    page.clock.install()
    page.goto(ORIGIN + "/cijfers")
    yield page
    assert page.said == []
    context.close()


LOOKS: list[dict[str, Any]] = [
    {"viewport": {"width": 1440, "height": 900}},
    {"viewport": {"width": 390, "height": 844}},
    {"viewport": {"width": 320, "height": 640}},
    {"viewport": {"width": 1024, "height": 768}, "color_scheme": "dark"},
    {"viewport": {"width": 1440, "height": 900}, "forced_colors": "active"},
]


@pytest.mark.parametrize("desk", [look | {"bypass_csp": True} for look in LOOKS], indirect=True)
def test_no_accessibility_violation_and_no_sideways_scroll(desk: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for opened in (False, True):
        desk.evaluate("open => document.querySelectorAll('details').forEach(d => { d.open = open; })", opened)
        found = Axe().run(desk)
        assert found.violations_count == 0, found.generate_report()
        assert desk.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_live_part_comes_again_and_leaves_the_focus_alone(desk: Any) -> None:
    desk.locator("nav.weeks a").first.focus()
    assert "14:02:00" in desk.locator("#now").inner_text()
    desk.clock.run_for(5_100)
    desk.get_by_text("Stand van 14:04:00").wait_for()
    assert desk.evaluate("document.activeElement.textContent").startswith("4 weken")
    acute = desk.locator("#now").get_attribute("data-acute")
    assert int(acute) > 0
    assert desk.title().startswith(f"({acute} acuut) ")


def test_a_hidden_tab_asks_nothing(desk: Any) -> None:
    desk.evaluate(
        "Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    desk.clock.run_for(30_000)
    assert desk.asked == 0
    desk.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    desk.get_by_text("Stand van 14:04:00").wait_for()
    assert desk.asked == 1


def test_when_the_live_part_stays_away_the_page_says_so(desk: Any) -> None:
    desk.answer["status"] = 204
    desk.clock.run_for(5_100)
    desk.locator("#now-away").wait_for(state="visible")
    desk.answer["status"] = 200
    desk.clock.run_for(5_100)
    desk.locator("#now-away").wait_for(state="hidden")
