"""Letters handed to a printing service: nothing lost, nothing under two names, receipts believed or set aside (R36)."""

import csv
import hashlib
import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
import time_machine
from pypdf import PdfReader
from sqlalchemy import select

from shared import clock
from shared.config import Settings
from shared.models.notifications import Campaign, Channel, DeliveryState, Mode
from shared.models.reasons import Reason
from shared.models.sending.print_lots import CopyState, PrintCopy, PrintLot
from shared.notifications.campaigns.control import cancel
from shared.notifications.campaigns.launching import launch
from shared.notifications.campaigns.progress import outage_of, progress, try_again
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.channels.registry import ModeNotOffered, offer_of
from shared.notifications.content.reference import in_groups, reference_of
from shared.notifications.letters.worker import Printer
from shared.notifications.outbox.outages import standing_outage
from shared.notifications.print_service import folder as folder_of_lots
from shared.notifications.print_service.worker import LONGEST_SILENCE, PrintService
from tests.factories import INITIAL_PASSWORD, at_desk
from tests.notifications.conftest import School


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    folder = tmp_path / "prestataire"
    (folder / "recus").mkdir(parents=True)
    return settings.model_copy(update={"print_service_dir": folder})


@pytest.fixture
def folder(settings: Settings) -> Path:
    assert settings.print_service_dir is not None
    return settings.print_service_dir


@pytest.fixture
def service(school: School, settings: Settings) -> PrintService:
    return PrintService(school.database, settings, Event())


@pytest.fixture
def campaign(school: School, settings: Settings) -> Campaign:
    for name in ("PAYET", "HOARAU", "ADAM"):
        school.family(name)
    desk = at_desk(school.session, school.establishment.id, clock.now())
    asked = launch(desk, Criteria(), Mode.PRINT_SERVICE, request_key="k", offer=offer_of(settings))
    school.session.commit()
    return asked


def files(folder: Path) -> list[str]:
    """What is in it, lots numbered as they came."""
    names = {name: f"lot-{number}" for number, name in enumerate(lots(folder), start=1)}
    found = (path.name for path in folder.iterdir() if path.is_file())
    return sorted(names.get(name.rpartition(".")[0], "?") + "." + name.rpartition(".")[2] for name in found)


def lots(folder: Path) -> list[str]:
    """Their names, the oldest first."""
    stored = {path.stem: path.stat().st_mtime_ns for path in folder.glob("lot-*.pdf")}
    return sorted(stored, key=lambda name: stored[name])


def lines(folder: Path, lot: int = 0) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / f"{lots(folder)[lot]}.csv").read_text()), delimiter=";"))


def say(folder: Path, text: str, name: str = "{lot}.csv") -> str:
    name = name.replace("{lot}", lots(folder)[0])
    (folder / "recus" / name).write_text(text)
    return name


def copies(school: School) -> list[CopyState]:
    with school.database.reading() as session:
        return list(session.scalars(select(PrintCopy.state).order_by(PrintCopy.first_page)))


def test_a_lot_is_a_pdf_and_a_manifest_that_names_nobody(
    school: School, service: PrintService, campaign: Campaign, folder: Path
) -> None:
    assert service.hand_over_due() == 3
    assert files(folder) == ["lot-1.csv", "lot-1.pdf"]
    pdf = (folder / f"{lots(folder)[0]}.pdf").read_bytes()
    pages = PdfReader(io.BytesIO(pdf)).pages
    for line in lines(folder):
        assert line["pdf_sha256"] == hashlib.sha256(pdf).hexdigest()
        assert (line["pages"], line["destinataires"]) == ("1", "1")
        assert in_groups(line["reference"]) in pages[int(line["premiere_page"]) - 1].extract_text()
    manifest = (folder / f"{lots(folder)[0]}.csv").read_text()
    assert not any(word in manifest for word in ("PAYET", "SAINT-DENIS", INITIAL_PASSWORD, "m.payet"))
    # Whoever is not of the group of the folder reads no password.
    assert (folder / f"{lots(folder)[0]}.pdf").stat().st_mode & 0o007 == 0
    assert school.states(campaign) == {DeliveryState.SENT: 3}
    assert service.hand_over_due() == 0
    assert files(folder) == ["lot-1.csv", "lot-1.pdf"]
    with school.database.reading() as session:
        assert session.scalar(select(PrintLot.content)) is None


