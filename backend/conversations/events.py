"""Every event of a conversation: closed shapes that hold codes and numbers, never words.

An event says who may read it (`audience`), whether it carries words (`has_words`: the text itself is sealed apart,
keyed by conversation and seq), and nothing else. Shapes live for ever: change them by adding optional fields only.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, TypeAdapter

from backend.kit.shapes import Shape

Audience = Literal["all", "staff"]
LeaveHow = Literal["exit", "end", "lost"]
Outcome = Literal["helped", "referred", "emergency", "no_contact", "misuse"]
Called = Literal["acute", "asked", "intake_done", "not_understood", "bot_failed", "handed_back", "operator_lost"]


class Event(Shape):
    audience: ClassVar[Audience] = "all"
    has_words: ClassVar[bool] = False


class Started(Event):
    type: Literal["started"] = "started"
    number: str
    channel: Literal["chat", "phone"]
    language: str


class Said(Event):
    """The citizen said something. `marks` are (start, end, reason) of the words that raised the level."""

    type: Literal["said"] = "said"
    has_words: ClassVar[bool] = True
    marks: tuple[tuple[int, int, str], ...] = ()


class Replied(Event):
    """The bot answered the log as it stood at `answers`. `slots` are its codes, from which it can go on anywhere."""

    type: Literal["replied"] = "replied"
    has_words: ClassVar[bool] = True
    answers: int
    turn: int
    choices: tuple[str, ...] = ()
    slots: dict[str, Any] | None = None  # on the last reply of a turn only
    intent: str = ""
    confidence: float = 0.0


class BotFailed(Event):
    type: Literal["bot_failed"] = "bot_failed"
    audience: ClassVar[Audience] = "staff"
    answers: int
    reason: Literal["late", "empty", "refused", "unreachable"]


class Noticed(Event):
    """A sentence of the system, by its key in texts/. `urgent` ones carry the emergency numbers."""

    type: Literal["notice"] = "notice"
    key: str
    values: dict[str, str] = Field(default_factory=dict)
    urgent: bool = False


class Assessed(Event):
    """What the conversation now amounts to: an Assessment as plain data, with its reasons."""

    type: Literal["assessed"] = "assessed"
    audience: ClassVar[Audience] = "staff"
    about: int  # seq of the message that was read
    assessment: dict[str, Any]


class PersonCalled(Event):
    type: Literal["called"] = "called"
    audience: ClassVar[Audience] = "staff"
    reason: Called
    floor: Literal["bot", "nobody"]


class Claimed(Event):
    type: Literal["claimed"] = "claimed"
    operator: int
    name: str


class OperatorSaid(Event):
    type: Literal["operator_said"] = "operator_said"
    has_words: ClassVar[bool] = True
    operator: int
    name: str


class Noted(Event):
    type: Literal["noted"] = "noted"
    audience: ClassVar[Audience] = "staff"
    has_words: ClassVar[bool] = True
    operator: int
    name: str


class Referred(Event):
    """`card` is what the citizen was shown, as it was that day."""

    type: Literal["referred"] = "referred"
    operator: int
    name: str
    service: str
    kind: str
    card: dict[str, Any]


class HandedBack(Event):
    type: Literal["handed_back"] = "handed_back"
    operator: int
    name: str
    to: Literal["queue", "bot"]


class LevelSet(Event):
    """An operator's judgement, up or down. The only thing that lowers a level."""

    type: Literal["level_set"] = "level_set"
    audience: ClassVar[Audience] = "staff"
    has_words: ClassVar[bool] = True  # the reason
    operator: int
    name: str
    level: str


class PlaceSet(Event):
    type: Literal["place_set"] = "place_set"
    audience: ClassVar[Audience] = "staff"
    operator: int
    name: str
    nis: str


class Left(Event):
    type: Literal["left"] = "left"
    how: LeaveHow


class Closed(Event):
    type: Literal["closed"] = "closed"
    operator: int
    name: str
    outcome: Outcome


AnyEvent = Annotated[
    Started
    | Said
    | Replied
    | BotFailed
    | Noticed
    | Assessed
    | PersonCalled
    | Claimed
    | OperatorSaid
    | Noted
    | Referred
    | HandedBack
    | LevelSet
    | PlaceSet
    | Left
    | Closed,
    Field(discriminator="type"),
]
_adapter: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)


def parse(type_: str, data: dict[str, Any]) -> AnyEvent:
    return _adapter.validate_python({"type": type_, **data})


def dump(event: Event) -> dict[str, Any]:
    """The stored form, without `type`, which has its own column."""
    return event.model_dump(mode="json", exclude={"type"}, exclude_defaults=True)
