"""The trained bot, over the channel that the helpline uses."""

import unittest
from pathlib import Path
from typing import Any, Dict, Optional

from bot_stage import KEY, Bot, Talk, body
from paraphrases import ASKS_WHAT_IT_IS, WANTS_A_PERSON

ROOT = Path(__file__).resolve().parents[2]
bot: Bot


def setUpModule() -> None:
    global bot
    bot = Bot()


def tearDownModule() -> None:
    bot.stop()
    bot.output.close()


def opened(language: str = "nl") -> Talk:
    talk = Talk(bot, language)
    talk.say()
    return talk


class Opening(unittest.TestCase):
    def test_it_says_that_it_is_a_computer_and_asks_about_safety_in_each_language(self) -> None:
        for language, computer, safety in (
            ("nl", "computer", "meeleest"),
            ("fr", "ordinateur", "sécurité"),
            ("en", "computer", "reading along"),
        ):
            talk = Talk(bot, language)
            said = talk.say()
            first = talk.answer["replies"][0]["text"]
            self.assertIn(computer, first)
            self.assertIn(safety, said)
            self.assertEqual(said.count("?"), 1)
            self.assertEqual(len(talk.answer["replies"][-1]["choices"]), 4)
            self.assertIsNone(talk.reason)

    def test_a_talk_that_opens_with_a_story_hears_it_too(self) -> None:
        """The opening failed or came late; the first thing that reaches the bot is what the citizen wrote."""
        talk = Talk(bot)
        said = talk.say("mijn vriend slaat mij")
        self.assertIn("computer", talk.answer["replies"][0]["text"])
        self.assertIn("meeleest", said)
        self.assertTrue(talk.slots["told"])
        self.assertNotIn("computer", talk.say("ja"))


