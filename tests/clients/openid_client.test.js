// openid-client 5 as the client: discovery, JARM, ID Token and token exchange in its own code.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Issuer, custom } from 'openid-client-5';

import { Client } from './client.js';
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
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA', 'HS256'];

custom.setHttpOptionsDefaults({ timeout: 15_000 });
const server = await startServer();
after(() => server.stop());
const issuer = await Issuer.discover(server.url);

for (const request of CASES) {
  describe(`${request.response_type} in ${request.response_mode}`, () => {
    for (const alg of ALGORITHMS) test(alg, () => signIn(request, alg));
  });
}

test('an error is verified before it is believed', async () => {
  const { registered, party } = await register({ authorization_signed_response_alg: 'ES256' });
  const request = { response_mode: 'jwt', login_hint: 'deny' };
  const answer = await parameters(registered, party, request);
  const checks = { jarm: true, state: registered.request().state };
  await assert.rejects(party.callback(registered.redirectUri, answer, checks), { error: 'access_denied' });
});

async function register(metadata) {
  const registered = await Client.register(server, metadata);
  return { registered, party: new issuer.Client(registered.metadata) };
}

async function signIn(request, alg) {
  const { registered, party } = await register({ authorization_signed_response_alg: alg });
  const { nonce, state } = registered.request();
  const tokens = await party.callback(registered.redirectUri, await parameters(registered, party, request), {
    jarm: true,
    code_verifier: registered.verifier,
    nonce,
    response_type: request.response_type,
    state,
  });
  assert.ok(tokens.access_token);
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
