"""`helpline …`: everything an administrator and a test harness call. JSON Lines in and out, progress on stderr."""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from backend.settings import Settings, settings


def _lines(file: str | None) -> Iterator[dict[str, Any]]:
    source = Path(file).open(encoding="utf-8") if file and file != "-" else sys.stdin  # noqa: SIM115
    with source:
        for number, line in enumerate(source, 1):
            if line.strip():
                try:
                    yield json.loads(line)
                except ValueError:
                    sys.exit(f"helpline: line {number} is not a JSON object")


def _out(value: dict[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False), flush=True)


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _run(options: argparse.Namespace) -> int:
    from backend.supervisor import run_everything

    return run_everything(settings(), with_bot=not options.no_bot, first_code=lambda: _first_code(settings()))


def _first_code(chosen: Settings) -> str | None:
    from backend.db.session import Database
    from backend.operators.auth import Staff
    from backend.vault.vault import Vault

    db = Database(chosen.sqlalchemy_url)
    try:
        return asyncio.run(Staff(db, Vault.from_file(chosen.master_key_path), chosen).first_code())
    finally:
        db.close()


def _migrate(options: argparse.Namespace) -> int:
    from backend.db import migrate
    from backend.db.session import make_engine

    settings().data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = make_engine(settings().sqlalchemy_url)
    if options.back_to is not None:
        migrate.downgrade(engine, options.back_to)
    else:
        migrate.upgrade(engine)
    _progress(f"database at {migrate.current(engine)}, newest is {migrate.head()}")
    return 0


def _seed(_: argparse.Namespace) -> int:
    from backend.db.session import Database
    from backend.directory.queries import seed

    db = Database(settings().sqlalchemy_url)
    written = db.write_now(lambda c: seed(c, settings().reference_dir))
    _progress("seeded: " + (", ".join(written) or "nothing changed"))
    return 0


def _rebuild(_: argparse.Namespace) -> int:
    from backend.conversations.log import rebuild
    from backend.db.session import Database

    def progress(done: int, total: int) -> None:
        if done % 500 == 0 or done == total:
            _progress(f"{done} of {total} conversations")

    db = Database(settings().sqlalchemy_url)
    different = db.write_now(lambda c: rebuild(c, progress=progress))
    _progress(f"rows that differed from the log: {different}")
    return 0


def _operator(options: argparse.Namespace) -> int:
    from backend.db.session import Database
    from backend.operators.auth import Staff
    from backend.vault.vault import Vault

    chosen = settings()
    staff = Staff(Database(chosen.sqlalchemy_url), Vault.from_file(chosen.master_key_path), chosen)
    code = asyncio.run(staff.invite(options.name, options.role, None))
    print(f"{options.name} goes to {chosen.address}/welkom with this code, valid for 24 hours, once:\n\n    {code}\n")
    return 0


def _sample(options: argparse.Namespace) -> int:
    from backend.db.session import Database
    from backend.kit import times
    from backend.stats.sample import insert_sample, remove_sample

    db = Database(settings().sqlalchemy_url)
    if options.remove:
        db.write_now(remove_sample)
        _progress("the fictional contacts are gone")
    else:
        db.write_now(lambda c: insert_sample(c, options.contacts, times.now(), 1712))
        _progress(f"{options.contacts} fictional contacts written; remove them with: helpline sample --remove")
    return 0


def _places(options: argparse.Namespace) -> int:
    from backend.directory.files import load_gazetteer

    gazetteer = load_gazetteer(settings().reference_dir)
    for line in _lines(options.file):
        found = gazetteer.find(str(line["text"]))
        _out({"id": line["id"], "nis": list(found.nis), "ambiguous": found.ambiguous})
    return 0


