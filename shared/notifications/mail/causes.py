"""Why a mail was refused, from the status and the words of the server that refused it. Pure functions.

Only what says that the recipient is unknown speaks against an address: 5.1.x of a recipient, 5.2.1, or plain words. A
domain that declares that it takes no mail (5.1.10, RFC 7505) has no recipient at all.
Everything else speaks of the server that sends (blocked, SPF, DMARC, rate) or of the day (full, busy, expired), and
would be as true of every other family of that provider: where both are said, the address is left alone.
"""

import re

from shared.models.sending.refusals import Cause

JUDGED_CHARACTERS = 4000

# A status (RFC 3463), not part of an address of the network.
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_OF_A_RECIPIENT = frozenset({"1", "2", "3", "4", "6", "10"})
"""Of 5.1.x; the others speak of the sender's address, or say nothing."""

_SENDER = re.compile(
    r"\b(?:spf|dkim|dmarc|ptr|rdns|rbl|dnsbl|helo|ehlo)\b"
    r"|reverse dns|reverse lookup|reverse hostname|reverse mapping|reverse map"
    r"|black ?-?list|block ?-?list|spamhaus|spamcop|sorbs|reputation|spam|\bjunk\b|unsolicited|bulk mail"
    r"|virus|malware|phishing|policy|content rejected|message content|message filtered|banned|prohibit"
    r"|rate.?limit|throttl|too many|too much|too fast|exceeded the rate|sending limit|sent from your"
    r"|relay|only accepts mail|not authenticated|authentication|authori[sz]|not permitted|permission|access denied"
    r"|access is denied|not accepting mail|refused to talk|closing connection|your (?:ip|server|host|network"
    r"|domain)\b"
    r"|blocked|at a rate|sender|too large|too big|size limit|maximum size|exceeds size|message size|larger than"
    r"|certificate|\btls\b|sécurité|indésirable|bloqu|not allowed to send|rejected by|not rfc|5322|2822"
    r"|invalid ip|\bip address"
)
_FULL = re.compile(
    r"over ?-?quota|quota|mailbox (?:is |size )?(?:full|exceed|limit)|inbox (?:is )?full|storage|disk|no space"
    r"|is full"
    r"|box full|mailfull|mailbox_full|pleine|satur|capacity"
)
_DAY = re.compile(
    r"gr[ae]y ?-?list|later|temporar|time-? ?out|timed out|deferred|delayed|busy|try again|could not connect"
    r"|cannot connect"
    r"|unable to connect|connection|no route|retry|expired|too long|not yet been|trying"
    r"|could not be delivered for|undelivered for|gave up|giving up|in the queue|queued for|hops|loop|system error"
    r"|internal error|configuration error|local problem|network|local error|resources|lookup fail"
)
_RECIPIENT = re.compile(
    # The thing, then what is wrong with it.
    r"\b(?:user|recipient|mail ?-?box|mail-?adress|address|account|alias|local.?part|addressee|inbox|destinataire"
    r"|adresse"
    r"|compte|member|customer|employee|person|bo[iî]te|rcpt)s?\b.{0,60}?"
    r"(?:unknown|not (?:found|exist|known|valid|listed|recogni[sz]ed|registered|defined|our|a (?:valid|known))"
    r"|no longer|(?:does ?n.?t|does not|do not|didn.?t|did not) (?:exist|have)|(?:isn.t|is not) (?:a )?(?:valid"
    r"|known|active|found)"
    r"|invalid|inactive|disabled|discontinued|deactivated|suspended|terminated|deleted|inconnu|inexistant|existe p"
    r"|désactiv|has moved|(?:wasn.t|couldn.t be|could not be|not be|cannot be) found|has been closed)"
    # What is wrong, then the thing.
    r"|\b(?:unknown|invalid|no such|non-?existent|not a valid|not a known|bad destination|unrouteable|unroutable"
    r"|no valid"
    r"|incorrect|illegal|inactive|disabled|unable to find|cannot find|could not find|can.t find"
    r"|couldn.t find)\b.{0,20}?"
    r"\b(?:user|recipient|mail ?-?box|address|account|alias|local.?part|person|subscriber|userid|member)"
    r"|\bno (?:mail ?box|account|user|recipient|one|subscriber)s?\b.{0,20}?(?:here|by that|with that|such|exist"
    r"|match|for this)"
    r"|user unknown|unknown_user|nobody by|not listed in|not found in directory|no longer works|moved to|unrouteable"
    r"|recip(?:ient)?notfound|addressunknown|check if address is correct|vérifiez l.adresse"
    # What RFC 5321 and Hotmail call it.
    r"|550 requested action not taken: mailbox unavailable"
    # What Microsoft says of a recipient that its customer does not have.
    r"|recipient address rejected: access denied"
)
_DOMAIN = re.compile(
    r"\b(?:host|domain)\b.{0,60}?(?:not found|unknown|does not exist|doesn.t exist|couldn.t be found)"
    r"|unknown (?:mail )?(?:host|domain)|nxdomain|no such (?:host|domain)|name or service not known|null ?mx"
    r"|couldn.t find any host named|unresolvable|hostunknown|invalid domain(?! name)"
)
_NOT_THE_RECIPIENT = re.compile(r"mail from\b|end of data|end of message|dot command|data command")
"""What was being said when it was refused: nothing yet of the recipient, or no more."""

