"""Whatever an identity provider, or somebody who speaks in its name, says: a page in words, and nobody breaks in."""

from typing import Any

import pytest
from sqlalchemy import func, select

from admin_app.installation import EXTENSION
from shared.database import Database
from shared.models.staff import StaffSession
from tests.admin.browser import Browser, sent_to
from tests.admin.sign_on_door import BACK, Door, end, logout_token
from tests.fuzzing import NASTY, Dice, attack_for_long

OF_ADDRESS = ("code", "state", "iss", "error", "ticket", "error_description", "session_state")
OF_TOKEN = ("iss", "aud", "azp", "sub", "exp", "iat", "nbf", "nonce", "sid", "acr", "amr", "jti", "events")
OF_PERSON = ("sub", "given_name", "family_name", "email", "FrEduRneResp", "FrEduResDel", "FrEduFonctAdm", "ctgrps")
OF_METADATA = ("issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
OF_HEADER = ("kid", "typ", "crit", "b64", "x5u", "jku")
DEPTH = 3


class Liar(Dice):
    """What a provider may say: any JSON."""

    def anything(self, depth: int = DEPTH) -> Any:
        kind = self.random.randrange(10)
        if kind < 4 or (kind > 7 and not depth):
            return self.random.choice([*NASTY, self.text(), "\ud800", "x" * 300])
        if kind < 8:
            return self.random.choice([None, True, False, 0, -1, 1e308, float("nan"), float("inf"), -(2**80), 2**63])
        if kind == 8:
            return [self.anything(depth - 1) for _ in range(self.random.randrange(4))]
        return {self.text(): self.anything(depth - 1) for _ in range(self.random.randrange(4))}

    def some(self, names: tuple[str, ...], often: float) -> dict[str, Any]:
        return {name: self.anything() for name in names if self.random.random() < often}


@pytest.fixture
def quiet(door: Door) -> Door:
    door.app.testing, door.app.config["PROPAGATE_EXCEPTIONS"] = False, False
    return door


def test_no_answer_of_a_provider_breaks_anything(quiet: Door, database: Database) -> None:
    person, discovery = quiet.provider.userinfo, quiet.app.extensions[EXTENSION].discovery

    def attack(seed: int) -> None:
        liar, provider = Liar(seed), quiet.provider
        provider.claims = liar.some(OF_TOKEN, 0.15)
        provider.userinfo = liar.anything() if liar.random.random() < 0.1 else {**person, **liar.some(OF_PERSON, 0.3)}
        provider.header = {"alg": "RS256", "kid": "un"}
        provider.metadata = liar.some(OF_METADATA, 0.3) if liar.random.random() < 0.1 else {}
        if provider.metadata:
            discovery.forget(provider.issuer)
        # So many from one network would have to wait.
        browser = Browser(quiet.app, f"198.51.{liar.random.randrange(256)}.{liar.random.randrange(256)}")
        left = quiet.leave(browser)
        assert left.status_code in {200, 422}
        if left.status_code == 422:
            provider.metadata = {}
            discovery.forget(provider.issuer)
            return
        changed = {name: liar.value() for name in OF_ADDRESS if liar.random.random() < 0.1}
        back = {**provider.answer(sent_to(left)), **changed}
        assert browser.get(BACK, **back).status_code in {303, 422}, (provider.claims, provider.userinfo, changed)

    attack_for_long(attack)


def test_no_end_of_session_breaks_anything_nor_ends_another(quiet: Door, database: Database) -> None:
    quiet.come_in()

    def attack(seed: int) -> None:
        liar = Liar(seed)
        changes = {"sid": "s-2", **liar.some(OF_TOKEN, 0.2)}
        token = logout_token(quiet.provider, **changes) if liar.random.random() < 0.8 else liar.value()
        if changes["sid"] != "s-1" and changes.get("sub") != "p-1":
            assert end(quiet, token) in {200, 400}, changes
            with database.reading() as session:
                assert session.scalar(select(func.count()).select_from(StaffSession)) == 1

    attack_for_long(attack)
