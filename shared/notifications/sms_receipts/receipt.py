"""What became of one message."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Receipt:
    """What became of a message that the gateway took."""

    reference: str
    arrived: bool
    said: str = ""
    """By the gateway, of one that did not arrive."""
    is_dead_number: bool = False
    """Nobody has this number: nothing is sent there before staff try it again."""