@pytest.mark.parametrize("step", ["_write:0", "_write:1", "put", "take_note"])
def test_whoever_dies_between_two_steps_loses_nothing_and_writes_no_second_lot(
    school: School,
    service: PrintService,
    campaign: Campaign,
    folder: Path,
    settings: Settings,
    step: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Killed(BaseException):
        pass

    real, calls = folder_of_lots._write, iter(range(9))

    def dying(path: Path, content: bytes) -> None:
        if step == f"_write:{next(calls)}":
            # In the middle of it: half of the file is on the disk, under the name that nobody takes.
            path.with_name(f".{path.name}.partial").write_bytes(content[: len(content) // 2])
            raise Killed
        real(path, content)

    monkeypatch.setattr(folder_of_lots, "_write", dying)
    if step == "put":
        monkeypatch.setattr("shared.notifications.print_service.worker.is_there", _kill(Killed))
    if step == "take_note":
        monkeypatch.setattr("shared.notifications.print_service.worker.update", _kill(Killed))
    with pytest.raises(Killed):
        service.hand_over_due()
    monkeypatch.undo()
    before = {path.name: path.read_bytes() for path in folder.glob("lot-*")}
    assert any(name.endswith(".csv") for name in before) == (step == "take_note")

    assert PrintService(school.database, settings, Event()).hand_over_due() == 0

    assert files(folder) == ["lot-1.csv", "lot-1.pdf"]
    assert len(lines(folder)) == 3
    assert all((folder / name).read_bytes() == content for name, content in before.items())
    assert school.states(campaign) == {DeliveryState.SENT: 3}


def _kill(killed: type[BaseException]) -> Callable[..., None]:
    def die(*_: object, **__: object) -> None:
        raise killed

    return die


def test_receipts_are_read_once_and_the_files_leave_when_all_is_said(
    school: School, service: PrintService, campaign: Campaign, folder: Path
) -> None:
    service.hand_over_due()
    first, second, third = (line["reference"] for line in lines(folder))
    say(folder, f"reference;etat;raison\n{first};imprimé\n{in_groups(second)};poste;\n")
    service.hand_over_due()
    assert copies(school) == [CopyState.PRINTED, CopyState.POSTED, CopyState.HANDED]
    assert files(folder) == ["lot-1.csv", "lot-1.pdf"]
    say(folder, f"reference;etat;raison\n{third};refuse;adresse illisible\n{second};imprime\n", "{lot}-suite.csv")
    service.hand_over_due()
    assert copies(school) == [CopyState.PRINTED, CopyState.POSTED, CopyState.REFUSED]
    assert (files(folder), list((folder / "recus").iterdir())) == ([], [])
    [refused] = [row for row in school.rows(campaign) if row.delivery is DeliveryState.REFUSED]
    assert refused.error == "refusé par le prestataire d'impression : adresse illisible"


def test_a_letter_refused_is_tried_again_in_another_lot(
    school: School, service: PrintService, campaign: Campaign, folder: Path, settings: Settings
) -> None:
    service.hand_over_due()
    reference = lines(folder)[0]["reference"]
    say(folder, f"reference;etat\n{reference};refuse\n")
    service.hand_over_due()
    [refused] = [row for row in school.rows(campaign) if row.delivery is DeliveryState.REFUSED]
    with school.database.writing() as session:
        try_again(at_desk(session, school.establishment.id, clock.now()), refused.id, offer_of(settings))
    assert service.hand_over_due() == 1
    assert [line["reference"] for line in lines(folder, 1)] == [reference]


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("reference;etat\n222222223;poste\n", "{lot}.csv", "Ligne 2 : « 222222223 » n'est pas une référence"),
        ("reference;etat\n{first};mange\n", "{lot}.csv", "Ligne 2 : l'état « mange »"),
        ("reference;etat\n{first};poste\n{first}\n", "{lot}.csv", "Ligne 3 : 1 colonnes"),
        ("reference;etat\n{first};poste\n{unknown};poste\n", "{lot}.csv", "Ligne 3 : aucun courrier de ce lot"),
        ("reference;etat\n{first};poste\n", "lot-20260901-00000000.csv", "Ligne 2 : aucun courrier de ce lot"),
        ("reference;etat\n{first};poste\n", "recu.csv", "Le nom du fichier"),
        ("ref,state\n", "{lot}.csv", "La première ligne"),
        ("", "{lot}.csv", "La première ligne"),
        ('reference;etat\n"{first};poste\n', "{lot}.csv", "n'est pas un CSV"),
        ("x" * 1_000_001, "{lot}.csv", "un million d'octets"),
    ],
)
def test_a_receipt_that_makes_no_sense_is_set_aside_with_a_sentence_and_changes_nothing(
    school: School, service: PrintService, campaign: Campaign, folder: Path, text: str, name: str, said: str
) -> None:
    service.hand_over_due()
    first = lines(folder)[0]["reference"]
    name = say(folder, text.replace("{first}", first).replace("{unknown}", reference_of(999_999)), name)
    service.hand_over_due()
    aside = folder / "recus" / "ecartes"
    assert said in (aside / f"{name}.txt").read_text()
    assert (aside / name).exists()
    assert copies(school) == [CopyState.HANDED] * 3
    assert files(folder) == ["lot-1.csv", "lot-1.pdf"]


def test_a_folder_that_takes_nothing_keeps_the_lot_for_the_next_round(
    school: School, service: PrintService, campaign: Campaign, folder: Path
) -> None:
    folder.rename(folder.with_name("ailleurs"))
    assert service.hand_over_due() == 0
    folder.with_name("ailleurs").rename(folder)
    service.hand_over_due()
    assert files(folder) == ["lot-1.csv", "lot-1.pdf"]
    assert len(lines(folder)) == 3


def test_where_the_folder_takes_nothing_the_school_is_told_and_prints_itself_and_no_letter_is_printed_twice(
    school: School, service: PrintService, campaign: Campaign, folder: Path, printer: Printer
) -> None:
    folder.rename(folder.with_name("ailleurs"))
    service.hand_over_due()
    with school.database.reading() as session:
        outage = outage_of(session, progress(session, school.establishment.id, campaign.id))
        assert outage is not None
        assert (outage.channel, outage.reason.startswith("son dossier ne prend rien")) == (Channel.PRINT_SERVICE, True)
    with school.database.writing() as session:
        assert cancel(at_desk(session, school.establishment.id, clock.now()), campaign.id) == 3
    by_school = school.launch(Mode.PAPER)
    assert printer.print_due() == 3
    assert school.states(by_school) == {DeliveryState.PRINTED: 3}
    folder.with_name("ailleurs").rename(folder)
    service.hand_over_due()
    assert files(folder) == []
    assert school.states(campaign) == {DeliveryState.SKIPPED: 3}
    with school.database.reading() as session:
        assert standing_outage(session, Channel.PRINT_SERVICE) is None


def test_a_service_that_says_nothing_for_a_week_is_told_and_its_files_hold_passwords_no_longer(
    school: School, service: PrintService, campaign: Campaign, folder: Path
) -> None:
    service.hand_over_due()
    with time_machine.travel(clock.now() + LONGEST_SILENCE + timedelta(minutes=1), tick=False):
        service.hand_over_due()
    assert files(folder) == []
    assert {row.error for row in school.rows(campaign)} == {Reason.PRINT_SERVICE_SILENT}


def test_it_is_offered_only_where_a_folder_is_configured(school: School, settings: Settings) -> None:
    without = settings.model_copy(update={"print_service_dir": None})
    assert Mode.PRINT_SERVICE in offer_of(settings).modes
    assert Mode.PRINT_SERVICE not in offer_of(without).modes
    desk = at_desk(school.session, school.establishment.id, clock.now())
    with pytest.raises(ModeNotOffered):
        launch(desk, Criteria(), Mode.PRINT_SERVICE, request_key="k", offer=offer_of(without))
    assert PrintService(school.database, without, Event()).hand_over_due() == 0
