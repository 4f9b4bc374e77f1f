"""PURE. Word lists that tell a place from an ordinary word, a surname or a place named for another reason.

All words are lower case without accents, as `places.normal` writes them. From general knowledge of Dutch, French and
English; extended with what real messages showed.
"""

from typing import Final


def words(text: str) -> frozenset[str]:
    """A set of words, written as one text."""
    return frozenset(text.split())


# Names that are also ordinary words or first names. They need a cue ("in mol") or a capital within the sentence.
ORDINARY: Final = words(
    """
    as baal balen beek beert bellem berg bever bevel boom borlo bost bree brielen brustem buren burcht burst damme
    de diest deurle doel donk duisburg duras eine eke elen elene elst ename appels alken asper bekegem esen essen
    forest geel gend gestel grazen hal halen hallaar ham hamme haren heers hees heks henis heppen herne herten hever
    hoeke hove huise hulste impe jette jeuk kallo kanne kaster kemmel kessel kester kluizen kozen laar laken land
    landen lauw lauwe lede leest leive leke leut lier lille lillo linden lint linter lo loker lot loven mal malle
    marke mater meer melden melle melsen menen menin mere mesen moen moere mol mook munte niel oeren olmen ooike
    outer paal pamel peer perk poeke proven pulle putte reet rotem ruien rutten schore schoten sluizen staden stene
    stokkem strijpen tiel tielen tiene ursel velm veulen viane voeren voorde voort vorsen vorst vucht wakken wange
    weelde weerde weert welden welle wellen werken werm wieze wichelen wijer wortel zande zelem malden wamel sinaai
    """
)

# The worst of them: verbs, pronouns and particles. A loose "in", "te" or "uit" before them proves nothing.
WORST: Final = words(
    """
    as balen bevel buren doel hal halen ham haren lot mal male land landen lauw leest melden meer menen mere mater
    outer proven reet schore stene tiene voort werken welden herten appels grazen kluizen sluizen laken linden
    veulen wange wakken kanne jeuk heks beek berg burcht elst donk vorsen voorde laar paal peer perk leut forest
    wortel weelde loven munte marke gend tielen ruien vucht zande lint eine eke leke bost welle
    """
)

# Before a place these say that somebody lives or is there.
STRONG: Final = words(
    """
    woon woont wonen woonde woonden wone gewoond wonend wonende woonachtig verblijf verblijft verblijven gemeente
    stad dorp deelgemeente woonplaats adres postcode postnummer regio omgeving gehucht parochie afkomstig gevestigd
    logeer logeert logeren habite habitons habitent habitez vis vit vivons vivent commune ville live lives living
    stay stays staying village town city
    """
)
# And these point at a place, but also at many other things.
WEAK: Final = words(
    """
    in te uit nabij rond tot bij naar richting vanuit ten tegen centrum a au de dans vers pres depuis at from near
    to around station ziekenhuis school politie ocmw park buurt hartje binnenstad rand inne uyt hier locatie plaats
    """
)
# Words that may stand between the verb and its preposition: "woon in", "wonen nu al jaren in".
LINK: Final = words(
    """
    in te op nabij bij rond aan naast vlakbij dichtbij a pres de near at dans van inne is = nu hier
    """
)

FIRST_NAMES: Final = words(
    """
    tom jan piet peter marc mark luc dirk koen bart kris chris geert johan patrick jef jos louis lowie lucas lukas
    arthur noah liam adam jules victor finn mathis mats kobe sander jonas wout stijn steven kevin kenny glenn jason
    brian sven tim thomas simon ruben niels jelle pieter paul pol willy walter eddy ronny danny johnny rudy guy
    frank frans karel hans erik eric mohamed mohammed ahmed ali youssef bilal ibrahim omar hassan mustafa mehmet
    emre rachid said karim hamza anas els an ann anne anna annelies eva emma lotte lore laura lara sara sarah julie
    julia jana hanne ilse inge katrien katleen kim kelly kirsten leen lien lies liesbeth marie maria martine mieke
    monique nadia nathalie nele nina petra rita sandra sofie sophie tine tinne veerle viviane linda christine greet
    griet hilde karen ingrid jessica joke jolien elien ellen elke amber femke fien fleur floor louise olivia mila
    noor nora amina fatima aicha khadija samira leila yasmina zineb jean pierre jacques michel philippe olivier
    nicolas david kamiel cyriel gust staf rik rick wim willem yves bert bob tony tony ben robin dylan jens jasper
    jeroen joris maarten mathias michiel rob roel senne stef seppe vic warre yannick jette ursel elene niel viane
    brigitte carine caroline charlotte chantal danielle debby evelien femke goedele heidi isabelle jasmine karin
    kathleen lieve magda mia myriam nancy natasha patricia rosa ria sabine silke steffi tamara tess vera wendy mevr
    """
)
TITLES: Final = words(
    """
    meneer mijnheer menheer cafe brouwerij restaurant frituur mevrouw mevr madam heer dhr mr dr dokter doktor
    professor prof juf juffrouw meester agent inspecteur commissaris familie fam coach trainer collega notaris
    advocaat advocate meester rechter buurman buurvrouw nonkel tante zuster pastoor directeur directrice monsieur
    madame famille docteur mister doctor heet heten noemt noemen naam achternaam genaamd appelle nom called name
    """
)
# Proper names of teams and services that carry a place.
TEAMS: Final = words(
    """
    club kv krc kaa ksc rsc rsca sc fc kfc kvc oh ohl cercle vv aa kv racing royal sk rc kvk standard caw parket
    rechtbank arrondissement provincie province bisdom ksk wtc kbvb tifosi filou noliko
    """
)
STREET: Final = ("straat", "laan", "steenweg", "plein", "baan", "lei", "dreef", "kaai", "markt", "weg")

