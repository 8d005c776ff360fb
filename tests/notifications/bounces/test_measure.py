"""The figures of bounces count what the rule says: 5.1.x and 5.2.1 speak of an address, whoever calls it otherwise."""

from pathlib import Path

import pytest

from tests.notifications.bounces.measure import main
from tests.notifications.bounces.samples import dsn

MAILS = {
    "unknown": ("userunknown", "5.1.1", "550 5.1.1 User unknown"),
    "null-mx": ("notaccept", "5.1.10", "556 5.1.10 Domain example.org does not accept mail (nullMX)"),
    "disabled": ("suspend", "5.2.1", "550 5.2.1 The email account that you tried to reach is disabled"),
    "spam": ("filtered", "5.7.1", "550 5.7.1 rejected by the content filter"),
    "blocked": ("blocked", "5.7.1", "554 5.7.1 Client host blocked using zen.spamhaus.org"),
}


def test_what_a_status_says_of_the_address_counts_as_such(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, (_, status, words) in MAILS.items():
        (tmp_path / name).write_text(dsn(status, words))
    lines = [f"{name}\t{reason}\n" for name, (reason, *_) in MAILS.items()]
    (tmp_path / "expected.tsv").write_text("".join(lines))

    main(tmp_path)

    assert "dead addresses found: 3 of 3; others taken for dead: 0" in capsys.readouterr().out
