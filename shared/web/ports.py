"""Ports that two servers would share without a word."""

import errno
import socket


class PortTaken(Exception):
    """Somebody listens there already; the message says what to do."""

    def __init__(self, port: int, advice: str) -> None:
        super().__init__(
            f"Le port {port} est déjà pris, peut-être par un « teleservices serve » qui tourne encore : "
            f"arrêtez-le, ou choisissez {advice}."
        )


def refuse_a_taken_port(host: str, port: int, advice: str) -> None:
    """Go on only when nobody listens at `port`; `advice` names what else to choose.

    Two servers whose processes each listen for themselves could share a port without a word, each answering some of the
    families: this asks for the port alone, as they do not.

    Raises:
        PortTaken: somebody does.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        # Whatever else is wrong with an address is for the server to say: it knows more kinds of them.
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(port, advice) from None
