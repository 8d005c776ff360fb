"""The pages of letters: HTML that xhtml2pdf reads, with marks where the words of each family go (R20, R21).

A page is laid out once for the many families whose letters look alike (as many columns, type of the same size); a
`Filling` is a page and the words of one family.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cache, lru_cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from shared.french import page_with_signs
from shared.models.letters import LetterPart
from shared.notifications.content.notice import Notice
from shared.notifications.content.reference import reference_of
from shared.notifications.content.sender import PORTAL, School, places
from shared.notifications.content.square import as_png
from shared.notifications.letters.address_window import (
    BOLD,
    FONTS,
    OTHER_REGULAR,
    REGULAR,
    drawn_in,
    fit,
    width_mm,
    wrap,
)
from shared.notifications.letters.content import KEY_MM, Letter, Words, letter_of
from shared.notifications.letters.kinds import LETTERS, delivered_text
from shared.notifications.letters.logo import Logo
from shared.notifications.letters.markup import written_out
from shared.notifications.mail.rendering import long_date

LETTERHEAD_MM = 78
LETTERHEAD_POINTS = 9
SCHOOL_POINTS = 12.5
SCHOOL_LINES = 3
PAGES_KEPT = 64
CODE = "{{carre}}"
"""The mark in whose place each family has the square that leads to its own login."""

OwnTexts = Mapping[tuple[str, LetterPart], str]
"""The texts that an establishment wrote, by name of letter and part; where it wrote none, ours are used."""


@dataclass(frozen=True)
class Filling:
    """A page, the word that takes the place of each mark, and the lines that each repeated mark stands for."""

    page: str
    words: Mapping[str, str]
    lines: Mapping[str, tuple[str, ...]]
    reference: str = ""
    """What whoever holds the envelope knows the letter by; drawn above the address."""


@dataclass(frozen=True)
class Sender:
    """Who writes, in which words, when, and where families are sent."""

    school: School
    texts: tuple[tuple[tuple[str, LetterPart], str], ...]
    portal: str
    day: date
    logo: Logo | None = None


def sender(school: School, texts: OwnTexts, portal: str, day: date, logo: Logo | None = None) -> Sender:
    """`texts` are those the establishment wrote; `portal` the address of the portal; `day` the date of the letters."""
    return Sender(school, tuple(sorted(texts.items())), portal, day, logo)


def filling(notice: Notice, sent_by: Sender) -> Filling:
    """The letter of one notice, ready for the press."""
    letter = letter_of(notice)
    blank, words, lines = _marked(letter, sent_by)
    return Filling(page_of(blank, sent_by), words, lines, reference_of(notice.id))


def _marked(letter: Letter, sent_by: Sender) -> tuple[Letter, dict[str, str], dict[str, tuple[str, ...]]]:
    """The letter with marks for words, and what each stands for: what is left is what pages differ by."""
    given = {word.name: getattr(letter.words, word.name) for word in fields(Words)}
    words = {_mark(name): value for name, value in given.items() if value}
    words |= {CODE: login_of(sent_by, letter.words.identifiant)}
    lines = {_mark("ligne"): letter.address}
    blanks = Words(**{name: _mark(name) if value else "" for name, value in given.items()})
    children: tuple[str, ...] = ()
    if letter.columns > 1:
        # Side by side, in a table: each has a place of its own.
        children = tuple(_mark(f"enfant_{number}") for number in range(len(letter.children)))
        words |= dict(zip(children, letter.children, strict=True))
    elif letter.children:
        children = (_mark("enfant"),)
        lines[_mark("enfant")] = letter.children
    return replace(letter, words=blanks, address=(_mark("ligne"),), children=children), words, lines


def _mark(name: str) -> str:
    return f"{{{{{name}}}}}"


@lru_cache(maxsize=PAGES_KEPT)
def page_of(letter: Letter, sent_by: Sender) -> str:
    """The HTML of a letter; given a real one and not one of marks, that of this very letter."""
    school, texts = sent_by.school, dict(sent_by.texts)
    date = long_date(sent_by.day)
    shown = {"letter": letter, "school": school, "addresses": addresses(sent_by), "letterhead": letterhead(school)}
    of_nobody = letter.words.identifiant == _mark("identifiant")
    code = CODE if of_nobody else login_of(sent_by, letter.words.identifiant)
    blocks = _environment().get_template("blocks.html").make_module({**shown, "qr_code": qr_code(code)})
    words = _words_of_sender(sent_by) | {"date": date, "date_limite": letter.deadline} | vars(letter.words)

    def part(which: LetterPart) -> Markup:
        text = texts.get((letter.name, which)) or delivered_text(letter.name, which)
        # The text was cleaned when it was saved, and each value is escaped as it is inserted.
        return Markup(written_out(text, words, lambda name: _block(blocks, name)))  # noqa: S704 - cleaned when it was saved

    header, body = part(LetterPart.HEADER), part(LetterPart.BODY)
    template = _environment().get_template("letter.html")
    return page_with_signs(
        template.render(**shown, logo=sent_by.logo, header=header, body=body, date=date, fonts=FONTS)
    )


def _block(blocks: object, name: str) -> str | None:
    macro = getattr(blocks, name, None)
    return str(macro()) if macro else None


def _words_of_sender(sent_by: Sender) -> dict[str, str]:
    school = sent_by.school
    return {
        "etablissement": school.name,
        "ville": school.city or "",
        "telephone": school.phone or "",
        "courriel": school.email or "",
        "chef_etablissement": school.head or "",
        "adresse_portail": sent_by.portal,
        "nom_ent": school.ent.label if school.ent else "",
        "adresse_ent": school.ent.url if school.ent else "",
    }


def login_of(sent_by: Sender, identifier: str) -> str:
    """Where the square leads: the login page of the portal with the identifier typed, or the ENT when it alone is told.

    The identifier stands behind a « # »: browsers send nothing of that, so it is in no log of a relay or of the portal,
    and in no Referer. A script of the page reads it there (`parent_portal/static/identifier.js`); without script the
    page is the same, and the identifier is typed. In the query it would be filled in without script too, and be in the
    logs of every relay. The password is never in an address.
    """
    school = sent_by.school
    if school.ent_only and school.ent:
        return school.ent.url
    return f"{sent_by.portal}/connexion{f'#id={identifier}' if identifier else ''}"


def addresses(sent_by: Sender) -> list[tuple[str, list[str]]]:
    """The addresses that families are told, each with its name, in lines that fit the box (R21)."""
    told = [
        ("Le portail" if name == PORTAL else name, address) for name, address in places(sent_by.school, sent_by.portal)
    ]
    return [
        (label, wrap(address, KEY_MM - width_mm(f"{label} : ", LETTERHEAD_POINTS), LETTERHEAD_POINTS, BOLD))
        for label, address in told
    ]


@dataclass(frozen=True)
class Letterhead:
    """The name and the address of the school, in lines that fit the top of the letter."""

    name: tuple[str, ...]
    lines: tuple[str, ...]


def letterhead(school: School) -> Letterhead:
    """What the letters of `school` begin with; what has no room is cut."""
    name = wrap(school.name, LETTERHEAD_MM, SCHOOL_POINTS, BOLD)
    if len(name) > SCHOOL_LINES:
        name = [*name[: SCHOOL_LINES - 1], fit(" ".join(name[SCHOOL_LINES - 1 :]), LETTERHEAD_MM, SCHOOL_POINTS, BOLD)]
    lines = (*school.address, f"Tél. : {school.phone}" if school.phone else None, school.email)
    return Letterhead(tuple(name), tuple(fit(line, LETTERHEAD_MM, LETTERHEAD_POINTS) for line in lines if line))


@lru_cache(maxsize=PAGES_KEPT)
def qr_code(address: str) -> str:
    """A picture of `address`, as a `data:` address."""
    return "data:image/png;base64," + base64.b64encode(as_png(address)).decode()


def slip_html(**values: Any) -> str:  # noqa: ANN401 - what the template shows
    """The slip that comes before the letters and says what the PDF holds (R17)."""
    template = _environment().get_template("slip.html")
    return page_with_signs(template.render(fonts=FONTS, other=OTHER_REGULAR, readable=_readable, **values))


def _readable(text: str) -> Markup:
    """A name, in a typeface that has every letter of it."""
    if drawn_in(text, REGULAR) == REGULAR:
        return escape(text)
    return Markup('<span class="other">{}</span>').format(text)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(LETTERS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
