// A téléservice made with openid-client: each line read is one thing to do, each line written what came of it.
import { createInterface } from "node:readline";
import * as client from "openid-client";

const [issuer, clientId, secret, back] = process.argv.slice(2);
let config, checks;

const doing = {
  async discover() {
    config = await client.discovery(new URL(issuer), clientId, secret, client.ClientSecretBasic(secret), {
      execute: [client.allowInsecureRequests],
    });
    return config.serverMetadata();
  },
  async begin({ more = {} }) {
    const verifier = client.randomPKCECodeVerifier();
    checks = { pkceCodeVerifier: verifier, expectedState: client.randomState(), expectedNonce: client.randomNonce() };
    if ("max_age" in more) checks.maxAge = Number(more.max_age);
    return client.buildAuthorizationUrl(config, {
      redirect_uri: back,
      scope: "openid profile email enfants",
      state: checks.expectedState,
      nonce: checks.expectedNonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      ...more,
    }).href;
  },
  async finish({ came }) {
    const tokens = await client.authorizationCodeGrant(config, new URL(came), checks);
    const claims = tokens.claims();
    const person = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
    return { claims, person, idToken: tokens.id_token };
  },
  async end({ idToken, after }) {
    return client.buildEndSessionUrl(config, { id_token_hint: idToken, post_logout_redirect_uri: after }).href;
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { does, ...how } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ done: await doing[does](how) }));
  } catch (error) {
    console.log(JSON.stringify({ failed: String(error.code ?? error.message), why: String(error.cause ?? "") }));
  }
}
