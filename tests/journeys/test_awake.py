"""A quiet console asks before it signs its person off, and a key keeps the place at work."""

from typing import Any

from bench.run import staff_cookie
from tests.conftest import Server


def test_a_quiet_console_asks_and_a_key_keeps_it(server: Server, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": "wegwijs", "value": staff_cookie(server), "url": server.url}])
    page = context.new_page()
    page.clock.install()
    page.goto(server.url + "/console")
    page.wait_for_selector("#queue:not(:has(#queue-loading))")
    page.clock.run_for(12 * 60_000)
    assert page.locator("#quiet").is_hidden()
    page.clock.run_for(70_000)
    page.locator("#quiet").wait_for(state="visible")
    with page.expect_request("**/api/queue"):
        page.keyboard.press("Shift")
    assert page.locator("#quiet").is_hidden()
    context.close()
