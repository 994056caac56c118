// openid-client 6 as a FAPI 2.0 Message Signing client: a signed request object, pushed, with
// private_key_jwt and DPoP; the response a JWT; the token for a resource.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { importJWK } from 'jose';
import * as openid from 'openid-client-6';
import { stringify } from 'smol-toml';

import { generateKey, publicHalf } from './keys.js';
import { FAPI2_HOST, startServer } from './server.js';
import { fetchTrusting } from './trusting.js';

/** A certificate for 127.0.0.1 and the authority that issued it, for trying only. */
const TLS = new URL('../../examples/authorization-server/tests/server/tls/', import.meta.url);
const REDIRECT_URI = 'https://app.example/callback';
/** What a client signs with: its assertions and DPoP proofs, and its request objects. */
const SIGNING = [
  { alg: 'PS256', object: 'PS256' },
  { alg: 'ES256', object: 'ES256' },
  { alg: 'ES256', object: 'Ed25519' },
];
const RESPONSE_ALGS = ['PS256', 'ES256', 'Ed25519', 'EdDSA'];

const KINDS = { PS256: 'RSA', ES256: 'P-256', Ed25519: 'Ed25519' };
const KEYS = new Map(Object.entries(KINDS).map(([alg, kind]) => [alg, generateKey(kind, { kid: alg, use: 'sig' })]));
const clients = SIGNING.flatMap(({ alg, object }) => RESPONSE_ALGS.map((signed) => ({
  client_id: [alg, object, signed].join('-'),
  redirect_uris: [REDIRECT_URI],
  scope: 'read write',
  token_endpoint_auth_signing_alg: alg,
  request_object_signing_alg: object,
  authorization_signed_response_alg: signed,
  jwks: { keys: [...new Set([alg, object])].map((own) => publicHalf(KEYS.get(own))) },
})));
const config = stringify({ client: clients });
const server = await startServer({ binary: FAPI2_HOST, config });
after(() => server.stop());

for (const { alg, object } of SIGNING) {
  describe(`a client that signs with ${alg}, and its request objects with ${object}`, () => {
    for (const signed of RESPONSE_ALGS) {
      test(`is answered with ${signed}, and gets at the resource`, async () => {
        await getAtResource(await configure(alg, object, signed));
      });
    }
  });
}

test('denial is verified before it is believed', async () => {
  const client = await configure('ES256', 'ES256', 'PS256');
  const { url, ...checks } = await push(client, { login_hint: 'deny' });
  const received = await callback(client, url);
  assert.deepEqual([...received.searchParams.keys()], ['response']);
  const grant = openid.authorizationCodeGrant(client.config, received, checks, undefined, { DPoP: client.dpop });
  await assert.rejects(grant, { error: 'access_denied' });
});

test('a plain request is refused where it is pushed', async () => {
  const client = await configure('ES256', 'ES256', 'ES256');
  const unsigned = openid.buildAuthorizationUrlWithPAR(client.config, { redirect_uri: REDIRECT_URI });
  await assert.rejects(unsigned, { error: 'invalid_request', status: 400 });
});

test('over TLS the same is done at https, beside a client that is silent', async () => {
  const file = (name) => fileURLToPath(new URL(name, TLS));
  const flags = ['--auto-approve', '--tls-cert', file('server.pem'), '--tls-key', file('server.key.pem')];
  const own = await startServer({ binary: FAPI2_HOST, config, flags });
  const silent = connect(new URL(own.url).port, '127.0.0.1');
  try {
    await once(silent, 'connect');
    const trusting = fetchTrusting(await readFile(file('ca.pem')));
    const client = await configure('ES256', 'ES256', 'ES256', { url: own.url, fetch: trusting });
    const urls = Object.values(client.config.serverMetadata()).filter((value) => URL.canParse(value));
    assert.ok(urls.length === 5 && urls.every((url) => url.startsWith(own.url)), urls.join(' '));
    assert.match(own.url, /^https:/);
    await getAtResource(client);
  } finally {
    silent.destroy();
    await own.stop();
  }
});

/** The client's side, from the server's metadata. */
async function configure(alg, object, signed, { url, fetch: own } = { url: server.url, fetch }) {
  const insecure = url.startsWith('https:') ? [] : [openid.allowInsecureRequests];
  const config = await openid.discovery(
    new URL(url),
    [alg, object, signed].join('-'),
    { authorization_signed_response_alg: signed },
    openid.PrivateKeyJwt(await privateKey(alg)),
    { algorithm: 'oauth2', execute: [...insecure, openid.useJwtResponseMode], [openid.customFetch]: own },
  );
  const dpop = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair(alg));
  return { config, dpop, key: await privateKey(object) };
}

/** From a pushed request to the resource. */
async function getAtResource(client) {
  const { config, dpop: DPoP } = client;
  const { url, ...checks } = await push(client);
  const tokens = await openid.authorizationCodeGrant(config, await callback(client, url), checks, undefined, { DPoP });
  assert.equal(tokens.token_type, 'dpop');
  const fetched = await openid.fetchProtectedResource(
    config,
    tokens.access_token,
    new URL('/resource', config.serverMetadata().issuer),
    'GET',
    undefined,
    undefined,
    { DPoP },
  );
  assert.deepEqual(await fetched.json(), { sub: 'alice', scope: 'read' });
}

async function privateKey(alg) {
  return { key: await importJWK(KEYS.get(alg), alg), kid: alg };
}

/** Pushes a signed request; answers with where the user goes, and what the response is checked by. */
async function push({ config, dpop, key }, changes = {}) {
  const pkceCodeVerifier = openid.randomPKCECodeVerifier();
  const expectedState = randomBytes(16).toString('base64url');
  const parameters = {
    redirect_uri: REDIRECT_URI,
    scope: 'read',
    state: expectedState,
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    ...changes,
  };
  const signed = await openid.buildAuthorizationUrlWithJAR(config, parameters, key);
  const url = await openid.buildAuthorizationUrlWithPAR(config, signed.searchParams, { DPoP: dpop });
  assert.deepEqual([...url.searchParams.keys()].toSorted(), ['client_id', 'request_uri']);
  return { url, pkceCodeVerifier, expectedState };
}

/** The URL at which the user comes back to the client. */
async function callback({ config }, url) {
  const response = await config[openid.customFetch](url, { redirect: 'manual' });
  assert.equal(response.status, 303, await response.text());
  return new URL(response.headers.get('location'));
}
