"""How a folded French name sounds, so that spellings of one name meet: `velou`, `vellou` and `veloux` are one key."""

import re

_SOUNDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(written), heard)
    for written, heard in (
        (r"ph", "f"),
        (r"h", ""),
        (r"oe", "e"),
        (r"eau|au", "o"),
        (r"ai|ei|ay|ey", "e"),
        (r"ck|qu|q", "k"),
        (r"sc(?=[eiy])|c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"g(?=[eiy])", "j"),
        (r"gu(?=[eiy])", "g"),
        (r"y", "i"),
        (r"w", "v"),
        (r"z", "s"),
        (r"m(?=[bp])", "n"),
        (r"(.)\1+", r"\1"),
        # What is silent at the end, looked for from its first letter only.
        (r"(?<=..)es?$|(?:(?<=^..)|(?<=..)(?<![stxdp]))[stxdp]++$", ""),
    )
)


def phonetic_key(name: str) -> str:
    """The sounds of a folded name without blanks; at least its first letters are left."""
    heard = name.replace(" ", "").replace("ch", "x").replace("sh", "x")
    for written, sound in _SOUNDS:
        heard = written.sub(sound, heard)
    return heard or name
