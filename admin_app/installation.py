"""What one installation of the back office works with, within reach of its views."""

from shared.web.installation import (
    EXTENSION,
    Installation,
    installation,
    let_go,
    network_address,
    once_kept,
    session,
    today,
)

__all__ = ["EXTENSION", "Installation", "installation", "let_go", "network_address", "once_kept", "session", "today"]
