"""Passwords are hashed in turns, by as many threads as there are cores, whoever asks for it."""

import gc
import multiprocessing
import os
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from shared.accounts.credentials.passwords import hash_password, password_matches
from tests.factories import PASSWORD, PASSWORD_HASH
from tests.patience import wait_until


def test_families_who_come_together_do_not_each_take_the_memory_of_a_hash() -> None:
    cores = len(os.sched_getaffinity(0))
    with ThreadPoolExecutor(4 * cores) as families:
        opened = list(families.map(partial(password_matches, password_hash=PASSWORD_HASH), [PASSWORD, "x"] * 4 * cores))
    assert opened == [True, False] * 4 * cores
    hashing = [one for one in threading.enumerate() if one.name.startswith("passwords")]
    assert 1 <= len(hashing) <= cores


def test_each_of_those_who_come_together_hears_of_their_own_password() -> None:
    hashes = {"": [None, "not a hash", PASSWORD_HASH], PASSWORD: [PASSWORD_HASH, None, "not a hash"]}
    asked = [(password, one) for password, ones in hashes.items() for one in ones] * 10
    with ThreadPoolExecutor(len(asked)) as families:
        opened = list(families.map(lambda each: password_matches(*each), asked))
    assert opened == [(password, one) == (PASSWORD, PASSWORD_HASH) for password, one in asked]


class _Held:
    """What a page holds while it looks at a password: a transaction, a form."""


@pytest.mark.parametrize("kept", [PASSWORD_HASH, None, "not a hash"])
def test_nothing_of_a_page_is_kept_by_a_password_that_was_refused(kept: str | None) -> None:
    def page() -> weakref.ref[_Held]:
        held = _Held()
        assert not password_matches("x", kept)
        return weakref.ref(held)

    gc.disable()
    try:
        left = page()
        # Until the thread that hashed has let go, too.
        wait_until(lambda: left() is None, "nothing of it is left")
    finally:
        gc.enable()


def _hash(answer: "multiprocessing.Queue[str]") -> None:
    answer.put(hash_password(PASSWORD))


def test_a_process_that_was_forked_after_a_hash_still_hashes() -> None:
    hash_password(PASSWORD)
    forking = multiprocessing.get_context("fork")
    answer: multiprocessing.Queue[str] = forking.Queue()
    child = forking.Process(target=_hash, args=(answer,), daemon=True)
    child.start()
    assert password_matches(PASSWORD, answer.get(timeout=60))
    child.join(60)
