"""No family reads a sentence that was forgotten, guessed or broken: each catalogue says all there is to say."""

import enum
import importlib
import pkgutil
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

import shared.accounts
from shared.languages import CATALOGUES, FRENCH, LANGUAGES, Language

ROOT = Path(__file__).parent.parent
OTHERS = [language for language in LANGUAGES if language is not FRENCH]
PLACEHOLDER = re.compile(r"%\(\w+\)s")
ADDRESS = re.compile(r"[\w.]+@[\w.]+|\bm\.payet\b", re.ASCII)
SAID_TO_STAFF = {"RenewalRefusal"}

in_each_language = pytest.mark.parametrize("language", OTHERS, ids=[language.code for language in OTHERS])


def extracted() -> set[str]:
    with (ROOT / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    keywords = {**DEFAULT_KEYWORDS, "_l": None, "to_translate": None}
    found = extract_from_dir(ROOT, methods, options, keywords)
    return {message for _file, _line, message, _comments, _context in found}


@pytest.fixture(scope="module")
def sentences() -> set[str]:
    return extracted()


def catalogue(language: Language) -> Catalog:
    with po(language).open("rb") as file:
        return read_po(file, locale=language.code)


def po(language: Language) -> Path:
    return CATALOGUES / language.code / "LC_MESSAGES" / "messages.po"


def broken(source: str, translated: str) -> Iterator[str]:
    if not translated.strip():
        yield "nothing"
    if sorted(PLACEHOLDER.findall(source)) != sorted(PLACEHOLDER.findall(translated)):
        yield "other placeholders"
    if PLACEHOLDER.sub("", translated).count("%"):
        yield "a stray %"
    if translated != translated.strip() or "  " in translated:
        yield "blanks too many"
    if ADDRESS.findall(source) != ADDRESS.findall(translated):
        yield "another example"
    if re.findall(r"\d+", PLACEHOLDER.sub("", source)) and not re.search(r"\d|ساعتين", translated):
        yield "no number"
    if "<" in translated or "&" in translated:
        yield "what would be HTML"


@in_each_language
def test_each_sentence_is_translated_and_nothing_else_is(language: Language, sentences: set[str]) -> None:
    translated = {entry.id for entry in catalogue(language) if entry.id}
    assert sentences - translated == set(), "run « make translations », then translate"
    assert translated - sentences == set(), "run « make translations »"


@in_each_language
def test_no_translation_is_guessed_or_broken(language: Language) -> None:
    wrong = {}
    for entry in catalogue(language):
        if entry.id:
            faults = [*broken(entry.id, entry.string), *(["guessed"] if entry.fuzzy else [])]
            if faults:
                wrong[entry.id] = faults
    assert wrong == {}


@in_each_language
def test_what_is_read_was_compiled_from_what_is_written(language: Language) -> None:
    compiled = BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    kept = BytesIO(po(language).with_suffix(".mo").read_bytes())
    assert said_by(kept) == said_by(compiled), "run « make translations »"


def said_by(compiled: IO[bytes]) -> tuple[str, dict[object, object]]:
    """How a compiled catalogue counts, and its sentences: all but its header, which names the Babel that wrote it."""
    catalog = read_mo(compiled)
    return catalog.plural_forms, {message.id: message.string for message in catalog if message.id}


def test_there_is_a_catalogue_for_each_language_and_no_other() -> None:
    assert {folder.name for folder in CATALOGUES.iterdir()} == {language.code for language in OTHERS}


def test_what_rules_say_to_families_is_among_the_sentences(sentences: set[str]) -> None:
    said = set()
    for module in pkgutil.walk_packages(shared.accounts.__path__, "shared.accounts."):
        for kind in vars(importlib.import_module(module.name)).values():
            if isinstance(kind, type) and issubclass(kind, enum.StrEnum) and kind.__name__ not in SAID_TO_STAFF:
                said |= {member.value for member in kind if " " in member.value}
    assert said
    assert said - sentences == set()
