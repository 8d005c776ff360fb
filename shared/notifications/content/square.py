"""The square that a telephone photographs instead of typing an address (a QR code)."""

from collections.abc import Sequence

import segno


def square(address: str) -> Sequence[bytes]:
    """Its rows, from the top: a byte for each little square, 1 when it is dark. The white border is the caller's."""
    return [bytes(row) for row in segno.make(address, error="m", micro=False).matrix]
