"""Which passwords are too easy to guess. Pure and offline: a short list of what people here really choose (SEC-5).

A password is judged by what is left after common words, years and runs such as 'abcdef' or '1111' are taken away.
No rules on capitals or signs: length and strangeness count, composition does not (ASVS 6.2.5).
"""

import re
import unicodedata

SHORTEST, LONGEST = 15, 128  # characters after NFC
ENOUGH = 5  # different characters that must be left

# The head of the published leak lists for Dutch, French and English, and words that lie near at hand in this work.
_LIST = """
wachtwoord paswoord password passwort motdepasse geheim secret welkom welcome bienvenue hallo hello bonjour
goedemorgen ikhouvanjou ikhouvanu iloveyou jetaime liefde liefje schatje lieverd knuffel prinses princess vriend
familie mama papa voetbal football basketbal ajax feyenoord psv clubbrugge anderlecht standard kaagent krcgenk
antwerpen gent brugge leuven hasselt mechelen brussel bruxelles vlaanderen belgie belgium nederland amsterdam
rotterdam zomer winter lente herfst summer spring autumn januari februari maart april mei juni juli augustus september
oktober november december maandag dinsdag woensdag donderdag vrijdag zaterdag zondag azerty azertyuiop qwerty
qwertyuiop qwertz qsdfgh qsdfghjklm asdfgh asdfghjkl zxcvbn zxcvbnm wxcvbn abc123 1q2w3e4r 1q2w3e qazwsx admin
administrator beheerder gebruiker computer internet login letmein laatmebinnen veranderme changeme standaard test demo
root master dragon monkey sunshine shadow superman batman pokemon chocolade chocolate bloemen hond kat poes hulplijn
wegwijs helpline medewerker verantwoordelijke tijdelijk nieuw sterk veilig
"""
_BY_LENGTH = sorted(_LIST.split(), key=len, reverse=True)
_YEAR = re.compile(r"(19|20)\d\d")
_LEET = str.maketrans("@4301$5", "aaeoiss")


def normal(password: str) -> str:
    """One form for one password, whichever keyboard composed the accents."""
    return unicodedata.normalize("NFC", password)


def is_weak(password: str, username: str) -> bool:
    """True when it is too short, too long, holds the username, or holds little beside what everybody tries first."""
    if not SHORTEST <= len(password) <= LONGEST:
        return True
    folded = password.casefold()
    if len(username) >= 3 and username.casefold() in folded:
        return True
    bare = _without_runs(_YEAR.sub("", "".join(c for c in folded if not c.isspace())))
    return any(len(set(_without_words(one))) < ENOUGH for one in (bare, bare.translate(_LEET)))


def _without_words(folded: str) -> str:
    for word in _BY_LENGTH:
        folded = folded.replace(word, "")
    return folded


def _without_runs(folded: str) -> str:
    """Takes away runs of three or more that stand still or go up or down by one: '1111', '4321', 'abcd', '7890'."""
    kept: list[str] = []
    start = 0
    while start < len(folded):
        end = start + 1
        while end < len(folded) and _step(folded, end) == _step(folded, start + 1) and abs(_step(folded, end)) <= 1:
            end += 1
        if end - start < 3:
            end = start + 1
            kept.append(folded[start])
        start = end
    return "".join(kept)


def _step(folded: str, at: int) -> int:
    before, here = folded[at - 1], folded[at]
    return 1 if (before, here) == ("9", "0") else ord(here) - ord(before)
