"""PURE. `route`: the right door for this need, in this municipality, at this hour, with a reason for each door.

Order: danger (101, 112), a care centre after recent sexual violence, then a line that answers at this very hour, then
the services of the place. The list has at most six doors; near misses are in `rejected`, with a reason. An unknown or
ambiguous place is asked, never chosen. A number that no source confirmed is never shown to a citizen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Protocol

from backend.routing import hours as h
from backend.routing.rules import (
    CLOSED_INTAKE,
    GRAVE,
    LEVEL_RANK,
    MEDICAL,
    ONLY_PROFESSIONALS,
    PROJECTS,
    RULES,
    ZSG_TOO_LATE,
    Intake,
    Project,
    Rule,
    check,
)

LONGEST: Final = 6
Row = Mapping[str, str]

# What a citizen reads on how to get in, per kind of service. Refined by a rule.
_ACCESS: Final = {
    "emergency": "Gratis, dag en nacht.",
    "caw": "Voor iedereen, gratis.",
    "veilig_huis": "Je komt er via het CAW of de politie.",
    "vk": "Als burger kom je er via 1712.",
    "zsg": "Je mag binnenlopen, dag en nacht. Een klacht is niet nodig.",
    "ocmw": "Voor wie in de gemeente woont.",
    "justitiehuis": "Voor eerste juridische hulp kan iedereen terecht.",
    "parket": "Niet voor burgers.",
}
_ACCESS_OF: Final = {
    "1712": "Voor iedereen, gratis en anoniem. Staat niet op je telefoonrekening.",
    "106": "Voor iedereen, anoniem.",
    "102": "Voor kinderen en jongeren.",
    "1813": "Voor iedereen, anoniem.",
    "vloco": "Alleen voor professionals.",
}
# Names and addresses of services.csv that mix English with Dutch, as a citizen reads them.
_SHOWN: Final = {
    "CAW Boom Mechelen Lier (now CAW Rivierenland)": "CAW Boom Mechelen Lier (nu CAW Rivierenland)",
    "zorghotel Drie Eiken, next to UZA, Edegem": "zorghotel Drie Eiken, naast het UZA, Edegem",
    "Geel (Antwerpseweg, site of Welzijnszorg Kempen)": "Geel, Antwerpseweg",
    "Antwerpen; branches in Mechelen and Turnhout (vrt.be 2019-12-21)": "Antwerpen, ook in Mechelen en Turnhout",
    "Brugge and Kortrijk (focus-wtv.be 2025-04)": "Brugge en Kortrijk",
    "part of GGD Gelderland-Zuid, Nijmegen": "Nijmegen",
}
_LOCAL_COLUMNS: Final = {
    "local:caw": ("caw", "caw_source"),
    "local:veilig_huis": ("veilig_huis", "veilig_huis_source"),
    "local:vk": ("vertrouwenscentrum_kindermishandeling", "vk_source"),
    "local:justitiehuis": ("justitiehuis", "justitiehuis_source"),
    "local:zsg": ("zsg", "zsg_source"),
}
_KIND_NL: Final = {"local:caw": "CAW", "local:veilig_huis": "Veilig Huis", "local:ocmw": "OCMW"}


class Assessed(Protocol):
    """What `Need.of` reads of an assessment. Routing and triage stand side by side and do not import each other."""

    @property
    def themes(self) -> tuple[str, ...]: ...
    @property
    def forms(self) -> tuple[str, ...]: ...
    @property
    def role(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def danger_signals(self) -> tuple[str, ...]: ...
    @property
    def needs(self) -> tuple[str, ...]: ...
    @property
    def caller_is_minor(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Need:
    """What an assessment says that matters for the way: codes of the annotation guide."""

    themes: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    role: str = "unknown"
    level: str = "none"
    danger_signals: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    caller_is_minor: bool = False

    @classmethod
    def of(cls, a: Assessed) -> "Need":
        return cls(a.themes, a.forms, a.role, a.level, a.danger_signals, a.needs, a.caller_is_minor)


@dataclass(frozen=True, slots=True)
class Service:
    """A row of services.csv or ocmw.csv. Empty text means not known."""

    id: str
    name: str
    kind: str
    phone: str = ""
    phone_confirmed: bool = False
    website: str = ""
    website_confirmed: bool = True
    address: str = ""
    access: str = ""
    note: str = ""
    hours: h.Hours | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """What serves one municipality: door ("local:caw") to service id, "" when not established."""

    nis: str
    name: str
    province: str
    doors: Mapping[str, str]
    unconfirmed: frozenset[str]
    police_zone: str = ""

    @property
    def country(self) -> str:
        return "nl" if self.nis.startswith("GM") else "be"

    @property
    def in_brussels(self) -> bool:
        return self.nis.startswith("21")


@dataclass(frozen=True, slots=True)
class Directory:
    """Everything that routing reads, frozen. A newer directory is a new object."""

    services: Mapping[str, Service]
    areas: Mapping[str, Area]
    rules: tuple[Rule, ...] = RULES
    closed: Mapping[str, Intake] = field(default_factory=dict)
    projects: tuple[Project, ...] = PROJECTS
    neighbours: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)  # door and province to ids

    @classmethod
    def from_rows(
        cls,
        services: Iterable[Row],
        areas: Iterable[Row],
        ocmw: Iterable[Row],
        *,
        municipalities: Iterable[Row] = (),
        dutch_municipalities: Iterable[Row] = (),
        holidays: Iterable[Row] = (),
        opening_hours: Iterable[Row] = (),
        rules: tuple[Rule, ...] = RULES,
        closed_intake: Iterable[Intake] = CLOSED_INTAKE,
        projects: tuple[Project, ...] = PROJECTS,
    ) -> "Directory":
        free_days = frozenset(date.fromisoformat(row["date"]) for row in holidays)
        times = h.from_rows(opening_hours, free_days)
        held: dict[str, Service] = {}
        for row in ocmw:  # a municipality that merged has several rows; the one that was not marked old goes first
            service_id, old = f"ocmw-{row['nis_code']}", row["status"].startswith("pre-merger")
            if service_id in held and old:
                continue
            held[service_id] = Service(
                id=service_id,
                name=row["name"],
                kind="ocmw",
                phone=row["phone"],
                website=row["website"],
                website_confirmed=not old,
                note="Gegevens van voor de fusie: eerst nagaan." if old else "Gegevens van december 2023.",
                hours=times.get(service_id),
            )
        for row in services:
            service_id = f"ocmw-{row['area']}" if row["kind"] == "ocmw" else row["id"]
            held[service_id] = Service(
                id=service_id,
                name=_SHOWN.get(row["name"], row["name"]),
                kind=row["kind"],
                phone=row["phone"],
                phone_confirmed=bool(row["phone"]) and row["phone_status"] == "sourced",
                website=row["website"],
                website_confirmed="website address unverified" not in row["note"],
                address=_SHOWN.get(row["address"], row["address"]),
                access=_ACCESS_OF.get(row["id"], _ACCESS.get(row["kind"], "")),
                hours=times.get(service_id),
            )
        unknown = set(times) - set(held)
        if unknown:
            raise ValueError(f"opening hours of unknown services: {sorted(unknown)}")
        provinces = {row["nis_code"]: row["province"] or "Brussel" for row in municipalities}
        places: dict[str, Area] = {}
        for row in areas:
            nis = row["nis_code"]
            doors = {door: row[column] for door, (column, _) in _LOCAL_COLUMNS.items()}
            doors["local:ocmw"] = f"ocmw-{nis}" if f"ocmw-{nis}" in held else ""
            places[nis] = Area(
                nis=nis,
                name=row["name_nl"],
                province=provinces.get(nis, ""),
                doors=doors,
                unconfirmed=frozenset(
                    door
                    for door, (_, source) in _LOCAL_COLUMNS.items()
                    if "general knowledge" in row[source] or "check:" in row[source]
                ),
                police_zone=row["police_zone_name"],
            )
        for row in dutch_municipalities:
            doors = {"veilig-thuis-gelderland-zuid": row["veilig_thuis"]}
            places[row["cbs_code"]] = Area(row["cbs_code"], row["municipality"], row["province"], doors, frozenset())
        check(rules, held)
        grouped: dict[tuple[str, str], dict[str, None]] = {}
        for place in places.values():
            for door, service_id in place.doors.items():
                if service_id and door in ("local:caw", "local:veilig_huis"):
                    grouped.setdefault((door, place.province), {})[service_id] = None
        return cls(
            services=held,
            areas=places,
            rules=rules,
            closed={intake.service: intake for intake in closed_intake},
            projects=projects,
            neighbours={key: tuple(ids) for key, ids in grouped.items()},
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """One door. `why`, `hours`, `opens` and `access` are Dutch, for the citizen too; `note` is for operators."""

    service: str
    name: str
    kind: str
    why: str
    phone: str | None
    phone_confirmed: bool
    hours: str
    open_now: bool | None
    opens: str | None
    website: str | None
    address: str | None
    access: str
    note: str

    def for_citizen(self) -> dict[str, Any]:
        """The `card` of the protocol. A number that is not confirmed stays out."""
        return {
            "service": self.service,
            "name": self.name,
            "kind": self.kind,
            "why": self.why,
            "phone": self.phone if self.phone_confirmed else None,
            "hours": self.hours,
            "open_now": self.open_now,
            "opens": self.opens,
            "website": self.website,
            "address": self.address,
            "access": self.access,
        }


@dataclass(frozen=True, slots=True)
class Rejection:
    """A door that somebody may expect and that is not offered. `why` is a Dutch sentence with the name in it."""

    service: str
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Decision:
    services: tuple[Choice, ...]
    rejected: tuple[Rejection, ...] = ()
    ask: str | None = None


def reachable(choice: Choice) -> bool:
    """Whether somebody can get an answer here at this hour: a confirmed number, or an open door with an address."""
    return choice.open_now is True and (choice.phone_confirmed or (choice.kind == "zsg" and choice.address is not None))


def route(
    need: Need,
    nis: str | None,
    now: datetime,
    language: str,
    directory: Directory,
    *,
    place_ambiguous: bool = False,
) -> Decision:
    """The doors for this need. `nis`: a code of today; None, an unknown code or `place_ambiguous` means: ask."""
    area = None if nis is None or place_ambiguous else directory.areas.get(nis)
    return _Routing(need, area, now, language, directory).decide()


class _Routing:
    """One decision under construction."""

    def __init__(self, need: Need, area: Area | None, now: datetime, language: str, directory: Directory) -> None:
        self.need, self.area, self.now, self.language, self.directory = need, area, now, language, directory
        self.themes, self.signals = frozenset(need.themes), frozenset(need.danger_signals)
        self.found: dict[str, tuple[int, list[str], str, str]] = {}  # service -> order, whys, access, note
        self.rejected: dict[str, Rejection] = {}
        self.unserved: list[str] = []
        self.ask: str | None = None

    def decide(self) -> Decision:
        self._emergency()
        for rule in self.directory.rules:
            if self._holds(rule):
                self._open(rule)
        if self.area is None or self.area.country == "be":
            self._general_line()
        self._projects()
        self._near_misses()
        ranked = sorted(self.found.items(), key=lambda item: item[1][0])
        kept, over = ranked[:LONGEST], ranked[LONGEST:]
        if over and not any(service == "1712" for service, _ in kept) and any(service == "1712" for service, _ in over):
            over = [kept[-1], *(one for one in over if one[0] != "1712")]
            kept = [*kept[:-1], ("1712", self.found["1712"])]
        for service, _ in over:
            self._reject(service, "past ook, maar de lijst is kort gehouden.")
        choices = tuple(self._choice(service, *made) for service, made in kept)
        return Decision(choices, tuple(self.rejected.values()), self.ask)

    # Danger

    def _emergency(self) -> None:
        grave = self.signals & GRAVE
        if self.need.level != "acute" and not grave:
            return
        if self.area is not None and self.area.country == "nl":
            self._add("112", 1, "Is er nu gevaar: bel 112. Voor politie en ambulance, dag en nacht.")
            return
        medical = bool(grave & MEDICAL) or "medical" in self.need.needs
        violence = bool(self.themes or self.signals - MEDICAL)
        if violence:
            police = "Is er nu gevaar door geweld: bel 101. De politie komt, dag en nacht."
            self._add("101", 2 if medical else 1, police)
        if medical:
            ambulance = "Is iemand gewond of in levensgevaar: bel nu 112. Dag en nacht."
        elif violence:
            ambulance = "Heeft iemand dringend een dokter of ambulance nodig: bel 112. Dag en nacht."
        else:
            ambulance = "Is er nu gevaar: bel 112. Dag en nacht."
        self._add("112", 1 if medical or not violence else 2, ambulance)

    # Rules

    def _holds(self, rule: Rule) -> bool:
        need, area = self.need, self.area
        country = "be" if area is None else area.country
        return not (
            rule.country != country
            or (rule.themes and not rule.themes & self.themes)
            or (rule.signals and not rule.signals & self.signals)
            or (rule.needs and rule.needs.isdisjoint(need.needs))
            or (rule.forms and rule.forms.isdisjoint(need.forms))
            or (rule.roles and need.role not in rule.roles)
            or need.role in rule.not_roles
            or rule.not_themes & self.themes
            or rule.not_signals & self.signals
            or (rule.minor is not None and rule.minor != need.caller_is_minor)
            or LEVEL_RANK[need.level] < LEVEL_RANK[rule.least]
            or (rule.brussels is not None and (area is None or area.in_brussels != rule.brussels))
            or (rule.language and rule.language != self.language)
            or (rule.needs_weight and not self._weighty())
        )

    def _weighty(self) -> bool:
        """Heavy enough for a Veilig Huis."""
        weighty = self.need.level == "acute" or len(self.signals) >= 2
        return weighty or "child_maltreatment" in self.themes or "separation" in self.signals

    def _open(self, rule: Rule) -> None:
        door = rule.door
        if not door.startswith("local:"):
            if self.area is not None and door in self.area.doors and not self.area.doors[door]:
                self._reject(door, f"het is niet vastgesteld dat deze dienst in {self.area.name} werkt.")
                return
            self._add(door, rule.order, self._filled(rule.why), rule.access, rule.note)
            return
        if self.area is None:
            self.ask = "place"
            if door == "local:zsg":
                self.unserved.append(
                    "Een Zorgcentrum na Seksueel Geweld is dag en nacht open, zonder afspraak: zie seksueelgeweld.be."
                )
            return
        service = self.area.doors.get(door, "")
        if service:
            intake = self.directory.closed.get(service)
            if intake is not None and intake.since <= self.now.date().isoformat():
                self._reject(service, intake.why)
                return
            note = rule.note
            if door in self.area.unconfirmed:
                note = f"{note} Gebied niet bevestigd voor {self.area.name}.".strip()
            self._add(service, rule.order, self._filled(rule.why), rule.access, note)
            return
        if door == "local:zsg":  # Halle-Vilvoorde: no centre of its own, any centre may be chosen
            for order, other in enumerate(("zsg-leuven", "zsg-brussel")):
                self._add(other, rule.order + order, self._filled(rule.why), rule.access)
            return
        what = _KIND_NL.get(door, "")
        if what:
            where = self.area.name
            self.unserved.append(f"We weten niet zeker welk {what} in {where} werkt. 1712 zoekt het met je uit.")
            for other in self.directory.neighbours.get((door, self.area.province), ())[:3]:
                self._reject(other, f"het is niet vastgesteld of deze dienst in {self.area.name} werkt.")

    def _filled(self, why: str) -> str:
        return why.replace("{place}", self.area.name if self.area is not None else "je gemeente")

    # The line that answers now

    def _general_line(self) -> None:
        need, services = self.need, self.directory.services
        lines = ("102", "1712", "106") if need.caller_is_minor else ("1712", "106")
        open_line = next((line for line in lines if h.open_now(services[line].hours, self.now)), "106")
        direct = need.role == "professional" and self.themes & {"child_maltreatment", "elder_abuse"}
        first = min((made[0] for made in self.found.values()), default=99)
        answered = first <= 2 or (first == 20)
        extra = " ".join(dict.fromkeys(self.unserved))
        if open_line == "1712":
            why = (
                "Als professional ga je zelf naar het centrum hieronder. Bereik je daar niemand, dan helpt 1712."
                if direct
                else "Luistert, denkt mee en zoekt met jou de juiste hulp. Nu bereikbaar."
            )
            self._add("1712", 48 if answered else 30, f"{why} {extra}".strip())
            return
        if open_line == "102":
            self._add("102", 30, "Awel luistert naar kinderen en jongeren. Je mag over alles praten. Nu bereikbaar.")
        elif not answered:
            self._add("106", 30, "Nu bereikbaar: iemand luistert, dag en nacht. Is er gevaar, bel 101 of 112.")
        if not direct or extra:
            later = "Luistert, denkt mee en zoekt met jou de juiste hulp."
            self._add("1712", 48, f"{later} {extra}".strip())

    # Local offers and near misses

    def _projects(self) -> None:
        if self.area is None:
            return
        today = self.now.date().isoformat()
        for project in self.directory.projects:
            fits = self.area.nis in project.municipalities and project.themes & self.themes
            if fits and project.service in self.found:
                note = project.note if not project.until or today <= project.until else project.ended_note
                order, whys, access, held = self.found[project.service]
                self.found[project.service] = (order, whys, access, f"{held} {note}".strip())

    def _near_misses(self) -> None:
        area, themes = self.area, self.themes
        if "elder_abuse" in themes and self.need.role != "professional" and (area is None or area.country == "be"):
            self._reject("vloco", ONLY_PROFESSIONALS)
        if area is None:
            return
        if area.country == "nl":
            if themes:
                self._reject("1712", "is er voor Vlaanderen en Brussel, niet voor Nederland.")
            return
        for door in ("local:caw", "local:veilig_huis"):
            own = area.doors.get(door, "")
            if own and (own in self.found or own in self.rejected):
                others = (other for other in self.directory.neighbours.get((door, area.province), ()) if other != own)
                for other in list(others)[:2]:
                    self._reject(other, f"werkt niet in {area.name}.")
        if "sexual_violence" in themes and "recent_sexual_assault" not in self.signals and area.doors.get("local:zsg"):
            self._reject(area.doors["local:zsg"], ZSG_TOO_LATE)
        if "elder_abuse" in themes and not area.in_brussels:
            self._reject("brussels-omb", f"is er voor Brussel, niet voor {area.name}.")

    # Making the answer

    def _add(self, service: str, order: int, why: str, access: str = "", note: str = "") -> None:
        held = self.found.get(service)
        if held is None:
            self.found[service] = (order, [why], access, note)
            return
        said = any(why.startswith(one.rstrip(".")) or one.startswith(why.rstrip(".")) for one in held[1])
        whys = held[1] if said else [*held[1], why]
        self.found[service] = (min(order, held[0]), whys, held[2] or access, held[3] or note)

    def _reject(self, service: str, why: str) -> None:
        if service not in self.found or why.startswith("past ook"):
            known = self.directory.services[service]
            self.rejected.setdefault(service, Rejection(service, known.name, f"{known.name}: {why}"))

    def _choice(self, service: str, order: int, whys: Sequence[str], access: str, note: str) -> Choice:
        known = self.directory.services[service]
        notes = [note, known.note]
        if known.phone and not known.phone_confirmed:
            notes.append("Nummer niet bevestigd: niet doorgeven voor iemand het heeft nagekeken.")
        elif not known.phone and known.kind not in ("chat", "zsg"):
            notes.append("Geen nummer bekend.")
        if known.website and not known.website_confirmed:
            notes.append(f"Webadres niet bevestigd: {known.website}.")
        if service == "101" and self.area is not None and self.area.police_zone:
            notes.append(f"Lokale politie: zone {self.area.police_zone}.")
        return Choice(
            service=service,
            name=known.name,
            kind=known.kind,
            why=" ".join(whys[:2]),
            phone=known.phone or None,
            phone_confirmed=known.phone_confirmed,
            hours=h.summary(known.hours, self.now),
            open_now=h.open_now(known.hours, self.now),
            opens=h.opens_text(known.hours, self.now),
            website=known.website if known.website and known.website_confirmed else None,
            address=known.address or None,
            access=access or known.access or "Voor iedereen.",
            note=" ".join(one for one in notes if one),
        )
