"""One campaign in steps of an establishment, to look at or to change."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models.notifications import Campaign
from shared.models.sending.staged import CampaignStage, StagedCampaign, StageState
from shared.rows.ownership import RowsOfSchools

TO_COME = (StageState.AWAITED, StageState.PROPOSED)


class StagedNotFound(Exception):
    """There is no such campaign in steps in this establishment."""

    def __init__(self) -> None:
        super().__init__("Cette notification par étapes n'existe pas dans cet établissement.")


_STAGED = RowsOfSchools(StagedCampaign, StagedNotFound)


def find_staged(session: Session, establishment_id: int, staged_id: int) -> StagedCampaign:
    """The campaign in steps, if it is one of this establishment.

    Raises:
        StagedNotFound: it is not, or there is none.
    """
    return _STAGED.find(session, establishment_id, staged_id, fresh=True)


def lock_staged(session: Session, establishment_id: int, staged_id: int) -> StagedCampaign:
    """The same as it is now, and nobody else's to change until the transaction ends: its steps hang on it.

    Raises:
        StagedNotFound: it is another establishment's, or there is none.
    """
    staged = _STAGED.lock(session, establishment_id, staged_id)
    for stage in staged.stages:
        session.refresh(stage)
    return staged


def next_stage(staged: StagedCampaign) -> CampaignStage | None:
    """The step that comes next; none after the last, or when it was stopped."""
    return next((stage for stage in staged.stages if stage.state in TO_COME), None)


def stage_before(staged: StagedCampaign, stage: CampaignStage) -> CampaignStage:
    """The last step that took place before `stage`, which is not the first."""
    return [one for one in staged.stages if one.position < stage.position and one.campaign_id][-1]


def staged_of_campaign(session: Session, campaign: Campaign) -> tuple[StagedCampaign, CampaignStage] | None:
    """The campaign in steps that a campaign is a step of, with the step."""
    found = session.execute(
        select(StagedCampaign, CampaignStage)
        .join(CampaignStage, CampaignStage.staged_campaign_id == StagedCampaign.id)
        .where(CampaignStage.campaign_id == campaign.id)
    ).one_or_none()
    return None if found is None else (found[0], found[1])