class People(unittest.TestCase):
    def test_everyone_who_asks_for_a_person_gets_one_at_once(self) -> None:
        missed = []
        for text in WANTS_A_PERSON:
            talk = opened()
            talk.say(text)
            if talk.reason != "asked" or len(talk.answer["replies"]) != 1:
                missed.append((text, talk.answer["understanding"]["intent"]))
        self.assertEqual(missed, [])

    def test_a_wish_that_the_helpline_read_counts_as_well_and_calls_once(self) -> None:
        talk = opened()
        talk.say("blauwe maandag", wants_person=True)
        self.assertEqual(talk.reason, "asked")
        talk.say("ja", wants_person=True)
        self.assertIsNone(talk.reason)

    def test_who_has_been_called_is_not_called_again(self) -> None:
        talk = opened()
        said = talk.say("ik wil een mens", called=True)
        self.assertIsNone(talk.reason)
        self.assertIn("al een medewerker geroepen", said)

    def test_a_talk_handed_back_to_the_bot_can_ask_for_a_person_again(self) -> None:
        talk = opened()
        talk.say("ik wil een mens")
        talk.called = False
        talk.say("geef me toch maar weer een mens")
        self.assertEqual(talk.reason, "asked")

    def test_everyone_who_asks_what_it_is_hears_that_it_is_a_computer(self) -> None:
        """And then the open question again, or a person when it was understood as a wish for one."""
        missed = []
        for text in ASKS_WHAT_IT_IS:
            talk = opened()
            said = talk.say(text)
            if "computer" not in said or ("meeleest" not in said and talk.reason != "asked"):
                missed.append((text, talk.answer["understanding"]["intent"]))
        self.assertLessEqual(len(missed), len(ASKS_WHAT_IT_IS) // 100, missed)  # LEG-1: at least 0.99

    def test_the_paraphrases_are_not_in_the_training_data(self) -> None:
        known = set()
        for path in (ROOT / "training_data" / "nlu").glob("*.yml"):
            known |= {line.strip().lstrip("- ").casefold() for line in path.read_text(encoding="utf-8").splitlines()}
        for text in WANTS_A_PERSON + ASKS_WHAT_IT_IS:
            self.assertNotIn(text.casefold(), known)

    def test_two_messages_in_a_row_that_nobody_understands_call_a_person(self) -> None:
        talk = opened()
        talk.say("ja")
        self.assertIsNone(talk.say("qwrt zzp") and talk.reason)
        talk.say("mijn vriend slaat mij")
        talk.say("qwrt zzp")
        self.assertIsNone(talk.reason, "understood in between: the count starts anew")
        talk.say("fgh jkl")
        self.assertEqual(talk.reason, "not_understood")


class Intake(unittest.TestCase):
    def test_a_whole_intake_ends_with_a_person(self) -> None:
        talk = opened()
        self.assertIn("aan de hand", talk.say("ja"))
        self.assertIn("Over wie", talk.say("mijn man slaat mij en ik ben bang"))
        self.assertIn("Hoe oud ben je", talk.say("Over mij"))
        self.assertIn("gemeente", talk.say("34"))
        question = "Bedoel je Kapellen bij Antwerpen of Kapellen in Glabbeek?"
        self.assertEqual(question, talk.say("kapellen", nis=["11023", "24043"], ambiguous=True, question=question))
        self.assertIn("liefst", talk.say("2950", nis=["11023"]))
        self.assertIsNone(talk.reason)
        self.assertIn("medewerker", talk.say("Met iemand praten"))
        self.assertEqual(talk.reason, "intake_done")
        self.assertEqual(
            {name: talk.slots[name] for name in ("safe", "told", "for_whom", "age", "place", "wish")},
            {"safe": "yes", "told": True, "for_whom": "self", "age": "26-59", "place": "given", "wish": "person"},
        )
        self.assertNotIn("active_form", talk.slots)
        self.assertIn("medewerker", talk.say("hij heeft ook mijn gsm afgepakt"))

    def test_each_question_may_be_refused(self) -> None:
        talk = opened()
        for _ in range(5):  # an age is not asked of nobody
            talk.say("zeg ik liever niet")
        self.assertEqual(talk.reason, "intake_done")
        self.assertEqual(talk.slots["safe"], "refused")
        self.assertEqual(talk.slots["place"], "refused")

    def test_not_knowing_is_an_answer_to_each_question(self) -> None:
        talk = opened()
        for _ in range(5):
            talk.say("weet ik niet")
        self.assertEqual(talk.reason, "intake_done")

    def test_what_the_helpline_already_knows_is_not_asked(self) -> None:
        talk = opened()
        talk.say("ja")
        known: Dict[str, Any] = {"role": "victim", "caller_is_minor": True, "nis": ["44021"], "level": "serious"}
        said = talk.say("ik ben 13 en woon in gent, papa slaat mij", **known)
        self.assertIn("Wat zou jij nu graag willen?", said)
        self.assertIn("niet jouw schuld", said)
        talk.say("weet ik niet", **known)
        self.assertEqual(talk.reason, "intake_done")

    def test_a_young_age_changes_the_tone(self) -> None:
        talk = opened()
        talk.say("ja")
        talk.say("mijn papa drinkt en roept altijd")
        talk.say("over mij")
        self.assertIn("De naam van je dorp of stad", talk.say("ik ben 12"))

    def test_a_place_that_stays_unknown_or_ambiguous_is_asked_once_more_and_then_left(self) -> None:
        for meta, code in (
            ({}, "unclear"),
            ({"nis": ["1", "2"], "ambiguous": True, "question": "Welk Halle?"}, "ambiguous"),
        ):
            talk = opened()
            for text in ("ja", "mijn man slaat mij", "over mij", "40"):
                talk.say(text)
            talk.say("in halle", **meta)
            self.assertNotIn("place", talk.slots)
            talk.say("halle dus", **meta)
            self.assertEqual(talk.slots["place"], code)

    def test_a_story_at_the_wrong_moment_is_welcome(self) -> None:
        talk = opened()
        said = talk.say("mijn ex volgt mij al weken naar huis")
        self.assertIn("Dank je", said)
        self.assertIn("meeleest", said)
        self.assertIn("Over wie", talk.say("ja"))

    def test_a_wish_said_early_is_not_asked_again(self) -> None:
        talk = opened()
        self.assertIn("meeleest", talk.say("ik zoek informatie"))
        for text in ("ja", "mijn man slaat mij", "over mij", "40", "zeg ik liever niet"):
            talk.say(text)
        self.assertEqual(talk.reason, "intake_done")
        self.assertEqual(talk.slots["wish"], "info")

    def test_who_does_not_say_whom_it_is_about_is_not_asked_an_age(self) -> None:
        talk = opened()
        for text in ("ja", "er wordt iemand geslagen"):
            talk.say(text)
        self.assertIn("gemeente", talk.say("weet ik niet"))

    def test_a_question_is_answered_and_then_the_open_question_comes_again(self) -> None:
        for text, expected in (
            ("is dit anoniem?", "naam"),
            ("kost dit geld?", "kost je niets"),
            ("wie leest dit?", "medewerkers"),
            ("tot hoe laat zijn jullie bereikbaar?", "uren"),
            ("kan jij de politie bellen?", "101"),
            ("wat is een veilig huis?", "politie, justitie"),
            ("wat is een CAW?", "welzijnswerk"),
            ("wat is een vertrouwenscentrum kindermishandeling?", "kind"),
            ("wat is een zorgcentrum na seksueel geweld?", "verpleegkundige"),
        ):
            talk = opened()
            said = talk.say(text)
            self.assertIn(expected, said, text)
            self.assertIn("meeleest", said, text)

    def test_each_choice_is_understood_in_each_language(self) -> None:
        """Walks through the intake with the n-th button each time."""
        for language in ("nl", "fr", "en"):
            for choice in range(6):
                talk = opened(language)
                for _ in range(8):
                    choices = talk.answer["replies"][-1]["choices"]
                    if talk.reason or not choices:
                        break
                    before = talk.slots.get("requested_slot")
                    talk.say(choices[min(choice, len(choices) - 1)])
                    if before == "told" and talk.slots.get("told") is None:
                        talk.say("mon mari me frappe")
                    self.assertNotIn("missed", talk.slots, (language, choices))
                self.assertIsNotNone(talk.reason, (language, choice))


class Danger(unittest.TestCase):
    def test_who_is_not_safe_hears_112_and_101_and_gets_a_person_and_no_more_questions(self) -> None:
        for text in ("Nee, niet veilig", "er kan iemand meelezen", "nee hij zit naast mij", "neen"):
            talk = opened()
            said = talk.say(text)
            self.assertIn("101", said)
            self.assertIn("112", said)
            self.assertNotIn("?", said)
            self.assertEqual(talk.reason, "asked", text)

    def test_acute_danger_asks_two_things_at_most(self) -> None:
        talk = opened()
        acute: Dict[str, Any] = {"level": "acute", "called": True}
        said = talk.say("hij staat voor de deur met een mes", **acute)
        self.assertIn("al een medewerker geroepen", said)
        self.assertIn("veilige plek", said)
        self.assertIn("Waar is dat?", talk.say("ja ik zit in de badkamer", **acute))
        said = talk.say("boom", nis=["11005"], **acute)
        self.assertNotIn("?", said)
        self.assertIsNone(talk.reason, "a person has been called already")

    def test_acute_danger_with_nobody_called_calls(self) -> None:
        talk = opened()
        talk.say("hij heeft een mes", level="acute")
        self.assertEqual(talk.reason, "asked")


class Memory(unittest.TestCase):
    TEXTS = (
        None,
        "ja",
        "mijn man slaat mij",
        "is dit anoniem",
        "over mij",
        "qwrt zzp",
        "34",
        "weet ik niet",
        "informatie",
    )

    def test_every_turn_can_be_rebuilt_from_the_slots_alone(self) -> None:
        talk = Talk(bot)
        for text in self.TEXTS:
            talk.say(text)
            stranger = {**talk.asked, "conversation": "f" * 31 + "0", "turn": talk.turn + 50}
            self.assertEqual(bot.post(stranger), (200, talk.answer), text)

    def test_a_repeated_turn_gives_the_same_answer(self) -> None:
        talk = Talk(bot)
        for text in self.TEXTS:
            talk.say(text)
            self.assertEqual(bot.post(talk.asked), (200, talk.answer), text)
            self.assertEqual(bot.post(talk.asked), (200, talk.answer), text)

    def test_a_long_talk_goes_on_and_on(self) -> None:
        talk = opened()
        for text in ("ja", "mijn man slaat mij") + ("is dit anoniem?", "hallo", "dank u") * 20:
            talk.say(text)
        self.assertIn("Hoe oud ben je", talk.say("over mij"))

    def test_slots_hold_codes_only(self) -> None:
        talk = opened()
        for text in ("ja", "MARKERWOORD mijn man slaat mij", "over mij", "MARKERWOORD", "MARKERWOORD", "MARKERWOORD"):
            talk.say(text)
            self.assertNotIn("markerwoord", str(talk.slots).lower())
            self.assertNotIn("markerwoord", str(talk.answer).lower())

    def test_slots_that_are_no_codes_are_dropped(self) -> None:
        status, answer = bot.post(
            body("9" * 32, 7, {"safe": "yes", "place": "bij ons", "wish": {"a": 1}, "x": "y"}, "ja")
        )
        self.assertEqual(status, 200)
        self.assertNotIn("x", answer["slots"])
        self.assertNotEqual(answer["slots"].get("place"), "bij ons")


class Door(unittest.TestCase):
    def test_a_text_is_never_a_command(self) -> None:
        for text in ("/restart", "/session_start", " //open", "/affirm{}", "/", '/tell{"safe": "no"}', "/back"):
            talk = opened()
            talk.say("ja")
            talk.say(text)
            self.assertEqual(talk.slots["safe"], "yes", text)
            self.assertEqual(talk.slots["active_form"], "intake_form", text)

    def test_odd_texts_get_an_answer(self) -> None:
        for text in ("?", "   ", "\u200b", "🙏🙏", "a" * 2000, "{x} {0} %s", "\x00", "ja " * 600, "<b>"):
            talk = opened()
            self.assertTrue(talk.say(text), repr(text))

    def test_without_the_key_there_is_no_turn(self) -> None:
        asked = body("1" * 32, 1, {}, None)
        wrong: Optional[str]
        for wrong in (None, "", "x", KEY + "x"):
            self.assertEqual(bot.post(asked, key=wrong)[0], 403)

    def test_what_is_not_a_turn_is_refused(self) -> None:
        asked = body("1" * 32, 1, {}, "ja")
        for wrong in (
            [],
            {},
            {**asked, "kind": "x"},
            {**asked, "text": None},
            {**asked, "more": 1},
            {**asked, "turn": "1"},
        ):
            self.assertEqual(bot.post(wrong)[0], 400)
        self.assertEqual(bot.post(None, raw=b"{")[0], 400)


if __name__ == "__main__":
    unittest.main()
