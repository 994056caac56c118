// oauth4webapi as the client, called directly: signed responses to a code flow. It never verifies
// hybrid responses in a JWT, and says so.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import * as oauth from 'oauth4webapi';

import { Client } from './client.js';
import { startServer } from './server.js';
import { arrivedAt, mutated } from './verifier.js';

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'Ed25519', 'EdDSA'];
const MODES = ['jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt'];
const HTTP = { [oauth.allowInsecureRequests]: true };
const STATE = 'af0ifjsldkj';

const server = await startServer();
after(() => server.stop());
const issuer = new URL(server.url);
const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...HTTP }));

describe('it verifies', () => {
  for (const alg of ALGORITHMS) {
    for (const mode of MODES) {
      test(`${alg} in ${mode}`, async () => {
        const { client, answer } = await ask(alg, { response_mode: mode });
        const parameters = await validate(client, answer);
        assert.deepEqual([...parameters.keys()].sort(), ['code', 'iss', 'state']);
        const error = await ask(alg, { response_mode: mode, login_hint: 'deny' });
        await assert.rejects(validate(error.client, error.answer), { error: 'access_denied' });
      });
    }
  }
  for (const mode of ['jwt', 'form_post.jwt']) {
    test(`a code and an access token in ${mode}, whose lifetime it drops for not being a string`, async () => {
      const { client, answer } = await ask('ES256', { response_type: 'code token', response_mode: mode });
      const names = [...(await validate(client, answer)).keys()].filter((name) => name !== 'scope');
      assert.deepEqual(names.sort(), ['access_token', 'code', 'iss', 'state', 'token_type']);
    });
  }
});

describe('it refuses', () => {
  const cases = {
    'another signature': ({ client, answer }) => validate(client, new URLSearchParams({ response: mutated(answer.get('response'), 2) })),
    'another issuer': ({ client, answer }) => validate(client, answer, { ...as, issuer: `${as.issuer}/` }),
    'another client': ({ client, answer }) => validate({ ...client, client_id: 'somebody' }, answer),
    'another algorithm': ({ client, answer }) => validate({ ...client, authorization_signed_response_alg: 'PS256' }, answer),
    'response twice': ({ client, answer }) => validate(client, new URLSearchParams(`${answer}&${answer}`)),
    'a response that was not asked for': ({ client, answer }) => oauth.validateAuthResponse(as, client, answer, STATE),
  };
  for (const [name, attempt] of Object.entries(cases)) {
    test(name, async () => {
      const asked = await ask('ES256', { response_mode: 'jwt' });
      await assert.rejects(async () => attempt(asked), oauth.OperationProcessingError);
    });
  }
  test('an ID Token in the response, although the signature is right', async () => {
    const { client, answer } = await ask('ES256', { response_type: 'code id_token', response_mode: 'jwt' });
    await assert.rejects(validate(client, answer), { message: 'implicit and hybrid flows are not supported' });
  });
});

/** Registers a client and sends its request; `answer` is what arrives, whatever carries it. */
async function ask(alg, request) {
  const registered = await Client.register(server, { authorization_signed_response_alg: alg });
  const response = await registered.send({ ...request, state: STATE });
  const [encoded] = Object.values(await arrivedAt(registered.redirectUri, response));
  return { client: registered.metadata, answer: new URLSearchParams(encoded) };
}

function validate(client, answer, server = as) {
  return oauth.validateJwtAuthResponse(server, client, answer, STATE, HTTP);
}
