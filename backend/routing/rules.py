"""PURE. Which door for which need, as data: one `Rule` a line of thought, read by `engine.route`.

A rule holds when every condition that it names holds; within a condition one match is enough. `door` is an id of
services.csv, or a local door that the place fills in: `local:caw`, `local:veilig_huis`, `local:vk`, `local:zsg`,
`local:justitiehuis`, `local:ocmw`. `why` is Dutch and may be read by the citizen; {place} is the municipality.
Sources: research on the domain, sections 1, 2, 4 and 6; the references are the codes of its requirements (R0.1 ...).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


LOCAL_DOORS: Final = ("local:caw", "local:veilig_huis", "local:vk", "local:zsg", "local:justitiehuis", "local:ocmw")
LEVEL_RANK: Final = {"none": 0, "concern": 1, "serious": 2, "acute": 3}

# Signs of danger at this moment: the emergency numbers come first, whatever the level says (R: danger first).
GRAVE: Final = _set(
    """
    violence_now perpetrator_present weapon strangulation threat_to_kill suicide_risk severe_injury child_in_danger
    """
)
MEDICAL: Final = frozenset(("severe_injury", "suicide_risk"))
NONE: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """`order` is the rank in the list, low first. Empty sets mean: does not matter."""

    id: str
    door: str
    order: int
    why: str
    themes: frozenset[str] = NONE
    forms: frozenset[str] = NONE
    signals: frozenset[str] = NONE
    needs: frozenset[str] = NONE
    roles: frozenset[str] = NONE
    not_roles: frozenset[str] = NONE
    not_themes: frozenset[str] = NONE
    not_signals: frozenset[str] = NONE
    minor: bool | None = None
    least: str = "none"
    country: str = "be"
    brussels: bool | None = None
    language: str = ""
    needs_weight: bool = False  # acute, or serious with a child, a separation or several signals
    access: str = ""
    note: str = ""


_VIA_1712: Final = "Als burger kom je er via 1712."
_VIA_CAW: Final = "Je komt er via het CAW of de politie."
_VIA_VH_NOTE: Final = "Aanmelden kan via CAW of politie, niet rechtstreeks door de burger."
_CHOOSE: Final = "Je mag binnenlopen, dag en nacht. Je mag ook een ander centrum kiezen. Een klacht is niet nodig."

RULES: Final[tuple[Rule, ...]] = (
    # Recent sexual violence: a care centre, within seven days
    Rule(
        "zsg-recent",
        "local:zsg",
        20,
        "Helpt na seksueel geweld van de laatste zeven dagen: verzorging, onderzoek en iemand die luistert. Gratis.",
        signals=_set("recent_sexual_assault"),
        not_roles=_set("perpetrator"),
        access=_CHOOSE,
    ),
    Rule(
        "csg-nl",
        "csg-gelderland-zuid",
        20,
        "Helpt na seksueel geweld in de regio Nijmegen.",
        themes=_set("sexual_violence"),
        not_roles=_set("perpetrator"),
        country="nl",
    ),
    # Suicide
    Rule(
        "suicide",
        "1813",
        22,
        "Hier kan je praten over zelfmoordgedachten, ook als je je zorgen maakt over iemand anders.",
        signals=_set("suicide_risk"),
    ),
    # Professionals go directly
    Rule(
        "vk-professional",
        "local:vk",
        31,
        "Als professional kan je hier zelf terecht met een vraag over een kind in {place}, of om iets aan te melden.",
        themes=_set("child_maltreatment"),
        roles=_set("professional"),
        access="Professionals kunnen rechtstreeks contact nemen.",
    ),
    Rule(
        "vloco-professional",
        "vloco",
        31,
        "Geeft professionals advies over ouderenmis(be)handeling.",
        themes=_set("elder_abuse"),
        roles=_set("professional"),
        access="Alleen voor professionals.",
    ),
    # Children and young people who write themselves
    Rule("awel", "102", 32, "Awel luistert naar kinderen en jongeren. Je mag over alles praten.", minor=True),
    Rule(
        "nupraatikerover",
        "nupraatikerover",
        34,
        "Een anonieme chat voor kinderen en jongeren over seksueel misbruik.",
        minor=True,
        themes=_set("sexual_violence"),
        access="Alleen per chat, anoniem.",
    ),
    Rule(
        "nupraatikerover-form",
        "nupraatikerover",
        34,
        "Een anonieme chat voor kinderen en jongeren over seksueel misbruik.",
        minor=True,
        forms=_set("sexual"),
        access="Alleen per chat, anoniem.",
    ),
    Rule(
        "jac",
        "jac",
        52,
        "Helpt jongeren van 12 tot 25 jaar met alle vragen, per chat.",
        minor=True,
        access="Chat op jac.be.",
    ),
    # French-speaking callers
    Rule(
        "fr-partner",
        "0800-30030",
        33,
        "Franstalige lijn over partnergeweld.",
        themes=_set("partner_violence"),
        language="fr",
    ),
    Rule("fr-child", "103", 33, "Franstalige lijn voor kinderen en jongeren.", minor=True, language="fr"),
    Rule(
        "fr-child-theme",
        "103",
        47,
        "Franstalige lijn voor kinderen en jongeren.",
        themes=_set("child_maltreatment"),
        language="fr",
    ),
    Rule(
        "fr-legal",
        "maison-justice-bruxelles",
        43,
        "Geeft eerste juridische hulp in het Frans.",
        needs=_set("legal"),
        language="fr",
        brussels=True,
    ),
    # People who use violence and want to stop
    Rule(
        "perpetrator-sexual",
        "stop-it-now",
        35,
        "Luistert anoniem naar mensen die zich zorgen maken over hun gevoelens of gedrag tegenover minderjarigen.",
        roles=_set("perpetrator"),
        themes=_set("sexual_violence"),
    ),
    Rule(
        "perpetrator-sexual-form",
        "stop-it-now",
        35,
        "Luistert anoniem naar mensen die zich zorgen maken over hun gevoelens of gedrag tegenover minderjarigen.",
        roles=_set("perpetrator"),
        forms=_set("sexual"),
    ),
    Rule(
        "perpetrator",
        "local:caw",
        36,
        "Helpt mensen in {place} die willen stoppen met geweld: praten, boosheid leren beheersen, een plan. Gratis.",
        roles=_set("perpetrator"),
    ),
    Rule(
        "aggression",
        "local:caw",
        36,
        "Helpt in {place} om te stoppen met agressie. Gratis.",
        needs=_set("aggression_help"),
        not_roles=_set("perpetrator"),
    ),
    # The CAW: partner violence, violence in the family, help for victims, shelter
    Rule(
        "partner",
        "local:caw",
        40,
        "Helpt bij partnergeweld in {place}: luisteren, je veiligheid en een plan. Gratis.",
        themes=_set("partner_violence"),
        not_roles=_set("perpetrator"),
    ),
    Rule(
        "family",
        "local:caw",
        40,
        "Helpt bij geweld in de familie in {place}. Gratis.",
        themes=_set("family_violence honour_violence"),
        not_roles=_set("perpetrator"),
    ),
    Rule(
        "elder",
        "local:caw",
        40,
        "Helpt als een oudere in {place} slecht behandeld wordt. Gratis.",
        themes=_set("elder_abuse"),
        not_roles=_set("perpetrator"),
    ),
    Rule(
        "sexual",
        "local:caw",
        40,
        "Helpt mensen in {place} na seksueel geweld, ook als het lang geleden is. Gratis.",
        themes=_set("sexual_violence"),
        not_roles=_set("perpetrator"),
    ),
    Rule(
        "stalking",
        "local:caw",
        42,
        "Helpt slachtoffers van belaging in {place}. Gratis.",
        themes=_set("stalking"),
        not_roles=_set("perpetrator"),
    ),
    Rule(
        "other",
        "local:caw",
        42,
        "Helpt slachtoffers van geweld in {place}. Gratis.",
        themes=_set("other_violence"),
        not_roles=_set("perpetrator"),
    ),
    Rule(
        "divorce",
        "local:caw",
        42,
        "Helpt ouders en kinderen in {place} bij een moeilijke scheiding. Gratis.",
        themes=_set("high_conflict_divorce"),
        not_roles=_set("perpetrator"),
    ),
    Rule(
        "child-caw",
        "local:caw",
        49,
        "Helpt gezinnen in {place} waar het moeilijk gaat. Gratis.",
        themes=_set("child_maltreatment"),
        not_roles=_set("perpetrator"),
    ),
    Rule(
        "shelter",
        "local:caw",
        38,
        "Zoekt mee naar opvang als je in {place} niet veilig thuis kan blijven.",
        needs=_set("shelter"),
    ),
    # Police, when somebody follows you or breaks a ban
    Rule(
        "police-stalking",
        "101",
        39,
        "Volgt of bedreigt iemand je op dit moment: bel 101.",
        themes=_set("stalking"),
        not_signals=GRAVE,
        not_roles=_set("perpetrator"),
    ),
    Rule(
        "police-order",
        "101",
        39,
        "Iemand houdt zich niet aan een verbod van het gerecht: bel 101 als dat nu gebeurt.",
        signals=_set("order_breach"),
        not_signals=GRAVE,
    ),
    # Money and rights
    Rule(
        "financial",
        "local:ocmw",
        41,
        "Helpt met geld, schulden en rechten als je in {place} woont.",
        needs=_set("financial"),
    ),
    Rule(
        "legal",
        "local:justitiehuis",
        44,
        "Geeft eerste juridische hulp en uitleg over je rechten.",
        needs=_set("legal"),
    ),
    Rule(
        "order",
        "local:justitiehuis",
        45,
        "Volgt een huisverbod of een andere maatregel van het gerecht mee op.",
        signals=_set("order_breach"),
    ),
    # Child maltreatment: the VK, for citizens through 1712
    Rule(
        "vk-citizen",
        "local:vk",
        43,
        "Dit centrum helpt bij kindermishandeling. 1712 brengt je met hen in contact.",
        themes=_set("child_maltreatment"),
        not_roles=_set("professional"),
        access=_VIA_1712,
        note="Burgers gaan via 1712; professionals en andere diensten bellen rechtstreeks.",
    ),
    # Veilig Huis: heavy or stuck situations in one family
    Rule(
        "veilig-huis",
        "local:veilig_huis",
        46,
        "Hier werken politie, justitie en hulp samen rond één gezin als het geweld ernstig is.",
        themes=_set("partner_violence child_maltreatment family_violence honour_violence"),
        least="serious",
        needs_weight=True,
        not_roles=_set("professional"),
        access=_VIA_CAW,
        note=_VIA_VH_NOTE,
    ),
    Rule(
        "veilig-huis-professional",
        "local:veilig_huis",
        46,
        "Als professional kan je hier zonder namen overleggen over een gezin met ernstig geweld.",
        themes=_set("partner_violence child_maltreatment family_violence honour_violence"),
        least="concern",
        roles=_set("professional"),
        access="Professionals kunnen anoniem overleggen.",
    ),
    # Older people in Brussels
    Rule(
        "omb-brussels",
        "brussels-omb",
        37,
        "Meldpunt voor ouderenmis(be)handeling in Brussel.",
        themes=_set("elder_abuse"),
        brussels=True,
        note="Nagaan of dit meldpunt nog bestaat.",
    ),
    # The Netherlands (R4.6, R4.7)
    Rule(
        "nl",
        "veilig-thuis",
        30,
        "Het Nederlandse advies- en meldpunt voor huiselijk geweld en kindermishandeling.",
        country="nl",
        access="Advies kan zonder je naam te zeggen. Voor een melding is je naam wel nodig.",
    ),
    Rule("nl-region", "veilig-thuis-gelderland-zuid", 31, "Veilig Thuis voor {place}.", country="nl"),
    Rule("nl-danger", "112", 60, "Is er direct gevaar, bel dan 112.", country="nl"),
)

# Why a service that people may expect is not offered. Read when its own rule does not apply.
ONLY_PROFESSIONALS: Final = "alleen voor professionals; burgers gaan naar 1712."
ZSG_TOO_LATE: Final = "voor seksueel geweld van de laatste zeven dagen."


@dataclass(frozen=True, slots=True)
class Intake:
    """A service that takes nobody, or may not. `since` is an ISO date; `why` is Dutch, for the citizen too."""

    service: str
    since: str
    why: str
    source: str


CLOSED_INTAKE: Final[tuple[Intake, ...]] = (
    Intake(
        "veilig-huis-halle-vilvoorde",
        "2025-05",
        "nam sinds mei 2025 geen nieuwe dossiers aan; of dat nu anders is, is niet bevestigd.",
        "ringtv.be, in services.csv",
    ),
)


@dataclass(frozen=True, slots=True)
class Project:
    """A local offer inside a service, for a few municipalities only. `until` is ISO, empty when no end is known."""

    id: str
    service: str
    municipalities: frozenset[str]
    themes: frozenset[str]
    note: str
    until: str = ""
    ended_note: str = ""


PROJECTS: Final[tuple[Project, ...]] = (
    Project(  # R1.5, R1.6: only the six that pay for it, through 1712
        "noorderkempen",
        "caw-antwerpen",
        _set("11022 11023 11008 11053 11044 11016"),
        _set("partner_violence family_violence child_maltreatment honour_violence elder_abuse"),
        "Project Noorderkempen: casusregie bij intrafamiliaal geweld, aanmelden via 1712 of CAW Antwerpen.",
    ),
    Project(  # R0.2: an agreement that has ended no longer steers
        "dendermonde",
        "ocmw-42006",
        frozenset(("42006",)),
        _set("partner_violence"),
        "Samenwerking met CAW Oost-Vlaanderen rond partnergeweld.",
        "2025-12-31",
        "De samenwerking met CAW Oost-Vlaanderen rond partnergeweld liep tot eind 2025; verlenging niet bevestigd.",
    ),
)


class RuleProblem(ValueError):
    """A rule that cannot be right, in a sentence for the person who wrote it."""


def check(
    rules: Iterable[Rule], services: Collection[str], vocabulary: Mapping[str, Collection[str]] | None = None
) -> None:
    """Refuses double names, unknown doors and, given the codes of the annotation guide per field, unknown codes.

    `vocabulary` has the keys themes, forms, signals, needs and roles.
    """
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise RuleProblem(f"De regel {rule.id} staat er twee keer.")
        seen.add(rule.id)
        if rule.door not in LOCAL_DOORS and rule.door not in services:
            raise RuleProblem(f"De regel {rule.id} wijst naar {rule.door}; die dienst bestaat niet.")
        if not rule.why:
            raise RuleProblem(f"De regel {rule.id} zegt niet hoe de dienst helpt.")
        if rule.least not in LEVEL_RANK:
            raise RuleProblem(f"De regel {rule.id} noemt een onbekend niveau: {rule.least}.")
        given = {
            "themes": rule.themes | rule.not_themes,
            "forms": rule.forms,
            "signals": rule.signals | rule.not_signals,
            "needs": rule.needs,
            "roles": rule.roles | rule.not_roles,
        }
        for name, codes in given.items():
            unknown = codes - set(vocabulary[name]) if vocabulary is not None else frozenset()
            if unknown:
                raise RuleProblem(f"De regel {rule.id} gebruikt een onbekende code: {', '.join(sorted(unknown))}.")
