"""What people do on each screen, in their words: the tests say what happens, these say where to press."""

from tests.browser.pages.back_office import MAIL, PAPER, BackOffice
from tests.browser.pages.complaints import violations_of
from tests.browser.pages.letters import Letter, letters_in
from tests.browser.pages.pictures import keep_picture
from tests.browser.pages.portal import MailReader, Portal

__all__ = [
    "MAIL",
    "PAPER",
    "BackOffice",
    "Letter",
    "MailReader",
    "Portal",
    "keep_picture",
    "letters_in",
    "violations_of",
]
