"""Whatever is uploaded as exports of SIECLE, it is read or refused in words, and changes everything or nothing.

Through the doors of the product: the form of « Importer », then the worker, whose reader is a process of its own, then
the confirmation and the worker again. `FUZZ_SECONDS` (`make fuzz`) looks for as long.
"""

import io
import random
import re
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import func, select

from admin_app import quotas
from shared import clock
from shared.database import Base
from shared.limits.quotas import Quota
from shared.models.imports.uploads import ImportState, SchoolImport
from shared.models.journal import JournalEvent
from shared.siecle.files.memory import TOO_MUCH
from shared.siecle.invented import Invention, write_schools
from shared.siecle.uploads import work
from shared.siecle.uploads.work import due_uploads, work_on_upload_apart
from tests.fuzzing import attack_for_long
from tests.siecle.mutated_xml import mutated
from tests.siecle.mutated_zips import NAMES, zipped
from tests.siecle.uploads.weighed import peak_mebibytes, read_and_tell

IMPORTS = "/base/imports/"
CASES = Path(__file__).parent.parent / "siecle" / "cases"
MOST_MEBIBYTES = 400
MOST_STEPS = 3
"""Of the worker, for one upload: the check, the import, and the import again when what is lost changed."""
UNEXPECTED = "Une erreur inattendue"
SENTENCE = re.compile(r"[A-ZÀ-Ý«].{20,}[.?!]", re.DOTALL)
BESIDE = {"school_import", "journal_event", "staff_session", "login_throttle", "staff"}
"""Tables that an import asked for writes to, whatever becomes of it."""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Whole uploads, each a list of files by name: invented schools in both dialects, and samples of real exports."""
    found = []
    for dialect in ("2017", "2019"):
        folder = tmp_path_factory.mktemp(f"invented-{dialect}")
        [school] = write_schools(folder, Invention(students=6, dialect=dialect, uai="9740001A", duplicates=0.3))
        found.append([(path.name, content) for path in school.files for content in _unzipped(path)])
    for case in sorted(CASES.iterdir()):
        found.append([(path.name, path.read_bytes()) for path in sorted(case.glob("?.xml"))])
    return found


def _unzipped(path):
    with zipfile.ZipFile(path) as archive:
        return [archive.read(name) for name in archive.namelist()]


class Fuzzer:
    """Uploads something, and goes on to the end with whatever becomes of it."""

    def __init__(self, head, database, settings, corpus):
        self.head, self.database, self.settings, self.corpus = head, database, settings, corpus

    def attack(self, seed):
        dice = random.Random(seed)
        page = self.head.post(IMPORTS, {"fichiers": self.draw(dice)})
        if page.status_code != 303:
            assert page.status_code == 422, page.status_code
            assert re.search(r'role="alert"', page.text), page.text
            return
        path, before, imports = page.location, self.base(), self.imports()
        for _ in range(MOST_STEPS):
            upload = self.step(path)
            if upload.state is not ImportState.CHECKED:
                break
            assert self.base() == before, "a check changed something"
            accepted = (upload.report or {}).get("losses_mark")
            confirmed = {"plus_ancien": "oui", **({"pertes": accepted} if accepted else {})}
            assert self.head.post(f"{path}confirmer", confirmed).status_code == 303
        self.look_at_the_end(upload, before, imports)

    def draw(self, dice):
        files = dice.choice(self.corpus)
        chosen = [(name, mutated(dice, content)) for name, content in files if dice.random() < 0.9]
        if chosen and dice.random() < 0.5:
            chosen = [("export.zip", zipped(dice, chosen))]
        if chosen and dice.random() < 0.1:
            chosen += dice.choices(chosen, k=dice.choice((1, 25)))
        return [(io.BytesIO(content), dice.choice(NAMES) if dice.random() < 0.1 else name) for name, content in chosen]

    def step(self, path):
        """One step of the worker; what the page then says of the import."""
        [upload_id] = due_uploads(self.database, clock.now())
        work_on_upload_apart(self.database, self.settings, upload_id)
        assert peak_mebibytes(self.settings, upload_id) < MOST_MEBIBYTES
        assert self.head.get(path).status_code == 200
        with self.database.reading() as session:
            return session.get_one(SchoolImport, upload_id)

    def imports(self):
        """How many the journal knows, which is written with them."""
        with self.database.reading() as session:
            done = select(func.count()).where(JournalEvent.action == "school_imported")
            return session.scalar(done)

    def look_at_the_end(self, upload, before, imports):
        assert upload.state in {ImportState.DONE, ImportState.REFUSED}
        assert not (self.settings.var_dir / "imports" / upload.folder).exists()
        assert self.imports() == imports + (upload.state is ImportState.DONE)
        if upload.state is ImportState.DONE:
            return
        assert SENTENCE.fullmatch(upload.refusal), upload.refusal
        assert UNEXPECTED not in upload.refusal
        assert upload.refusal != TOO_MUCH
        assert self.base() == before, "a refused import changed something"

    def base(self):
        with self.database.reading() as session:
            return {
                table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
                for table in Base.metadata.sorted_tables
                if table.name not in BESIDE
            }


@pytest.fixture
def fuzzer(app, head, database, settings, corpus, monkeypatch):
    app.testing, app.config["PROPAGATE_EXCEPTIONS"] = False, False
    no_limit = Quota(quotas.UPLOADS.realm, 10**6)
    monkeypatch.setattr("admin_app.views.school_base.imports.UPLOADS", no_limit)
    monkeypatch.setattr(work, "_work_within_bounds", read_and_tell)
    return Fuzzer(head, database, settings, corpus)


@pytest.mark.slow
@pytest.mark.both_databases
def test_whatever_is_uploaded_is_read_or_refused_in_words_and_changes_all_or_nothing(fuzzer):
    attack_for_long(fuzzer.attack)


@pytest.mark.slow
def test_what_is_not_mutated_is_imported(fuzzer, monkeypatch):
    """Otherwise the refusals would tell nothing."""
    monkeypatch.setattr("tests.admin.test_upload_fuzz.mutated", lambda _dice, content: content)
    for files in fuzzer.corpus:
        monkeypatch.setattr(
            fuzzer, "draw", lambda _dice, files=files: [(io.BytesIO(text), name) for name, text in files]
        )
        fuzzer.attack(0)
    with fuzzer.database.reading() as session:
        states = session.scalars(select(SchoolImport.state).where(SchoolImport.folder.not_like("dossier-%"))).all()
    assert states == [ImportState.DONE] * len(fuzzer.corpus)
