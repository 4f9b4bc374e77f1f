"""Every error that a person can meet, with its HTTP status and its sentence.

    HelplineError
    ├── BadRequest 400            ├── NotSignedIn 401        ├── NotAllowed 403
    ├── NotFound 404              ├── Conflict 409 ── AlreadyClaimed, Ended, NotYours, Moved
    ├── TooMuch 413 / TooFast 429 └── Unavailable 503

`code` is for programs; the sentence is looked up in `texts/<language>/errors.toml` under the same code.
"""

from typing import ClassVar


class HelplineError(Exception):
    """A refusal with a status, a code and the values that its sentence needs."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"

    def __init__(self, **values: str | int) -> None:
        super().__init__(self.code)
        self.values = values


class BadRequest(HelplineError):
    status, code = 400, "bad_request"


class EmptyText(BadRequest):
    code = "empty_text"


class UnknownService(BadRequest):
    code = "unknown_service"


class UnknownPlace(BadRequest):
    code = "unknown_place"


class WeakPassword(BadRequest):
    code = "weak_password"


class WrongCode(BadRequest):
    code = "wrong_code"


class NameTaken(BadRequest):
    code = "name_taken"


class NotSignedIn(HelplineError):
    status, code = 401, "not_signed_in"


class SignInFailed(NotSignedIn):
    code = "sign_in_failed"


class TokenUnknown(NotSignedIn):
    code = "token_unknown"


class NotAllowed(HelplineError):
    status, code = 403, "not_allowed"


class NotFound(HelplineError):
    status, code = 404, "not_found"


class Conflict(HelplineError):
    status, code = 409, "conflict"


class AlreadyClaimed(Conflict):
    """Somebody else has this contact. `by` is that person's first name."""

    code = "already_claimed"


class NotYours(Conflict):
    code = "not_yours"


class Ended(Conflict):
    code = "ended"


class Moved(Conflict):
    """The log moved on between reading and writing; the caller decides again."""

    code = "moved"


class TooMuch(HelplineError):
    status, code = 413, "too_much"


class TooFast(HelplineError):
    status, code = 429, "too_fast"


class Unavailable(HelplineError):
    status, code = 503, "unavailable"
