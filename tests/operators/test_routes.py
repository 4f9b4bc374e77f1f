"""The doors of the staff, over HTTP, with the real pages."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient

from backend.db import migrate
from backend.db.session import Database
from backend.errors import HelplineError
from backend.operators.auth import Staff
from backend.operators.routes import router
from backend.pages.render import Renderer
from backend.settings import Settings
from backend.vault.vault import Vault

OURS = {"Origin": "http://127.0.0.1:8000"}
PASSWORD = "trommel kasseien fluister zeewier"


class Site:
    def __init__(self, folder: Path, public_url: str = "") -> None:
        self.db = Database(f"sqlite:///{folder / 'staff.sqlite'}")
        migrate.upgrade(self.db.engine)
        settings = Settings.model_validate({"public_url": public_url})
        self.staff = Staff(self.db, Vault(bytes(32)), settings)
        self.rings = 0

        async def ring() -> None:
            self.rings += 1

        app = FastAPI()
        app.include_router(router(self.staff, Renderer(settings), settings, ring))

        @app.exception_handler(HelplineError)
        async def refuse(_: Request, error: Exception) -> JSONResponse:
            assert isinstance(error, HelplineError)
            return JSONResponse({"code": error.code}, error.status)

        self.browser = TestClient(app, base_url=settings.address, follow_redirects=False)
        self.origin = {"Origin": settings.address}

    def post(self, path: str, **fields: str) -> Any:
        return self.browser.post(path, data=fields, headers=self.origin)

    def come_aboard(self, code: str, username: str) -> Any:
        begun = self.post("/welkom", code=code, name=username.title(), username=username, password=PASSWORD)
        assert begun.status_code == 200 and "data:image/svg+xml" in begun.text
        ticket = begun.text.split('name="ticket" value="')[1].split('"')[0]
        secret = begun.text.split('class="code secret">')[1].split("<")[0].replace(" ", "")
        wrong = self.post("/welkom", ticket=ticket, code="12345")
        assert wrong.status_code == 400 and "Die code klopt niet" in wrong.text and ticket in wrong.text
        return self.post("/welkom", ticket=ticket, code=pyotp.TOTP(secret).now())


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    with made.browser:
        yield made
    made.db.close()


def first_code(site: Site) -> str:
    assert site.browser.portal is not None
    code = site.browser.portal.call(site.staff.first_code)
    assert code
    return code


def test_from_the_first_code_to_a_second_person(site: Site) -> None:
    assert site.browser.get("/medewerkers").headers["location"] == "/aanmelden"
    entered = site.come_aboard(first_code(site), "ada")
    assert (entered.status_code, entered.headers["location"]) == (303, "/console")
    cookie = entered.headers["set-cookie"]
    assert cookie.startswith("wegwijs=") and "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/" in cookie
    assert site.browser.get("/aanmelden").headers["location"] == "/console"
    invited = site.post("/medewerkers", action="invite", name="An", role="operator")
    assert invited.status_code == 200 and invited.headers["cache-control"] == "no-store"
    code = invited.text.split('class="code big">')[1].split("<")[0]
    left = site.post("/afmelden")
    assert left.headers["clear-site-data"] == '"cache", "storage"' and left.headers["location"] == "/aanmelden"
    assert site.browser.get("/medewerkers").status_code == 303
    site.come_aboard(code, "an")
    assert site.browser.get("/medewerkers").status_code == 403
    answer = site.browser.post("/api/presence", json={"available": False}, headers=OURS)
    assert answer.json() == {"available": False}
    assert site.browser.post("/api/presence", json={"available": "ja"}, headers=OURS).status_code == 400
    assert site.rings == 4


def test_a_supervisor_takes_access_away_and_gives_it_back(site: Site) -> None:
    site.come_aboard(first_code(site), "ada")
    boss = site.browser.cookies["wegwijs"]
    invited = site.post("/medewerkers", action="invite", name="An", role="operator")
    site.browser.cookies.clear()
    site.come_aboard(invited.text.split('class="code big">')[1].split("<")[0], "an")
    an = site.browser.cookies["wegwijs"]
    assert site.browser.portal is not None
    ada, other = site.browser.portal.call(site.staff.people)
    assert (ada.name, other.name) == ("Ada", "An")
    site.browser.cookies.clear()
    refused = site.post("/medewerkers", action="deactivate", id=str(other.id))
    assert refused.headers["location"] == "/aanmelden"
    site.browser.cookies.set("wegwijs", boss)
    oneself = site.post("/medewerkers", action="deactivate", id=str(ada.id))
    assert oneself.status_code == 403 and "Dat mag je niet doen." in oneself.text
    done = site.post("/medewerkers", action="deactivate", id=str(other.id))
    assert done.status_code == 200 and "An is overal afgemeld" in done.text
    again = site.post("/medewerkers", action="reset", id=str(other.id))
    assert "Eenmalige code voor An" in again.text
    site.browser.cookies.clear()
    site.browser.cookies.set("wegwijs", an)
    assert site.browser.post("/api/presence", json={"available": True}, headers=OURS).status_code == 401


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://127.0.0.1:8001"])
def test_a_post_from_elsewhere_is_refused(site: Site, origin: str | None) -> None:
    headers = {"Origin": origin} if origin else {}
    for path in ("/aanmelden", "/afmelden", "/welkom", "/medewerkers", "/api/presence"):
        assert site.browser.post(path, data={"username": "an"}, headers=headers).status_code == 403


def test_a_failed_sign_in_says_so_and_keeps_the_name(site: Site) -> None:
    for origin in ("http://localhost:8000", "http://127.0.0.1:8000"):
        fields = {"username": 'an"<', "password": "x", "code": "123456"}
        answer = site.browser.post("/aanmelden", data=fields, headers={"Origin": origin})
        assert answer.status_code == 401 and "Naam, wachtwoord of code klopt niet." in answer.text
        assert 'value="an&#34;&lt;"' in answer.text
    assert site.post("/aanmelden", username="x" * 20_000).status_code == 413
    assert site.browser.post("/aanmelden", content=b"a=%ff", headers=OURS).status_code == 400


def test_a_wrong_invitation_gives_the_form_back_with_what_was_typed(site: Site) -> None:
    assert site.browser.get("/welkom").status_code == 200
    answer = site.post("/welkom", code="AAAAA-BBBBB-CCCCC", name="An", username="an", password=PASSWORD)
    assert answer.status_code == 400 and 'value="AAAAA-BBBBB-CCCCC"' in answer.text and PASSWORD not in answer.text
    weak = site.post("/welkom", code=first_code(site), name="An", username="an", password="wachtwoord12345")
    assert weak.status_code == 400 and "Kies een wachtwoord" in weak.text
    old = site.post("/welkom", ticket="oud", code="123456")
    assert old.status_code == 400 and "Stap 1 van 2" in old.text


def test_over_https_the_cookie_belongs_to_this_host_only(tmp_path: Path) -> None:
    site = Site(tmp_path, "https://chat.example")
    with site.browser:
        cookie = site.come_aboard(first_code(site), "ada").headers["set-cookie"]
        assert cookie.startswith("__Host-wegwijs=") and "Secure" in cookie and "Domain" not in cookie
        assert site.browser.post("/afmelden", headers=OURS).status_code == 403
    site.db.close()