# What is dropped from an answer to "in which municipality?" before the rest must be a name.
FILLER: Final = words(
    """
    ik woon wonen we wij het is dat die in te uit van de gemeente stad dorp aub alsjeblieft alstublieft a.u.b svp
    bitte please denk dus ja jaa ok oke euh eh nu hier momenteel regio omgeving buurt mijn postcode adres eigenlijk
    gewoon kom ben zit bij deelgemeente provincie belgie nederland vlaanderen en of volgens mij geloof j habite a au
    nous vivons je suis i live from we s t zal zijn was dan toch wel hoor namelijk thuis woont hij zij ze ons oma
    mama mr op
    """
)

UNITS: Final = words(
    """
    euro eur frank dollar euros kg kilo gram km kilometer meter m cm liter l uur u h minuten minuut min sec seconden
    dagen weken maanden jaar jaren keer keren x maal man mensen personen stuks berichten bericht smsen sms mails
    mail oproepen foto fotos woorden procent percent kcal calorieen volt watt stemmen vrienden volgers leden
    leerlingen kinderen gasten bladzijden paginas graden per pillen mg ml punten likes views
    """
)
MONTHS: Final = words(
    """
    januari februari maart april mei juni juli augustus september oktober november december jan feb mrt apr jun jul
    aug sep sept okt nov dec janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre
    january february march may june july august october sinds vanaf jaar zomer winter herfst lente begin eind einde
    voorjaar najaar depuis since anno nummer nr bus kamer euro eur
    """
)
# Regions that separate two places of the same name: word -> provinces.
REGIONS: Final[dict[str, tuple[str, ...]]] = {
    "limburg": ("Limburg",),
    "limburgs": ("Limburg",),
    "haspengouw": ("Limburg",),
    "kempen": ("Antwerpen",),
    "antwerps": ("Antwerpen",),
    "waasland": ("Oost-Vlaanderen",),
    "waas": ("Oost-Vlaanderen",),
    "denderstreek": ("Oost-Vlaanderen",),
    "meetjesland": ("Oost-Vlaanderen",),
    "hageland": ("Vlaams-Brabant",),
    "pajottenland": ("Vlaams-Brabant",),
    "brabant": ("Vlaams-Brabant",),
    "westhoek": ("West-Vlaanderen",),
    "kust": ("West-Vlaanderen",),
    "brussel": ("Brussel",),
}

# Four letters or fewer, and still clear without a cue.
SHORT_BUT_CLEAR: Final = words("gent genk gand zele lede tielt gits")

# Words that look like a misspelt place and are not.
NOT_MISSPELT: Final = words(
    """
    kinderen leven handen landen kelder winkel keuken bescherming beweging beveiliging helemaal ergens anders
    vandaag gevaar geval gesprek gebruik bericht berichten beneden binnen buiten verder werking relatie paniek
    stress
    """
)

INSTITUTIONS: Final = words(
    """
    college school lagere basisschool instituut ziekenhuis kliniek hospitaal az kerk parochie parochiekerk atheneum
    abdij gasthuis
    """
)

# Before a capital that is also a first name: a person.
RELATIVES: Final = words(
    """
    broer broertje zus zusje zoon zoontje dochter dochtertje man vriend vriendin vriendje neef neefje nicht nichtje
    kind baby hond vader moeder papa mama oma opa ex partner echtgenoot echtgenote stiefvader stiefmoeder klasgenoot
    baas frere soeur mari brother sister son daughter husband wife
    """
)
