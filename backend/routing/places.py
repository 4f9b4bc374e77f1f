"""PURE. From words to the municipality of today.

`find` reads a free message and prefers silence over a guess: many Flemish places are ordinary words (Mol, Boom, Halen)
or surnames, so those count only with a cue ("in mol", "2400 Mol") or a capital that is not a name. A spelling that fits
several municipalities gives all of them and a question; a postal code, a second name or a region settles it.
`find_answer` reads the answer to "in welke gemeente?", where a bare lower-case name or number is enough.

Codes are NIS codes (Belgium) or CBS codes ("GM0268", the Netherlands). Offsets are code points of the text.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rapidfuzz.distance import OSA

from backend.routing import place_words as w

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Mention:
    """One place in the text; several codes when the spelling fits several municipalities."""

    start: int
    end: int
    nis: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlaceFinding:
    nis: tuple[str, ...] = ()
    ambiguous: bool = False
    question: str | None = None
    mentions: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceHit:
    """A line of the type-ahead: "Borgerhout", "Antwerpen (deelgemeente)"."""

    nis: str
    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class _Name:
    """One spelling. `parts` are its words; `codes` the municipalities it can mean."""

    parts: tuple[str, ...]
    key: str
    codes: tuple[str, ...]
    spelling: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    first: int  # word index
    last: int  # exclusive
    codes: tuple[str, ...]
    spelling: str
    kind: str  # "name", "fuzzy", "postal"
    work: bool = False


@dataclass(frozen=True, slots=True)
class _Text:
    """A message cut into words, with what is needed to look around a word."""

    raw: str
    normal: str
    words: list[str]
    starts: list[int]
    ends: list[int]
    shouting: bool


NOTHING: Final = PlaceFinding()
_WORD = re.compile(r"[a-z0-9]+")
_GAP = re.compile(r"[ \t\-'’.]{0,3}")
_CLAUSE = re.compile(r"[.!?;:\n]\s|, |\bmaar\b|\bmais\b|\bbut\b|\ben (?:ik|nu|hij|zij|ze|we|mijn|woon|wonen)\b")
_END = re.compile(r"[.!?;\n]\s")
_LOCATOR = re.compile(
    r"[\s,(]*(?:(?:vlak|dicht|kort)?bij|nabij|naast|in de buurt van|omgeving|niet ver van|regio|"
    r"pres de|near|in|kant van)?"
    r"[\s(]*"
)
_BESIDE = re.compile(
    r"[\s,(]*(?:(?:vlak|dicht|kort)\s?bij|bij|nabij|naast|in de buurt van|omgeving van|niet ver van|pres de|near)[\s(]*"
)
_BESIDE_BEFORE = re.compile(r"(?:bij|nabij|naast|in de buurt van|niet ver van|pres de|near)\s+$")
_LONGEST_WORD: Final = 28  # letters; no name is longer, and the work of a misspelling grows with the square
_MOST: Final = 12  # places in one message, and tries at misspelt ones: a hostile text costs no more than this
_LOOSE: Final = w.words("in uit regio omgeving nabij vanuit te naar rond")
_BEFORE_MISSPELT: Final = _LOOSE | w.STRONG | {"a", "van"}
_AFTER_CODE: Final = w.words(
    """
    en maar met bij want hij zij ze ik we wij aan op dus sinds al nu woon wonen is was mijn in te of die dat daar
    waar als alsjeblieft aub denk om et and mais but
    """
)
_PAST = re.compile(r"\b(?:vroeger|destijds|indertijd|ooit|geleden|vroegere|autrefois|jadis|used to)\b")
_PRESENT = re.compile(r"\b(?:woon|woont|wonen|verblijf|habite|live)\b")
_LIFE = re.compile(
    r"\b(?:geboren|opgegroeid|getrouwd|trouwden?|trouwde|huwden?|gehuwd|gestudeerd|studeerden?|afgestudeerd|werkten?|werkte|"
    r"vakantie|citytrip|daguitstap|uitstap|op reis|shoppen|winkelen|concert|festival|optreden|"
    r"married|born|holiday|vacances|"
    r"feestje|weekendje|leren kennen|ontmoet|ontmoetten|ging(?:en)? .{0,20}naar)\b[^,;.!?]{0,18}$"
)
_LIFE_AFTER = re.compile(
    r"^\s*(?:geboren|opgegroeid|getrouwd|gestudeerd|afgestudeerd|gewerkt|gewoond|op vakantie|op reis|vroeger)\b"
)
_MEDIA = re.compile(
    r"\b(?:lied|liedje|liedjes|song|nummer|plaat|film|boek|serie|documentaire|spreekbeurt|huiswerk|taak|opstel|presentatie|werkstuk|"
    r"podcast|moordzaak|artikel|krant|gazet|nieuws|match|supporter|supporters|fan|ploeg|wedstrijd|chanson|geschiedenis|quiz)\s+"
    r"(?:\w+\s+)?(?:over|van|tegen|uit|in|voor|sur|about)\s+$"
)
_STORY = re.compile(r"\b(?:podcast|true crime|documentaire|spreekbeurt|huiswerk|film|serie)\b[^.!?]{0,40}$")
_SPORT = re.compile(
    r"\b(?:voetbal\w*|match|matchen|goal|goals|ingemaakt|play-?offs?|competitie|bekerfinale|derby|koploper)\b"
)
_ABROAD = re.compile(
    r"[\s,(]*(?:in )?(?:duitsland|germany|allemagne|frankrijk|france|zeeland|overijssel|polen|poland)\b"
)
_HIS_WORK = re.compile(r"\b(?:hij|man|vriend|ex|papa|vader|partner)\s+werkt\s+(?:nu\s+)?(?:in|te)\s+$")
_TRAVEL = re.compile(
    r"\b(?:trein|bus|tram|metro|vlucht|ticket|treinticket|snelweg|steenweg|autostrade|baan|file|train)\s+"
    r"(?:(?:naar|van|uit|richting|tussen|op|vers|to)\s+)$"
)
_AWAY = re.compile(r"\b(?:verhui\w+|weggetrokken|vertrokken)\s+(?:van|uit)\s+$")
_NOT = re.compile(r"\b(?:niet|nooit|geen|pas|not)\s+(?:meer\s+)?(?:in|te|uit|van|a|at|from)\s+$")
_WORK = re.compile(r"\bwerk(?:en|t)?\b[^,;.!?]{0,12}\b(?:in|te|bij)\s+$")
_PROVINCES: Final = (
    ("oost-vlaanderen", "Oost-Vlaanderen"),
    ("oost vlaanderen", "Oost-Vlaanderen"),
    ("west-vlaanderen", "West-Vlaanderen"),
    ("west vlaanderen", "West-Vlaanderen"),
    ("vlaams-brabant", "Vlaams-Brabant"),
    ("vlaams brabant", "Vlaams-Brabant"),
    ("provincie antwerpen", "Antwerpen"),
)
# Proper names that hold place names without being about a place: read over as a whole.
_READ_OVER: Final = (
    "waregem koerse",
    "rock werchter",
    "jezus van nazareth",
    "geel en blauw",
    "geel en groen",
    "blauw en geel",
    "halle vilvoorde",
    "boom mechelen lier",
    "mechelen lier",
    "gazet van antwerpen",
    "oud strijders",
)
_PARTICLES: Final = frozenset(("van", "de", "der", "den", "ter", "ten", "vande", "vanden"))
_FROM: Final = w.words(
    """
    buurt omgeving regio gemeente stad dorp kom komen komt ben zijn is afkomstig ver dicht kant rand centrum hartje
    inwoner zuiden noorden oosten westen streek deelgemeente burgemeester politie ocmw station wij we
    """
)


class Gazetteer:
    """All names, indexed by first word; built once, then only read."""

    def __init__(
        self, names: Mapping[str, str], provinces: Mapping[str, str], arrondissements: Mapping[str, str]
    ) -> None:
        self._names: dict[str, str] = dict(names)
        self._province = dict(provinces)
        self._arrondissement = dict(arrondissements)
        self._main: set[tuple[str, str]] = set()  # (key, nis) where the spelling is the municipality's own name
        self._by_first: dict[str, list[_Name]] = {}
        self._by_key: dict[str, _Name] = {}
        self._postal: dict[str, tuple[str, ...]] = {}
        self._postal_text: dict[str, list[tuple[str, str]]] = {}
        self._deletes: dict[str, list[str]] = {}
        self._lines: list[tuple[str, int, PlaceHit]] = []

    @classmethod
    def from_rows(
        cls,
        municipalities: Iterable[Row],
        aliases: Iterable[Row],
        postal_codes: Iterable[Row],
        dutch_municipalities: Iterable[Row] = (),
    ) -> "Gazetteer":
        names: dict[str, str] = {}
        provinces: dict[str, str] = {}
        arrondissements: dict[str, str] = {}
        spellings: dict[str, list[tuple[str, str, str]]] = {}  # joined key -> (spelling, nis, kind)

        def add(spelling: str, nis: str, kind: str) -> None:
            key = "".join(_WORD.findall(normal(spelling)))
            held = spellings.setdefault(key, [])
            if all(code != nis for _, code, _ in held):
                held.append((spelling, nis, kind))

        for row in municipalities:
            nis = row["nis_code"]
            names[nis] = row["name_nl"]
            provinces[nis] = row["province"] or "Brussel"
            arrondissements[nis] = row["admin_arrondissement"]
            add(row["name_nl"], nis, "municipality")
            if row["name_fr"]:
                add(row["name_fr"], nis, "municipality_fr")
        for row in dutch_municipalities:
            names[row["cbs_code"]] = row["municipality"]
            provinces[row["cbs_code"]] = f"{row['province'].removesuffix(' (NL)')}, Nederland"
            arrondissements[row["cbs_code"]] = ""
            add(row["municipality"], row["cbs_code"], "municipality")
        for row in aliases:
            add(row["alias"], row["nis_code"], row["kind"])

        made = cls(names, provinces, arrondissements)
        for key, held in spellings.items():
            parts = tuple(_WORD.findall(normal(held[0][0])))
            name = _Name(parts, key, tuple(nis for _, nis, _ in held), held[0][0])
            made._by_key[key] = name
            for variant in _variants(parts):
                made._by_first.setdefault(variant[0], []).append(replace(name, parts=variant))
                made._by_key.setdefault("".join(variant), name)
            for spelling, nis, kind in held:
                if kind.startswith("municipality"):
                    made._main.add((key, nis))
                made._add_line(spelling, nis, kind)
        for phrase in _READ_OVER:
            parts = tuple(phrase.split())
            made._by_first.setdefault(parts[0], []).append(_Name(parts, "", (), phrase))
        for found in made._by_first.values():
            found.sort(key=lambda one: -len(one.parts))
        for row in postal_codes:
            code, nis = row["postal_code"], row["nis_code"]
            made._postal[code] = (*made._postal.get(code, ()), nis)
            made._postal_text.setdefault(code, []).append((nis, row["localities"].split("|")[0]))
            made._lines.append((code, 3, PlaceHit(nis, f"{code} {names[nis]}", row["localities"].replace("|", ", "))))
        made._lines.sort(key=lambda line: (line[0], line[1]))
        for key in list(made._by_key):
            if len(key) >= 6 and key not in w.ORDINARY:
                for shorter in _deletes(key, 2 if len(key) >= 8 else 1):
                    made._deletes.setdefault(shorter, []).append(key)
        return made

    def _add_line(self, spelling: str, nis: str, kind: str) -> None:
        own = self._names[nis]
        if kind.startswith("municipality"):
            rank, name = 0, spelling if spelling == own else f"{spelling} ({own})"
            detail = self._province[nis] if self._province[nis] == "Brussel" else f"provincie {self._province[nis]}"
        else:
            rank, name = 1, spelling
            what = {"submunicipality": "deelgemeente van", "former_municipality": "nu een deel van"}.get(
                kind, "hoort bij"
            )
            detail = f"{what} {own}" if spelling != own else f"provincie {self._province[nis]}"
        self._lines.append(("".join(_WORD.findall(normal(spelling))), rank, PlaceHit(nis, name, detail)))

    # What a code is called

    def knows(self, nis: str) -> bool:
        return nis in self._names

    def name(self, nis: str) -> str:
        """The Dutch name of today; the code itself when we do not know it."""
        return self._names.get(nis, nis)

    def province(self, nis: str) -> str:
        return self._province.get(nis, "")

    def codes(self) -> tuple[str, ...]:
        return tuple(self._names)

    def search(self, prefix: str, limit: int = 8) -> list[PlaceHit]:
        """Type-ahead: names and postal codes that start with the prefix, accents and hyphens do not matter."""
        key = "".join(_WORD.findall(normal(prefix)))
        if not key:
            return []
        keys = [key]
        if key.startswith("st") and not key.startswith("ste"):
            keys.append("sint" + key[2:])
        hits = [line for line in self._lines if line[0].startswith(tuple(keys))]
        hits.sort(key=lambda line: (line[0] not in keys, line[1], len(line[0]), line[0]))
        found: list[PlaceHit] = []
        for _, _, hit in hits:
            if hit not in found:
                found.append(hit)
            if len(found) == limit:
                break
        return found

    # Reading

    def find(self, text: str) -> PlaceFinding:
        read = _cut(text)
        candidates = self._candidates(read)
        if not candidates:
            return NOTHING
        if len(read.words) <= 4:  # a short message that is nothing but names, codes and regions
            bare = self._bare(read, [i for i, word in enumerate(read.words) if word not in w.FILLER], exact=True)
            if any(one.kind == "name" for one in bare) and not any(_is_word(read, one.first) for one in bare):
                return self._settle(read, bare)
        kept = [kept for one in candidates if (kept := self._judge(read, one, candidates)) is not None]
        return self._settle(read, kept) if kept else NOTHING

    def find_answer(self, text: str) -> PlaceFinding:
        """As `find`, for a message that answers "in welke gemeente?": a bare name counts, also misspelt."""
        read = _cut(text)
        left = [i for i, word in enumerate(read.words) if word not in w.FILLER]
        if 0 < len(left) <= 6 and not (_NOT.search(read.normal[: read.starts[left[0]]])):
            bare = self._bare(read, left)
            if bare and not any(_is_deed(read, one.first) for one in bare):
                return self._settle(read, bare)
        return self.find(text)

    def _bare(self, read: _Text, left: list[int], *, exact: bool = False) -> list[_Candidate]:
        """Candidates when the whole answer is made of names, codes, regions and filler; else nothing."""
        found: list[_Candidate] = []
        at = 0
        while at < len(read.words):
            word = read.words[at]
            match = self._match(read, at)
            known = match is not None and (at in left or match.last - match.first > 1)
            if match is not None and known and match.codes:
                found.append(match)
                at = match.last
            elif word in self._postal:
                found.append(_Candidate(at, at + 1, self._postal[word], word, "postal"))
                at += 1
            elif at not in left or word in w.REGIONS or word in ("vlaams", "oost", "west", "provincie"):
                at += 1
            else:
                near = None if exact else self._near(read, at, 5, 2)
                if near is None:
                    return []
                found.append(near)
                at = near.last
        area = "provincie" in read.words
        return [] if area and len(found) == 1 and found[0].kind == "name" else found

    def _match(self, read: _Text, at: int) -> _Candidate | None:
        """The longest name that starts at this word."""
        names = self._by_first.get(read.words[at])
        if names:
            for name in names:
                size = len(name.parts)
                if size == 1 or (
                    tuple(read.words[at : at + size]) == name.parts
                    and all(
                        _GAP.fullmatch(read.normal, read.ends[k], read.starts[k + 1]) for k in range(at, at + size - 1)
                    )
                ):
                    return _Candidate(at, at + size, name.codes, name.spelling, "name")
        whole = self._by_key.get(read.words[at])
        if whole is not None and len(whole.key) >= 7:
            return _Candidate(at, at + 1, whole.codes, whole.spelling, "name")
        return None

    def _candidates(self, read: _Text) -> list[_Candidate]:
        found: list[_Candidate] = []
        words, first, keys, postal = read.words, self._by_first, self._by_key, self._postal
        count, at = len(words), 0
        tries = 0
        while at < count and len(found) < _MOST:
            word = words[at]
            if at + 1 < count and word + words[at + 1] in keys and len(word + words[at + 1]) >= 10:  # "maas mechelen"
                whole = keys[word + words[at + 1]]
                if len(whole.parts) == 1:
                    found.append(_Candidate(at, at + 2, whole.codes, whole.spelling, "name"))
                    at += 2
                    continue
            if word in first or (word in keys and len(word) >= 7):
                match = self._match(read, at)
                if match is not None:
                    if match.codes:
                        found.append(match)
                    at = match.last
                    continue
            if word in postal:
                found.append(_Candidate(at, at + 1, postal[word], word, "postal"))
            elif at and tries < _MOST and words[at - 1] in _BEFORE_MISSPELT:
                tries += 1
                near = self._near(read, at, 7, 1 if words[at - 1] != "van" else 0)
                if near is not None:
                    found.append(near)
                    at = near.last
                    continue
            at += 1
        return found

    def _near(self, read: _Text, at: int, shortest: int, distance: int) -> _Candidate | None:
        """A name cut in two or three by speech recognition, or misspelt by one or two letters."""
        if len(read.words[at]) > _LONGEST_WORD:
            return None
        joined = read.words[at]
        for last in range(at + 1, min(at + 3, len(read.words))):
            joined += read.words[last]
            whole = self._by_key.get(joined)
            if whole is not None and len(joined) >= 7 and whole.key not in w.ORDINARY:
                return _Candidate(at, last + 1, whole.codes, whole.spelling, "name")
        word = read.words[at]
        strong = distance > 1 or _cue(read, at) == "strong"
        if strong:
            shortest, distance = min(shortest, 5), 2 if len(word) >= 8 else 1
        if (
            not distance
            or len(word) < shortest
            or (word.endswith(("se", "aar", "aars")) and not strong)
            or word in w.NOT_MISSPELT
        ):
            return None
        keys: set[str] = set()
        for shorter in _deletes(word, distance):
            keys.update(self._deletes.get(shorter, ()))
        ranked = sorted(
            (OSA.distance(word, key), key) for key in keys if key[0] == word[0] and OSA.distance(word, key) <= distance
        )
        if not ranked:
            return None
        best = [self._by_key[key] for far, key in ranked if far == ranked[0][0]]
        codes = tuple(dict.fromkeys(code for name in best for code in name.codes))
        if len({name.key for name in best}) > 1 and not strong:
            return None
        return _Candidate(at, at + 1, codes, best[0].spelling, "fuzzy")

    def _judge(self, read: _Text, one: _Candidate, all_of_them: Sequence[_Candidate]) -> _Candidate | None:
        """Whether this place is where somebody is. Gives the candidate back, or nothing."""
        if one.kind == "postal":
            return one if self._is_postal(read, one, all_of_them) else None
        begin, end = read.starts[one.first], read.ends[one.last - 1]
        if _another_reason(read, begin, end) or _is_person(read, one):
            return None
        if read.normal.startswith(w.STREET, end) or _is_institution(read, one):
            return None
        if one.first and read.words[one.first - 1] in ("prov", "provincie", "province", "arrondissement"):
            return None
        cue = _cue(read, one.first)
        capital = _capital(read, one.first) and not _opens(read, one.first)
        if one.last - one.first == 1 and one.kind == "name":
            word = read.words[one.first]
            clear = len(read.words) == 1 and word not in w.WORST
            clear = clear or any(
                other.kind == "postal"
                and {other.first, other.last} & {one.first, one.last}
                and set(other.codes) & set(one.codes)
                for other in all_of_them
            )
            doubtful = word in w.ORDINARY or (len(word) <= 4 and word not in w.SHORT_BUT_CLEAR)
            before = read.words[one.first - 1] if one.first else ""
            if doubtful and not clear and not capital and not _enough(word, cue, before):
                return None
        elif read.words[one.first] in ("de", "la") and not cue and not capital and len(read.words) > 2:
            return None
        work = _WORK.search(read.normal, max(0, begin - 30), begin) is not None
        return replace(one, work=work)

    def _is_postal(self, read: _Text, one: _Candidate, all_of_them: Sequence[_Candidate]) -> bool:
        """Four digits need a place beside them or a cue; else they are a year, an amount or a house number."""
        at, code = one.first, read.words[one.first]
        begin, end = read.starts[at], read.ends[at]
        before, after = read.normal[:begin].rstrip(), read.normal[end:]
        follows = read.words[at + 1] if at + 1 < len(read.words) else ""
        precedes = read.words[at - 1] if at else ""
        if begin and read.normal[begin - 1] in "/.:+€$-" and precedes not in ("b", "be"):
            return False
        if before.endswith(("€", "$", "+", "/")) or re.match(r"\s*(?:[€$%/:]|[.,]\d|-\d)", after):
            return False
        if follows in w.UNITS or re.match(r"\s?[A-Z]{2}\b(?!\w)", read.raw[end : end + 4]):
            return False
        for other in all_of_them:
            beside = other.first == one.last or (other.last == at and begin - read.ends[other.last - 1] <= 3)
            if beside and other.kind != "postal" and set(other.codes) & set(one.codes):
                return True
        if len(read.words) == 1 or precedes in ("b", "be", "pc"):
            return True
        if precedes.isdigit() and not (at >= 2 and read.words[at - 2].endswith(w.STREET)):
            return False
        if follows.isdigit():
            return False
        if re.search(r"\bpost(?:code|nummer)\b[^.!?]{0,15}$", read.normal[:begin]) or re.match(
            r"\W{0,3}(?:is )?(?:de |mijn )?postcode", after
        ):
            return True
        if precedes in w.MONTHS or precedes.endswith(w.STREET):
            return False
        if at >= 2 and read.words[at - 2].endswith(w.STREET) and precedes.isdigit():
            return True
        if follows and follows not in _AFTER_CODE and re.match(r"\s+[a-z]", after):
            return False
        cue = _cue(read, at)
        year = 1900 <= int(code) <= 2050
        if cue == "strong":
            return not (year and re.search(r"\bwoonden?\b|\bgewoond\b", read.normal[max(0, begin - 40) : begin]))
        return precedes in ("in", "te", "uit", "regio", "omgeving", "nabij", "vanuit", "a") and not year

    def _settle(self, read: _Text, kept: list[_Candidate]) -> PlaceFinding:
        """Let the mentions of one message explain each other, then say what is left open."""
        if any(one.work for one in kept) and not all(one.work for one in kept):
            kept = [one for one in kept if not one.work]
        kept = [self._narrow(read, one, kept) for one in kept]
        dropped: set[int] = set()
        for index, one in enumerate(kept[:-1]):
            after = kept[index + 1]
            between = read.normal[read.ends[one.last - 1] : read.starts[after.first]]
            if set(one.codes) & set(after.codes):
                continue
            if len(one.codes) > 1 and _LOCATOR.fullmatch(between):
                near = self._near_to(one.codes, after.codes)
                if near:
                    kept[index] = replace(one, codes=near)
                    dropped.add(index + 1)
            elif _BESIDE.fullmatch(between):
                dropped.add(index + 1)
            elif between in (", in ", " in ") and _BESIDE_BEFORE.search(read.normal, 0, read.starts[one.first]):
                dropped.add(index)
        kept = [self._by_region(read, one) for index, one in enumerate(kept) if index not in dropped]
        nis = tuple(dict.fromkeys(code for one in kept for code in one.codes))
        open_one = next((one for one in kept if len(one.codes) > 1), None)
        return PlaceFinding(
            nis=nis,
            ambiguous=open_one is not None,
            question=self._question(open_one) if open_one is not None else None,
            mentions=tuple(Mention(read.starts[one.first], read.ends[one.last - 1], one.codes) for one in kept),
        )

    @staticmethod
    def _narrow(read: _Text, one: _Candidate, kept: Sequence[_Candidate]) -> _Candidate:
        if len(one.codes) > 1:
            for other in kept:
                both = tuple(code for code in one.codes if code in other.codes)
                if both and len(both) < len(one.codes):
                    return replace(one, codes=both)
        return one

    def _near_to(self, codes: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
        """The one candidate in the arrondissement, or else the province, of the other place; else nothing."""
        for area in (self._arrondissement, self._province):
            near = tuple(code for code in codes if any(area.get(code) == area.get(other) for other in others))
            if len(near) == 1:
                return near
        return ()

    def _by_region(self, read: _Text, one: _Candidate) -> _Candidate:
        if len(one.codes) < 2:
            return one
        named = {province for phrase, province in _PROVINCES if phrase in read.normal}
        for word in read.words:
            named.update(w.REGIONS.get(word, ()))
        near = tuple(code for code in one.codes if self._province[code] in named)
        return replace(one, codes=near) if len(near) == 1 else one

    def _question(self, one: _Candidate) -> str:
        """A question that separates: "Bedoel je Kapellen bij Antwerpen of Kapellen bij Glabbeek?"."""
        if one.kind == "postal":
            options = [
                _in_words(self._names[nis], place) for nis, place in self._postal_text[one.spelling] if nis in one.codes
            ]
        else:
            options = [self._told_apart(one.spelling, nis) for nis in one.codes]
            if len(set(options)) < len(options):
                options = [self._names[nis] for nis in one.codes]
        return f"Bedoel je {', '.join(options[:-1])} of {options[-1]}?"

    def _told_apart(self, spelling: str, nis: str) -> str:
        key, own = "".join(_WORD.findall(normal(spelling))), self._names[nis]
        if (key, nis) not in self._main and key not in "".join(_WORD.findall(normal(own))):
            return f"{spelling} bij {own}"
        if (key, nis) not in self._main and key != "".join(_WORD.findall(normal(own))) and "-" not in own:
            return own
        if (key, nis) not in self._main and own.startswith("Sint"):
            return own
        near = self._arrondissement[nis]
        if near and "-" not in near and near != own and near != spelling:
            return f"{spelling} bij {near}"
        return f"{spelling} in {self._province[nis]}"


def normal(text: str) -> str:
    """Lower case without accents, of the same length, so that offsets stay true."""
    if text.isascii():
        return text.lower()
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
    return "".join(_plain(char) if ord(char) > 127 else char for char in lowered)


def _plain(char: str) -> str:
    first = unicodedata.normalize("NFD", char)[0]
    return first if first.isascii() else char


def _cut(text: str) -> _Text:
    read = normal(text)
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _WORD.finditer(read):
        words.append(match.group())
        starts.append(match.start())
        ends.append(match.end())
    return _Text(text, read, words, starts, ends, text.isupper() and len(text) > 12)


def _variants(parts: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Sint/St., Saint/St., Sainte/Ste, Onze-Lieve-Vrouw/OLV."""
    swap = {"sint": "st", "saint": "st", "sainte": "ste"}
    found = [parts]
    if any(part in swap for part in parts) and len(parts) > 1:
        found.append(tuple(swap.get(part, part) for part in parts))
    if parts[:3] == ("onze", "lieve", "vrouw"):
        found.append(("olv", *parts[3:]))
        found.append(("o", "l", "v", *parts[3:]))
    return found


