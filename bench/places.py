"""How long places and routing take, per call, on one core. Run: .venv/bin/python bench/places.py"""

import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from backend.directory.files import load_directory, load_gazetteer
from backend.directory.hours import BRUSSELS
from backend.routing.engine import Need, route

PHRASES = {
    "no place, short": "hij slaat mij elke dag en ik durf niet meer naar buiten",
    "no place, long": "ik weet niet goed waar te beginnen maar mijn vriend is de laatste tijd zo kwaad op alles " * 4,
    "place": "mijn man slaat mij, we wonen in Wuustwezel met twee kinderen",
    "ambiguous": "ik woon in Kapellen en ik ben bang",
    "misspelt": "ik woon in geraadsbergen en hij staat voor de deur",
    "2,000 characters with many cues": "we zijn in paniek uit huis gegaan te voet naar vrienden " * 35,
}


def microseconds(work: Callable[[], object], times: int) -> float:
    """The best of five rounds: other work on the machine only makes it slower."""
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(times):
            work()
        best = min(best, time.perf_counter() - start)
    return best / times * 1e6


def main() -> None:
    start = time.perf_counter()
    gazetteer = load_gazetteer(ROOT / "data")
    read = time.perf_counter()
    directory = load_directory(ROOT / "data")
    print(f"load: gazetteer {(read - start) * 1000:.0f} ms, directory {(time.perf_counter() - read) * 1000:.0f} ms")
    for name, text in PHRASES.items():
        print(f"find, {name}: {microseconds(lambda text=text: gazetteer.find(text), 2_000):.1f} us")  # type: ignore[misc]
    print(f"type-ahead: {microseconds(lambda: gazetteer.search('ber', 8), 500):.0f} us")
    now = datetime(2026, 11, 23, 10, tzinfo=BRUSSELS)
    need = Need(themes=("partner_violence",), role="victim", level="serious", needs=("shelter",))
    print(f"route: {microseconds(lambda: route(need, '11008', now, 'nl', directory), 3_000):.1f} us")


if __name__ == "__main__":
    main()
