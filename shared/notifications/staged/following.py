"""What follows a step: the next has its day, is passed over, asks for a person, or there is none any more."""

from datetime import timedelta

from shared.acting.desk import Desk
from shared.models.journal import Action
from shared.models.sending.staged import CampaignStage, StageCause, StagedCampaign, StageState
from shared.notifications.staged.finding import TO_COME, next_stage


def follow(desk: Desk, staged: StagedCampaign, stage: CampaignStage, *, waits: bool) -> None:
    """Give the step after `stage` its day, or end: `waits` as long as was chosen, where something left."""
    following = next_stage(staged)
    if following is None:
        end(desk, staged)
        return
    following.due_on = desk.today + timedelta(days=staged.days if waits else 0)


def propose(desk: Desk, staged: StagedCampaign, stage: CampaignStage, cause: StageCause) -> None:
    """Ask a person to confirm a step whose day has come."""
    stage.state, stage.cause = StageState.PROPOSED, cause
    desk.note(Action.STAGE_PROPOSED, subject=staged.title, details=_told(staged, stage))


def pass_over(desk: Desk, staged: StagedCampaign, stage: CampaignStage, cause: StageCause) -> None:
    """Leave one step out: the next is due at once."""
    stage.state, stage.cause, stage.due_on = StageState.PASSED, cause, desk.today
    desk.note(Action.STAGE_PASSED, subject=staged.title, details=_told(staged, stage))
    follow(desk, staged, stage, waits=False)


def end(desk: Desk, staged: StagedCampaign, cause: StageCause | None = None) -> None:
    """No step comes any more; those that had not taken place are left out, for `cause`."""
    for stage in staged.stages:
        if stage.state in TO_COME:
            stage.state, stage.cause = StageState.PASSED, cause
    staged.ended_at = desk.now
    if cause is StageCause.STOPPED:
        staged.stopped_at = desk.now
    action = Action.STAGED_STOPPED if cause is StageCause.STOPPED else Action.STAGED_ENDED
    desk.note(action, subject=staged.title, details={"staged": staged.id})


def _told(staged: StagedCampaign, stage: CampaignStage) -> dict[str, object]:
    return {"staged": staged.id, "step": stage.position, "by": stage.channel.value, "cause_of_step": stage.cause}
