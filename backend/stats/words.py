"""PURE. Codes, shares and times as a Dutch reader expects them."""

from datetime import datetime
from typing import Final

from backend.kit.texts import text
from backend.stats import weeks
from backend.stats.measures import Range

SPACE: Final = "\u00a0"  # before %, so that a line never breaks there


def name_of(table: str, code: str) -> str:
    try:
        return text(f"labels.{table}.{code}")
    except KeyError:
        return code


def capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


_ARTICLES: Final = {
    "veilig_huis": "", "veilig_thuis": "", "emergency": "", "shelter_and_guidance": "", "police": "de ",
    "helpline": "een ", "chat": "een ", "expert_centre": "een ", "welfare_association": "een ", "contact_house": "een ",
}  # fmt: skip


def with_article(kind: str) -> str:
    return _ARTICLES.get(kind, "het ") + name_of("kind", kind)


def percent(share: float | None) -> str:
    """12 %, and below ten percent one decimal: 4,6 %."""
    if share is None:
        return "–"
    value = 100 * share
    number = f"{value:.1f}".replace(".", ",") if 0 < value < 9.95 else f"{value:.0f}"
    return f"{number}{SPACE}%"


def between(share: Range) -> str:
    if share.low is None or share.high is None:
        return "–"
    return f"tussen {percent(share.low).removesuffix(f'{SPACE}%')} en {percent(share.high)}"


def between_times(wait: Range) -> str:
    if wait.low is None:
        return "–"
    if wait.high is None:
        return f"minstens {weeks.duration(wait.low)}"
    return f"tussen {weeks.duration(wait.low)} en {weeks.duration(wait.high)}"


def time_text(seconds: float | None) -> str:
    return "–" if seconds is None else weeks.duration(seconds)


def week_text(start: datetime) -> str:
    return weeks.day_text(start.date(), year=True)
