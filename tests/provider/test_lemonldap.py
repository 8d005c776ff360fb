"""LemonLDAP::NG as a téléservice: with the plugin of docs/lemonldap it knows a family, and without it, nobody (R35)."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from flask import Flask

from tests.conftest import skip_or_fail
from tests.portal.browser import Browser
from tests.ports import free_port
from tests.provider.conftest import Register
from tests.provider.service import said, where
from tests.provider.test_real_services import bring, port, portal, settings  # noqa: F401 - fixtures
from tests.sign_on.lemonldap import Lemonldap, is_installed, running_service

Start = Callable[..., AbstractContextManager[Lemonldap]]


@pytest.fixture
def start(portal: Flask, register: Register, port: int, tmp_path: Path) -> Start:  # noqa: F811
    """It, registered at the portal, which it knows by what it publishes."""
    if not is_installed():
        skip_or_fail("no LemonLDAP::NG on this machine (apt install liblemonldap-ng-portal-perl)")

    @contextmanager
    def started(*, plugin: bool) -> Iterator[Lemonldap]:
        own = free_port()
        service = register(return_addresses=(f"http://localhost:{own}/?openidconnectcallback=1",))
        published = {
            name: urlopen(f"http://localhost:{port}{path}").read().decode()
            for name, path in {"discovery": "/.well-known/openid-configuration", "keys": "/openid/cles"}.items()
        }
        client = {"id": service.client_id, "secret": service.secret}
        with running_service(tmp_path / "service", own, published, client, plugin=plugin) as lemonldap:
            yield lemonldap

    return started


def sessions(folder: Path) -> list[dict[str, Any]]:
    """What it keeps of those who are logged in there."""
    return [json.loads(path.read_text()) for path in (folder / "service" / "global").iterdir() if path.is_file()]


@pytest.mark.slow
def test_with_pkce_added_to_it_it_knows_a_family(
    start: Start,
    portal: Flask,  # noqa: F811
    tmp_path: Path,
) -> None:
    with start(plugin=True) as lemonldap:
        visitor = lemonldap.visitor()
        asked = visitor.go(f"{lemonldap.issuer}/")
        assert said(asked)["code_challenge_method"] == "S256"
        visitor.go(bring(Browser(portal), asked))
        [session] = sessions(tmp_path)
        assert session["cn"] == "Marie PAYET"


@pytest.mark.slow
def test_as_debian_has_it_it_asks_without_pkce_and_is_told_no(
    start: Start,
    portal: Flask,  # noqa: F811
    tmp_path: Path,
) -> None:
    with start(plugin=False) as lemonldap:
        visitor = lemonldap.visitor()
        asked = visitor.go(f"{lemonldap.issuer}/")
        assert "code_challenge" not in said(asked)
        answer = Browser(portal).get(asked.removeprefix(f"http://localhost:{asked.split(':')[2].split('/')[0]}"))
        assert said(where(answer))["error"] == "invalid_request"
        visitor.go(where(answer))
        assert sessions(tmp_path) == []
