"""Starts Rasa, its action server or a training so that no word of a citizen can reach a log, at any level.

    python -m bot.quiet train                     config.yml + bot/domain + training_data -> bot/models/wegwijs.tar.gz
    python -m bot.quiet actions --port 5055
    python -m bot.quiet rasa --port 5005          further arguments go to `rasa run`, e.g. --debug

Rasa, Sanic, aiohttp and rasa-sdk print messages, slots and request bodies in hundreds of places, and new ones come with
each version. So nothing is filtered out; a few things are let in. Standard output and standard error of the process
point to nowhere. The only writer left makes one JSON line per log record out of the level, the logger's name, the place
in the code, a constant event name and the classes and lines of an exception. No message, argument or value.
"""

import json
import linecache
import logging
import os
import re
import sys
import threading
import traceback
import warnings
from pathlib import Path
from types import TracebackType
from typing import Any, Dict, List, NoReturn, Optional, Text, Tuple, Type

from bot.light import without_tensorflow

ROOT = Path(__file__).resolve().parent.parent
MODEL = "wegwijs"
ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SANIC_HOST": "127.0.0.1",  # the action server's; without it, it listens on all addresses
    "ACTION_SERVER_SANIC_WORKERS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    # Two turns then share two cores instead of fighting for them.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "MPLBACKEND": "agg",
    "HF_HUB_OFFLINE": "1",
    "RASA_CACHE_DIRECTORY": str(ROOT / "bot" / "models" / ".cache"),
}
# Logger names that say how a training goes; there are no citizens in a training.
PROGRESS = ("rasa.engine.training", "rasa.model_training", "rasa.core.training", "rasa.shared.importers")
EVENT = re.compile(r"[a-z][a-z_]*(?:\.[a-z_]+){1,6}")
Exc = Tuple[Optional[Type[BaseException]], Optional[BaseException], Optional[TracebackType]]


def place(path: Text, line: int) -> Text:
    """The last three parts of a code path and the line."""
    return "/".join(Path(path).parts[-3:]) + f":{line}"


def of_exception(error: Optional[BaseException]) -> List[Dict[Text, Any]]:
    """Classes, and the lines that raised them; the newest first. Never what the exception says."""
    found = []
    while error is not None and len(found) < 5:
        frames = traceback.extract_tb(error.__traceback__, limit=-12)
        found.append(
            {"class": type(error).__name__, "at": [place(frame.filename, frame.lineno or 0) for frame in frames]}
        )
        error = error.__cause__ or error.__context__
    return found


class Writer:
    """The only way out of this process."""

    def __init__(self, descriptor: int, floor: int) -> None:
        self._descriptor = descriptor
        self.floor = floor

    def write(self, **fields: Any) -> None:
        try:
            os.write(self._descriptor, (json.dumps(fields) + "\n").encode("ascii"))
        except OSError:
            pass  # nobody reads us; the bot goes on

    def record(self, record: logging.LogRecord) -> None:
        if record.levelno < self.floor:
            return
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        self.write(level=record.levelname.lower(), logger=record.name, at=place(record.pathname, record.lineno),
                   **({"error": of_exception(error)} if error else {}))  # fmt: skip

    def event(self, logger: Any, method: Text, fields: Dict[Text, Any]) -> NoReturn:
        """A structlog processor: writes what is allowed and drops the rest."""
        import structlog

        level = logging.getLevelName(method.upper().replace("EXCEPTION", "ERROR"))
        if isinstance(level, int) and level >= self.floor:
            caller = _caller()
            name = fields.get("event")
            constant = isinstance(name, str) and EVENT.fullmatch(name) and _is_literal(name, caller)
            error = sys.exc_info()[1] if method == "exception" or fields.get("exc_info") else None
            self.write(level=method, at=place(*caller), **({"event": name} if constant else {}),
                       **({"error": of_exception(error)} if error else {}))  # fmt: skip
        raise structlog.DropEvent


def _caller() -> Tuple[Text, int]:
    """The code line that logged, outside structlog and this file."""
    frame = sys._getframe(2)
    while frame.f_back is not None and (
        "structlog" in frame.f_code.co_filename or frame.f_code.co_filename == __file__
    ):
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


def _is_literal(name: Text, caller: Tuple[Text, int]) -> bool:
    """True when the event name stands as a constant in the calling code, so that it cannot be somebody's words."""
    path, line = caller
    return any(f'"{name}"' in linecache.getline(path, near) for near in range(line - 4, line + 5))


