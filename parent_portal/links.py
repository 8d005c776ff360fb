"""The links of mails, as the portal answers to them."""

from parent_portal.installation import installation, session
from parent_portal.language import speak_to
from shared import clock
from shared.accounts.login.mailed_links import LinkRefused, find_link, find_sent_link
from shared.models.accounts import Account, LinkPurpose, MailedLink


def open_link(purpose: LinkPurpose, token: str) -> MailedLink:
    """The link that `token` stands for, whose holder is spoken to from now on; looking changes nothing.

    Raises:
        LinkRefused: unknown, expired, used or replaced.
    """
    try:
        link = find_link(session(), installation().settings, purpose, token, clock.now())
    except LinkRefused as refused:
        # It was ours once: its holder is told why in the language of the mail.
        if refused.account_id is not None:
            speak_to(session().get_one(Account, refused.account_id))
        raise
    speak_to(account_of_link(link))
    return link


def open_activation(token: str) -> MailedLink:
    """The link of an activation, be it used or not: a second press on its button is answered as the first.

    Raises:
        LinkRefused: unknown.
    """
    link = find_sent_link(session(), installation().settings, LinkPurpose.ACTIVATION, token)
    speak_to(account_of_link(link))
    return link


def account_of_link(link: MailedLink) -> Account:
    """Whom the link was sent to."""
    return session().get_one(Account, link.account_id)
