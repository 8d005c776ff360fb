"""« Statistiques »: what is drawn is what is counted, and what is counted is what there is (R26)."""

import csv
import html
import io
import re
from collections import Counter
from datetime import timedelta

import openpyxl
import pytest
from babel.dates import format_date
from sqlalchemy import select, update

from admin_app.statistics.charts import chart_of
from admin_app.statistics.tables import Figures
from shared import clock
from shared.models.accounts import Account
from shared.models.notifications import Notification
from shared.models.school import Guardian
from shared.models.sending.sms import SmsMessage
from tests.admin.browser import words
from tests.admin.test_queries import add_families
from tests.statements import sent

STATISTICS = "/statistiques/"
BOTH = pytest.mark.parametrize("whose", ["responsables", "eleves"])


def table(response, code: str) -> list[list[str]]:
    """The cells of one table of the page."""
    section = re.search(rf'aria-labelledby="titre-{code}".*?</section>', response.text, re.DOTALL)
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", section[0], re.DOTALL)
    return [
        [html.unescape(re.sub(r"<[^>]+>", "", cell)) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)] for row in rows
    ]


def test_accounts_count_by_state_and_by_division(head, school_a, school_b):
    page = head.get(STATISTICS)

    states = dict(table(page, "etat")[1:])
    assert (states["Non notifié"], states["Utilisé"], states["Notifié"]) == ("1", "1", "0")
    header, *rows = table(page, "division")
    assert rows == [["6Zar", "1", "0", "0", "1", "0", "2"]]
    assert header[0] == "Division"
    assert [row[0] for row in table(page, "qualite")[1:]] == ["Légal 1", "Légal 2"]


def test_the_rates_by_level_and_by_division_come_first_and_the_details_are_folded(head, school_a, school_b):
    page = head.get(STATISTICS)

    assert re.findall(r'aria-labelledby="titre-([a-z-]+)"', page.text)[:3] == [
        "taux-par-niveau",
        "taux-par-division",
        "activation-par-semaine",
    ]
    assert table(page, "taux-par-niveau")[1:] == [["6e (50\xa0%)", "1", "1", "2"]]
    assert table(page, "taux-par-division")[1:] == [["6Zar (50\xa0%)", "1", "1", "2"]]
    assert "50 %" in words(head.get("/"))
    folded = re.findall(r'<details><summary><h2 id="titre-([a-z-]+)"', page.text)
    assert folded == ["etat", "division", "qualite", "activation-par-mois", "mode", "notifications-par-mois"]


def test_an_activation_counts_in_its_week_and_in_its_month(head, database, sealer, school_a):
    """Though months begin within weeks: each is told again here, from the days alone."""
    add_families(database, sealer, school_a, range(30))
    days = []
    with database.writing() as session:
        session.execute(update(Account).values(activated_at=None))
        held = select(Guardian.account_id).where(Guardian.establishment_id == school_a.id)
        for number, account in enumerate(session.scalars(select(Account).where(Account.id.in_(held)))):
            # By day in every time zone of the académies.
            account.activated_at = clock.now().replace(hour=8) - timedelta(days=number % 70 + 1)
            days.append(account.activated_at.date())
    page = head.get(STATISTICS)

    def shown(code):
        return {label: int(active) for label, _, active in table(page, code)[1:] if active != "0"}

    assert shown("activation-par-semaine") == Counter(f"{day - timedelta(days=day.weekday()):%d/%m}" for day in days)
    months = Counter(format_date(day, "MMM yyyy", locale="fr") for day in days)
    assert shown("activation-par-mois") == months
    assert len(months) > 1


def test_notifications_count_by_mode(head, school_a):
    header, *rows = table(head.get(STATISTICS), "mode")
    mails = dict(zip(header, rows[0], strict=True))

    assert (mails["Mode"], mails["Échec"]) == ("Courriel", "1")


def test_the_figures_of_students_are_apart(head, school_a):
    page = head.get(STATISTICS, de="eleves")

    assert table(page, "division")[1][0] == "6Zar"
    assert table(page, "division")[1][-1] == "1"
    assert "titre-qualite" not in page.text


def test_channels_are_compared_by_whom_they_reached_how_soon_and_at_what_cost(head, database, school_a):
    """Shown, and downloaded with the same columns."""
    with database.writing() as session:
        row = session.scalars(
            select(Notification).where(Notification.campaign_id == school_a.campaign_id).order_by(Notification.id)
        ).first()
        row.channel, row.delivery, row.settled_at = "sms", "sent", clock.now() - timedelta(days=3)
        session.add(SmsMessage(notification_id=row.id, lease="l", state="accepted", price=650, begun_at=row.settled_at))
        session.get_one(Account, row.account_id).activated_at = clock.now()

    header, *rows = table(head.get(STATISTICS), "moyens")
    expected = ["Moyen", "Comptes activés ensuite", "Joints, pas activés ensuite", "Comptes joints"]
    assert header == [*expected, "Délai médian, en jours", "Coût"]
    assert rows == [["SMS", "1", "0", "1", "3", "0,07\xa0€"]]
    page = head.get(STATISTICS)
    sheet = head.post(STATISTICS, {"de": "responsables", "tableau": "moyens", "format": "csv"})
    assert list(csv.reader(io.StringIO(sheet.data.decode("utf-8-sig")), delimiter=";"))[1] == rows[0]
    assert page.status_code == 200


