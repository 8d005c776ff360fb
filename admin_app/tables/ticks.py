"""The rows that a form names by number, ticked one by one."""

from collections.abc import Iterable

from flask import abort

from shared.web.headers import row_number


def ticked_numbers(given: Iterable[object], most: int) -> set[int]:
    """The numbers that were ticked, each once; what is no number is not found, and more than `most` are refused."""
    try:
        wanted = {row_number(str(one)) for one in given}
    except ValueError:
        abort(404)
    if len(wanted) > most:
        abort(400)
    return wanted
