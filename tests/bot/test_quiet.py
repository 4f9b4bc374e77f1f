"""No word of a citizen reaches the output of either process, at the most talkative level, on any path."""

import unittest

from bot_stage import Bot, Talk, body

MARKERS = ("Zwartkopmees", "Winterkoninkje", "Roodborsttapuit")


class Quiet(unittest.TestCase):
    def silent(self, bot: Bot) -> None:
        bot.stop()
        log = bot.said_to_the_log()
        self.assertIn('"level"', log, "the log must not be empty, or this test proves nothing")
        for marker in MARKERS:
            self.assertNotIn(marker.lower(), log.lower())

    def test_at_debug_level_a_whole_talk_leaves_no_word(self) -> None:
        bot = Bot("--debug")
        try:
            talk = Talk(bot)
            talk.say()
            for text in (
                "ja",
                f"mijn man {MARKERS[0]} slaat mij",
                f"/{MARKERS[1]}",
                f"{MARKERS[2]} 34",
                "ik wil een mens",
            ):
                talk.say(text)
            bot.post(None, raw=f'{{"text": "{MARKERS[0]}"'.encode())
            bot.post({**body("1" * 32, 1, {}, MARKERS[1]), "kind": "x"})
            bot.post(body("1" * 32, 1, {"safe": MARKERS[2]}, MARKERS[1]), key="wrong")
            bot.get(f"/webhooks/helpline/{MARKERS[0]}?x={MARKERS[1]}")
        finally:
            self.silent(bot)

    def test_without_the_action_server_a_turn_fails_loudly_and_leaves_no_word(self) -> None:
        bot = Bot("--debug", actions=False)
        try:
            for text in (f"mijn man {MARKERS[0]} slaat mij", MARKERS[1]):
                status, answer = bot.post(body("2" * 32, 1, {"introduced": True, "active_form": "intake_form"}, text))
                self.assertEqual(status, 500)
                self.assertEqual(answer, {"error": "TurnFailed"})
        finally:
            self.silent(bot)


if __name__ == "__main__":
    unittest.main()
