// What may be registered, and what the answer says about it.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { Client, postMetadata } from './client.js';
import { generateKey, publicHalf } from './keys.js';
import { startServer } from './server.js';

const REDIRECT_URIS = ['https://client.example/callback'];
const JWKS = { keys: [publicHalf(generateKey('P-256', { use: 'enc', kid: 'mine' }))] };

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

test('how responses are encrypted is echoed, with the default', async () => {
  const chosen = { authorization_encrypted_response_alg: 'ECDH-ES+A192KW', jwks: JWKS };
  const { metadata } = await Client.register(server, chosen);
  assert.equal(metadata.authorization_encrypted_response_alg, 'ECDH-ES+A192KW');
  assert.equal(metadata.authorization_encrypted_response_enc, 'A128CBC-HS256');
  assert.deepEqual(metadata.jwks, JWKS);

  const enc = { authorization_encrypted_response_alg: 'dir', authorization_encrypted_response_enc: 'A256GCM' };
  const { metadata: symmetric } = await Client.register(server, enc);
  assert.equal(symmetric.authorization_encrypted_response_enc, 'A256GCM');
  assert.ok(!('jwks' in symmetric));
});

test('a URL of keys is kept, and nothing is fetched yet', async () => {
  for (const encryption of [{}, { authorization_encrypted_response_alg: 'ECDH-ES' }]) {
    const chosen = { jwks_uri: 'https://client.example/jwks', ...encryption };
    const { metadata } = await Client.register(server, chosen);
    assert.equal(metadata.jwks_uri, chosen.jwks_uri);
  }
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
    ...['none', 'rsa-oaep', 'Ecdh-Es', 'DIR', 'RSA-OAEP-257', 'ECDH-ES+A128GCMKW', 'A128GCM', 'dir ', '', 256, ['dir']]
      .map((alg) => ({ authorization_encrypted_response_alg: alg, jwks: JWKS })),
    ...['none', 'a128gcm', 'A128CBC', 'XC20P', 'dir', 'A128GCM ', '', 128]
      .map((enc) => ({ authorization_encrypted_response_enc: enc, authorization_encrypted_response_alg: 'dir' })),
    { authorization_encrypted_response_enc: 'A128CBC-HS256' },
    { authorization_encrypted_response_enc: 'A128CBC-HS256', jwks: JWKS },
    ...['A128KW', 'A256GCMKW', 'dir'].map((alg) => ({
      authorization_encrypted_response_alg: alg,
      token_endpoint_auth_method: 'none',
      jwks: JWKS,
    })),
    { jwks: { keys: [] }, authorization_encrypted_response_alg: 'ECDH-ES' },
    { jwks: undefined, authorization_encrypted_response_alg: 'RSA-OAEP-256' },
    { jwks: undefined, authorization_encrypted_response_alg: 'ECDH-ES', token_endpoint_auth_method: 'none' },
    ...['https://127.0.0.1/jwks', 'https://localhost/jwks', 'https://10.0.0.1/jwks', 'http://client.example/jwks', 'keys', 1]
      .flatMap((uri) => [
        { jwks_uri: uri },
        { jwks_uri: uri, authorization_encrypted_response_alg: 'ECDH-ES' },
        { jwks_uri: uri, authorization_encrypted_response_alg: 'dir' },
      ]),
    { jwks_uri: 'https://client.example/jwks', authorization_encrypted_response_alg: 'ECDH-ES', jwks: JWKS },
    { response_types: ['tokenx'] },
    { response_types: ['code none'] },
    { response_types: [] },
    { response_types: 'code' },
    { token_endpoint_auth_method: 'magic' },
  ];
  for (const metadata of cases) {
    const [member] = Object.keys(metadata);
    test(JSON.stringify(metadata, (name, value) => (name === 'jwks' ? typeof value : value)), async () => {
      const refusal = await refused({ redirect_uris: REDIRECT_URIS, ...metadata });
      assert.equal(refusal.error, 'invalid_client_metadata');
      assert.match(refusal.error_description, new RegExp(`^${member}\\b`));
    });
  }
});

describe('an algorithm that must not be used is refused, and another is named', () => {
  const instead = { RSA1_5: 'RSA-OAEP-256', 'PBES2-HS256+A128KW': 'A256KW', 'PBES2-HS384+A192KW': 'A256KW', 'PBES2-HS512+A256KW': 'A256KW' };
  for (const [alg, better] of Object.entries(instead)) {
    for (const name of [alg, alg.toLowerCase()]) {
      test(name, async () => {
        const metadata = { authorization_encrypted_response_alg: name, jwks: JWKS };
        const { error, error_description: description } = await refused({ redirect_uris: REDIRECT_URIS, ...metadata });
        assert.equal(error, 'invalid_client_metadata');
        assert.match(description, /^authorization_encrypted_response_alg\b/);
        assert.ok(description.includes(name) && description.includes(better), description);
      });
    }
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
