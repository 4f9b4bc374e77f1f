"""PURE. The frames of the sockets: text in, a closed command out. docs/protocol.md is the description."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from backend.errors import BadRequest
from backend.kit.shapes import Shape, read_json

Id = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Token = Annotated[str, Field(min_length=40, max_length=60)]
Text = Annotated[str, Field(max_length=4_000)]  # trimmed and then held to 2,000 by the action
Cursor = Annotated[int, Field(ge=0, lt=2**31)]
Conversation = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class Hello(Shape):
    type: Literal["hello"]
    token: Token
    after: Cursor


class Say(Shape):
    type: Literal["say"]
    id: Id
    text: Text


class Person(Shape):
    type: Literal["person"]
    id: Id


class Leave(Shape):
    type: Literal["leave"]
    how: Literal["exit", "end"]


class Ping(Shape):
    type: Literal["ping"]


class Watch(Shape):
    type: Literal["watch"]
    conversation: Conversation
    after: Cursor = 0


class Unwatch(Shape):
    type: Literal["unwatch"]


CitizenFrame = Hello | Say | Person | Leave | Ping
OperatorFrame = Watch | Unwatch | Ping
_citizen: TypeAdapter[CitizenFrame] = TypeAdapter(Annotated[CitizenFrame, Field(discriminator="type")])
_operator: TypeAdapter[OperatorFrame] = TypeAdapter(Annotated[OperatorFrame, Field(discriminator="type")])


def citizen_frame(raw: str) -> CitizenFrame:
    try:
        return _citizen.validate_python(read_json(raw))
    except ValidationError as error:
        raise BadRequest from error


def operator_frame(raw: str) -> OperatorFrame:
    try:
        return _operator.validate_python(read_json(raw))
    except ValidationError as error:
        raise BadRequest from error
