// What may be registered, and what the answer says about it.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { Client, postMetadata } from './client.js';
import { startServer } from './server.js';

const REDIRECT_URIS = ['https://client.example/callback'];

const server = await startServer();
after(() => server.stop());

test('defaults are echoed', async () => {
  const response = await postMetadata(server, { redirect_uris: REDIRECT_URIS });
  assert.equal(response.status, 201);
  assert.match(response.headers.get('cache-control') ?? '', /no-store/);
  const { client_id: id, client_secret: secret, ...metadata } = await response.json();
  assert.ok(id);
  assert.ok(secret.length >= 64);
  assert.deepEqual(metadata.redirect_uris, REDIRECT_URIS);
  assert.deepEqual(metadata.response_types, ['code']);
  assert.equal(metadata.token_endpoint_auth_method, 'client_secret_basic');
  assert.equal(metadata.authorization_signed_response_alg, 'RS256');
  assert.ok(!('authorization_encrypted_response_alg' in metadata));
  assert.ok(!('authorization_encrypted_response_enc' in metadata));
});

test('what was chosen is echoed', async () => {
  const chosen = {
    redirect_uris: ['https://client.example/a', 'https://client.example/b'],
    response_types: ['code id_token', 'none'],
    token_endpoint_auth_method: 'client_secret_post',
    authorization_signed_response_alg: 'ES384',
  };
  const { metadata } = await Client.register(server, chosen);
  for (const [name, value] of Object.entries(chosen)) assert.deepEqual(metadata[name], value);
});

test('a public client gets no secret', async () => {
  const { metadata } = await Client.register(server, { token_endpoint_auth_method: 'none' });
  assert.ok(!('client_secret' in metadata));
});

test('unknown metadata is ignored', async () => {
  const { metadata } = await Client.register(server, { tea: 'earl grey', client_name: 'A client' });
  assert.ok(!('tea' in metadata));
});

test('two clients share neither name nor secret', async () => {
  const [one, two] = await Promise.all([Client.register(server), Client.register(server)]);
  assert.notEqual(one.id, two.id);
  assert.notEqual(one.secret, two.secret);
});

describe('refused metadata names its member', () => {
  const cases = [
    { authorization_signed_response_alg: 'none' },
    { authorization_signed_response_alg: 'RS1' },
    { authorization_signed_response_alg: 'rs256' },
    { authorization_signed_response_alg: 256 },
    ...['HS256', 'HS384', 'HS512'].map((alg) => ({
      authorization_signed_response_alg: alg,
      token_endpoint_auth_method: 'none',
    })),
    { authorization_encrypted_response_alg: 'RSA-OAEP-256' },
    { authorization_encrypted_response_enc: 'A128CBC-HS256' },
    { response_types: ['tokenx'] },
    { response_types: ['code none'] },
    { response_types: [] },
    { response_types: 'code' },
    { token_endpoint_auth_method: 'magic' },
  ];
  for (const metadata of cases) {
    const [member] = Object.keys(metadata);
    test(JSON.stringify(metadata), async () => {
      const refusal = await refused({ redirect_uris: REDIRECT_URIS, ...metadata });
      assert.equal(refusal.error, 'invalid_client_metadata');
      assert.ok(refusal.error_description.includes(member), refusal.error_description);
    });
  }
});

describe('refused redirect URIs', () => {
  const cases = [
    'https://client.example/cb#x',
    'https://client.example/cb#',
    'https://client.example/cb?response=x',
    'https://client.example/cb?a=1&code=x',
    'https://client.example/cb?st%61te=x',
    'https://user@client.example/cb',
    'https://user:word@client.example/cb',
    'https://client.example\\@evil.example/cb',
    'https://client.example/c b',
    'https://client.example/cb\r\nx: y',
    'http://client.example/cb',
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'java\tscript:alert(1)',
    'data:text/html,x',
    'blob:https://client.example/1',
    'intent://x',
    '/callback',
    '',
  ];
  for (const uri of cases) {
    test(JSON.stringify(uri), async () => {
      const { error } = await refused({ redirect_uris: [...REDIRECT_URIS, uri] });
      assert.equal(error, 'invalid_redirect_uri');
    });
  }
  test('none at all', async () => {
    for (const metadata of [{}, { redirect_uris: [] }]) {
      const { error } = await refused(metadata);
      assert.match(error, /^invalid_(redirect_uri|client_metadata)$/);
    }
  });
});

async function refused(metadata) {
  const response = await postMetadata(server, metadata);
  const body = await response.json();
  assert.equal(response.status, 400, JSON.stringify(body));
  assert.equal(typeof body.error_description, 'string');
  return body;
}
