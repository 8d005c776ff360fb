"""What a person can put right: named errors whose message is a French sentence for that person (R28)."""

import errno


class Refusal(Exception):
    """Nothing was done; the message says what is wrong and what to do, and gives nothing away.

    The command line shows it and ends with status 1, without knowing what was refused by whom.
    """


_REASONS = {
    errno.EACCES: "l'accès est refusé",
    errno.EADDRINUSE: "cette adresse est déjà prise",
    errno.ECONNREFUSED: "la connexion est refusée",
    errno.EDQUOT: "le quota de disque est atteint",
    errno.EEXIST: "existe déjà",
    errno.EFBIG: "le fichier deviendrait trop gros",
    errno.EIO: "le disque ne se laisse pas lire ou écrire",
    errno.EISDIR: "c'est un dossier, pas un fichier",
    errno.EMFILE: "trop de fichiers sont ouverts",
    errno.ENAMETOOLONG: "ce nom est trop long",
    errno.ENOENT: "n'existe pas",
    errno.ENOSPC: "le disque est plein",
    errno.ENOTDIR: "ce n'est pas un dossier",
    errno.EPERM: "l'accès est refusé",
    errno.EROFS: "le disque est en lecture seule",
}


def reason_of(error: OSError) -> str:
    """Why the system refused, in French where it is one of the usual reasons."""
    return _REASONS.get(error.errno or 0) or error.strerror or type(error).__name__


def sentence_for(error: Exception) -> str | None:
    """What to tell a person of an error that is about the machine or the input; none of a fault of ours."""
    if isinstance(error, Refusal):
        return str(error)
    if isinstance(error, BrokenPipeError):
        # Whoever read went away: click ends quietly.
        return None
    if isinstance(error, OSError):
        where = f"{error.filename}\u00a0: " if error.filename else ""
        return f"{where}{reason_of(error)}."
    # Only what failed needs to know what a database that is away raises.
    from sqlalchemy.exc import OperationalError

    if isinstance(error, OperationalError):
        return f"La base de données ne répond pas\u00a0: {str(error.orig).strip().splitlines()[0]}"
    return None
