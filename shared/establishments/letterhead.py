"""What the letters and mails of an establishment lack to say who writes: told before anything is notified."""

from shared.models.school import Establishment

_TO_MEND = (
    "importez le fichier Communs de SIECLE (ExportXML_Communs.zip), "
    "ou demandez à l'académie de compléter sa fiche dans « Établissements »."
)


def letterhead_warning(establishment: Establishment) -> str | None:
    """What families would not be told, and how to mend it; none when the name and the telephone are known."""
    lacks = []
    if establishment.name.strip() in {"", establishment.uai}:
        lacks.append(f"son nom (les envois seraient signés « {establishment.uai} »)")
    if not (establishment.phone or "").strip():
        lacks.append("son téléphone (les familles ne sauraient pas qui appeler)")
    if not lacks:
        return None
    return f"De cet établissement, il manque {' et '.join(lacks)} : {_TO_MEND}"