_CERTAINLY_SENDER = re.compile(
    r"too many|your (?:ip|host|server|domain)\b|blocked|black ?-?list|spamhaus|\bdmarc\b|\bspf\b|\bdkim\b|reputation"
)
_ACCESS_DENIED = "recipient address rejected: access denied"
_NO_MAIL_THERE = re.compile(r"(?:does not|doesn.t|do not) accept (?:any )?(?:e-?)?mail")
"""A whole domain that takes none, for a reason of its own or for today."""
_NULL_MX = re.compile(r"null ?mx")
"""A domain that never takes any and says so in its DNS (RFC 7505): 5.1.10, or Postfix's words with 5.1.0."""
_AGAIN = re.compile(r"again|temporar|time-? ?out|timed out|later|lookup fail|no route|refused")
_ITS_OWN_TROUBLE = re.compile(r"(?:can.?t|couldn.t|cannot) (?:create|open|write|lock)|procmail|command died")


def cause_of(status: str | None, words: str) -> Cause:
    """The cause that `status` (`5.1.1`; none when it is only in the words) and `words` tell."""
    said = " ".join(words.lower().split())[:JUDGED_CHARACTERS]
    statuses = [match.groups() for match in _STATUS.finditer(f"{said} {status or ''}")]
    if statuses and all(kind == "4" for kind, _, _ in statuses):
        return Cause.FULL if _FULL.search(said) else Cause.SENDER if _SENDER.search(said) else Cause.DAY
    if _ITS_OWN_TROUBLE.search(said):
        return Cause.DAY
    if _NO_MAIL_THERE.search(said) and not (_any(statuses, "5.1.10") or _NULL_MX.search(said)):
        return Cause.OTHER
    names_recipient = bool(_RECIPIENT.search(said))
    of_recipient = any(one[:2] == ("5", "1") and one[2] in _OF_A_RECIPIENT for one in statuses)
    is_certain = names_recipient and (of_recipient or _ACCESS_DENIED in said) and not _CERTAINLY_SENDER.search(said)
    of_sender = bool(_SENDER.search(said)) or _any(statuses, "5.1.7", "5.1.8")
    if not is_certain and (of_sender or _NOT_THE_RECIPIENT.search(said)):
        return Cause.SENDER if of_sender else Cause.OTHER
    if _FULL.search(said) or _any(statuses, "5.2.2"):
        return Cause.FULL
    if of_recipient or names_recipient or _any(statuses, "5.2.1"):
        return Cause.ADDRESS
    return _by_the_rest(statuses, said)


def says_full_only(words: str) -> bool:
    """Whether the mailbox is said to have no room, and nothing is said of a recipient that would be unknown."""
    said = " ".join(words.lower().split())[:JUDGED_CHARACTERS]
    return bool(_FULL.search(said)) and not _RECIPIENT.search(said)


def _by_the_rest(statuses: list[tuple[str, ...]], said: str) -> Cause:
    if any(one[:2] == ("5", "7") for one in statuses):
        return Cause.SENDER
    if _DOMAIN.search(said) and not _AGAIN.search(said):
        return Cause.ADDRESS
    return Cause.DAY if _DAY.search(said) or re.match(r"4\d\d\b", said) else Cause.OTHER


def _any(statuses: list[tuple[str, ...]], *wanted: str) -> bool:
    return any(".".join(status) in wanted for status in statuses)
