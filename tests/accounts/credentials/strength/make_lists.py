"""Makes the lists of `shared/accounts/credentials/strength` anew.

`python -m tests.accounts.credentials.strength.make_lists FOLDER`.

FOLDER holds the unpacked npm packages `@zxcvbn-ts/language-fr` (4.1.2), `@zxcvbn-ts/language-common` (4.1.3),
`@etalab/decoupage-administratif` (6.0.0), `an-array-of-french-words` (2.0.0) and `dictionary-fr` (3.0.0), as `npm pack`
brings them, each in a folder of its name, without what stands before a slash. What is typed by hand (`habits.txt`) is
left alone.
"""

import json
import re
import sys
import textwrap
from collections.abc import Iterable
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from shared.accounts.credentials.passwords import MINIMUM_CHARACTERS
from shared.accounts.credentials.strength import dictionary
from shared.accounts.credentials.strength.vocabulary import LISTS, squeeze

TOWNS = 6000
EXTRACTOR = frozenset({"doc", "id", "title", "url", "curid"})
"""Tags of the tool that read Wikipedia, counted as words by mistake."""
SHORTEST_NAME = 3


def main(folder: Path) -> None:
    """Write every list that comes from a package."""
    french = folder / "language-fr" / "src"
    subtitles, encyclopedia = (_read(french / f"{name}.json") for name in ("commonWords", "wikipedia"))
    write("words", _in_turns(subtitles, [word for word in encyclopedia if word not in EXTRACTOR]))
    # Upstream calls the family names `firstnames`, and the other way round; both are in alphabetical order.
    write("first_names", _by_use(_names(french / "lastnames.json"), subtitles))
    write("family_names", _by_use(_names(french / "firstnames.json"), encyclopedia))
    common = folder / "language-common" / "src"
    write("leaked", (word for word in _read(common / "passwords.json") if len(word) >= MINIMUM_CHARACTERS))
    azerty = json.dumps(_read(common / "adjacencyGraphs.json")["azerty"], ensure_ascii=False, separators=(",", ":"))
    (LISTS / "azerty.json").write_text(azerty + "\n", encoding="utf-8")
    communes = _communes(folder / "decoupage-administratif" / "data" / "communes.json")
    write("towns", _town_names(communes[:TOWNS]))
    write("postcodes", (code for commune in communes for code in commune["codesPostaux"]))
    write_dictionary(folder)


def write_dictionary(folder: Path) -> None:
    """Write the fingerprints of every form of one dictionary, and of every entry of another one, of Hunspell's."""
    forms = _read(folder / "an-array-of-french-words" / "index.json")
    lines = (folder / "dictionary-fr" / "index.dic").read_text(encoding="utf-8").splitlines()
    # What follows the slash says how it is inflected, what follows a blank what it is.
    entries = (re.split(r"[/\s]", line)[0] for line in lines)
    dictionary.FILE.write_bytes(dictionary.fingerprints([*forms, *entries]))


def write(name: str, words: Iterable[str]) -> None:
    """Write one list, the commonest first, each word once."""
    once = dict.fromkeys(squeezed for word in words if (squeezed := squeeze(word)))
    text = textwrap.fill(" ".join(once), 119, break_on_hyphens=False)
    (LISTS / f"{name}.txt").write_text(text + "\n")


def _in_turns(one: list[str], other: list[str]) -> Iterable[str]:
    return chain.from_iterable(zip_longest(one, other, fillvalue=""))


def _read(path: Path) -> Any:
    return json.loads(path.read_text())


def _names(path: Path) -> Iterable[str]:
    return (name for name in _read(path) if len(name) >= SHORTEST_NAME and " " not in name)


def _by_use(names: Iterable[str], words: list[str]) -> Iterable[str]:
    """Those that are found among ranked words first, in their order."""
    ranks = {squeeze(word): rank for rank, word in reversed(list(enumerate(words)))}
    return sorted(names, key=lambda name: ranks.get(squeeze(name), len(ranks)))


def _communes(path: Path) -> list[dict[str, Any]]:
    """Those of today that have a postcode, the largest first."""
    today = [one for one in _read(path) if one["type"] == "commune-actuelle" and one.get("codesPostaux")]
    return sorted(today, key=lambda one: (-one.get("population", 0), one["code"]))


def _town_names(communes: Iterable[dict[str, Any]]) -> Iterable[str]:
    """As they are written, and as they are typed: « Saint » is « st »."""
    for commune in communes:
        name = commune["nom"]
        yield name
        short = name.replace("Sainte-", "Ste-").replace("Saint-", "St-")
        if short != name:
            yield short


if __name__ == "__main__":
    main(Path(sys.argv[1]))