def _deletes(word: str, distance: int) -> set[str]:
    """The word with up to `distance` letters left out."""
    found = {word}
    edge = {word}
    for _ in range(distance):
        edge = {one[:i] + one[i + 1 :] for one in edge for i in range(len(one))}
        found |= edge
    return found


def _opens(read: _Text, at: int) -> bool:
    """Whether this word starts a sentence, where a capital says nothing."""
    if at == 0:
        return True
    return any(char in ".!?\n" for char in read.raw[read.ends[at - 1] : read.starts[at]])


def _capital(read: _Text, at: int) -> bool:
    return read.raw[read.starts[at]].isupper() and not read.shouting


def _beside(read: _Text, at: int) -> bool:
    """Whether only blanks stand between this word and the one before."""
    return at > 0 and read.raw[read.ends[at - 1] : read.starts[at]].isspace()


def _cue(read: _Text, at: int) -> str:
    """ "strong" (woon in, regio, buurt van), "weak" (in, uit, naar) or ""."""
    words = read.words
    if at == 0:
        return ""
    before = words[at - 1]
    if before in w.STRONG:
        return "strong"
    if before == "van" and at > 1 and words[at - 2] in _FROM:
        return "strong"
    if before in w.LINK or before in w.WEAK:
        for back in range(at - 2, max(-1, at - 8), -1):
            if words[back] in w.STRONG:
                return "strong"
            if words[back] in ("en", "maar", "et", "and", "omdat"):
                break
        return "weak"
    return ""


