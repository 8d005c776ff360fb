"""The same for a portal in front, which says by headers who comes."""

from tests.defences.table import Defence

HEADERS = "shared/web/front_portal.py"
SAID = "shared/sign_on/front.py"
COMING = "tests/admin/test_sign_on_portal.py"
REAL = "tests/test_front_portal.py"
NOT_CLEAR = f"{COMING}::test_what_is_not_said_clearly_opens_nothing"
NO_SECRET = f"{COMING}::test_without_the_secret_of_the_portal_nobody_comes_in"
ONCE = f"{REAL}::test_the_listener_itself_asks_for_the_secret_and_for_each_header_once"

OF_PORTAL_IN_FRONT = (
    Defence(
        "headers on the ordinary listener",
        HEADERS,
        "self._heard(taken) if self._secret else Heard()",
        "self._heard({**taken, self._secret_key: self._secret})",
        (f"{COMING}::test_the_ordinary_listener_believes_no_header_even_with_the_secret",),
    ),
    Defence(
        "headers with another secret",
        HEADERS,
        "        if not secrets.compare_digest(shown.encode(), self._secret.encode()):\n",
        "        if False:\n",
        (NO_SECRET, ONCE),
    ),
    Defence(
        "headers without a secret",
        HEADERS,
        '            return "no secret"\n',
        '            return ""\n',
        (NO_SECRET, ONCE),
    ),
    Defence(
        "headers seen by pages",
        HEADERS,
        "str(environ.pop(key))",
        "str(environ[key])",
        (f"{COMING}::test_no_page_sees_the_headers",),
    ),
    Defence(
        "headers without end",
        HEADERS,
        "if sum(map(len, taken.values())) > LONGEST else",
        "if False else",
        (NOT_CLEAR,),
    ),
    Defence(
        "headers that came twice",
        HEADERS,
        "        if self._keys & {",
        "        if False and {",
        (NOT_CLEAR, ONCE),
    ),
    Defence(
        "headers that came twice, noted",
        "shared/web/gunicorn/front.py",
        "    if twice := repeated(req.headers):\n",
        '    if twice := "":\n',
        (ONCE,),
    ),
    Defence("two persons in one header", SAID, ' or "," in subject:\n', ":\n", (NOT_CLEAR,)),
    Defence("nobody in a header", SAID, "not 0 < len(subject) <= LONGEST_SUBJECT", "False", (NOT_CLEAR,)),
    Defence(
        "headers that a visitor writes",
        "docs/nginx-portail.conf",
        "    proxy_set_header FrEduRneResp $p_charge;\n",
        "",
        (f"{REAL}::test_the_portal_says_who_it_is_and_nobody_else_does",),
    ),
)
