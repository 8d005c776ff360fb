"""Passwords are hashed in turns, by as many threads as there are cores, whoever asks for it."""

import gc
import multiprocessing
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from argon2.exceptions import VerificationError

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


def test_nothing_is_kept_of_a_password_that_was_refused() -> None:
    """What argon2 raised knows the calls that led to it, and what was typed."""

    def is_kept() -> bool:
        return any(isinstance(one, VerificationError) for one in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        assert not password_matches("x", PASSWORD_HASH)
        wait_until(lambda: not is_kept(), "nothing of it is left")
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
