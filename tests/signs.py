"""Where a line could begin with a sign that French writes after a blank: read without the code that mends it."""

import re

from lxml import html

_NO_SENTENCE = ("script", "style", "textarea", "pre", "code", "select")
_SENTENCES = f"//text()[not({' | '.join(f'ancestor::{tag}' for tag in _NO_SENTENCE)})]"
_LOOSE = re.compile(r".{0,30}[ \n][:;?!»]|«[ \n].{0,20}")


def loose_signs(page: str) -> list[str]:
    """The words around each sign of a page of HTML that an ordinary blank parts from its word."""
    texts = html.document_fromstring(page).xpath(_SENTENCES)
    return [found for text in texts for found in loose_signs_of_text(str(text))]


def loose_signs_of_text(text: str) -> list[str]:
    """The same, of words without tags."""
    return _LOOSE.findall(text)
