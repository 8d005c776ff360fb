"""Takes students and guardians into the school base, each as the person whom the file speaks of (R31)."""

from shared.journal import Actor
from shared.models.school import FileKind, Guardian, Student
from shared.siecle.recognising.divisions import join_divisions
from shared.siecle.recognising.following import let_links_follow_keys
from shared.siecle.recognising.guardians import recognise_guardians
from shared.siecle.recognising.keys import give_keys
from shared.siecle.recognising.second_keys import follow_second_keys, read_second_keys, remember_second_keys
from shared.siecle.recognising.students import recognise_students
from shared.siecle.recognising.telling import tell_changes, warn_of_ines_elsewhere
from shared.siecle.recognising.twice import settle_ines_read_twice
from shared.siecle.updating.school_base import Updating, update_guardians, update_students


def take_in_students(updating: Updating, actor: Actor) -> None:
    """Divisions and students; `actor` is who asked for the import."""
    join_divisions(updating)
    if FileKind.STUDENTS not in updating.staged:
        update_students(updating)
        return
    united = settle_ines_read_twice(updating)
    follow_second_keys(updating)
    changes = recognise_students(updating)
    changes.united = united
    let_links_follow_keys(updating, changes)
    give_keys(updating, Student, changes)
    update_students(updating)
    remember_second_keys(updating)
    tell_changes(updating, Student, changes, actor)
    warn_of_ines_elsewhere(updating)


def take_in_guardians(updating: Updating, actor: Actor) -> None:
    """Guardians, once the students are there: their children tell who they are."""
    if FileKind.STUDENTS not in updating.staged:
        read_second_keys(updating)
        follow_second_keys(updating)
    changes = recognise_guardians(updating)
    give_keys(updating, Guardian, changes)
    update_guardians(updating)
    tell_changes(updating, Guardian, changes, actor)
