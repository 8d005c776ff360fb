"""What staff may write in a letter: a little formatting, and variables by name; nothing is ever evaluated (R20)."""

import html
import re
from collections.abc import Callable, Collection, Mapping

from shared.allowed_html import AllowedHtml, first_that_gives, without_tags

CHARACTERS = 10_000
"""The longest text, tags included."""
TAGS = frozenset({"p", "br", "strong", "b", "u", "ul", "ol", "li", "h3"})
_ALLOWED = AllowedHtml(TAGS)

_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_BRACES = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_EMPTY_LINE = re.compile(r"\n[ \t]*\n")
_STARTS_A_BLOCK = re.compile(r"<(?:p|ul|ol|h3)\b", re.IGNORECASE)
_INLINE = TAGS - {"p", "ul", "ol", "li", "h3"}
_BETWEEN = "\n\n"


class TextRefused(Exception):
    """What was written cannot be a letter; the message says what and where, and is safe to show."""


def cleaned(typed: str) -> str:
    """The HTML of what was typed: allowed tags only, no attribute at all; an empty line makes a paragraph.

    Cleaning what is clean changes nothing.
    """
    lines = typed.replace("\r\n", "\n").replace("\r", "\n").strip()
    blocks = [_block(block.strip()) for block in _EMPTY_LINE.split(lines)]
    return _BETWEEN.join(block for block in blocks if block)


def _block(block: str) -> str:
    if _STARTS_A_BLOCK.match(block):
        return _allowed(block, TAGS)
    inline = _allowed(block, _INLINE)
    return f"<p>{inline.replace(chr(10), '<br>')}</p>" if inline else ""


def _allowed(text: str, tags: frozenset[str]) -> str:
    return _EMPTY_LINE.sub("\n", _ALLOWED.clean(text, tags)).strip()


def as_typed(content: str) -> str:
    """Clean HTML as staff type it: lines and empty lines instead of paragraphs, when typing that gives it again."""
    return _BETWEEN.join(_block_as_typed(block) for block in content.split(_BETWEEN))


def _block_as_typed(block: str) -> str:
    lines = block.removeprefix("<p>").removesuffix("</p>").replace("<br>", "\n")
    return first_that_gives(block, [lines], cleaned, otherwise=block)


def variables_in(content: str) -> list[str]:
    """The names of the variables that a text inserts, in its order."""
    return _VARIABLE.findall(content)


def without_variables(content: str) -> str:
    """The text without what stands for the words of each family."""
    return _VARIABLE.sub("", content)


def check(content: str, inline: Collection[str], blocks: Collection[str]) -> None:
    """Refuse a text that inserts anything but these variables; those of `blocks` stand alone in their paragraph.

    Raises:
        TextRefused: too long, an unknown variable, one in the wrong place, or braces that insert nothing.
    """
    if len(content) > CHARACTERS:
        raise TextRefused(f"Le texte est trop long : {CHARACTERS} caractères au plus, mise en forme comprise.")
    for name in variables_in(content):
        if name not in inline and name not in blocks:
            raise TextRefused(
                f"La variable « {name} » n'existe pas dans ce courrier. Choisissez-en une dans la liste des variables."
            )
    if loose := _BRACES.search(without_variables(content)):
        raise TextRefused(
            f"Les signes « {loose.group()} » ne servent qu'à insérer une variable, par exemple {{{{ identifiant }}}}. "
            f"Voyez autour de « {_around(_VARIABLE.sub('', content), loose.start())} »."
        )
    for name in variables_in(_without_lone_variables(content)):
        if name in blocks:
            raise TextRefused(f"{{{{ {name} }}}} doit être seul, entre deux lignes vides.")


def _around(text: str, place: int) -> str:
    return " ".join(without_tags(text[max(0, place - 20) : place + 20]).split())


def _without_lone_variables(content: str) -> str:
    return _BETWEEN.join(block for block in content.split(_BETWEEN) if lone_variable(block) is None)


def lone_variable(block: str) -> str | None:
    """The variable that is all there is in a paragraph."""
    alone = _VARIABLE.fullmatch(block.removeprefix("<p>").removesuffix("</p>").strip())
    return alone.group(1) if alone else None


def written_out(content: str, words: Mapping[str, str], block: Callable[[str], str | None]) -> str:
    """A checked text with its values: `words` are escaped; `block` gives the HTML of a variable that stands alone.

    A value is never read again: what looks like a variable in it stays as it is.
    """
    return "\n".join(_written_block(part, words, block) for part in content.split(_BETWEEN))


def _written_block(part: str, words: Mapping[str, str], block: Callable[[str], str | None]) -> str:
    alone = lone_variable(part)
    found = block(alone) if alone else None
    if found is not None:
        return found
    return _VARIABLE.sub(lambda variable: html.escape(words.get(variable.group(1), "")), part)
