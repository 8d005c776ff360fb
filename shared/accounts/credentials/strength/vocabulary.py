"""The words that French families choose, the commonest first; where they come from is told in `lists/README.md`."""

import json
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LISTS = Path(__file__).parent / "lists"
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss"})
_NOT_SQUEEZED = re.compile(r"[^a-z0-9]+")


def unaccented(text: str) -> str:
    """`text` without accents and ligatures; what is not in Latin letters stays as it is."""
    if text.isascii():
        return text
    bare = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    return unicodedata.normalize("NFC", "".join(sign for sign in bare if not unicodedata.combining(sign)))


def squeeze(text: str) -> str:
    """Lower-case ASCII letters and figures of `text`, nothing between them: `L'Île-d'Yeu` → `liledyeu`."""
    return _NOT_SQUEEZED.sub("", unaccented(text).lower())


@cache
def french_lists() -> Mapping[str, list[str]]:
    """Each list by its name, the commonest word first; read from the disk the first time, some ten milliseconds."""
    return {path.stem: path.read_text(encoding="ascii").split() for path in sorted(LISTS.glob("*.txt"))}


def azerty() -> dict[str, list[str | None]]:
    """What lies around each key of the French keyboard, as zxcvbn writes it."""
    graph: dict[str, list[str | None]] = json.loads((LISTS / "azerty.json").read_text(encoding="utf-8"))
    return graph
