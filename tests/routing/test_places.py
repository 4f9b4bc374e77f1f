"""Words to municipality: the cases in place_cases.yml, and what must hold for every name."""

import csv
import time
from pathlib import Path

import pytest
import yaml

from backend.directory.files import load_gazetteer, rows
from backend.routing.places import Gazetteer

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "data"
CASES = yaml.safe_load((HERE / "place_cases.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load_gazetteer(DATA)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:60])
def test_finds_where_somebody_is_and_nothing_else(gazetteer, case):
    found = (gazetteer.find_answer if case.get("answer") else gazetteer.find)(case["text"])
    assert sorted(found.nis) == sorted(case["nis"])
    assert found.ambiguous is case.get("ambiguous", False)
    assert (found.question is not None) is found.ambiguous


def test_every_name_of_the_data_is_found_as_an_answer(gazetteer):
    with (DATA / "place_aliases.csv").open(encoding="utf-8") as source:
        for row in csv.DictReader(source):
            for written in (row["alias"], row["alias"].lower(), row["alias"].replace("-", " ")):
                assert row["nis_code"] in gazetteer.find_answer(written).nis, written


def test_every_name_is_found_after_woon_in(gazetteer):
    for row in rows(DATA / "place_aliases.csv"):
        for written in (row["alias"], row["alias"].lower()):
            assert row["nis_code"] in gazetteer.find(f"ik woon in {written} met mijn kinderen").nis, written


def test_every_postal_code_is_found(gazetteer):
    for row in rows(DATA / "postal_codes.csv"):
        assert row["nis_code"] in gazetteer.find(f"postcode {row['postal_code']}").nis
        assert row["nis_code"] in gazetteer.find_answer(row["postal_code"]).nis


def test_every_ambiguous_name_is_asked_with_a_question_that_separates(gazetteer):
    for row in rows(DATA / "place_aliases.csv"):
        if row["ambiguous"] == "yes" and row["alias"] != "Tielt":
            found = gazetteer.find(f"we wonen in {row['alias']}")
            assert found.ambiguous, row["alias"]
            options = found.question.removeprefix("Bedoel je ").removesuffix("?").replace(" of ", ", ").split(", ")
            assert len(set(options)) == len(options) == len(found.nis)


def test_the_question_names_both_sides(gazetteer):
    question = gazetteer.find("ik woon in Kapellen").question
    assert question == "Bedoel je Kapellen bij Antwerpen of Kapellen bij Glabbeek?"
    assert gazetteer.find("in Tielt").ambiguous
    assert gazetteer.find("in 1050").question == "Bedoel je Brussel (Louizalaan) of Elsene?"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("ik woon in Kessel-Lo, bij de kerk", "Kessel-Lo"),
        ("Café België in Gent", "Gent"),
        ("ÉÉN HUIS in Biévène", "Biévène"),
    ],
)
def test_offsets_point_at_the_words(gazetteer, text, written):
    mention = gazetteer.find(text).mentions[0]
    assert text[mention.start : mention.end] == written


def test_type_ahead_offers_municipalities_first_and_ignores_accents_and_hyphens(gazetteer):
    assert gazetteer.search("bras", 5)[0].nis == "11008"
    assert gazetteer.search("st nik", 5)[0].nis == "46021"
    assert gazetteer.search("bieve", 5)[0].nis == "23009"
    assert gazetteer.search("2930", 5)[0].nis == "11008"
    assert gazetteer.search("kapellen", 5)[0].nis == "11023"
    assert {hit.nis for hit in gazetteer.search("kapellen", 5)} >= {"11023", "24137"}
    assert gazetteer.search("", 5) == [] == gazetteer.search("xyzzy", 5)
    assert len(gazetteer.search("b", 8)) == 8


def test_names_of_codes(gazetteer):
    assert gazetteer.name("11002") == "Antwerpen"
    assert gazetteer.name("GM0268") == "Nijmegen"
    assert gazetteer.name("99999") == "99999"
    assert gazetteer.knows("11002") and not gazetteer.knows("99999")


@pytest.mark.parametrize(
    "text", ["", " ", "?", "🙂", "ß" * 50, "İstanbul in Gent", "in " * 600, "a" * 2000, "\x00in Mol"]
)
def test_odd_text_is_read_without_trouble(gazetteer, text):
    gazetteer.find(text)
    gazetteer.find_answer(text)


@pytest.mark.parametrize(
    "text", ["Gent " * 400, "woon in brasshaat " * 110, "in 2930 " * 250, "in abcdefgh" * 180, "sint " * 400]
)
def test_a_hostile_text_costs_milliseconds_at_most(gazetteer, text):
    start = time.perf_counter()
    gazetteer.find(text)
    gazetteer.find_answer(text)
    assert time.perf_counter() - start < 0.1  # ten times what it takes on a quiet machine
