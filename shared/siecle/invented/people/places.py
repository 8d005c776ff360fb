"""Addresses: La Réunion above all, mainland France, and a few abroad."""

from dataclasses import dataclass

from shared.siecle.invented.people.dice import Dice, Odds

LINE_LENGTH = 38
FRANCE = "100"


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a SIECLE file; lines hold at most 38 characters."""

    lines: tuple[str, ...]
    postal_code: str | None = None
    city: str | None = None
    insee_code: str | None = None
    department: str | None = None
    po_box: str | None = None
    foreign_city: str | None = None
    country_code: str = FRANCE
    country: str = "FRANCE"


REUNION_TOWNS = (
    ("97400", "ST DENIS", "97411"),
    ("97460", "ST PAUL", "97415"),
    ("97410", "ST PIERRE", "97416"),
    ("97430", "LE TAMPON", "97422"),
    ("97490", "STE CLOTILDE", "97411"),
    ("97440", "ST ANDRE", "97409"),
    ("97450", "ST LOUIS", "97414"),
    ("97480", "ST JOSEPH", "97412"),
    ("97470", "ST BENOIT", "97410"),
    ("97419", "LA POSSESSION", "97408"),
    ("97420", "LE PORT", "97407"),
    ("97436", "ST LEU", "97413"),
    ("97438", "STE MARIE", "97418"),
    ("97441", "STE SUZANNE", "97420"),
    ("97434", "ST GILLES LES BAINS", "97415"),
    ("97427", "L ETANG SALE", "97404"),
    ("97429", "PETITE ILE", "97405"),
    ("97412", "BRAS PANON", "97402"),
    ("97425", "LES AVIRONS", "97401"),
    ("97426", "LES TROIS BASSINS", "97423"),
    ("97433", "SALAZIE", "97421"),
    ("97431", "LA PLAINE DES PALMISTES", "97406"),
    ("97414", "ENTRE DEUX", "97403"),
    ("97439", "STE ROSE", "97419"),
    ("97442", "ST PHILIPPE", "97417"),
    ("97413", "CILAOS", "97424"),
)

MAINLAND_TOWNS = (
    ("75017", "PARIS", "75117"),
    ("13005", "MARSEILLE", "13205"),
    ("69003", "LYON", "69383"),
    ("31000", "TOULOUSE", "31555"),
    ("44000", "NANTES", "44109"),
    ("34000", "MONTPELLIER", "34172"),
    ("35000", "RENNES", "35238"),
    ("14270", "MEZIDON VALLEE D AUGE", "14431"),
    ("59800", "LILLE", "59350"),
    ("33000", "BORDEAUX", "33063"),
)

ABROAD = (
    (("12 ROYAL ROAD", "ROSE HILL"), "PORT LOUIS", "390", "MAURICE"),
    (("LOT II M 45 ANKADIVATO",), "ANTANANARIVO", "333", "MADAGASCAR"),
    (("QUARTIER MTSANGANI",), "MORONI", "397", "COMORES"),
    (("AVENUE LOUISE 231 BTE 4",), "1050 BRUXELLES", "131", "BELGIQUE"),
    (("RUE DU RHÔNE 8",), "1204 GENÈVE", "140", "SUISSE"),
)

_WAYS = Odds(
    {"RUE": 5, "CHEMIN": 4, "ALLEE": 2, "IMPASSE": 2, "AVENUE": 1.5, "ROUTE": 1, "RUELLE": 0.5, "SENTIER": 0.5}
)

_WAY_NAMES = (
    "DES FLAMBOYANTS", "DES BOUGAINVILLIERS", "DES LATANIERS", "DES FILAOS", "DU STADE", "DE L'ÉGLISE",
    "DES LETCHIS", "DU GENERAL DE GAULLE", "JULIETTE DODU", "ROLAND GARROS", "LECONTE DE LISLE", "DU PITON",
    "BŒUF MORT", "DES AZALÉES", "HUBERT DELISLE", "RAPHAËL BABET", "DES VACOAS", "DES JACARANDAS", "DE LA RAVINE",
    "DES CANNES", "SARDA GARRIGA", "DU PÈRE LAFOSSE", "VICTOR HUGO", "PASTEUR", "JEAN CHATEL", "DES MARINS",
    "AMBROISE VOLLARD", "BORY ST VINCENT",
)  # fmt: skip

_BUILDINGS = (
    "LES ALIZÉS",
    "LES HIBISCUS",
    "LE MASCARIN",
    "LES PALMIERS",
    "PAILLE EN QUEUE",
    "LE TAMARIN",
    "LES COLIBRIS",
)
_HAMLETS = ("LA BRETAGNE", "BOIS DE NÈFLES", "LE GUILLAUME", "LES MAKES", "GRAND ILET", "LA SALINE", "TROIS MARES",
            "RAVINE DES CABRIS", "LA MONTAGNE", "DOS D'ÂNE", "PITON ST LEU", "MARE A POULE D'EAU")  # fmt: skip

_FORMS = Odds({"street": 62, "hamlet": 20, "flat": 12, "four_lines": 5, "po_box": 1})


def draw_home(dice: Dice) -> Address:
    """Where a family of La Réunion lives."""
    return _in_france(dice, REUNION_TOWNS, dice.among(_FORMS))


def draw_elsewhere(dice: Dice) -> Address:
    """Where a separated parent lives: on the island, on the mainland, seldom abroad."""
    roll = dice.roll()
    if roll < 0.85:
        return draw_home(dice)
    if roll < 0.97:
        return _in_france(dice, MAINLAND_TOWNS, "street")
    return draw_abroad(dice)


def draw_abroad(dice: Dice) -> Address:
    """An address in another country: no postal code of ours, the town in COMMUNE_ETRANGERE."""
    lines, town, code, country = dice.pick(ABROAD)
    return Address(lines, foreign_city=town, country_code=code, country=country)


def _in_france(dice: Dice, towns: tuple[tuple[str, str, str], ...], form: str) -> Address:
    postal_code, town, insee_code = dice.pick_common(towns)
    department = "974" if postal_code.startswith("974") else f"0{postal_code[:2]}"
    po_box = f"BP {dice.between(1, 400)}" if form == "po_box" else None
    lines = tuple(line[:LINE_LENGTH] for line in _lines(dice, form))
    return Address(lines, postal_code, town, insee_code, department, po_box)


def _lines(dice: Dice, form: str) -> tuple[str, ...]:
    street = f"{dice.between(1, 240)}{' BIS' if dice.chance(0.06) else ''} {dice.among(_WAYS)} {dice.pick(_WAY_NAMES)}"
    if form == "hamlet":
        return street, dice.pick(_HAMLETS)
    flat = f"APPT {dice.between(1, 80)} BAT {dice.pick('ABCD')}"
    if form == "flat":
        return flat, street
    if form == "four_lines":
        return f"RESIDENCE {dice.pick(_BUILDINGS)}", flat, street, dice.pick(_HAMLETS)
    return (street,)