def test_the_card_tells_the_way_of_the_family(head, database, school_a):
    with database.writing() as session:
        row = session.scalars(
            select(Notification).where(Notification.campaign_id == school_a.campaign_id).order_by(Notification.id)
        ).first()
        row.delivery, row.settled_at = "sent", clock.now() - timedelta(days=3, hours=1)
        account = session.get_one(Account, row.account_id)
        fiche_id = row.guardian_id
    card = words(head.get(f"/responsables/compte/{fiche_id}/"))
    assert "Jointe par courriel le" in card
    assert "compte pas encore activé" in card
    with database.writing() as session:
        session.get_one(Account, account.id).activated_at = clock.now()
    assert "3 jours après la première notification" in words(head.get(f"/responsables/compte/{fiche_id}/"))


@BOTH
def test_every_chart_is_followed_by_its_table(head, school_a, whose):
    page = head.get(STATISTICS, de=whose).text

    drawn = re.findall(r'<svg width="100%"[^>]* aria-labelledby="graphique-([a-z-]+)"', page)
    assert drawn
    for code in drawn:
        assert page.index(f'id="graphique-{code}"') < page.index("<table", page.index(f'id="graphique-{code}"'))
    # The policy of the page allows no style in attributes.
    assert " style=" not in page


def test_a_school_without_accounts_is_told_so(browse, database, school_a):
    from tests.factories import make_establishment, make_staff

    with database.writing() as session:
        make_staff(session, "vide", make_establishment(session, "9740009Z", "Collège Vide"))
    page = words(browse("vide").get(STATISTICS))

    assert "Rien à compter pour l'instant." in page


def test_every_table_is_a_file(head, school_a):
    page = head.get(STATISTICS)
    codes = re.findall(r'name="tableau" value="([a-z-]+)"', page.text)
    assert {"etat", "division", "qualite", "mode"} <= set(codes)
    for code in codes:
        content = head.post(STATISTICS, {"de": "responsables", "tableau": code}).data.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(content), delimiter=";"))
        assert rows == table(page, code), code
        book = head.post(STATISTICS, {"de": "responsables", "tableau": code, "format": "xlsx"}).data
        values = list(openpyxl.load_workbook(io.BytesIO(book)).active.values)
        assert [[str(value) for value in row] for row in values] == rows


def test_an_unknown_table_is_not_found(head):
    assert head.post(STATISTICS, {"tableau": "mots-de-passe"}).status_code == 404


def test_a_delegate_for_statistics_sees_counts_and_no_name(delegate, school_a):
    page = delegate("statistics").get(STATISTICS)

    assert page.status_code == 200
    assert "zarzuela" not in page.text.lower().replace("collège zarzuela", "")


def test_the_page_takes_as_many_queries_with_300_families_as_with_10(head, database, sealer, school_a):
    def queries() -> int:
        with sent(database) as statements:
            assert head.get(STATISTICS).status_code == 200
        return len(statements)

    add_families(database, sealer, school_a, range(10))
    few = queries()
    add_families(database, sealer, school_a, range(10, 310))

    assert queries() == few <= 25


BARS = Figures("x", "X", "Division", ["A", "B"], [("6A", [1, 3]), ("5B", [2, 0]), ("4C", [0, 0])])


def test_bars_are_as_long_as_their_counts():
    shapes = chart_of(BARS).shapes

    assert [(shape.series, shape.x, shape.width) for shape in shapes] == [(0, 0, 25), (1, 25, 75), (0, 0, 50)]
    assert shapes[1].words == "6A, B : 3"


def test_columns_are_as_high_as_their_counts_and_stay_in_the_drawing():
    figures = Figures("x", "X", "Période", ["A", "B"], [("jan", [4, 1]), ("fév", [0, 2])], over_time=True)
    chart = chart_of(figures)

    heights = [shape.height for shape in chart.shapes]
    assert [height / heights[0] for height in heights] == [1, 0.25, 0.5]
    assert all(shape.x >= 0 and shape.x + shape.width <= 100 for shape in chart.shapes)
    assert all(shape.y >= 0 and shape.y + shape.height <= chart.height for shape in chart.shapes)