def _enough(word: str, cue: str, before: str) -> bool:
    """Whether the cue carries a lower-case ordinary word: "in mol" does, "te meer" and "in werken" do not."""
    if cue == "strong":
        return before in (
            "in",
            "te",
            "uit",
            "van",
            "a",
            "at",
            "from",
            "gemeente",
            "stad",
            "dorp",
            "regio",
            "omgeving",
            "nabij",
        )
    return cue == "weak" and before in ("in", "uit", "vanuit", "nabij") and word not in w.WORST


def _is_person(read: _Text, one: _Candidate) -> bool:
    """A surname, a title before it, or a team: Tom Boom, meneer Van Gent, KV Mechelen."""
    at, words = one.first, read.words
    ordinary = words[at] in w.ORDINARY or words[at] in ("de", "la")
    ordinary = ordinary or (len(words[at]) <= 4 and words[at] not in w.SHORT_BUT_CLEAR)
    while at > 0 and words[at - 1] in _PARTICLES and _beside(read, at):
        at -= 1
    particle = at < one.first
    if particle and at > 0 and _capital(read, at) and read.raw[read.starts[at]] == "V":
        return True
    if particle and words[at] != "van":
        at = one.first
    if at == 0 or not _beside(read, at):
        return False
    before = words[at - 1]
    if before in w.TEAMS or (before == "is" and at > 1 and words[at - 2] in ("naam", "achternaam", "nom", "name")):
        return True
    if ordinary and not particle and before in w.RELATIVES and _capital(read, one.first):
        return True
    if before in w.TITLES:
        return before not in ("naam", "name", "nom")
    if before in w.FIRST_NAMES and (ordinary or _capital(read, at - 1)):
        return _capital(read, one.first) or not particle
    cased = _capital(read, at - 1) and not _opens(read, at - 1)
    if ordinary and not particle and _capital(read, one.first):
        known = (
            before in w.STRONG or before in w.WEAK or before in w.LINK or before.endswith(w.STREET) or before in _FROM
        )
        return (cased or _capital(read, at - 1)) and not known and not before.isdigit()
    thing = at > 1 and words[at - 2] in (
        "de",
        "het",
        "een",
        "onze",
        "ons",
        "deze",
        "die",
        "dat",
    )  # "de Delhaize van Gent"
    known = before in _FROM or before in w.STRONG
    return bool(particle and cased and not known and not thing and _capital(read, one.first))


