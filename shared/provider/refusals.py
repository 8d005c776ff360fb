"""Why a téléservice is given nothing: its operator reads the error of the protocol, families read a sentence."""

import enum

from shared.languages import to_translate


class Refusal(enum.StrEnum):
    """What is said to whoever was sent by a téléservice, and cannot be sent back."""

    NOT_UNDERSTOOD = to_translate(
        "Le téléservice a envoyé une demande que le portail refuse. Revenez au téléservice et recommencez. Si cela "
        "continue, prévenez le secrétariat de l'établissement."
    )
    CLOSED = to_translate(
        "Ce téléservice n'est ouvert dans aucun établissement de votre compte, ou il n'est pas pour cette classe."
    )
    ENT_NOT_UNDERSTOOD = to_translate(
        "L'ENT a envoyé une demande que le portail refuse. Revenez à l'ENT et recommencez. Si cela continue, prévenez "
        "le secrétariat de l'établissement."
    )
    ENT_LATE = to_translate(
        "Cette demande de l'ENT a déjà servi, ou elle est trop ancienne. Revenez à l'ENT et recommencez."
    )
    ENT_CLOSED = to_translate("L'entrée dans cet ENT n'est ouverte dans aucun établissement de votre compte.")
    ENT_UNAVAILABLE = to_translate("Le portail ne peut pas répondre à l'ENT en ce moment. Recommencez plus tard.")


class Refused(Exception):
    """Nothing is given, and the browser stays here; `detail` is for the log, without anything of what was sent.

    `back` is where the holder may go back to the téléservice, which then knows; none where no address is known.
    """

    def __init__(self, reason: Refusal, detail: str, back: str | None = None) -> None:
        super().__init__(f"{reason.name.lower()}: {detail}")
        self.reason = reason
        self.detail = detail
        self.back = back
