"""The right door: the cases in cases.yml, and what must hold for every municipality, theme, role and hour."""

import itertools
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.directory.files import load_directory
from backend.directory.hours import BRUSSELS
from backend.routing.engine import LONGEST, Need, reachable, route
from backend.routing.rules import RULES, Rule, RuleProblem, check
from backend.triage.assessment import FORMS, LEVELS, NEEDS, ROLES, SIGNALS, THEMES, Assessment

HERE = Path(__file__).parent
DIRECTORY = load_directory(HERE.parents[1] / "data")
CASES = yaml.safe_load((HERE / "cases.yml").read_text(encoding="utf-8"))
MONDAY = datetime(2026, 11, 23, 10, tzinfo=BRUSSELS)
HOURS = {"night": MONDAY.replace(hour=23), "sunday": datetime(2026, 11, 22, 11, tzinfo=BRUSSELS)}
EMERGENCY = {"101", "112"}


def need_of(case: dict) -> Need:
    said = case["need"]
    return Need(
        themes=tuple(said.get("themes", ())),
        forms=tuple(said.get("forms", ())),
        role=said.get("role", "unknown"),
        level=said.get("level", "none"),
        danger_signals=tuple(said.get("signals", ())),
        needs=tuple(said.get("needs", ())),
        caller_is_minor=said.get("minor", False),
    )


def hour_of(case: dict) -> datetime:
    at = case.get("at")
    if at is None:
        return MONDAY
    return HOURS.get(at) or datetime.fromisoformat(at).replace(tzinfo=BRUSSELS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["who"])
def test_leads_to_the_right_door(case):
    made = route(
        need_of(case),
        case.get("nis"),
        hour_of(case),
        case.get("language", "nl"),
        DIRECTORY,
        place_ambiguous=case.get("ambiguous", False),
    )
    doors = [choice.service for choice in made.services]
    if "first" in case:
        assert doors[0] == case["first"]
    assert set(case.get("has", ())) <= set(doors)
    assert not set(case.get("not", ())) & set(doors)
    assert [door for door in doors if door in case.get("order", ())] == case.get("order", [])
    assert set(case.get("rejected", ())) <= {one.service for one in made.rejected}
    assert made.ask == case.get("ask")


def holds_for_everybody(need: Need, nis: str | None, now: datetime, language: str, ambiguous: bool = False) -> None:
    made = route(need, nis, now, language, DIRECTORY, place_ambiguous=ambiguous)
    doors = [choice.service for choice in made.services]
    assert 1 <= len(doors) <= LONGEST
    assert len(set(doors)) == len(doors)
    assert all(door in DIRECTORY.services for door in doors)
    assert not set(doors) & {one.service for one in made.rejected}
    assert not set(doors) & set(DIRECTORY.closed)
    dutch = nis is not None and nis.startswith("GM") and not ambiguous
    if not dutch:
        assert reachable(made.services[0])
    if need.level == "acute":
        assert doors[0] in EMERGENCY
    for choice in made.services:
        card = choice.for_citizen()
        assert card["phone"] is None or choice.phone_confirmed
        assert choice.why and "{" not in choice.why and choice.access
        assert "waarom" not in choice.why.lower()
    for one in made.rejected:
        assert one.why.startswith(one.name) and one.service in DIRECTORY.services
    if nis is None or ambiguous:
        assert not any(
            door.startswith(("caw-", "vk-", "veilig-huis-", "zsg-", "ocmw-", "justitiehuis-")) for door in doors
        )


def test_every_municipality_theme_and_role_gets_a_door_that_opens_now():
    moments = itertools.cycle(MONDAY + timedelta(hours=7 * step) for step in range(25))
    for nis in DIRECTORY.areas:
        for theme, role in itertools.product(THEMES, ROLES):
            holds_for_everybody(Need(themes=(theme,), role=role, level="serious"), nis, next(moments), "nl")


def subsets(codes):
    return st.lists(st.sampled_from(codes), unique=True, max_size=4).map(tuple)


@settings(max_examples=400, deadline=None)
@given(
    need=st.builds(
        Need,
        themes=subsets(THEMES),
        forms=subsets(FORMS),
        role=st.sampled_from(ROLES),
        level=st.sampled_from(LEVELS),
        danger_signals=subsets(SIGNALS),
        needs=subsets(NEEDS),
        caller_is_minor=st.booleans(),
    ),
    nis=st.one_of(st.none(), st.sampled_from(sorted(DIRECTORY.areas)), st.just("62063").map(lambda _: None)),
    hours=st.integers(0, 24 * 400),
    language=st.sampled_from(["nl", "fr", "en", "other"]),
    ambiguous=st.booleans(),
)
def test_danger_is_first_and_somebody_answers_whatever_is_asked(need, nis, hours, language, ambiguous):
    holds_for_everybody(need, nis, MONDAY + timedelta(hours=hours), language, ambiguous)


