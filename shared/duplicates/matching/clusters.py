"""Fiches that pairs tie together, however many: one person, treated at once (R13)."""

from collections.abc import Iterable, Sequence


def groups_of(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, ...]]:
    """The sets of numbers that these pairs connect, each in order, in the order of their first pair."""
    leader: dict[int, int] = {}

    def find(number: int) -> int:
        while leader.setdefault(number, number) != number:
            leader[number] = number = leader[leader[number]]
        return number

    for one, other in pairs:
        leader[find(other)] = find(one)
    groups: dict[int, list[int]] = {}
    for number in leader:
        groups.setdefault(find(number), []).append(number)
    return [tuple(sorted(group)) for group in groups.values()]


def group_with(pairs: Sequence[tuple[int, int]], number: int) -> tuple[int, ...]:
    """The group of one fiche; itself alone when no pair holds it."""
    return next((group for group in groups_of(pairs) if number in group), (number,))
