"""No regular expression of the product takes long, whatever it meets: 100,000 characters of its worst case.

A pattern of linear time takes some milliseconds; one of quadratic time takes from ten seconds up, one of exponential
time never ends: that much is told apart on any machine, by processor time and in a process that is killed.
"""

import json
import re
import subprocess
import sys

from tests.patterns import LENGTH, ROOT, Used, Worst, patterns_used, seconds_taken

SECONDS = 3.0

_CAUSES = "shared/notifications/mail/causes.py"
_READING = "shared/notifications/bounces/reading.py"
_SOUNDS = "shared/persons/phonetics.py:_SOUNDS"
WORST: dict[str, list[Worst]] = {
    "shared/cli/saving.py:_IDENTIFIER": [("", "a", " ")],
    "shared/saving/copy_folder.py:_LINE": [("", "a", ""), (f"{'0' * 64}  ", "a", "\n")],
    "admin_app/ui/journal/details.py:_DAY": [("", "2026-01-0", "x")],
    'shared/accounts/credentials/strength/guessing.py:"[ \'’]"': [("", "a'", "")],
    "shared/accounts/credentials/strength/guessing.py:'[\\\\W_]+'": [("", "_", ""), ("", "_a", "")],
    "shared/accounts/credentials/strength/guessing.py:_BETWEEN_WORDS": [("", ".", ""), ("", "a.", "")],
    "shared/accounts/credentials/strength/guessing.py:_YEARS": [("", "201", ""), ("", "19", "")],
    "shared/accounts/credentials/strength/dictionary.py:_WITHIN_WORDS": [("", "-", ""), ("", "a-", "")],
    "shared/accounts/credentials/strength/leaks.py:_FINGERPRINT": [("", "a", ""), ("", "a", "g")],
    "shared/accounts/credentials/strength/sentences.py:_LETTERS": [("", "a", ""), ("", "aaaaa ", "")],
    "shared/accounts/credentials/strength/vocabulary.py:_NOT_SQUEEZED": [("", " ", ""), ("", " a", "")],
    "shared/french.py:_AS_IT_IS": [("", "<", ""), ("", "<pr", "")],
    "shared/french.py:_BESIDE_SIGNS": [("", " ", ""), ("", "« ", ""), ("", " :", "")],
    "shared/french.py:_BESIDE_SIGNS_OF_PAGE": [("", " ", "x"), ("", "« ", ""), ("«", " ", ""), ("", " :", "")],
    "shared/french.py:_FROM_FIRST_SIGN": [("", " :", ""), ("", "« ", ""), ("", " :<", ""), ("", " :", ">")],
    "shared/limits/devices.py:_WELL_FORMED": [("", "a", " ")],
    "shared/limits/networks.py:_WITH_PORT": [("[", "a", ""), ("", "a", ":x"), ("", "[", "")],
    f"{_CAUSES}:'4\\\\d\\\\d\\\\b'": [("", "4", "")],
    f"{_CAUSES}:_AGAIN": [("", "time", ""), ("", "lookup ", "")],
    f"{_CAUSES}:_CERTAINLY_SENDER": [("", "your ", ""), ("", "black-", "")],
    f"{_CAUSES}:_DAY": [("", "could not ", ""), ("", "time-", "")],
    f"{_CAUSES}:_DOMAIN": [("", "host ", ""), ("host", " ", ""), ("", "unknown mail ", "")],
    f"{_CAUSES}:_FULL": [("", "mailbox is ", ""), ("", "over ", "")],
    f"{_CAUSES}:_ITS_OWN_TROUBLE": [("", "cannot ", "")],
    f"{_CAUSES}:_NO_MAIL_THERE": [("", "does not accept ", ""), ("", "do not accept any ", "")],
    f"{_CAUSES}:_NOT_THE_RECIPIENT": [("", "mail ", ""), ("", "end of ", "")],
    f"{_CAUSES}:_NULL_MX": [("", "null ", ""), ("", "nul", "")],
    f"{_CAUSES}:_RECIPIENT": [("", "user ", ""), ("", "unknown ", ""), ("", "no user ", ""), ("user", " ", "")],
    f"{_CAUSES}:_SENDER": [("", "reverse ", ""), ("", "message ", ""), ("", "too ", "")],
    f"{_CAUSES}:_STATUS": [("", "5.1.1.", ""), ("5.1.1", "1", ""), ("", "5.1.1 ", ""), ("5.1.1", ".", "")],
    f"{_READING}:'[245]\\\\.\\\\d{{1,3}}\\\\.\\\\d{{1,3}}'": [("5.", "1", "")],
    f"{_READING}:'\\\\s+'": [("", " ", "x"), ("", " x", "")],
    f"{_READING}:_FIRST_ADDRESS": [("", "a", ""), ("", "a\n", ""), ("", "contac", "")],
    f"{_READING}:_PARTS_BEGIN": [("content-type", " ", ""), ("", "\ncontent-type ", "")],
    f"{_READING}:_SERVERS": [("", "mail ", ""), ("", "delivery ", "")],
    f"{_READING}:_SUBJECTS": [("deliver", "a", ""), ("", "deliver", ""), ("fail", "a", ""), ("", "mail ", "")],
    f"{_READING}:_TAGS": [("", "<a", ""), ("<a", "a", ""), ("", "<", "")],
    f"{_READING}:_THE_MAIL": [("", "-", ""), ("", "--\n", ""), ("", "copy of the ", ""), ("received: ", "a", "")],
    "shared/web/slow_clients.py:_CHUNKED": [("transfer-encoding", " ", ""), ("", "\ntransfer-encoding ", "")],
    "shared/web/slow_clients.py:_EXPECTS": [("expect", " ", ""), ("expect:", " ", ""), ("", "\nexpect: ", "")],
    "shared/web/slow_clients.py:_LENGTH": [
        ("content-length:", " ", "x"),
        ("content-length: 1", " ", "x"),
        ("", "\r", ""),
    ],
    "parent_portal/ui/held_words.py:_DAY": [("", "2026-01-0", "x")],
    "parent_portal/ui/held_words.py:_INSTANT": [
        ("2026-01-01T00:00:00.", "0", "x"),
        ("2026-01-01T00:00:00", "+", "00:00"),
    ],
    f"{_SOUNDS}[0]": [("", "p", "")],
    f"{_SOUNDS}[1]": [("", "h", "")],
    f"{_SOUNDS}[2]": [("", "o", "")],
    f"{_SOUNDS}[3]": [("", "ea", "")],
    f"{_SOUNDS}[4]": [("", "ae", "")],
    f"{_SOUNDS}[5]": [("", "cq", "")],
    f"{_SOUNDS}[6]": [("", "sc", "")],
    f"{_SOUNDS}[7]": [("", "c", "")],
    f"{_SOUNDS}[8]": [("", "g", "")],
    f"{_SOUNDS}[9]": [("", "gu", "")],
    f"{_SOUNDS}[10]": [("", "y", "")],
    f"{_SOUNDS}[11]": [("", "w", "")],
    f"{_SOUNDS}[12]": [("", "z", "")],
    f"{_SOUNDS}[13]": [("", "m", "")],
    f"{_SOUNDS}[14]": [("", "a", ""), ("", "ab", "")],
    f"{_SOUNDS}[15]": [("ab", "s", "a"), ("ab", "es", "a")],
    "shared/establishments/codes/uai.py:_FORM": [("", "0", "A")],
    "shared/establishments/rich_text.py:_BLOCK": [("", "<", ""), ("", "<pp", "")],
    "shared/persons/names.py:_COMMENT": [("", "(", ""), ("", "(a", "\n"), ("", "(\n", "")],
    "shared/persons/names.py:_NOT_A_LETTER_OR_DIGIT": [("", " ", ""), ("", " a", "")],
    "shared/notifications/coupons/drawing.py:_DARK": [("", "\x01", ""), ("", "\x01\x00", "")],
    "shared/notifications/letters/joining.py:_REFERENCE": [
        ("", "(", ""),
        ("", "(\\", ""),
        ("", "1", " "),
        ("", "1 ", ""),
    ],
    "shared/notifications/bounces/noting.py:_OURS": [("<notification.1.", "0", ""), ("<notification.1.0@", "x", "\n")],
    "shared/notifications/letters/address_window.py:_WORDS": [("", "a", " "), ("", "\u00a0", " ")],
    "shared/notifications/letters/markup.py:_BRACES": [("", "{", ""), ("", "}", "")],
    "shared/notifications/letters/markup.py:_EMPTY_LINE": [("", " ", ""), ("\n", " ", "x"), ("", "\n ", "x")],
    "shared/notifications/letters/markup.py:_STARTS_A_BLOCK": [("", "<", ""), ("<", "p", "")],
    "shared/notifications/letters/markup.py:_VARIABLE": [("{{", " ", ""), ("", "{{ ", ""), ("{{", "a", "")],
    "shared/notifications/letters/texts/printable.py:_SPACES": [("", " ", "x"), ("", " x", "")],
    "shared/notifications/letters/texts/printable.py:_TAG": [("<", "a", ""), ("", "<", ""), ("", "</a", "")],
    "shared/notifications/mail/rendering.py:'^1 '": [("", "1 ", "")],
    "shared/notifications/mail/rendering.py:_BLANKS": [("", " ", "x"), ("", " x", "")],
    "shared/notifications/mail/rendering.py:_EMPTY_LINES": [("", "\n", "x"), ("", "\n\nx", "")],
    "shared/notifications/letters/typesetting/marked.py:_MARK": [("{{", "a", ""), ("", "{{a", "")],
    "shared/persons/organisations.py:_WORDS": [("aide", " ", ""), ("", "aide ", ""), ("", "departement", "")],
    "shared/persons/remarks.py:'[\\\\w?]+'": [("", "a", ""), ("", "a ", "")],
    "shared/persons/remarks.py:_BESIDE_A_NAME": [
        ("", "+", " x"),
        ("+", " ", "x"),
        ("", "+ ", "x"),
        ("ne", " ", "x"),
        ("", "place ", ""),
        ("place par", " ", "x"),
        ("decede", " ", "x"),
        ("", "d", "x"),
        ("dece", "d", "x"),
        ("retrait de ", "a", "\n"),
        ("ordonnance d", "a", " "),
    ],
    "shared/persons/remarks.py:_NO_NAME": [("", "a", "b"), ("", "x", "a"), ("n", " ", "x"), ("non saisi", "e", "x")],
    "shared/persons/remarks.py:_OF_A_REMARK": [("divorce", "a", " "), ("", "a", " ")],
    "shared/persons/remarks.py:_SAYS_DEAD": [("+", " ", "x"), ("", "+ ", "x"), ("dece", "d", "x"), ("", "d. ", "x")],
    "shared/persons/remarks.py:_SAYS_NOT": [("ne", " ", "x"), ("violen", "a", " "), ("adresse", " ", "x")],
    "shared/persons/remarks.py:_SOMEBODY_ELSE": [("", "s", ""), ("", "pere", "")],
    "shared/persons/phones.py:_BETWEEN_NUMBERS": [
        ("1", " ", "x"),
        ("", "1 ", "-"),
        ("1 -", " ", "x"),
        ("", "1 - ", "x"),
    ],
    "shared/persons/phones.py:_NATIONAL": [("", "1", "")],
    "shared/persons/phones.py:_NOT_DIALLED": [("", "x", ""), ("", "x1", "")],
    "shared/persons/phones.py:_NOT_DIGITS": [("", "x", ""), ("", "x1", "")],
    "shared/persons/phones.py:_OVERSEAS": [("", "2", "")],
    "shared/persons/phones.py:_TRUNK": [("(", " ", ""), ("(0", " ", ""), ("", "( ", ""), ("", "(0 ", "")],
    "shared/logs/tracing.py:_TRACE": [("", "a", " ")],
    "shared/worker/queue.py:_ID": [("", "a", " ")],
    "shared/worker/queue.py:_NAME": [("", "a", " ")],
    "shared/siecle/files/encoding.py:_CONTROLS": [("", "a", "")],
    "shared/siecle/files/encoding.py:_FRACTIONS": [("", "a", "")],
    "shared/siecle/files/encoding.py:_UNDEFINED": [("", "a", "")],
    "shared/siecle/reading/fields.py:_DAY": [("", "1", ""), ("1/1/", "1", "")],
    "shared/siecle/reading/fields.py:_KEY": [("", "a", " ")],
    "shared/notifications/print_service/receipts.py:_NAME": [("lot-20260901-0123abcd-", "a", " ")],
    "shared/notifications/sms/smpp_gateway.py:_ERROR": [("", " err:", ""), ("err:", "a", " ")],
    "shared/notifications/sms/smpp_gateway.py:_STATE": [("", " stat:", ""), ("stat:", "A", "1")],
    "shared/notifications/sms/smpp_gateway.py:_TEXT": [("", " id:", ""), ("id:", "a", " ")],
    "shared/notifications/sms_receipts/told.py:NAMED": [("", "a", " ")],
    "shared/settings/sms.py:SECRET": [("", "a", " ")],
    "shared/settings/sms.py:SENDER": [("", "a", "-"), ("+", "1", "a")],
    "shared/persons/identity.py:_INE": [("", "0", "A")],
    "shared/siecle/invented/people/contacts.py:'..'": [("", "a", "")],
    "shared/siecle/invented/people/contacts.py:'[^a-z]'": [("", "A", "")],
    "shared/siecle/invented/people/contacts.py:'\\\\D'": [("", "a", "")],
    "shared/siecle/files/prolog.py:_BLANKS": [("", " ", "x"), ("", " x", "")],
    "shared/siecle/files/prolog.py:_DECLARED_ENCODING": [
        ("", "encoding", ""),
        ("encoding", " ", ""),
        ("encoding='", "a", " "),
        ("", "encoding = ", ""),
    ],
    "shared/siecle/files/prolog.py:_DOCTYPE_OF_A_PAGE": [("<!DOCTYPE", " ", "x"), ("", "<!DOCTYPE ", "")],
    "shared/siecle/files/prolog.py:_ROOT": [("<", "a", ""), ("", "<!---->", "<1")],
    "shared/siecle/report.py:_WHAT_VARIES": [("", "«\u00a0", ""), ("", "1", "a"), ("", "«\u00a0a", "")],
    "shared/siecle/reading/schools.py:_CIVILITY": [("M.", " ", ""), ("M.", " ", "\n"), ("MADAME", " x", "\n")],
    "shared/siecle/files/streaming.py:_ATTRIBUTE": [("", " ", ""), (" ", "a", ""), (" a", " ", ""), ("", " a", "")],
    "shared/siecle/files/streaming.py:_BLANKS_BEFORE_DECLARATION": [
        ("", " ", "x"),
        (" <?xml ", "a", ""),
        ("", " <?xml ", ""),
    ],
    "shared/siecle/files/streaming.py:_WRITTEN_CONTROLS": [("&#", "0", "x"), ("&#x", "0", ""), ("", "&#", "")],
    "shared/siecle/files/streaming.py:_ELEMENT": [("", "<", ""), ("<", "a", ""), ("", "<a", "")],
    "shared/siecle/reading/places.py:_FRENCH_POSTAL_CODE": [("", "1", "")],
    "shared/siecle/values/emails.py:_BETWEEN_BRACKETS": [("", "<", ""), ("<", "a", ""), ("", "<a", "")],
    "shared/siecle/values/emails.py:_EMAIL": [
        ("", "a", ""),
        ("", "a.", ""),
        ("a@", "a", ""),
        ("a@", "a.", "1"),
        ("a@", "a-", "."),
        ("a@", "a" * 62 + ".", ""),
    ],
    "shared/siecle/values/emails.py:_REST_OF_A_DOMAIN": [("", "a", "")],
    "shared/siecle/values/emails.py:_SCHEME": [("", "mailto", ""), ("", "m", "")],
    "shared/siecle/values/emails.py:_SEPARATORS": [("", " ", "x"), ("", "/", ""), ("/", "a", ""), ("", "/a", "")],
    "shared/siecle/values/mending.py:_CONTROLS": [("", "a", "")],
    "shared/siecle/values/mending.py:_FRACTIONS": [("", "\xbc", ""), ("", "a", "")],
    "shared/siecle/values/mending.py:_BYTES_OF_UTF_8_TWICE": [("", "a", "")],
    "shared/siecle/values/mending.py:_UTF_8_TWICE": [("", "â", ""), ("", "Ã", ""), ("", "â\x80", "")],
    "shared/siecle/values/mending.py:_UTF_8_SEQUENCE": [("", "a", "")],
    "shared/siecle/values/texts.py:_BEYOND_LATIN": [("", "a", ""), ("", "é", "")],
    "shared/siecle/values/texts.py:_INVISIBLE": [("", "a", ""), ("", "\xad", "")],
    "shared/siecle/uploads/files.py:_UNSAFE": [("", "/", ""), ("", "/a", "")],
    "shared/sign_on/attributes.py:_JOINED": [("", ",", ""), ("", " ", "")],
    "shared/sign_on/front.py:_BETWEEN": [("", " ", "x"), ("", ",", "")],
    "shared/sign_on/attributes.py:_UNSEEN": [("", "\0", ""), ("", "a", "")],
    "shared/staff/creation.py:_LOGIN": [("", "a", " "), ("", "a.", "")],
}
"""For each pattern, what it has most to do with: repeated beginnings, what nearly fits, what fits in several ways."""
FOR_ALL: list[Worst] = [
    (before, repeated, after)
    for before, after in (("", ""), ("a", "!"), ("1", "\n"))
    for repeated in (" ", "a", "1", "a ", "1 ", "<", "(", "{", ".", "-", "\n", " \n")
]


def test_every_pattern_has_a_worst_case_and_every_worst_case_a_pattern() -> None:
    assert sorted(WORST) == sorted(used.key for used in patterns_used())


def test_no_pattern_takes_long_on_its_worst_case() -> None:
    cases = {key: [*own, *FOR_ALL] for key, own in WORST.items()}
    program = [sys.executable, "-m", "tests.patterns"]
    run = subprocess.run(program, input=json.dumps(cases), capture_output=True, text=True, check=False, cwd=ROOT)
    tried = [line.partition("\t")[::2] for line in run.stdout.splitlines()]
    assert run.returncode == 0, f"killed at, or failed after, {tried[-1:]} {run.stderr}"
    assert len(tried) == sum(map(len, cases.values()))
    assert [case for case, seconds in tried if float(seconds) > SECONDS] == []


def test_the_test_would_tell_a_pattern_of_quadratic_time() -> None:
    quadratic = Used("quadratic", re.compile(r"\s+$"), frozenset({"search"}))
    seconds = seconds_taken(quadratic, " " * (LENGTH // 10) + "x")
    assert seconds * 10**2 > SECONDS
