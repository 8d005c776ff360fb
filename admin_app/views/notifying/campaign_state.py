"""What the page of one notification tells of it: how far it is, whom it did not reach, what comes next (R18)."""

from dataclasses import replace

from admin_app.access import school_id
from admin_app.installation import installation, session, today
from admin_app.ui.populations import Area
from admin_app.views.notifying.choice import Choice, as_query, missed_fields
from shared import clock
from shared.models.notifications import Campaign, Channel
from shared.notifications.campaigns.by_division import DivisionCount, next_division
from shared.notifications.campaigns.control import can_be_stopped
from shared.notifications.campaigns.letters_standing import letters_of
from shared.notifications.campaigns.progress import outage_of, progress
from shared.notifications.campaigns.remaining_time import expected_end, stalled_since
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.campaigns.summary import by_division, in_words, total
from shared.notifications.campaigns.unreached import Missed, Outcome, missed_of_campaign
from shared.notifications.channels.registry import CHANNELS, SLOWEST
from shared.notifications.outbox.provider_refusals import refusals_of
from shared.notifications.sms.costs import cost_of


def state_of(campaign: Campaign) -> dict[str, object]:
    """How far the campaign is, and what keeps it."""
    now, now_so = clock.now(), progress(session(), school_id(), campaign.id)
    slowest = now_so.slowest or SLOWEST
    outage = outage_of(session(), now_so)
    divisions = by_division(session(), campaign.id)
    return {
        "progress": now_so,
        "letters": letters_of(session(), [campaign], now).get(campaign.id),
        "can_be_stopped": can_be_stopped(session(), campaign),
        "divisions": divisions,
        "cut": Channel.COUPON in now_so.counts,
        "cost": cost_of(session(), campaign.id),
        "keeps_files": any(CHANNELS[channel].keeps_files for channel in now_so.counts),
        "report": in_words(session(), campaign.id, total(divisions)),
        "expected_end": expected_end(session(), campaign, now_so.waiting_by(slowest), now, slowest),
        "outage": outage,
        "refusals": refusals_of(session(), campaign.id),
        "stalled_since": stalled_since(session(), campaign, now) if now_so.waiting and not outage else None,
    }


def missed_by(campaign: Campaign, area: Area) -> list[tuple[Outcome, int, dict[str, str]]]:
    """Whom it did not reach, how many for each cause, and how an address names them."""
    found = missed_of_campaign(session(), school_id(), area.population, campaign.id, today())
    return [(outcome, number, missed_fields(Missed(outcome, campaign.id))) for outcome, number in found.items()]


def following(campaign: Campaign, area: Area) -> tuple[DivisionCount, dict[str, list[str]]] | None:
    """The next division to notify alike, and how an address names it; none where no division was chosen."""
    wanted = Criteria.of_json(campaign.criteria)
    found = next_division(session(), school_id(), replace(wanted, unticked=frozenset()), today())
    if found is None:
        return None
    zone = installation().settings.time_zone
    return found, as_query(Choice.of_campaign(campaign, area, found.code, zone).fields)
