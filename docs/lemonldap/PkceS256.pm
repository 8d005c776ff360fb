# PKCE (RFC 7636, S256) pour LemonLDAP::NG 2.16 quand il est client OpenID Connect : cette version ne le sait pas, et le
# portail des familles l'exige. À placer dans /etc/perl/Lemonldap/NG/Portal/Plugins/PkceS256.pm ; puis, dans
# /etc/lemonldap-ng/lemonldap-ng.ini, section [portal] : customPlugins = ::Plugins::PkceS256
#
# Le vérifieur n'est gardé nulle part : il est calculé de l'état (state) de la demande et de la clé de ce LemonLDAP::NG.

package Lemonldap::NG::Portal::Plugins::PkceS256;

use strict;
use warnings;
use Digest::SHA qw(hmac_sha256 sha256);
use Encode qw(encode_utf8);
use MIME::Base64 qw(encode_base64url);
use Mouse;
use Lemonldap::NG::Portal::Main::Constants qw(PE_OK PE_ERROR);

extends 'Lemonldap::NG::Portal::Main::Plugin';

use constant hook => {
    oidcGenerateAuthenticationRequest => 'addChallenge',
    oidcGenerateTokenRequest          => 'addVerifier',
};

sub init { return 1; }

sub addChallenge {
    my ( $self, $req, $op, $params ) = @_;
    return PE_ERROR unless $params->{state};
    $params->{code_challenge}        = encode_base64url( sha256( $self->verifier( $params->{state} ) ) );
    $params->{code_challenge_method} = 'S256';
    return PE_OK;
}

sub addVerifier {
    my ( $self, $req, $op, $params ) = @_;
    return PE_OK unless $params->{grant_type} eq 'authorization_code';
    $params->{code_verifier} = $self->verifier( $req->param('state') || '' );
    return PE_OK;
}

sub verifier {
    my ( $self, $state ) = @_;
    return encode_base64url( hmac_sha256( encode_utf8("pkce $state"), encode_utf8( $self->conf->{key} ) ) );
}

1;
