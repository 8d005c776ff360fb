"""What a parent reads on the letter."""

from dataclasses import dataclass

from tests.notifications.letters.drawings import drawings


@dataclass(frozen=True)
class Letter:
    """What a parent reads on the letter."""

    identifier: str
    password: str


def letters_in(pdf: bytes) -> dict[str, Letter]:
    """Each letter of a PDF, by its identifier; the slip in front is passed over."""
    letters = {}
    for page in drawings(pdf):
        # The reference above the address, of three parts, is no key.
        keys = [run.text for run in page.runs if "HyperlegibleMono" in run.font and " " not in run.text]
        if len(keys) == 2:
            letters[keys[0]] = Letter(*keys)
    return letters
