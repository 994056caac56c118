// Encrypted responses: every algorithm with every kind of key, decrypted with jose and with
// jwcrypto, and what holds for all of them.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { verifyResponse } from './answer.js';
import { Client } from './client.js';
import { COMBINATIONS, CONTENT_ENCRYPTION, RECIPIENTS, derivedKey } from './encryption.js';
import { sample, verifyWithJwcrypto } from './jwcrypto.js';
import { generateKey } from './keys.js';
import { startServer } from './server.js';
import { expected } from './table.js';

const MODES = ['jwt', 'form_post.jwt', 'fragment.jwt'];
const JWT_MODES = [...MODES, 'query.jwt'];
/** The algorithms that jwcrypto 1.6.1 does not have. */
const UNKNOWN_TO_JWCRYPTO = ['RSA-OAEP-384', 'RSA-OAEP-512'];
/**
 * Keys derived from one client secret. Each of them decrypted what oidc-provider 9.13.3 encrypted,
 * in jose 6.2.17, openid-client 5.7.1 and jwcrypto 1.6.1; those for A192GCMKW are by rule only.
 */
const SECRET = 'a-client-secret-with-at-least-sixty-four-octets-of-utf8-text-0123456789';
const DERIVED = {
  A128KW: '19f470a96ee163d05c791fd201263e53',
  A192KW: '19f470a96ee163d05c791fd201263e535be9bb2f96dd9459',
  A256KW: '19f470a96ee163d05c791fd201263e535be9bb2f96dd945923337b667050b553',
  A128GCMKW: '19f470a96ee163d05c791fd201263e53',
  A192GCMKW: '19f470a96ee163d05c791fd201263e535be9bb2f96dd9459',
  A256GCMKW: '19f470a96ee163d05c791fd201263e535be9bb2f96dd945923337b667050b553',
  'dir A128CBC-HS256': '19f470a96ee163d05c791fd201263e535be9bb2f96dd945923337b667050b553',
  'dir A192CBC-HS384': 'a7c01cfa62966c739052ece22ce39a9a0ae80a57cc63b03f5bf2b82e3174d00099af33ae38c8ceb9cf05e3239f120426',
  'dir A256CBC-HS512': '7baaec5769a54074f218b6a789a79c180b1ab0b5a688476d7bfa592aa58d6a43bdad46ecfbd93e98a93bc5f902c21170be55cc9734575732ba13b76f816ea361',
  'dir A128GCM': '19f470a96ee163d05c791fd201263e53',
  'dir A192GCM': '19f470a96ee163d05c791fd201263e535be9bb2f96dd9459',
  'dir A256GCM': '19f470a96ee163d05c791fd201263e535be9bb2f96dd945923337b667050b553',
};

const server = await startServer();
after(() => server.stop());
const KEYS = new Map(['RSA', 'P-256', 'P-384', 'P-521', 'X25519'].map((kind) => [kind, generateKey(kind, { kid: `${kind}-1`, use: 'enc' })]));
const samples = [];

/** Registers a client whose responses are encrypted for a kind of key; ES256 signs, quickly. */
function register({ alg, kind, enc }, metadata = {}) {
  return Client.register(server, {
    authorization_signed_response_alg: 'ES256',
    authorization_encrypted_response_alg: alg,
    authorization_encrypted_response_enc: enc,
    ...metadata,
  }, KEYS.get(kind));
}

describe('success and error are decrypted and verified with jose', () => {
  for (const combination of COMBINATIONS) {
    const { alg, kind, enc, index } = combination;
    test(`${alg}, ${kind}, ${enc}`, async () => {
      const client = await register(combination);
      const [one, other] = [index, index + 1].map((n) => MODES[(n + Math.floor(n / 6)) % MODES.length]);
      const success = await client.authorize({ response_mode: one });
      assert.equal(success.mode, expected('code', one).mode);
      assert.ok(success.parameters.code);
      const error = await client.authorize({ response_mode: other, login_hint: 'deny' });
      assert.equal(error.mode, expected('code', other).mode);
      assert.equal(error.parameters.error, 'access_denied');
      for (const { jwt } of [success, error]) samples.push(await sample(client, jwt));
    });
  }
});

test('all of them are decrypted and verified with jwcrypto, but for what it does not have', async () => {
  assert.equal(samples.length, 2 * COMBINATIONS.length);
  const { verified, unknown } = await verifyWithJwcrypto(samples);
  assert.deepEqual(unknown, UNKNOWN_TO_JWCRYPTO);
  const known = COMBINATIONS.filter(({ alg }) => !UNKNOWN_TO_JWCRYPTO.includes(alg));
  assert.equal(verified, 2 * known.length);
});

test('the key derived from a secret is the one that others derive', () => {
  for (const [name, key] of Object.entries(DERIVED)) {
    const [alg, enc] = name.split(' ');
    assert.equal(derivedKey(alg, enc, SECRET).toString('hex'), key, name);
  }
});

describe('nothing is used twice', () => {
  for (const { alg, kind } of RECIPIENTS) {
    test(`${alg}, ${kind}`, async () => {
      const client = await register({ alg, kind, enc: 'A128GCM' });
      const answers = [];
      for (let times = 0; times < 3; times += 1) answers.push(await client.authorize({ response_mode: 'jwt' }));
      const seen = (pick) => new Set(answers.map(pick)).size;
      const [, encryptedKey, iv, content] = [0, 1, 2, 3].map((part) => seen(({ jwt }) => jwt.split('.')[part]));
      assert.deepEqual([iv, content], [3, 3]);
      assert.equal(encryptedKey, alg === 'dir' || alg === 'ECDH-ES' ? 1 : 3);
      if (alg.startsWith('ECDH-ES')) assert.equal(seen(({ encryption }) => encryption.epk.x), 3);
      if (alg.endsWith('GCMKW')) assert.equal(seen(({ encryption }) => encryption.iv), 3);
    });
  }
});

