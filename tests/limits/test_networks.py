"""One place reads addresses: whatever a relay writes is a network, never an error."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.limits.networks import UNKNOWN, network_of, plain_address

HOME = "198.51.100.7/32"
ipv4 = st.ip_addresses(v=4)
ipv6 = st.ip_addresses(v=6)


@pytest.mark.parametrize(
    "written",
    [
        "198.51.100.7",
        " 198.51.100.7\t",
        "198.51.100.7:5678",
        "::ffff:198.51.100.7",
        "::FFFF:c633:6407",
        "[::ffff:198.51.100.7]:443",
        '"[::ffff:198.51.100.7]"',
        "::ffff:198.51.100.7%eth0",
        "2002:c633:6407::1",
        "2002:c633:6407:ffff:1:2:3:4",
        "64:ff9b::198.51.100.7",
        "::ffff:0:198.51.100.7",
        "2001:0:4136:e378:8000:63bf:39cc:9bf8",
    ],
    ids=str,
)
def test_one_address_of_ipv4_is_one_home_however_it_is_written(written: str) -> None:
    network = network_of(written)
    assert (network.home, network.line, network.site, network.operator) == (HOME, HOME, "198.51.100.0/24", None)


@pytest.mark.parametrize("written", ["2001:db8:1:2::1", "[2001:db8:1:2:aaaa::9]:443", "2001:DB8:1:2::1%eth0"])
def test_a_home_of_ipv6_holds_a_whole_64(written: str) -> None:
    network = network_of(written)
    assert network.home == "2001:db8:1:2::/64"
    assert (network.line, network.site, network.operator) == ("2001:db8:1::/56", "2001:db8:1::/48", "2001:db8::/32")


def test_what_a_translator_of_the_site_itself_writes_is_not_one_home_for_the_whole_world() -> None:
    assert network_of("64:ff9b:1::198.51.100.7").home != network_of("64:ff9b:1::198.51.100.8").home


@pytest.mark.parametrize(
    "written",
    [
        *(None, "", " ", "unknown", "_hidden", "x" * 80, "1" * 5000, "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4:"),
        *("[]:80", "1.2.3.4:http", "1.2.3.4, 5.6.7.8", "[2001:db8::1", "2001:db8::1]:443", "\0", "é", "%"),
        "::1%" + "z" * 200,
    ],
)
def test_what_is_no_address_is_one_network_for_everybody_who_sends_it(written: str | None) -> None:
    network = network_of(written)
    assert {network.home, network.line, network.site} == {UNKNOWN}
    assert plain_address(written) == ""


@given(st.text(max_size=120))
def test_whatever_is_written_is_a_network_and_fits_its_column(written: str) -> None:
    assert network_of(written).home
    assert len(plain_address(written)) <= 45


@given(ipv4, ipv4)
def test_two_addresses_of_ipv4_are_two_homes_in_their_ipv6_form_too(
    first: ipaddress.IPv4Address, second: ipaddress.IPv4Address
) -> None:
    homes = [network_of(f"::ffff:{one}").home for one in (first, second)]
    assert (homes[0] == homes[1]) == (first == second)
    assert homes[0] == network_of(str(first)).home
    assert plain_address(f"[::ffff:{first}]:9") == str(first)


@given(ipv6, st.integers(min_value=0, max_value=65535))
def test_port_and_zone_change_nothing(address: ipaddress.IPv6Address, port: int) -> None:
    assert network_of(f"[{address}]:{port}") == network_of(f"{address}%eth{port}") == network_of(str(address))
