"""One registry says what each channel is: nothing of it is told elsewhere, and a mode tries its channels in turn."""

import re
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path

import pytest

from shared.models.notifications import Channel, Mode
from shared.models.reasons import Reason
from shared.notifications.channels.channel import Addresses, Counted, Known
from shared.notifications.channels.registry import BELLS, CHANNELS, ROUTES, SLOWEST, mode_of, reached
from shared.worker.sweeps import SWEEPS


@dataclass
class Fiche:
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    address_line4: str | None = None
    po_box: str | None = None
    postal_code: str | None = None
    city: str | None = None
    country: str | None = None


HOME = Fiche("12 rue de l'Exemple", postal_code="97400", city="SAINT-DENIS")


def test_every_channel_is_registered_and_every_mode_has_a_route() -> None:
    assert set(CHANNELS) == set(Channel)
    assert set(ROUTES) == set(Mode)
    assert Channel.MAIL is SLOWEST


@pytest.mark.parametrize("channel", Channel)
def test_the_worker_finds_who_carries_each_channel(channel: Channel) -> None:
    module, path = CHANNELS[channel].carrier.split(":")
    carrier, method = path.split(".")
    assert callable(getattr(getattr(import_module(module), carrier), method))
    assert {*BELLS} <= set(SWEEPS)


@pytest.mark.parametrize("channel", Channel)
def test_every_channel_is_told_in_words(channel: Channel) -> None:
    words = CHANNELS[channel].words
    for one in fields(words):
        said = getattr(words, one.name)
        parts = (said.one, said.many) if isinstance(said, Counted) else said if isinstance(said, tuple) else (said,)
        assert all(part.strip() for part in parts), one.name


@pytest.mark.parametrize("channel", Channel)
def test_each_channel_can_be_chosen_alone(channel: Channel) -> None:
    assert [one.channel for one in ROUTES[mode_of(channel)].channels] == [channel]


@pytest.mark.parametrize(
    ("mode", "mail", "fiche", "channel", "why_not"),
    [
        (Mode.BOTH, "a@exemple.fr", HOME, Channel.MAIL, None),
        (Mode.BOTH, None, HOME, Channel.PAPER, None),
        (Mode.BOTH, "Vide@exemple.fr", HOME, Channel.PAPER, None),
        (Mode.BOTH, None, Fiche(), Channel.PAPER, Reason.NO_POSTAL_ADDRESS),
        (Mode.MAIL, None, HOME, Channel.MAIL, Reason.NO_MAIL_ADDRESS),
        (Mode.MAIL, "Vide@exemple.fr", HOME, Channel.MAIL, Reason.FAILING_ADDRESS),
        (Mode.PAPER, "a@exemple.fr", Fiche(), Channel.PAPER, Reason.NO_POSTAL_ADDRESS),
    ],
)
def test_the_first_channel_that_reaches_somebody_is_taken_and_the_last_says_why_none_does(
    mode: Mode, mail: str | None, fiche: Fiche, channel: Channel, why_not: Reason | None
) -> None:
    one, reach = reached(Addresses(mail, fiche), mode, Known(failing={"vide@exemple.fr"}))
    assert (one.channel, reach.why_not) == (channel, why_not)
    assert reach.recipient == (mail if channel is Channel.MAIL and why_not is None else None)


ROOT = Path(__file__).parents[3]
CHANNELS_THEMSELVES = re.compile(
    r"shared/notifications/(?:channels|letters|coupons|mail|print_service|sms|bounces)/|shared/models/|shared/migrations/"
)
NAMED = re.compile(r"\bChannel\.[A-Z_]+\b")
NAME_ONE = {
    # Whether what a campaign printed is told to be cut.
    "admin_app/views/notifying/campaign_state.py",
    # What shows nowhere without a gateway: help, and what families read.
    "admin_app/templating.py",
    "admin_app/views/settings/without_letter.py",
}


def test_nothing_but_the_channels_themselves_says_what_one_of_them_does() -> None:
    files = [path for name in ("admin_app", "parent_portal", "shared") for path in (ROOT / name).rglob("*.py")]
    naming = {path.relative_to(ROOT).as_posix() for path in files if NAMED.search(path.read_text("utf-8"))}
    assert {name for name in naming if not CHANNELS_THEMSELVES.match(name)} == NAME_ONE