def test_no_unconfirmed_number_is_ever_on_a_card():
    sourced = {one.phone for one in DIRECTORY.services.values() if one.phone_confirmed}
    assert "0800 13 500" not in sourced and "02 511 91 20" not in sourced and "0800-2000" not in sourced


def test_a_number_that_is_not_confirmed_stays_for_operators_with_a_warning():
    made = route(Need(themes=("partner_violence",), level="serious"), "11008", MONDAY, "nl", DIRECTORY)
    caw = next(one for one in made.services if one.service == "caw-antwerpen")
    assert caw.phone == "0800 13 500" and not caw.phone_confirmed and "niet bevestigd" in caw.note
    assert caw.for_citizen()["phone"] is None


def test_the_noorderkempen_project_is_named_for_its_six_municipalities_only():
    named = {
        nis
        for nis in DIRECTORY.areas
        for one in route(Need(themes=("partner_violence",), level="serious"), nis, MONDAY, "nl", DIRECTORY).services
        if "Noorderkempen" in one.note
    }
    assert named == {"11022", "11023", "11008", "11053", "11044", "11016"}


def test_the_agreement_of_dendermonde_stops_after_2025():
    need = Need(themes=("partner_violence",), level="serious", needs=("financial",))
    before = route(need, "42006", datetime(2025, 12, 1, 10, tzinfo=BRUSSELS), "nl", DIRECTORY)
    after = route(need, "42006", MONDAY, "nl", DIRECTORY)
    notes = [next(one.note for one in made.services if one.service == "ocmw-42006") for made in (before, after)]
    assert "liep tot eind 2025" not in notes[0] and "liep tot eind 2025" in notes[1]


def test_the_veilig_huis_that_stopped_was_still_offered_before_it_did():
    need = Need(themes=("partner_violence",), level="acute", role="victim")
    before = route(need, "23027", datetime(2025, 4, 1, 10, tzinfo=BRUSSELS), "nl", DIRECTORY)
    assert "veilig-huis-halle-vilvoorde" in [one.service for one in before.services]


def test_an_empty_area_says_so_and_leads_to_1712():
    made = route(Need(themes=("partner_violence",), level="serious"), "11035", MONDAY, "nl", DIRECTORY)
    assert made.services[0].service == "1712"
    assert "niet zeker welk CAW in Ranst werkt" in made.services[0].why


def test_a_merged_ocmw_has_one_id_and_the_newer_contact():
    antwerpen = DIRECTORY.services["ocmw-11002"]
    assert antwerpen.name == "OCMW / Sociaal Huis Antwerpen"
    assert "sociaal-huis-dendermonde" not in DIRECTORY.services
    assert DIRECTORY.services["ocmw-42006"].phone_confirmed


def test_the_same_question_gives_the_same_answer():
    need = Need(themes=("child_maltreatment",), role="bystander", level="serious")
    assert route(need, "44021", MONDAY, "nl", DIRECTORY) == route(need, "44021", MONDAY, "nl", DIRECTORY)


def test_a_need_is_read_from_an_assessment():
    assert Need.of(Assessment(themes=("stalking",), level="serious", caller_is_minor=True)) == Need(
        themes=("stalking",), level="serious", caller_is_minor=True
    )


VOCABULARY = {"themes": THEMES, "forms": FORMS, "signals": SIGNALS, "needs": NEEDS, "roles": ROLES}


def test_the_rules_use_only_codes_of_the_guide_and_doors_that_exist():
    check(RULES, DIRECTORY.services, VOCABULARY)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (Rule("x", "caw-nergens", 1, "Helpt."), "bestaat niet"),
        (Rule("x", "1712", 1, ""), "hoe de dienst helpt"),
        (Rule("x", "1712", 1, "Helpt.", themes=frozenset(("partnergeweld",))), "onbekende code: partnergeweld"),
        (Rule("x", "1712", 1, "Helpt.", least="hoog"), "onbekend niveau"),
    ],
)
def test_a_wrong_rule_is_refused_in_words(rule, said):
    with pytest.raises(RuleProblem, match=said):
        check((rule,), DIRECTORY.services, VOCABULARY)
