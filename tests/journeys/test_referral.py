"""The whole way: a citizen, the trained bot, an operator, a referral, a statistic. With screenshots in test-results/."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyotp
import pytest

from tests.conftest import PROJECT, Server, make_server

SHOTS = PROJECT / "test-results"
PASSWORD = "een lange zin over de zee 9"


@pytest.fixture(scope="module")
def line(watched_bot: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    watched_bot.wait_ready()
    server = make_server(tmp_path_factory.mktemp("line"), rasa_url=watched_bot.url, turn_key=watched_bot.turn_key)
    server.start()
    yield server
    server.stop()


def first_code(server: Server) -> str:
    """The one-time code that `helpline run` prints on a first start."""
    from backend.cli import _first_code
    from backend.settings import Settings

    settings = Settings(data_dir=Path(server.settings["WEGWIJS_DATA_DIR"]))
    with ThreadPoolExecutor(1) as thread:  # this thread runs Playwright's loop
        code = thread.submit(_first_code, settings).result()
    assert code is not None
    return code


def welcome(page: Any, server: Server, code: str, name: str, username: str) -> None:
    """A first sign-in, as the page asks it."""
    page.goto(server.url + "/welkom")
    page.fill("[name=code]", code)
    page.fill("[name=name]", name)
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    secret = page.locator("main").inner_text()
    found = re.search(r"(?:[A-Z2-7]{4}[ \u00a0]?){4,}", secret)
    assert found, "the page shows the secret for people without a camera"
    page.fill("[name=code]", pyotp.TOTP(re.sub(r"\s", "", found.group())).now())
    page.click("main button[type=submit]")
    page.wait_for_url("**/console")


def say(page: Any, words: str) -> None:
    page.fill("textarea", words)
    page.keyboard.press("Enter")


def shot(page: Any, name: str) -> None:
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=str(SHOTS / f"{name}.png"))


def test_one_citizen_one_bot_one_operator_one_referral_one_statistic(browser: Any, line: Server) -> None:
    staff = browser.new_context(viewport={"width": 1440, "height": 900}, locale="nl-BE")
    console = staff.new_page()
    welcome(console, line, first_code(line), "An", "an")
    if console.locator("#available").get_attribute("aria-checked") != "true":
        console.click("#available")
    console.wait_for_selector("#available[aria-checked=true]")

    phone = browser.new_context(viewport={"width": 390, "height": 844}, locale="nl-BE")
    citizen = phone.new_page()
    citizen.goto(line.url + "/")
    shot(citizen, "01-begin")
    citizen.click("#begin button[type=submit], #begin .go")
    log = citizen.get_by_role("log")
    log.get_by_text(re.compile("computer", re.I)).first.wait_for()
    log.get_by_text(re.compile("veilig", re.I)).first.wait_for()
    shot(citizen, "02-opening")

    say(citizen, "ja ik kan nu praten")
    citizen.wait_for_timeout(1500)
    say(citizen, "mijn man slaat mij al maanden. we wonen in Sint-Job, dicht bij Brasschaat")
    citizen.wait_for_timeout(2000)
    before = log.locator(".msg").count()
    shot(citizen, "03-story")
    assert console.get_by_text(re.compile("partnergeweld", re.I)).first.is_visible()

    say(citizen, "hij komt nu naar boven met een mes en zegt dat hij mij gaat vermoorden")
    citizen.get_by_role("link", name=re.compile("112")).first.wait_for()
    alarm = console.locator("#alarm")
    alarm.wait_for(state="visible", timeout=5000)
    assert log.locator(".msg").count() > before
    shot(citizen, "04-emergency")
    shot(console, "05-alarm")

    alarm.get_by_role("button", name=re.compile("Neem", re.I)).first.click()
    log.get_by_text(re.compile("An is nu bij jou")).wait_for()
    computer_before = log.locator(".msg.computer").count()
    say(citizen, "ben je daar?")
    console.locator(".bubble", has_text="ben je daar?").wait_for()
    console.fill("textarea", "Dag, ik ben An. Ik lees wat je schrijft. Kan je een deur op slot doen?")
    console.keyboard.press("Enter")
    log.get_by_text(re.compile("Kan je een deur op slot doen")).wait_for()
    say(citizen, "ja ik zit in de badkamer, de politie is onderweg")
    console.locator(".bubble", has_text="ja ik zit in de badkamer").wait_for()
    citizen.wait_for_timeout(2500)
    assert log.locator(".msg.computer").count() == computer_before, "the bot spoke while a person had the floor"
    shot(console, "06-talk")

    door = console.locator("#doors, .doors").first
    button = door.get_by_role("button", name=re.compile("Verwijs", re.I)).first
    button.click()
    console.get_by_role("dialog").get_by_role("button", name=re.compile("Verwijs|Stuur|Ja", re.I)).first.click()
    log.locator("article").first.wait_for()
    log.locator("article").first.scroll_into_view_if_needed()
    shot(citizen, "07-card")

    console.get_by_role("button", name=re.compile("Sluit af", re.I)).first.click()
    dialog = console.get_by_role("dialog")
    dialog.get_by_label(re.compile("doorverwezen", re.I)).check()
    dialog.get_by_role("button", name=re.compile("Sluit", re.I)).last.click()
    citizen.get_by_text(re.compile("afge(sloten|lopen)")).first.wait_for()
    shot(citizen, "08-closed")

    console.goto(line.url + "/cijfers")
    console.get_by_role("heading", level=1).first.wait_for()
    shot(console, "09-figures")
    today = console.locator("main").inner_text()
    assert re.search(r"\b1\b", today) or "<10" in today or "< 10" in today
    staff.close()
    phone.close()