def _is_word(read: _Text, at: int) -> bool:
    """Whether a bare name is more likely the word: "meer", "de mol"."""
    word, before = read.words[at], read.words[at - 1] if at else ""
    return word in w.WORST or (word in w.ORDINARY and before in ("de", "het", "een", "die", "dat"))


def _is_deed(read: _Text, at: int) -> bool:
    """An answer about somebody, not a place: "hij is werken dus ja"."""
    told = not {"hij", "zij", "ze", "we", "wij", "zijn", "was"}.isdisjoint(read.words[:at])
    return told and read.words[at] in w.WORST and read.words[at - 1] not in ("in", "te", "uit", "van")


def _is_institution(read: _Text, one: _Candidate) -> bool:
    """Schools and hospitals named after a saint: AZ Sint-Jan, het Sint-Jozefcollege."""
    if read.words[one.first] not in ("sint", "st", "saint"):
        return False
    after = read.words[one.last] if one.last < len(read.words) else ""
    before = read.words[one.first - 1] if one.first else ""
    return after in w.INSTITUTIONS or (before in w.INSTITUTIONS and before not in ("school", "ziekenhuis"))


def _another_reason(read: _Text, begin: int, end: int) -> bool:
    """Worked there long ago, born, married, a song, a train, a holiday: not where somebody is."""
    text = read.normal
    clause = 0
    for match in _CLAUSE.finditer(text, 0, begin):
        clause = match.start()
    left = text[clause:begin]
    stop = _END.search(text, end)
    right = text[end : stop.start() if stop else len(text)]
    if _ABROAD.match(right):
        return True
    still = "daar woon" in right
    turn = _CLAUSE.search(right)
    right = right[: turn.start()] if turn else right
    if left.rstrip().endswith("radio 2"):
        return True
    if _NOT.search(left) or _AWAY.search(left) or _MEDIA.search(left) or _TRAVEL.search(left):
        return True
    if _HIS_WORK.search(left) and "daar" not in right:
        return True
    if (
        right.startswith((" provincie", " (provincie"))
        or _STORY.search(left)
        or (_SPORT.search(text) and not re.search(r"\b(?:in|te|uit|van) $", left))
    ):
        return True
    if "verhui" in left and left.endswith("van ") and right.lstrip().startswith("naar"):
        return True
    if (_LIFE.search(left) and not still) or _LIFE_AFTER.match(right):
        return True
    return bool((_PAST.search(left) or _PAST.search(right)) and not _PRESENT.search(left + " " + right))


def _in_words(name: str, place: str) -> str:
    return name if place in ("", name) else (place if name in place else f"{place} ({name})")