describe('what is encrypted is signed with the algorithm of the client', () => {
  for (const alg of ['RS256', 'PS384', 'ES256', 'ES512', 'Ed25519', 'EdDSA', 'HS256', 'HS512']) {
    for (const recipient of [{ alg: 'RSA-OAEP-256', kind: 'RSA' }, { alg: 'dir', kind: 'secret' }]) {
      test(`${alg} in ${recipient.alg}`, async () => {
        const client = await register(recipient, { authorization_signed_response_alg: alg });
        const { header, parameters } = await client.authorize({ response_mode: 'jwt' });
        assert.equal(header.alg, alg);
        assert.ok(parameters.code);
      });
    }
  }
});

test('the content is encrypted with A128CBC-HS256 where nothing else is registered', async () => {
  const client = await register({ alg: 'ECDH-ES', kind: 'P-256' });
  assert.equal(client.metadata.authorization_encrypted_response_enc, 'A128CBC-HS256');
  const { encryption } = await client.authorize({ response_mode: 'jwt' });
  assert.equal(encryption.enc, 'A128CBC-HS256');
});

test('a public client has its responses encrypted to a key', async () => {
  const client = await register({ alg: 'ECDH-ES', kind: 'X25519', enc: 'A256GCM' }, { token_endpoint_auth_method: 'none' });
  assert.equal(client.secret, undefined);
  const { parameters } = await client.authorize({ response_mode: 'form_post.jwt' });
  assert.ok(parameters.code);
});

/** Errors from different places; each of them tells something that an onlooker must not read. */
const ERRORS = {
  'the user says no': ['access_denied', { login_hint: 'deny' }],
  'nobody is logged in': ['login_required', { prompt: 'none' }],
  'an unknown response type': ['unsupported_response_type', { response_type: 'foo' }],
  'no response type': ['invalid_request', { response_type: undefined }],
  'response_type twice': ['invalid_request', { response_type: ['code', 'code'] }],
  'state twice': ['invalid_request', { state: ['a', 'b'] }],
  'a response type that is not registered': ['unauthorized_client', { response_type: 'none' }],
};
describe('every error is encrypted', async () => {
  const recipient = { alg: 'ECDH-ES+A256KW', kind: 'P-384', enc: 'A192CBC-HS384' };
  const client = await register(recipient, { response_types: ['code'] });
  for (const [name, [error, changes]] of Object.entries(ERRORS)) {
    for (const mode of JWT_MODES) {
      test(`${name}, in ${mode}`, async () => {
        const answer = await client.authorize({ response_mode: mode, ...changes });
        assert.equal(answer.mode, expected('code', mode).mode);
        assert.equal(answer.parameters.error, error);
        assert.ok(answer.encryption);
      });
    }
  }
  for (const mode of ['foo.jwt', 'QUERY.JWT', ' jwt', '.jwt', ['jwt', 'jwt']]) {
    test(`invalid_request in a mode that does not exist: ${JSON.stringify(mode)}`, async () => {
      const answer = await client.authorize({ response_mode: mode });
      assert.deepEqual([answer.mode, answer.parameters.error], ['query.jwt', 'invalid_request']);
      assert.ok(answer.encryption);
    });
  }
});

describe('tokens travel in query.jwt', async () => {
  const client = await register({ alg: 'A256GCMKW', kind: 'secret' });
  for (const responseType of ['id_token', 'token', 'code id_token', 'code id_token token']) {
    test(responseType, async () => {
      const { mode, parameters, encryption } = await client.authorize({ response_type: responseType, response_mode: 'query.jwt' });
      assert.equal(mode, 'query.jwt');
      assert.ok(encryption);
      assert.equal(parameters.error, undefined);
      assert.ok(parameters.id_token || parameters.access_token);
    });
  }
  test('but not in query', async () => {
    const { mode, parameters } = await client.authorize({ response_type: 'id_token', response_mode: 'query' });
    assert.deepEqual([mode, parameters.error], ['fragment', 'invalid_request']);
    assert.equal(parameters.id_token, undefined);
  });
});

test('a client that has registered encryption reads nothing else', async () => {
  const signed = await Client.register(server);
  const { jwt } = await signed.authorize({ response_mode: 'jwt' });
  const believing = (changes) => new Client(server, { ...signed.metadata, ...changes });
  const wants = { authorization_encrypted_response_alg: 'dir', authorization_encrypted_response_enc: 'A128GCM' };
  await assert.rejects(verifyResponse(believing(wants), jwt), /five parts/);
  assert.ok((await verifyResponse(believing({}), jwt)).claims.code);

  const encrypted = await register({ alg: 'dir', kind: 'secret', enc: 'A128GCM' });
  const response = (await encrypted.authorize({ response_mode: 'jwt' })).jwt;
  const others = [
    { authorization_encrypted_response_enc: 'A256GCM' },
    { authorization_encrypted_response_alg: 'A128KW' },
    { client_secret: `${encrypted.secret}x` },
  ];
  for (const other of others) {
    await assert.rejects(verifyResponse(new Client(server, { ...encrypted.metadata, ...other }), response));
  }
  assert.ok((await verifyResponse(encrypted, response)).claims.code);
});

test('there are as many combinations as the specifications make', () => {
  assert.equal(COMBINATIONS.length, (4 + 4 * 4 + 7) * Object.keys(CONTENT_ENCRYPTION).length);
});
