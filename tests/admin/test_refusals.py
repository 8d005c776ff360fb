"""What a provider refuses is said on the page of the campaign and on « Accueil », to that school only (R18)."""

from shared import clock
from shared.models.sending.refusals import CampaignRefusal, Cause
from tests.admin.browser import words


def test_a_provider_that_refuses_is_named_with_what_to_do(browse, database, school_a, school_b):
    with database.writing() as session:
        session.add(
            CampaignRefusal(
                campaign_id=school_a.campaign_id,
                domain="orange.example",
                cause=Cause.SENDER,
                since=clock.now(),
                last_at=clock.now(),
                mails=12,
                reason="554 5.7.1 <b>blocked</b>",
            )
        )
    head = browse(school_a.login)
    page, home = head.get(f"/responsables/notifications/{school_a.campaign_id}/"), head.get("/")
    assert "orange.example refuse les courriels de notre serveur" in words(page)
    assert "12 courriels" in words(page)
    assert "SPF, DKIM" in words(page)
    assert b"<b>blocked</b>" not in page.data
    assert "orange.example refuse" in words(home)
    assert "orange.example" not in words(browse(school_b.login).get("/"))
