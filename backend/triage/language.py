"""In which language a message is written: a count of small words, and of letters that are not Latin.

Cheap (one dictionary access per word) and honest on short text: "help" or a name alone says nothing, and then the language
of the conversation stays. The lists are the small words that occur most, without those that two languages share.
"""

from collections.abc import Sequence
from typing import Final

_SMALL_WORDS: Final = {
    "nl": """
        ik k jij je ge gij u uw hij ij ie zij ze wij we wa da dat het t een nen ne mn mijn mijne mij m'n zijn zn haar
        onze ons jullie hun niet nie ni geen maar want ook nog wel naar van voor met mee bij op uit aan om als dan toen
        nu altijd nooit iemand niemand heeft heb hebt hebben had eet ee is ben bent zit zijt waren was word wordt worden
        kan kunt kun kunnen wil wilt mag moet moeten moest ga gaat gaan doe doet doen weet zeg zegt zei hoe wat wie waar
        wanneer dit deze die dees der er hier daar thuis tuis mama papa pappa man vrouw vriend kind kinderen vader
        moeder broer zus oma opa bomma bompa en of te ten omdat sinds heel veel goeiedag goedemorgen goeiemorgen dag
        bedankt dank alsjeblieft aub asjeblieft graag kom komt komen slaat slaan geslagen bang schrik kwaad help ksta
        kzit kben kheb kwil kga kan kweet zegt keer elke elk weer zo over door tegen onder tussen zonder huis school
        deur mien mie hem em zich zichzelf mezelf mensen mens vraag woont werk jaar weken maand dagen uur vandaag
        gisteren
    """,
    "fr": """
        je j jai jsuis tu il elle on nous vous ils elles le la les l un une des du de d au aux et ou mais que qu qui
        quand quoi est suis es sommes sont etes etait ai a ont avons avez avait pas ne n plus jamais mon ma mes ton ta
        tes son sa ses notre votre leur ce cet cette ces ca cest jetais dans sur sous avec sans pour par chez entre
        depuis tout tous toute tres trop aussi encore me m ma te se s y en lui moi toi mari femme copain copine papa
        maman pere mere frere soeur enfant enfants bonjour oui non aide aidez secours peur frappe il fait veux peux dois
        faut jour nuit soir hier maison porte police ou quelles quelle quels beaucoup anonyme cest cetait quil quelle
        jetais maman
    """,
    "en": """
        i im ive id you your youre he hes she shes it its we they the a an and or but not dont doesnt didnt cant wont no
        yes my his her our their this that these those is are was were be been am do does did have has had will would
        can could should to of in on at for from with by about what who when where how why me him them us here there now
        always never someone anybody somebody please help hello hi thanks thank husband wife boyfriend girlfriend dad
        mum mom stepdad father mother brother sister kid kids child children hits hit beats beat hurt hurts scared
        afraid home house door police like just want need know says said keeps going get
    """,
    "other": """
        ich du er sie wir ihr nicht und oder ist bin mein meine mich mir hilfe bitte der die das ein eine mit auf yo el
        ella usted nosotros los las una mi mis su por favor ayuda esta estoy tengo miedo marido novio pero muy como que
        io lui lei aiuto sono mio mia mi che non per sto paura marito eu ele ela nao meu minha socorro estou com medo
        marido voce ben sen beni bana kocam annem babam yardim lutfen bir cok korkuyorum var yok ve bu evde dovuyor ja
        jest nie mnie moj maz sie pomocy prosze boje jestem ma imi sotul mea ajutor va rog sunt frica si nu este ana
        enta howa zawji rajli khayfa 3afak 3awnouni aku saya suami tolong ya menya muzh pomogite
    """,
}


def _votes() -> dict[str, tuple[int, int, int, int]]:
    """word → votes for nl, fr, en, other. A word that n languages share counts 6/n for each."""
    lists = [set(_SMALL_WORDS[language].split()) for language in ("nl", "fr", "en", "other")]
    votes: dict[str, tuple[int, int, int, int]] = {}
    for word in set().union(*lists):
        share = 6 // sum(word in one for one in lists)
        nl, fr, en, other = (share if word in one else 0 for one in lists)
        votes[word] = (nl, fr, en, other)
    return votes


VOTES: Final = _votes()
_ORDER: Final = ("nl", "fr", "en", "other")


def detect(words: Sequence[str], text: str, default: str = "nl") -> tuple[str, tuple[str, ...]]:
    """The language of lower-case `words` (of `text`), and the languages whose rules should read it, most likely first.

    Rules of a second language read along when people mix, and all of them when nothing is sure.
    """
    nl = fr = en = other = 0
    for word in words:
        vote = VOTES.get(word)
        if vote:
            nl += vote[0]
            fr += vote[1]
            en += vote[2]
            other += vote[3]
    if not text.isascii() and _foreign_script(text):
        return "other", ("nl", "fr", "en")
    scores = (nl, fr, en, other)
    best = max(scores)
    if best == 0:
        return ("other" if len(words) >= 6 else default), _all_from(default)
    found = _ORDER[scores.index(best)] if scores[_ORDER.index(default)] < best else default
    if found == "other":
        if len(words) < 3:
            return default, _all_from(default)
        return "other", ("nl", "fr", "en")
    if len(words) <= 2 and best < 6:
        return default, _all_from(default)
    rest = tuple(
        language for language, score in zip(_ORDER[:3], scores, strict=False) if language != found and score * 3 >= best
    )
    return found, (found, *rest)


def _all_from(default: str) -> tuple[str, ...]:
    return (
        (default, *(language for language in _ORDER[:3] if language != default)) if default != "other" else _ORDER[:3]
    )


def _foreign_script(text: str) -> bool:
    """More than half of the letters are of another script than Latin (Arabic, Cyrillic, Greek, Chinese …)."""
    letters = foreign = 0
    for sign in text[:400]:
        if sign.isalpha():
            letters += 1
            foreign += sign > "\u036f" and not "\u1e00" <= sign <= "\u1eff"
    return foreign * 2 > letters > 0
