"""How families answer to each channel: assumptions, all of them, in one place.

Nobody measured them: no school that works with this software had a September to look at when they were written, and
the module that it replaces publishes no figures. They were chosen so that one can argue with each:

- `mail` 0.60: of the families whose e-mail SIECLE knows, one in four never reads that mailbox, and one in five of the
  others leaves the mail for later and forgets it (0.75 × 0.80);
- `sms` 0.50: read by nearly everybody, but the code has to be typed on a page, with a birth date;
- `coupon` 0.50: the child may lose it on the way home; what it says is what the letter says;
- `letter` 0.75: it is opened, and says what to do, but an identifier, a password and an e-mail have to be typed.

Two letters to one family are no better than that each: the second is answered as often as the first. A month that ends
otherwise than these say is no surprise; what the two ways of notifying have in common is that they are compared under
the same ones, and under the gloomier ones beside them.

Whom SIECLE knows an e-mail of, and who accepts SMS, are not assumed here: the invented school says it of each guardian
(`shared.siecle.invented`, seven in ten of each).
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shared.models.notifications import Channel

READ_AT_ONCE = (0.40, 0.25, 0.15, 0.08, 0.06, 0.03, 0.03)
"""On which day after a mail or an SMS those who answer do: the same day, the next…"""
BROUGHT_HOME = (0.0, 0.0, 0.15, 0.30, 0.25, 0.15, 0.10, 0.05)
"""The same of paper, from the day it was printed: two days in an envelope or a satchel, then the end of the week."""

ON_PAPER = (Channel.PAPER, Channel.COUPON)


@dataclass(frozen=True)
class Answers:
    """The share of families that activate the account, of those whom one channel reached."""

    name: str
    shares: Mapping[Channel, float]

    def day_of(self, seed: int, account_id: int, channel: Channel, reached_on: date, time: int) -> date | None:
        """The day a family acts upon what it got, for the `time`-th time by this channel; none when it never does.

        One family has one answer to one message, whatever else happens in the school.
        """
        dice = random.Random(f"{seed}/{account_id}/{channel}/{time}")
        if dice.random() >= self.shares.get(channel, 0.0):
            return None
        days: Sequence[float] = BROUGHT_HOME if channel in ON_PAPER else READ_AT_ONCE
        return reached_on + timedelta(days=dice.choices(range(len(days)), days)[0])


ASSUMED = Answers("assumed", {Channel.MAIL: 0.60, Channel.SMS: 0.50, Channel.PAPER: 0.75, Channel.COUPON: 0.50})
GLOOMY = Answers("gloomier", {Channel.MAIL: 0.40, Channel.SMS: 0.30, Channel.PAPER: 0.60, Channel.COUPON: 0.40})
