"""Short forms of French first names: `Fred` for Frédéric, `Babeth` for Élisabeth. Pure functions, on folded names."""

_SHORT_FORMS: dict[str, tuple[str, ...]] = {
    "babeth": ("elisabeth",),
    "betty": ("elisabeth", "bernadette"),
    "bob": ("robert",),
    "cathy": ("catherine", "katia"),
    "charlie": ("charles", "charlotte"),
    "coco": ("corinne", "colette"),
    "dede": ("andre", "andree"),
    "didi": ("didier",),
    "dom": ("dominique",),
    "elo": ("elodie", "eloise"),
    "fanny": ("stephanie", "francoise", "fanette"),
    "fanfan": ("francois", "francoise"),
    "gege": ("gerard",),
    "gigi": ("ghislaine", "ginette"),
    "jo": ("joseph", "joel", "josiane", "georges"),
    "jojo": ("georges", "joseph", "joel"),
    "kiki": ("christian", "christine"),
    "lili": ("liliane", "elisabeth", "aurelie"),
    "lisa": ("elisabeth",),
    "lise": ("elisabeth",),
    "loulou": ("louis", "louise", "lucien"),
    "lulu": ("lucien", "lucienne", "ludovic"),
    "manu": ("emmanuel", "emmanuelle", "manuel"),
    "margot": ("marguerite",),
    "mimi": ("michel", "michele", "mireille", "emilie"),
    "mina": ("amina", "aminata"),
    "momo": ("mohamed", "maurice"),
    "nanou": ("anne", "annick"),
    "nath": ("nathalie",),
    "nini": ("virginie", "eugenie"),
    "nono": ("arnaud", "bruno"),
    "pat": ("patrick", "patricia", "patrice"),
    "riri": ("henri", "thierry"),
    "rosy": ("rose", "rosemay", "rosemonde"),
    "sacha": ("alexandre",),
    "sandra": ("alexandra",),
    "tata": ("natacha",),
    "titi": ("thierry",),
    "toine": ("antoine",),
    "tony": ("antoine", "anthony", "antony"),
    "toni": ("antoine", "anthony", "antony"),
    "toto": ("thomas",),
    "vero": ("veronique",),
    "yoyo": ("yoann", "yohan"),
    "zabeth": ("elisabeth",),
}
PREFIX_FROM = 3
"""Letters: `Seb` is short for Sébastien, `Jo` only for those who are listed."""


def is_listed(name: str) -> bool:
    """Whether it is a short form that does not begin as the name does."""
    return name in _SHORT_FORMS


def is_short_for(short: str, name: str) -> bool:
    """Whether `short` is a short form of `name`: its initial, its first letters, or one that is listed."""
    first_word = name.partition(" ")[0]
    if len(short) >= len(first_word):
        return first_word in _SHORT_FORMS.get(short, ())
    if len(short) == 1 or len(short) >= PREFIX_FROM:
        return first_word.startswith(short) or first_word in _SHORT_FORMS.get(short, ())
    return first_word in _SHORT_FORMS.get(short, ())
