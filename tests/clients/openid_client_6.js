// openid-client 6 as a client of our servers.
import { importJWK } from 'jose';
import * as openid from 'openid-client-6';

import { bare } from './keys.js';
import { forms } from './page.js';

/** What the library learns of the server by its own discovery: of OpenID Connect, or `oauth2`. */
export async function discover(server, algorithm = 'oidc') {
  const options = { algorithm, execute: [openid.allowInsecureRequests], timeout: 15 };
  const config = await openid.discovery(new URL(server.url), 'anybody', undefined, openid.None(), options);
  return config.serverMetadata();
}

/** The library for a registered client that asks for JWTs, a public one without a secret; `keys` decrypt them. */
export async function configure(discovered, registered, ...keys) {
  const { client_id: id, authorization_signed_response_alg: signed } = registered.metadata;
  const authentication = registered.secret === undefined ? openid.None() : openid.ClientSecretBasic(registered.secret);
  const config = new openid.Configuration(discovered, id, { authorization_signed_response_alg: signed }, authentication);
  openid.allowInsecureRequests(config);
  openid.useJwtResponseMode(config);
  if (keys.length > 0) {
    const { authorization_encrypted_response_alg: alg, authorization_encrypted_response_enc: enc } = registered.metadata;
    const decryption = keys.map(async (key) => ({ key: await importJWK(bare(key), alg), alg, kid: key.kid }));
    openid.enableDecryptingResponses(config, [enc], ...await Promise.all(decryption));
  }
  return config;
}

/** What the library is given of an authorization response: the URL, or the form post. */
export async function receive(response) {
  const location = response.headers.get('location');
  if (location !== null) return new URL(location);
  const [form] = forms(await response.text());
  const body = new URLSearchParams(form.pairs);
  return new Request(form.action, { method: 'POST', body });
}

/** Verifies a response and exchanges its code. */
export function grant(config, { registered, received }) {
  const { nonce, state } = registered.request();
  return openid.authorizationCodeGrant(config, received, {
    expectedNonce: nonce,
    expectedState: state,
    pkceCodeVerifier: registered.verifier,
  });
}
