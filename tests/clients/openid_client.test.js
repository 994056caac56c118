// openid-client 5 as the client: discovery, JARM, decryption, ID Token and token exchange in its own
// code.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Issuer, custom } from 'openid-client-5';

import { Client } from './client.js';
import { COMBINATIONS } from './encryption.js';
import { generateKey } from './keys.js';
import { forms } from './page.js';
import { startServer } from './server.js';

const CASES = [
  { response_type: 'code', response_mode: 'jwt' },
  { response_type: 'code', response_mode: 'query.jwt' },
  { response_type: 'code', response_mode: 'form_post.jwt' },
  { response_type: 'code id_token', response_mode: 'fragment.jwt' },
  { response_type: 'code id_token', response_mode: 'form_post.jwt' },
  { response_type: 'code id_token token', response_mode: 'jwt' },
];
/** What may travel in a query, too, where it is encrypted. */
const ENCRYPTED_CASES = [
  ...CASES,
  { response_type: 'code id_token', response_mode: 'query.jwt' },
  { response_type: 'code id_token token', response_mode: 'query.jwt' },
  { response_type: 'id_token token', response_mode: 'query.jwt' },
  { response_type: 'id_token', response_mode: 'query.jwt' },
  { response_type: 'id_token', response_mode: 'form_post.jwt' },
];
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA', 'HS256'];

custom.setHttpOptionsDefaults({ timeout: 15_000 });
const server = await startServer();
after(() => server.stop());
const issuer = await Issuer.discover(server.url);

for (const request of CASES) {
  describe(`${request.response_type} in ${request.response_mode}`, () => {
    for (const alg of ALGORITHMS) test(alg, () => signIn(request, { authorization_signed_response_alg: alg }));
  });
}

const keys = new Map(['RSA', 'P-256', 'P-384', 'P-521', 'X25519'].map((kind) => [kind, generateKey(kind, { use: 'enc', kid: kind })]));
describe('it decrypts every combination', () => {
  for (const { alg, kind, enc, index } of COMBINATIONS) {
    const request = ENCRYPTED_CASES[index % ENCRYPTED_CASES.length];
    test(`${alg}, ${kind}, ${enc}: ${request.response_type} in ${request.response_mode}`, () => signIn(request, {
      authorization_encrypted_response_alg: alg,
      authorization_encrypted_response_enc: enc,
    }, keys.get(kind)));
  }
});
describe('it decrypts every response type in every mode', () => {
  for (const request of ENCRYPTED_CASES) {
    for (const [alg, kind] of [['RSA-OAEP-256', 'RSA'], ['A192KW', 'secret']]) {
      test(`${request.response_type} in ${request.response_mode}: ${alg}`, () => signIn(request, {
        authorization_signed_response_alg: 'PS256',
        authorization_encrypted_response_alg: alg,
      }, keys.get(kind)));
    }
  }
});
describe('keys with and without kid', () => {
  for (const kid of [undefined, 'mine']) {
    test(String(kid), () => signIn(CASES[0], { authorization_encrypted_response_alg: 'RSA-OAEP' }, { ...keys.get('RSA'), kid }));
  }
});

test('it refuses a response that is not encrypted', async () => {
  const registered = await Client.register(server);
  const party = new issuer.Client({ ...registered.metadata, authorization_encrypted_response_alg: 'dir' });
  const answer = await parameters(registered, party, CASES[0]);
  const checks = { jarm: true, state: registered.request().state };
  await assert.rejects(party.callback(registered.redirectUri, answer, checks), /unexpected JWE alg/);
});

for (const encryption of [{}, { authorization_encrypted_response_alg: 'A128GCMKW' }]) {
  test(`an error is verified before it is believed: ${JSON.stringify(encryption)}`, async () => {
    const { registered, party } = await register({ authorization_signed_response_alg: 'ES256', ...encryption });
    const request = { response_mode: 'jwt', login_hint: 'deny' };
    const answer = await parameters(registered, party, request);
    const checks = { jarm: true, state: registered.request().state };
    await assert.rejects(party.callback(registered.redirectUri, answer, checks), { error: 'access_denied' });
  });
}

async function register(metadata, key) {
  const registered = await Client.register(server, metadata, key);
  const { jwks, ...own } = registered.metadata;
  return { registered, party: new issuer.Client(own, key && { keys: [key] }) };
}

async function signIn(request, metadata, key) {
  const { registered, party } = await register(metadata, key);
  const { nonce, state } = registered.request();
  const tokens = await party.callback(registered.redirectUri, await parameters(registered, party, request), {
    jarm: true,
    code_verifier: registered.verifier,
    nonce,
    response_type: request.response_type,
    state,
  });
  if (request.response_type !== 'id_token') assert.ok(tokens.access_token);
  assert.equal(tokens.claims().sub, 'alice');
}

/** The callback parameters as the library itself takes them out of what the browser would send. */
async function parameters(registered, party, request) {
  const response = await registered.send(request);
  const location = response.headers.get('location');
  if (location !== null) return party.callbackParams(location.replace('#', '?'));
  const [form] = forms(await response.text());
  const body = new URLSearchParams(form.pairs).toString();
  return party.callbackParams({ method: 'POST', url: form.action, body });
}
