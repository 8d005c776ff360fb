"""Bounces in the form of each kind of server, invented; `{id}` is the Message-ID of the mail that came back."""
# ruff: noqa: E501

HEAD = "From: {sender}\nTo: ne-pas-repondre@example.org\nSubject: {subject}\nMIME-Version: 1.0\n"
MAIL = "From: ne-pas-repondre@example.org\nTo: p0@example.org\nMessage-ID: {id}\nSubject: Votre compte\n\nBonjour,\n"


def dsn(status: str, words: str, action: str = "failed", text: str = "Your message could not be delivered.") -> str:
    """A report as RFC 3464 wants it."""
    return (
        HEAD.format(sender="MAILER-DAEMON@mx.example.net", subject="Undelivered Mail Returned to Sender")
        + 'Content-Type: multipart/report; report-type=delivery-status; boundary="xx"\n\n'
        + f"--xx\nContent-Type: text/plain\n\n{text}\n\n"
        + "--xx\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n"
        + f"Final-Recipient: rfc822; p0@example.org\nAction: {action}\nStatus: {status}\n"
        + f"Diagnostic-Code: smtp; {words}\n\n--xx\nContent-Type: message/rfc822\n\n{MAIL}\n--xx--\n"
    )


def plain(sender: str, subject: str, text: str) -> str:
    """A report in plain text, the mail quoted below it."""
    return HEAD.format(sender=sender, subject=subject) + f"Content-Type: text/plain\n\n{text}\n{MAIL}"


EXIM = plain(
    "Mail Delivery System <Mailer-Daemon@mx.example.net>",
    "Mail delivery failed: returning message to sender",
    "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered"
    " to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  p0@example.org\n"
    "    {said}\n\n------ This is a copy of the message, including all the headers. ------\n",
)
QMAIL = plain(
    "MAILER-DAEMON@mx.example.net",
    "failure notice",
    "Hi. This is the qmail-send program at mx.example.net.\nI'm afraid I wasn't able to deliver your message to the"
    " following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<p0@example.org>:\n"
    "{said}\n\n--- Below this line is a copy of the message.\n\n",
)
OPENSMTPD = plain(
    "Mailer Daemon <MAILER-DAEMON@mx.example.net>",
    "Delivery status notification: error",
    "    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to this email.\n\n    An error has occurred while"
    " attempting to deliver a message for\n    the following list of recipients:\n\np0@example.org: {said}\n\n"
    "    Below is a copy of the original message:\n\n",
)
YAHOO = plain(
    "MAILER-DAEMON@yahoo.example",
    "Failure Notice",
    "Sorry, we were unable to deliver your message to the following address.\n\n<p0@example.org>:\n{said}\n\n"
    "--- Below this line is a copy of the message.\n\n",
)
GMX = plain(
    "GMX Mailer Daemon <mailer-daemon@gmx.example>",
    "Mail delivery failed: returning message to sender",
    "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered"
    " to\none or more of its recipients. The following addresses\nfailed:\n\np0@example.org:\nSMTP error from remote server"
    " after RCPT command:\nhost: mx.example.net\n{said}\n\n--- The header of the original message is following. ---\n\n",
)
EXCHANGE = plain(
    "System Administrator <postmaster@example.net>",
    "Undeliverable: Votre compte",
    "Your message\n\n  Subject: Votre compte\n\ndid not reach the following recipient(s):\n\np0@example.org on Mon, 23 Nov"
    " 2026 09:12:00 +0100\n    {said}\n\n",
)
IN_PLAIN_TEXT = {"exim": EXIM, "qmail": QMAIL, "opensmtpd": OPENSMTPD, "yahoo": YAHOO, "gmx": GMX, "exchange": EXCHANGE}

UNKNOWN = [
    ("5.1.1", "550 5.1.1 <p0@example.org>: Recipient address rejected: User unknown in virtual mailbox table"),
    ("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient p0@example.org not found by SMTP address lookup"),
    (
        "5.1.10",
        "556 5.1.10 <p0@example.org>: Recipient address rejected: Domain example.org does not accept mail (nullMX)",
    ),
    ("5.1.0", "Domain example.org does not accept mail (nullMX)"),
    ("5.2.1", "550 5.2.1 The email account that you tried to reach is disabled"),
    ("5.0.0", "550 Requested action not taken: no such user here"),
    ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied. [mx.protection.example.com]"),
    ("5.7.1", "554 5.7.1 <p0@example.org>: Recipient address rejected: user unknown"),
    ("5.0.0", "550 Adresse d au moins un destinataire invalide. Invalid recipient. OFR204_416 [416]"),
]
NOT_THE_ADDRESS = [
    ("5.7.1", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org"),
    (
        "5.7.26",
        "550 5.7.26 This mail has been blocked because the sender is unauthenticated. SPF [example.org] did not pass",
    ),
    ("5.7.1", "550 5.7.1 Email rejected per DMARC policy for example.org"),
    ("5.0.0", "550 5.0.0 Mail rejected. Votre adresse IP est bloquée. OFR006_102 [102]"),
    ("5.7.28", "421 4.7.28 Our system has detected an unusual rate of unsolicited mail from your IP address"),
    ("5.1.1", "550 5.1.1 Too many invalid recipients, your host is blocked for one hour"),
    ("5.1.8", "553 5.1.8 <ne-pas-repondre@example.org>: Sender address rejected: Domain not found"),
    ("5.2.2", "552 5.2.2 The email account that you tried to reach is over quota"),
    ("4.2.2", "552 4.2.2 mailbox full"),
    ("4.4.7", "delivery temporarily suspended: connect to mx.example.net: Connection timed out"),
    ("5.4.7", "554 5.4.7 message expired: delivery time expired after 5 days"),
    ("4.1.1", "450 4.1.1 <p0@example.org>: Recipient address rejected: User unknown in local recipient table"),
    ("5.3.4", "552 5.3.4 Message size exceeds fixed maximum message size"),
    ("5.7.1", "554 5.7.1 <p0@example.org>: Relay access denied"),
    ("5.0.0", "550 rejected by the content filter of mx.example.net"),
    ("5.3.2", "521 5.3.2 mx.example.net does not accept mail from you today"),
]