def close_the_doors(floor: int) -> Writer:
    """Sends both output streams of this process, C libraries included, to nowhere, and takes over all logging."""
    import structlog

    writer = Writer(os.dup(2), floor)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)

    def call_handlers(_: logging.Logger, record: logging.LogRecord) -> None:
        writer.record(record)  # no handler is ever called, so none can format a message, to a file neither

    logging.Logger.callHandlers = call_handlers  # type: ignore[method-assign]
    logging.raiseExceptions = False
    structlog.configure(
        processors=[writer.event],
        wrapper_class=structlog.make_filtering_bound_logger(floor),
        logger_factory=structlog.PrintLoggerFactory(file=open(os.devnull, "w")),
        cache_logger_on_first_use=False,
    )
    structlog.configure = lambda *args, **kwargs: None  # Rasa would set its own, with texts

    def fell(kind: Type[BaseException], error: BaseException, trace: Optional[TracebackType]) -> None:
        writer.write(level="critical", error=of_exception(error))

    def warned(message: Any, category: Type[Warning], filename: Text, lineno: int, *rest: Any) -> None:
        if floor <= logging.INFO:  # old libraries give dozens at each start, of no use to an operator
            writer.write(level="warning", warning=category.__name__, at=place(filename, lineno))

    sys.excepthook = fell
    threading.excepthook = lambda args: writer.write(level="critical", error=of_exception(args.exc_value))
    sys.unraisablehook = lambda args: writer.write(level="error", error=of_exception(args.exc_value))
    warnings.showwarning = warned  # type: ignore[assignment]
    return writer


def stay_on_this_machine(writer: Writer) -> None:
    """Refuses connections of Python code to elsewhere: telemetry, model servers, error reports of any library."""

    def watch(event: Text, arguments: Tuple[Any, ...]) -> None:
        if event != "socket.connect" or not isinstance(arguments[1], tuple):
            return
        host = str(arguments[1][0])
        if not (host.startswith("127.") or host in ("::1", "localhost")):
            writer.write(level="error", refused="socket.connect", at=place(*_caller()))
            raise PermissionError("this process speaks with this machine only")

    sys.addaudithook(watch)


def floor_of(arguments: List[Text]) -> int:
    """Warnings by default; with --debug or -v more lines, never more words."""
    if "--debug" in arguments or "-vv" in arguments:
        return logging.DEBUG
    return logging.INFO if "--verbose" in arguments or "-v" in arguments else logging.WARNING


def serve_rasa(arguments: List[Text]) -> None:
    os.environ.setdefault("WEGWIJS_ACTIONS_URL", "http://127.0.0.1:5055/webhook")
    stay_on_this_machine(close_the_doors(floor_of(arguments)))
    sys.argv = [
        "rasa", "run", "--interface", "127.0.0.1", "--model", f"bot/models/{MODEL}.tar.gz",
        "--endpoints", "bot/endpoints.yml", "--credentials", "bot/credentials.yml", *arguments,
    ]  # fmt: skip
    without_tensorflow()
    from rasa.__main__ import main

    main()


def serve_actions(arguments: List[Text]) -> None:
    stay_on_this_machine(close_the_doors(floor_of(arguments)))
    sys.argv = ["rasa_sdk", "--actions", "bot.actions", *arguments]
    from rasa_sdk.__main__ import main

    main()


def train(arguments: List[Text]) -> None:
    """Messages of the training go to standard error as they are: it reads our own files only."""

    class Progress(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.WARNING or record.name.startswith(PROGRESS):
                print(f"{record.getMessage()}", file=sys.stderr, flush=True)

    sys.stdout = sys.stderr
    logging.basicConfig(handlers=[Progress()], level=logging.INFO, force=True)
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    from rasa.model_training import train as rasa_train

    # Rasa looks for the modules that config.yml names from the working directory.
    sys.path.insert(1, str(ROOT))
    result = rasa_train(
        domain="bot/domain",
        config="config.yml",
        training_files=["training_data"],
        output="bot/models",
        fixed_model_name=MODEL,
        force_training="--force" in arguments,
    )
    print(f"trained: {result.model}", file=sys.stderr)
    sys.exit(result.code)


WHAT = {"rasa": serve_rasa, "actions": serve_actions, "train": train}


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in WHAT:
        sys.exit("python -m bot.quiet rasa|actions|train [arguments]")
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"  # no setting of the machine switches it on
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    WHAT[sys.argv[1]](sys.argv[2:])


if __name__ == "__main__":
    main()
