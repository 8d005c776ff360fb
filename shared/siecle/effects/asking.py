"""Whether an import that would hurt is done: only if it was confirmed, and just that (R32)."""

from shared.siecle.losses import mark_of
from shared.siecle.report import ImportRefused, ImportReport

NOT_DONE = (
    "Cet import ferait perdre ce qui est connu, ou ses fichiers sont douteux\u00a0: il n'a pas été fait, et rien n'a "
    "été changé."
)


class LossesNotAccepted(ImportRefused):
    """Nothing was changed: nobody confirmed what would be lost. `report` says what it would have been."""

    def __init__(self, report: ImportReport) -> None:
        super().__init__("\n".join((NOT_DONE, *(f"- {loss.with_names}" for loss in report.losses))))
        self.report = report


def refuse_unless_accepted(report: ImportReport, accepted: bool | str) -> None:
    """Go on only if nothing is lost, or if it was accepted: whatever it is (True), or what has this mark.

    Raises:
        LossesNotAccepted: it was not.
    """
    if report.losses and accepted is not True and accepted != mark_of(report.losses):
        raise LossesNotAccepted(report)
