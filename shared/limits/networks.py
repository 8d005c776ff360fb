"""Where requests come from: the one place that reads network addresses, which every limit counts by.

What a relay writes is not always a bare address: a port may follow it, a zone, brackets around it. What cannot be read
is one network for everybody who sends it, and never an error.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

UNKNOWN = "unknown"
"""The network of whoever cannot be told from others."""
LONGEST = 100
"""Characters of an address with brackets, zone and port; what is longer is none."""

Address = IPv4Address | IPv6Address

_WITH_PORT = re.compile(r"(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?")
_HOLDS_IPV4_LAST = (
    IPv6Network("64:ff9b::/96"),  # translated by NAT64 (RFC 6052)
    IPv6Network("::ffff:0:0:0/96"),  # translated by SIIT (RFC 2765)
)
_OWN_TRANSLATION = IPv6Network("64:ff9b:1::/48")
"""Of a translator of the site itself (RFC 8215), which alone knows where it writes the IPv4 address."""


@dataclass(frozen=True)
class Network:
    """The networks around an address, from the narrowest; one is named the same for all the addresses in it."""

    home: str
    """What one household or one telephone holds: an address of IPv4, a /64 of IPv6."""
    line: str
    """What a provider gives to one subscriber: an address of IPv4, a /56 of IPv6. A site has 256 of them."""
    site: str
    """A neighbourhood, or what a small provider holds: a /24 of IPv4, a /48 of IPv6."""
    operator: str | None
    """A whole provider: a /32 of IPv6, which is cheap and holds four thousand million homes; none for IPv4."""


_NOBODY = Network(UNKNOWN, UNKNOWN, UNKNOWN, None)


def network_of(text: str | None) -> Network:
    """The networks around the address written as `text`; those of nobody in particular when it is none."""
    address = _read(text)
    if address is None:
        return _NOBODY
    address = _behind_translation(address)
    if isinstance(address, IPv4Address):
        return Network(_around(address, 32), _around(address, 32), _around(address, 24), None)
    if address in _OWN_TRANSLATION:
        # The last bits are what tells the whole world apart.
        return Network(_around(address, 128), _around(address, 128), _around(address, 120), None)
    return Network(*(_around(address, bits) for bits in (64, 56, 48, 32)))


def plain_address(text: str | None) -> str:
    """The address in its shortest form, without port or zone, to be kept and shown: 39 characters at most.

    Empty when it is none: what strangers make up is written nowhere.
    """
    address = _read(text)
    if address is None:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def _read(text: str | None) -> Address | None:
    if not text or len(text) > LONGEST:
        return None
    written = text.strip().strip('"')
    with_port = _WITH_PORT.fullmatch(written)
    bare = (with_port[1] or with_port[2] or "") if with_port else written
    try:
        return ip_address(bare.partition("%")[0])
    except ValueError:
        return None


def _behind_translation(address: Address) -> Address:
    """The address of IPv4 that one of IPv6 stands for: whoever holds the one holds the other."""
    if isinstance(address, IPv4Address):
        return address
    if any(address in network for network in _HOLDS_IPV4_LAST):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    tunnelled = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or tunnelled or address


def _around(address: Address, bits: int) -> str:
    return str(ip_network((address, bits), strict=False))
