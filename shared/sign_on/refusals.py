"""Why somebody who comes from elsewhere is not let in. Words for the person are in the back office."""

import enum


class Refusal(enum.StrEnum):
    """What went wrong, as far as the person needs to know."""

    UNAVAILABLE = "unavailable"
    """The provider does not answer, or answers nothing that can be read."""
    NOT_BEGUN = "not_begun"
    """Nobody was sent there from this browser, or too long ago, or it was answered already."""
    DECLINED = "declined"
    """The provider itself refused, or the person went back."""
    INVALID = "invalid"
    """What came back is not what this provider says to us, to this browser, now."""
    NOT_THROUGH = "not_through"
    """The request did not come through the portal that alone may say who it is from."""
    REPLAYED = "replayed"
    """It was accepted once already."""
    NO_ROLE = "no_role"
    """The person is known there, and nothing opens here."""
    CLOSED = "closed"
    """The login was closed here."""
    SHUT = "shut"
    """The académie shut this way in."""
    ANOTHER_PERSON = "another_person"
    """Somebody else here is that person there already, or this member of staff another person there."""


class SignOnRefused(Exception):
    """Nobody is let in; `reason` is for the person, `detail` for the log, without anything of what was sent.

    Whoever catches it commits all the same: an attempt that was answered stays answered.
    """

    def __init__(self, reason: Refusal, detail: str = "") -> None:
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason
        self.detail = detail
