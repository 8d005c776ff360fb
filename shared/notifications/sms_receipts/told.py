"""What an HTTP gateway says of one message, in its own words: when it is asked, or calls us. Pure functions.

Answers of OVH hold `deliveryReceipt` and `ptt`; its calls hold `id`, `description` and `ptt` in the query. Other names
and words are those of `SMS_HTTP_FIELDS` and `SMS_HTTP_STATES`.
"""

import re
from collections.abc import Mapping, Sequence

from shared.config import Settings
from shared.notifications.sms_receipts.receipt import Receipt

NAMED = re.compile(r"[A-Za-z0-9_.:-]{1,100}")
"""What gateways call a message."""
DEAD_NUMBERS = {"23"}
"""What OVH calls `ptt`: an incorrect or barred number, not to be used again."""
WORD_CHARACTERS = 30
MOST_RECEIPTS = 500
"""Of one call: no gateway hands over more at once, and a longer list is read so far."""


def read_answer(said: Mapping[str, object], reference: str, settings: Settings) -> Receipt | None:
    """What became of the message `reference`; none when the gateway does not know yet."""
    return _receipt(said, reference, "deliveryReceipt", settings)


def read_call(said: object, settings: Settings) -> Sequence[Receipt]:
    """The receipts that a gateway hands over by itself: one object, or a list of them; those that say nothing yet are
    left out."""
    called = said if isinstance(said, list) else [said]
    found = [_called_in(one, settings) for one in called[:MOST_RECEIPTS] if isinstance(one, Mapping)]
    return [receipt for receipt in found if receipt is not None]


def _called_in(said: Mapping[str, object], settings: Settings) -> Receipt | None:
    reference = _word(said.get(settings.sms_field_names.get("id", "id")))
    return _receipt(said, reference, "description", settings) if NAMED.fullmatch(reference) else None


def _receipt(said: Mapping[str, object], reference: str, state_field: str, settings: Settings) -> Receipt | None:
    state, detail = (_word(said.get(settings.sms_field_names.get(name, name))) for name in (state_field, "ptt"))
    meaning = settings.sms_states.get(state.casefold())
    if meaning is None:
        return None
    if meaning == "arrived":
        return Receipt(reference, arrived=True)
    told = f"code {(detail or state)[:WORD_CHARACTERS]} de la passerelle"
    is_dead = meaning == "nobody" or detail in DEAD_NUMBERS
    return Receipt(reference, arrived=False, said=told, is_dead_number=is_dead)


def _word(value: object) -> str:
    """A figure or a word of the gateway; empty when it is neither."""
    is_plain = isinstance(value, (str, int)) and not isinstance(value, bool)
    text = str(value).strip() if is_plain else ""
    return text if text.isprintable() else ""