def _route(options: argparse.Namespace) -> int:
    from backend.directory.files import load_directory
    from backend.kit import times
    from backend.routing.engine import Need, route

    directory = load_directory(settings().reference_dir)
    for line in _lines(options.file):
        need = Need(
            themes=tuple(line.get("themes") or ()),
            forms=tuple(line.get("forms") or ()),
            role=line.get("role") or "unknown",
            level=line.get("level") or "none",
            danger_signals=tuple(line.get("danger_signals") or ()),
            needs=tuple(line.get("needs") or ()),
            caller_is_minor=bool(line.get("caller_is_minor")),
        )
        nis = line.get("nis")
        several = isinstance(nis, list) and len(nis) > 1
        one = (nis[0] if nis and not several else None) if isinstance(nis, list) else nis
        at = datetime.fromisoformat(line["at"]) if line.get("at") else times.now()
        if at.tzinfo is None:
            at = at.replace(tzinfo=times.BRUSSELS)
        decision = route(
            need, str(one) if one else None, at, line.get("language") or "nl", directory, place_ambiguous=several
        )
        _out(
            {
                "id": line["id"],
                "services": [{"service": c.service, "kind": c.kind, "why": c.why} for c in decision.services],
                "rejected": [{"service": r.service, "why": r.why} for r in decision.rejected],
                "ask": decision.ask,
            }
        )
    return 0


def _with_stack(work: Callable[[Any], Any]) -> int:
    """The real stack on a database of its own that is thrown away: rules, gazetteer, log, Rasa, routing."""
    from backend.app import make_services, prepare, quiet_logs
    from backend.supervisor import BotProcess

    quiet_logs("ERROR")
    with tempfile.TemporaryDirectory(prefix="wegwijs-") as folder, BotProcess(settings(), progress=_progress) as bot:
        own = settings().model_copy(
            update={
                "data_dir": Path(folder),
                "database_url": "",
                "master_key_file": None,
                "rasa_url": bot.url,
                "turn_key": bot.turn_key,
            }
        )
        prepare(own)
        services = make_services(own)

        async def session() -> None:
            await services.start()
            try:
                await work(services)
            finally:
                await services.stop()

        asyncio.run(session())
    return 0


def _assess(options: argparse.Namespace) -> int:
    from backend.playback import assess_first

    lines = list(_lines(options.file))

    async def work(services: Any) -> None:
        async for answer in assess_first(services, lines, progress=_progress):
            _out(answer)

    return _with_stack(work)


def _talk(options: argparse.Namespace) -> int:
    from backend.playback import talk

    lines = list(_lines(options.file))

    async def work(services: Any) -> None:
        for number, line in enumerate(lines, 1):
            _out(await talk(services, line))
            _progress(f"{number} of {len(lines)} talks")

    return _with_stack(work)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="helpline", description="Wegwijs: the helpline's system.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, action: Callable[[argparse.Namespace], int], help: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=help, description=help)
        command.set_defaults(action=action)
        return command

    def add_lines(name: str, action: Callable[[argparse.Namespace], int], help: str) -> None:
        add(name, action, help).add_argument("file", nargs="?", help="JSON Lines; standard input when left out")

    run = add("run", _run, "Run everything on this machine and watch it.")
    run.add_argument("--no-bot", action="store_true", help="without Rasa: rules and people only")
    migrate = add("migrate", _migrate, "Bring the database to the newest schema, or back.")
    migrate.add_argument("--back-to", metavar="REVISION", help="go back to this revision ('base' is empty)")
    add("seed", _seed, "Write the reference data to the database where it changed.")
    add("rebuild", _rebuild, "Make the rows of conversations again from the log, and say how many differed.")
    operator = add("operator", _operator, "Invite a member of staff; prints a one-time code.")
    operator.add_argument("name", help="first name, which citizens may read")
    operator.add_argument("--role", choices=("operator", "supervisor", "admin"), default="operator")
    sample = add("sample", _sample, "Write fictional contacts, to try the supervisor's page.")
    sample.add_argument("--contacts", type=int, default=2_000)
    sample.add_argument("--remove", action="store_true", help="remove them again")
    add_lines("assess", _assess, "Assess first messages: {id, text} a line.")
    add_lines("places", _places, "Find municipalities in texts: {id, text} a line.")
    add_lines("route", _route, "Find the right services: a case a line.")
    add_lines("talk", _talk, "Play whole talks through the real stack: {id, language, turns} a line.")
    return parser


def main(arguments: Iterable[str] | None = None) -> None:
    options = _parser().parse_args(list(arguments) if arguments is not None else None)
    try:
        sys.exit(options.action(options))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)


if __name__ == "__main__":
    main()
