"""Each page, with all that it loads, stays light on a slow line."""

import gzip
import re

from flask import Flask

from tests.factories import INITIAL_PASSWORD
from tests.portal.browser import Browser
from tests.portal.conftest import logged_in
from tests.portal.test_access import routes

LIMIT = 50_000
"""Bytes, bodies and headers, everything loaded for the first time."""
GZIP = {"Accept-Encoding": "gzip, deflate, br"}


def weight(browser: Browser, path: str) -> int:
    answer = browser.get(path, headers=GZIP)
    return len(answer.data) + len(str(answer.headers))


def test_every_page_weighs_less_than_50_kilobytes_all_told(marie: Browser, portal: Flask) -> None:
    newcomer = logged_in(portal, "p.hoarau", INITIAL_PASSWORD)
    for visitor in (marie, newcomer, Browser(portal)):
        for _endpoint, method, path in routes(portal):
            page = visitor.get(path) if method == "GET" else None
            if page is None or page.mimetype != "text/html":
                continue
            loaded = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)) | {"/static/chevron.svg"}
            total = weight(visitor, path) + sum(weight(visitor, file) for file in loaded)
            assert total < LIMIT, (path, total)


def test_files_are_the_same_compressed_or_not(browser: Browser) -> None:
    plain = browser.client.get("/static/pico.min.css", headers={"Accept-Encoding": "identity"})
    small = browser.client.get("/static/pico.min.css", headers=GZIP)
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(small.data) == plain.data
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Accept-Encoding" in small.headers["Vary"]


def test_pages_with_secrets_are_never_compressed(browser: Browser) -> None:
    assert "Content-Encoding" not in browser.client.get("/connexion", headers=GZIP).headers
