"""Letters beside other ways of making them, coupons beside letters; memory up to 20,000."""

import importlib
import io
import multiprocessing
import os
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date
from itertools import islice

from shared.notifications.content.notice import Notice
from shared.notifications.letters.pages import Sender
from tests.benchmarks.measuring import Target, peak_mebibytes, report, seconds

LETTERS = 500
AT_ONCE = 200
PLAIN_LETTERS = 40
TURNS = 3
MANY = (1_000, 20_000)
DAY = date(2026, 9, 1)

ONE_CORE = Target(5, at_most=False)
TWO_CORES = Target(9, at_most=False)
WEASYPRINT = Target(4, at_most=False)
LIMIT = Target(1, at_most=False)
COUPONS = Target(3, at_most=False)
UNIT = "letters/s"
MEMORY_MEBIBYTES = 300
TAGS = re.compile(r"</?pdf:[^>]*>")
FRAMES = re.compile(r"@page \w+ \{(?:[^{}]|\{[^{}]*\})*\}")


def run() -> None:
    """Print the figures, in letters a second; each measured in turn, in a process of its own tied to its core."""
    measured: dict[str, list[float]] = defaultdict(list)
    for _ in range(TURNS):
        for work in (xhtml2pdf_each, ours_at, coupons_at, platypus, *([weasyprint_each] if _has_weasyprint() else [])):
            measured[work.__name__].append(_on_core(0, work))
        measured["both"].append(_on_two_cores())
    ours, plain = measured["ours_at"], measured["xhtml2pdf_each"]
    report("letters on one core", ours, plain, "xhtml2pdf once for each", ONE_CORE, UNIT)
    report("letters on two cores", measured["both"], plain, "the same on one core", TWO_CORES, UNIT)
    if measured["weasyprint_each"]:
        report("letters on one core", ours, measured["weasyprint_each"], "WeasyPrint once for each", WEASYPRINT, UNIT)
    report("letters on one core", ours, measured["platypus"], "platypus laying all out", LIMIT, UNIT)
    report("coupons on one core", measured["coupons_at"], ours, "letters", COUPONS, "coupons/s")
    _report_memory()


def _has_weasyprint() -> bool:
    try:
        importlib.import_module("weasyprint")
    except (ImportError, OSError) as missing:
        print(f"no WeasyPrint, not compared with it: {missing}")
        return False
    return True


def _on_core(core: int, work: Callable[[], float]) -> float:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _tie, (core,)) as process:
        return process.submit(work).result()


def _tie(core: int) -> None:
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[core % len(cores)]})


def _on_two_cores() -> float:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawn, _tie, (0,)) as first, ProcessPoolExecutor(1, spawn, _tie, (1,)) as second:
        # Started and warm, as a worker's is after its first lot.
        for process in (first, second):
            process.submit(ours_for, 1).result()
        started = time.perf_counter()
        both = [process.submit(ours_for, LETTERS) for process in (first, second)]
        for one in both:
            one.result()
        return 2 * LETTERS / (time.perf_counter() - started)


def _report_memory() -> None:
    bound = _on_core(0, peak_of_binding)
    print(
        f"peak memory of binding {MANY[1]:,} letters in one PDF: {bound:.0f} MiB; "
        f"under {MEMORY_MEBIBYTES} wanted: {'met' if bound < MEMORY_MEBIBYTES else 'NOT MET'}"
    )
    few, many = (_on_core(0, work) for work in (peak_of_few, peak_of_many))
    verdict = "met" if many < MEMORY_MEBIBYTES and many < few * 1.1 else "NOT MET"
    print(
        f"peak memory of composing and laying out {MANY[1]:,} letters: {many:.0f} MiB, {few:.0f} MiB for {MANY[0]:,}; "
        f"under {MEMORY_MEBIBYTES} and flat wanted: {verdict}"
    )


# Below, what runs in processes of their own. Imports are inside, so that none pays for another's.


def families(number: int) -> Iterator[Notice]:
    """Letters to invented families, the same ones each time."""
    dice = random.Random(4)
    for index in range(number):
        yield _notice(index, dice)


