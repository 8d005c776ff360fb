"""Addresses of the web typed by staff."""

from urllib.parse import urlsplit

from shared.models.teleservices import ADDRESS_LENGTH


class AddressInvalid(Exception):
    """What was given is no http or https address."""


def normal_address(text: str) -> str:
    """The address, with `https://` when no scheme was typed.

    Raises:
        AddressInvalid: another scheme, no host, blanks or control characters, or too long.
    """
    address = text.strip()
    if "://" not in address:
        address = f"https://{address}"
    try:
        parts = urlsplit(address)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        raise AddressInvalid from None
    printable = address.isprintable() and not any(character.isspace() for character in address)
    credentials = "@" in parts.netloc
    if parts.scheme not in {"http", "https"} or not host or "." not in host or credentials or not printable:
        raise AddressInvalid
    if len(address) > ADDRESS_LENGTH:
        raise AddressInvalid
    return address
