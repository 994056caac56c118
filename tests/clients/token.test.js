// What a code is worth at the token endpoint.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { createLocalJWKSet, jwtVerify } from 'jose';

import { Client } from './client.js';
import { startServer } from './server.js';

const server = await startServer();
after(() => server.stop());

/** How each method of client authentication is sent: more parameters, and headers. */
const AUTHENTICATION = {
  client_secret_basic: (client) => [{}, client.basic()],
  client_secret_post: (client) => [{ client_id: client.id, client_secret: client.secret }],
  none: (client) => [{ client_id: client.id }],
};
const register = (method) => Client.register(server, { token_endpoint_auth_method: method });
const codeOf = async (client, changes) => (await client.authorize(changes)).parameters.code;

for (const [method, credentials] of Object.entries(AUTHENTICATION)) {
  describe(method, () => {
    test('a code becomes tokens once', async () => {
      const client = await register(method);
      const code = await codeOf(client, { response_mode: 'jwt' });
      const response = await client.token(code, ...credentials(client));
      assert.equal(response.status, 200);
      assert.match(response.headers.get('cache-control'), /no-store/);
      await checkTokens(client, await response.json());
      await checkError(await client.token(code, ...credentials(client)), 400, 'invalid_grant');
    });

    test('a wrong verifier is refused', async () => {
      const client = await register(method);
      const [parameters, headers] = credentials(client);
      for (const verifier of ['A'.repeat(43), undefined]) {
        const changes = { ...parameters, code_verifier: verifier };
        const response = await client.token(await codeOf(client), changes, headers);
        await checkError(response, 400, verifier ? 'invalid_grant' : /^invalid_(grant|request)$/);
      }
    });
  });
}

test('a wrong secret is refused', async () => {
  const client = await register('client_secret_basic');
  client.secret += 'x';
  await checkError(await client.token(await codeOf(client), {}, client.basic()), 401, 'invalid_client');
});

test('a confidential client cannot leave its secret out', async () => {
  const client = await register('client_secret_basic');
  const response = await client.token(await codeOf(client), { client_id: client.id });
  await checkError(response, 401, 'invalid_client');
});

test('a code belongs to one client', async () => {
  const [owner, thief] = [await register('client_secret_basic'), await register('client_secret_basic')];
  const code = await codeOf(owner);
  const response = await thief.token(code, { code_verifier: owner.verifier }, thief.basic());
  await checkError(response, 400, 'invalid_grant');
});

test('a code belongs to one redirect URI', async () => {
  const client = await register('client_secret_basic');
  const changes = { redirect_uri: 'https://client.example/other' };
  await checkError(await client.token(await codeOf(client), changes, client.basic()), 400, 'invalid_grant');
});

test('a code that never was', async () => {
  const client = await register('client_secret_basic');
  await checkError(await client.token('never', {}, client.basic()), 400, 'invalid_grant');
});

test('another grant type', async () => {
  const client = await register('client_secret_basic');
  const changes = { grant_type: 'password' };
  await checkError(await client.token('never', changes, client.basic()), 400, 'unsupported_grant_type');
});

async function checkTokens(client, tokens) {
  assert.ok(tokens.access_token);
  assert.equal(tokens.token_type.toLowerCase(), 'bearer');
  assert.ok(Number.isInteger(tokens.expires_in));
  const { payload } = await jwtVerify(
    tokens.id_token,
    createLocalJWKSet(await client.jwks()),
    { issuer: server.url, audience: client.id },
  );
  assert.equal(payload.nonce, client.request().nonce);
}

async function checkError(response, status, expected) {
  const { error } = await response.json();
  assert.equal(response.status, status);
  if (expected instanceof RegExp) assert.match(error, expected);
  else assert.equal(error, expected);
}