def _notice(index: int, dice: random.Random) -> Notice:
    from shared.models.accounts import AccountKind
    from shared.models.notifications import Text
    from shared.notifications.content.notice import Child, Notice

    name = dice.choice(("PAYET", "HOARAU", "GRONDIN-RIVIÈRE", "DE LA FONTAINE", "BOYER", "TÉCHER"))
    first = dice.choice(("Marie", "Jean-Baptiste", "Zoé", "Marie-Thérèse", "Li", "Anne-Sophie"))
    street = (f"{dice.randint(1, 200)} rue des Flamboyants", "Résidence les Lilas, bâtiment C")[: dice.randint(1, 2)]
    return Notice(
        id=index,
        account_id=index,
        establishment_id=1,
        recipient=None,
        position=index,
        text=Text.NEW_ACCOUNT,
        kind=AccountKind.GUARDIAN,
        civility=dice.choice(("Madame", "Monsieur")),
        name=f"{first} {name}",
        address=(*street, "97400 SAINT-DENIS"),
        identifier=f"{first[0].lower()}.{''.join(filter(str.isalpha, name.lower()))}{index}",
        initial_password=f"k7mq-x2hd-{dice.choice('abcd')}wt{dice.choice('bcdf')}",
        children=tuple(Child(f"{first} {name}", dice.choice(("6A", "3B"))) for _ in range(dice.randint(1, 4))),
        deadline=date(2026, 12, 1),
    )


def _sender() -> Sender:
    from shared.notifications.content.sender import School
    from shared.notifications.letters.pages import sender

    school = School("Collège des Filaos", ("12 rue des Filaos", "97400 SAINT-DENIS"), "Saint-Denis", "0262 00 00 00")
    return sender(school, {}, "https://portail.example.org", DAY)


def ours_at() -> float:
    """Letters a second, as the worker and its press make them: in lots."""
    ours_for(1)
    return LETTERS / seconds(lambda: ours_for(LETTERS))


def ours_for(number: int) -> None:
    """Compose and lay out so many letters, in lots; nothing is kept."""
    from shared.notifications.letters.pages import filling
    from shared.notifications.letters.typesetting.layout import typeset

    sent_by, waiting = _sender(), families(number)
    while lot := list(islice(waiting, AT_ONCE)):
        typeset([filling(notice, sent_by) for notice in lot])


def coupons_at() -> float:
    """Coupons a second, as the worker and its press make them: in lots, of divisions of thirty."""
    coupons_for(1)
    return LETTERS / seconds(lambda: coupons_for(LETTERS))


def coupons_for(number: int) -> None:
    """Compose and draw so many coupons, in lots; nothing is kept."""
    from shared.notifications.content.notice import Child
    from shared.notifications.coupons.drawing import draw
    from shared.notifications.coupons.sheets import sheets_of

    sent_by = _sender()
    waiting = (
        replace(one, carried_by=Child(one.children[0].name, f"6{one.position // 30}")) for one in families(number)
    )
    while lot := list(islice(waiting, AT_ONCE)):
        draw(sheets_of(lot, sent_by))


def peak_of_few() -> float:
    """MiB."""
    ours_for(MANY[0])
    return peak_mebibytes()


def peak_of_many() -> float:
    """MiB."""
    ours_for(MANY[1])
    return peak_mebibytes()


def peak_of_binding() -> float:
    """MiB, the whole PDF in memory: lots of real letters, the same ones each time, as they come out of the database."""
    from shared.notifications.letters.joining import Binder
    from shared.notifications.letters.pages import filling
    from shared.notifications.letters.typesetting.layout import typeset

    sent_by, whole = _sender(), io.BytesIO()
    pdf, pages = typeset([filling(notice, sent_by) for notice in families(AT_ONCE)])
    binder = Binder(whole.write)
    for first in range(1, MANY[1], AT_ONCE):
        positions = [first + letter for letter, number in enumerate(pages) for _ in range(number)]
        binder.add(positions, pdf)
    binder.finish("Notification", both_sides=True)
    return peak_mebibytes()


def xhtml2pdf_each() -> float:
    """Letters a second, one document each: what a school would do with the template and nothing else."""
    from shared.notifications.letters.content import letter_of
    from shared.notifications.letters.pages import page_of
    from shared.notifications.letters.renderer import render

    sent_by = _sender()

    def each(number: int) -> None:
        for notice in families(number):
            render(page_of(letter_of(notice), sent_by))

    each(1)
    return PLAIN_LETTERS / seconds(lambda: each(PLAIN_LETTERS))


def weasyprint_each() -> float:
    """Letters a second, one document each, from the same HTML without what only xhtml2pdf knows."""
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration

    from shared.notifications.letters.content import letter_of
    from shared.notifications.letters.pages import page_of

    sent_by, fonts = _sender(), FontConfiguration()

    def each(number: int) -> None:
        for notice in families(number):
            page = page_of(letter_of(notice), sent_by)
            plain = FRAMES.sub("", TAGS.sub("", page)).replace('url("/', 'url("file:///')
            HTML(string=plain).write_pdf(font_config=fonts)

    each(1)
    return PLAIN_LETTERS / seconds(lambda: each(PLAIN_LETTERS))


def platypus() -> float:
    """Letters a second when ReportLab lays out every letter of a document, and nothing reads any HTML."""
    from tests.benchmarks.platypus_letters import lay_out

    lay_out(families(1))
    return LETTERS / seconds(lambda: lay_out(families(LETTERS)))
