"""The links of mails, as the portal answers to them."""

from parent_portal.installation import installation, session
from parent_portal.language import speak_to
from shared import clock
from shared.accounts.login.mailed_links import find_link
from shared.models.accounts import Account, LinkPurpose, MailedLink


def open_link(purpose: LinkPurpose, token: str) -> MailedLink:
    """The link that `token` stands for, whose holder is spoken to from now on; looking changes nothing.

    Raises:
        LinkRefused: unknown, expired, used or replaced.
    """
    link = find_link(session(), installation().settings, purpose, token, clock.now())
    speak_to(account_of_link(link))
    return link


def account_of_link(link: MailedLink) -> Account:
    """Whom the link was sent to."""
    return session().get_one(Account, link.account_id)
