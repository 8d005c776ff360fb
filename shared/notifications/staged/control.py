"""What staff do with a campaign in steps: confirm or put forward its next step, stop it."""

from shared.acting.desk import Desk
from shared.models.notifications import Campaign
from shared.models.sending.staged import CampaignStage, StageCause, StagedCampaign
from shared.notifications.campaigns.launching import find_campaign, wait_for_other_launches
from shared.notifications.campaigns.planning import Plan
from shared.notifications.channels.registry import Offer
from shared.notifications.staged.finding import find_staged, lock_staged, next_stage
from shared.notifications.staged.following import end
from shared.notifications.staged.planning import plan_stage
from shared.notifications.staged.starting import launch_stage


class StagedOver(Exception):
    """No step is to come any more; the message says so."""

    def __init__(self) -> None:
        super().__init__("Cette notification par étapes est terminée : aucune étape n'est à venir.")


class NobodyLeft(Exception):
    """Everybody activated the account, or left: the campaign has ended; the message says so."""

    def __init__(self) -> None:
        super().__init__(
            "Il ne reste personne à notifier : tous les comptes sont activés, ou leurs titulaires sont partis."
        )


def what_next(desk: Desk, staged_id: int, offer: Offer) -> tuple[StagedCampaign, CampaignStage, Plan]:
    """The next step and what it would do if it were launched now; changes nothing.

    Raises:
        StagedNotFound: it is another establishment's, or there is none.
        StagedOver: no step is to come.
        ModeNotOffered: its channel is not there any more.
    """
    staged = find_staged(desk.session, desk.establishment_id, staged_id)
    stage = _require_next(staged)
    return staged, stage, plan_stage(desk, staged, stage, offer)


def launch_next(desk: Desk, staged_id: int, position: int, offer: Offer) -> Campaign:
    """Launch the step at `position` now, whether its day has come or not; once, and returns its campaign.

    Raises:
        StagedNotFound: it is another establishment's, or there is none.
        StagedOver: no step is to come, or another one is the next.
        NobodyLeft: and the campaign has ended: the caller commits.
        ModeNotOffered: its channel is not there any more.
    """
    wait_for_other_launches(desk.session, desk.establishment_id)
    staged = lock_staged(desk.session, desk.establishment_id, staged_id)
    launched = next((one.campaign_id for one in staged.stages if one.position == position), None)
    if launched is not None:
        return find_campaign(desk.session, desk.establishment_id, launched)
    stage = _require_next(staged)
    if stage.position != position:
        raise StagedOver
    planned = plan_stage(desk, staged, stage, offer)
    if not planned.selected:
        end(desk, staged, StageCause.NOBODY)
        raise NobodyLeft
    return launch_stage(desk, staged, stage, planned)


def stop(desk: Desk, staged_id: int) -> StagedCampaign:
    """Let no further step take place; what the last one has not sent yet goes on.

    Raises:
        StagedNotFound: it is another establishment's, or there is none.
        StagedOver: no step is to come.
    """
    staged = lock_staged(desk.session, desk.establishment_id, staged_id)
    _require_next(staged)
    end(desk, staged, StageCause.STOPPED)
    return staged


def _require_next(staged: StagedCampaign) -> CampaignStage:
    stage = next_stage(staged)
    if stage is None:
        raise StagedOver
    return stage
