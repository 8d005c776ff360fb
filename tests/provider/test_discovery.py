"""What the portal says of itself as a provider is what it does (OpenID Connect Discovery 1.0)."""

from flask import Flask

from tests.provider.service import Service


def test_the_page_of_discovery_says_where_everything_is(portal: Flask, service: Service) -> None:
    answer = portal.test_client().get("/.well-known/openid-configuration")
    said = answer.json
    assert answer.content_type == "application/json"
    assert said["issuer"] == service.issuer
    for name in (
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "end_session_endpoint",
    ):
        assert said[name].startswith(f"{service.issuer}/openid/"), name
    assert said["subject_types_supported"] == ["pairwise"]
    assert said["response_types_supported"] == ["code"]
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert said["id_token_signing_alg_values_supported"] == ["RS256"]
    assert said["authorization_response_iss_parameter_supported"] is True
    assert said["backchannel_logout_session_supported"] is True
    assert not said["request_parameter_supported"]
    assert not said["request_uri_parameter_supported"]


def test_the_host_of_a_request_decides_nothing(portal: Flask, service: Service) -> None:
    answer = portal.test_client().get("/.well-known/openid-configuration", headers={"Host": "127.0.0.1:9"})
    assert answer.json["token_endpoint"] == f"{service.issuer}/openid/jeton"
