"""How fast the danger rules read (PERF-4): `python -m bench.rules`.

Prints each figure beside its limit. Typical messages are those of the tests; long ones are these glued together to 2,000
characters; hostile ones repeat words that many rules wait for, random letters, and one enormous word.
"""

import random
import string
import time
from pathlib import Path

import yaml

from backend.triage.loading import load_rules
from backend.triage.rules import assess

CASES = Path(__file__).resolve().parent.parent / "tests" / "triage"


def sentences() -> list[str]:
    found: list[str] = []
    for file in sorted(CASES.glob("cases_*.yml")):
        for group in yaml.safe_load(file.read_text(encoding="utf-8")).values():
            found += [str(line).split("//")[0].strip() for line in group]
    return found


def times(texts: list[str], rounds: int = 1) -> list[float]:
    """Milliseconds of processor time per text, sorted: other work on the machine does not count."""
    taken = []
    for _ in range(rounds):
        for text in texts:
            start = time.thread_time()
            assess(text, RULES)
            taken.append((time.thread_time() - start) * 1000)
    return sorted(taken)


def line(name: str, taken: list[float], at: float, limit: float) -> None:
    value = taken[min(len(taken) - 1, int(len(taken) * at))]
    print(f"{name:<44} p{at * 100:<4g} {value:8.3f} ms   limit {limit:6.2f} ms   {value / limit:5.2f} of it")


RULES = load_rules()


def main() -> None:
    random.seed(3)
    short = sentences()
    near_80 = [text for text in short if 60 <= len(text) <= 100]
    long = []
    for _ in range(200):
        text = ""
        while len(text) < 2000:
            text += random.choice(short) + random.choice([" ", ". ", ", "])
        long.append(text[:2000])
    letters = string.ascii_lowercase
    smashed = [
        " ".join("".join(random.choices(letters, k=random.randint(3, 14))) for _ in range(12_000)) for _ in range(5)
    ]
    waited_for = sorted({word for text in short for word in text.split()})
    hostile = [
        *(text[:100_000] for text in smashed),
        "hij " * 25_000,
        "a" * 100_000,
        "hij mij slaat keel mes " * 4_500,
        "é" * 100_000,
        "." * 100_000,
        " ".join(random.choices(waited_for, k=18_000))[:100_000],
        "'" * 100_000,
    ]
    times(short)  # learn the words first, as a process that has run for a minute
    line("typical message, 60-100 characters", times(near_80, 20), 0.5, 0.1)
    line("typical message, 60-100 characters", times(near_80, 20), 0.99, 0.3)
    line("story of 2,000 characters", times(long, 3), 0.5, 0.5)
    line("story of 2,000 characters", times(long, 3), 0.99, 0.5)
    line("100 KB of hostile input, worst of ten kinds", times(hostile, 3), 1.0, 10.0)


if __name__ == "__main__":
    main()
