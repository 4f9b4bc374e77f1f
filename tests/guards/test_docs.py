"""The documents and the texts say what the code says: settings, tables, links, keys, placeholders."""

import re
import string
import subprocess
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest

from backend.db.tables import metadata
from backend.kit.texts import LANGUAGES, catalogue
from backend.settings import Settings

PROJECT = Path(__file__).resolve().parents[2]
TEXTS = PROJECT / "backend" / "texts"
SHARED = {"citizen", "system", "state", "errors", "labels"}  # staff.toml is in Dutch only (docs/decisions/0007)
# Put together here, so that this file does not find itself. Folders of the machines on which this was made, and the
# hosts of package registries: lock files carry hashes and no hosts.
MACHINE_PATHS = re.compile("|".join(rf"(?<![\w.*/-]){re.escape(part)}" for part in ("/" + "work/", "/" + "root/")))
REGISTRY_HOSTS = re.compile(
    r"\b(?:"
    + "|".join(["pypi" + r"\.(?:org|python\.org)", "files" + r"\.pythonhosted\.org"])
    + "|"
    + "|".join(["registry" + r"\.(?:npmjs\.org|yarnpkg\.com)", "proxy" + r"\.golang\.org", "index" + r"\.crates\.io"])
    + r")\b"
    + r"|--(?:extra-)?index-"
    + r"url[ =]"
)
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT, capture_output=True, text=True,
    )  # fmt: skip
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [path for name in listed.stdout.split("\0") if name and (path := PROJECT / name).is_file()]


def pages() -> list[Path]:
    return [PROJECT / "README.md", PROJECT / "CHANGELOG.md", *sorted((PROJECT / "docs").rglob("*.md"))]


def flat(language: str, file: str) -> dict[str, str]:
    return {k: v for k, v in catalogue(language).items() if k.startswith(f"{file}.")}


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def slug(heading: str) -> str:
    """How GitHub makes an anchor of a heading."""
    kept = "".join(c for c in heading.strip().lower() if c.isalnum() or c in " -_")
    return kept.replace(" ", "-")


def test_every_setting_is_in_operations_with_its_default() -> None:
    page = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    rows = {m[1]: m[2] for m in re.finditer(r"^\| `(WEGWIJS_\w+)` \| (.*?) \|", page, re.MULTILINE)}
    assert set(rows) == {f"WEGWIJS_{name.upper()}" for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, str | int | float) and field.default != "":
            shown = f"{field.default:g}" if isinstance(field.default, float) else str(field.default)
            assert rows[f"WEGWIJS_{name.upper()}"] == f"`{shown}`", name
        assert field.description and field.description in page, name


def test_every_table_and_column_is_in_privacy() -> None:
    page = (PROJECT / "docs" / "privacy.md").read_text(encoding="utf-8")
    named = ""
    columns: dict[str, set[str]] = {}
    for line in page.splitlines():
        if line.startswith("|"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            named = cells[0].strip("`") if cells[0] else named
            columns.setdefault(named, set()).update(re.findall(r"\w+", cells[1]))
    for table in metadata.sorted_tables:
        assert table.name in columns, f"{table.name} is missing"
        missing = {c.name for c in table.columns} - columns[table.name] - {"id"}
        assert not missing, f"{table.name}: {sorted(missing)}"


def test_every_language_has_the_same_files_and_keys() -> None:
    assert {path.stem for path in (TEXTS / "nl").glob("*.toml")} == SHARED | {"staff"}
    for language in LANGUAGES:
        if language != "nl":
            assert {path.stem for path in (TEXTS / language).glob("*.toml")} == SHARED, language
        for file in SHARED:
            assert set(flat(language, file)) == set(flat("nl", file)), f"{language}/{file}.toml"


def test_every_placeholder_is_the_same_in_every_language() -> None:
    for key, sentence in catalogue("nl").items():
        if key.split(".")[0] in SHARED:
            for language in LANGUAGES:
                assert placeholders(catalogue(language)[key]) == placeholders(sentence), f"{language}: {key}"


def test_no_text_is_empty_and_none_stands_in_two_places_of_a_file() -> None:
    for path in sorted(TEXTS.rglob("*.toml")):
        tomllib.loads(path.read_text(encoding="utf-8"))  # a duplicate key is an error of TOML itself
    for language in LANGUAGES:
        assert not [key for key, sentence in catalogue(language).items() if not sentence.strip()], language


def test_no_sentence_to_a_citizen_asks_why() -> None:
    asked = [k for f in ("citizen", "system", "state") for k, s in flat("nl", f).items() if "waarom" in s.lower()]
    assert asked == []


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = []
    for path in tracked():
        try:
            content = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # pictures
        for number, line in enumerate(content.splitlines(), 1):
            if MACHINE_PATHS.search(line) or REGISTRY_HOSTS.search(line):
                found.append(f"{path.relative_to(PROJECT)}:{number}")
    assert found == []


@pytest.mark.parametrize("page", pages(), ids=lambda path: str(path.relative_to(PROJECT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        name, _, anchor = unquote(target).partition("#")
        there = (page.parent / name).resolve() if name else page
        if not there.exists():
            broken.append(target)
        elif anchor and there.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", FENCE.sub("", there.read_text(encoding="utf-8")), re.MULTILINE)
            if anchor not in {slug(heading) for heading in headings}:
                broken.append(target)
    assert broken == []


def test_every_decision_has_its_five_headings_and_a_line_in_the_index() -> None:
    folder = PROJECT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    for path in sorted(folder.glob("[0-9]*.md")):
        headings = re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert headings == ["Context", "Decision", "Why", "Rejected", "What would change our mind"], path.name
        assert f"]({path.name})" in index, path.name
