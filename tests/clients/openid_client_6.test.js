// openid-client 6 as the client: discovery, JARM, decryption, ID Token and token exchange in its own
// code, which is not that of version 5.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { Client } from './client.js';
import { COMBINATIONS, RECIPIENTS } from './encryption.js';
import { generateKey, publicHalf } from './keys.js';
import { configure as configureFor, discover, grant, receive } from './openid_client_6.js';
import { startServer } from './server.js';

const MODES = ['jwt', 'query.jwt', 'form_post.jwt'];
/** The kinds of key that it does not decrypt with. */
const UNSUPPORTED = { 'P-384': /Only P-256/, 'P-521': /Only P-256/, secret: /only private keys/ };
const supported = ({ kind }) => !(kind in UNSUPPORTED);

const server = await startServer();
after(() => server.stop());
const discovered = await discover(server);
const KEYS = new Map(['RSA', 'P-256', 'P-384', 'P-521', 'X25519'].map((kind) => [kind, generateKey(kind, { use: 'enc' })]));

describe('it decrypts every combination that it has', () => {
  for (const { alg, kind, enc, index } of COMBINATIONS.filter(supported)) {
    const mode = MODES[(index + Math.floor(index / 6)) % MODES.length];
    test(`${alg}, ${kind}, ${enc} in ${mode}`, () => signIn({
      authorization_encrypted_response_alg: alg,
      authorization_encrypted_response_enc: enc,
    }, { ...KEYS.get(kind), kid: 'mine' }, mode));
  }
});

describe('the kid of the response is that of the key, or there is none', () => {
  for (const { alg, kind } of RECIPIENTS.filter(supported)) {
    test(`${alg}, ${kind}`, async () => {
      const metadata = { authorization_encrypted_response_alg: alg };
      const key = (kid) => ({ ...KEYS.get(kind), kid });
      await signIn(metadata, key(undefined), 'jwt');
      // A key without kid opens what names none, and nothing that names one.
      const named = await answer(metadata, key('mine'), 'jwt');
      for (const kid of [undefined, 'another']) {
        const config = await configure(named.registered, key(kid));
        await assert.rejects(grant(config, named), { code: 'OAUTH_DECRYPTION_FAILED' });
      }
    });
  }
});

test('of two keys the kid tells which', async () => {
  const keys = ['one', 'two'].map((kid) => generateKey('X25519', { kid, use: 'enc' }));
  const metadata = { authorization_encrypted_response_alg: 'ECDH-ES' };
  const named = await answer(metadata, keys[0], 'jwt');
  const tokens = await grant(await configure(named.registered, ...keys), named);
  assert.equal(tokens.claims().sub, 'alice');
});

test('signed with each algorithm', async () => {
  for (const alg of ['RS256', 'PS256', 'PS512', 'ES256', 'ES512', 'Ed25519', 'EdDSA']) {
    await signIn({
      authorization_signed_response_alg: alg,
      authorization_encrypted_response_alg: 'ECDH-ES+A128KW',
    }, { ...KEYS.get('P-256'), kid: 'mine' }, 'jwt');
  }
});

test('responses that are signed alone', async () => {
  for (const mode of MODES) await signIn({ authorization_signed_response_alg: 'ES384' }, undefined, mode);
});

test('an error is decrypted and verified before it is believed', async () => {
  const key = { ...KEYS.get('RSA'), kid: 'mine' };
  const metadata = { authorization_encrypted_response_alg: 'RSA-OAEP-256' };
  const denied = await answer(metadata, key, 'jwt', { login_hint: 'deny' });
  await assert.rejects(grant(await configure(denied.registered, key), denied), { error: 'access_denied' });
});

test('these are the kinds of key that it does not have', async () => {
  const keys = { 'P-384': KEYS.get('P-384'), 'P-521': KEYS.get('P-521'), secret: { kty: 'oct', k: 'AAAAAAAAAAAAAAAAAAAAAA' } };
  assert.deepEqual(Object.keys(keys), Object.keys(UNSUPPORTED));
  for (const [kind, key] of Object.entries(keys)) {
    const metadata = kind === 'secret'
      ? { authorization_encrypted_response_alg: 'A128KW' }
      : { authorization_encrypted_response_alg: 'ECDH-ES', jwks: { keys: [publicHalf(key)] } };
    await assert.rejects(configure(await Client.register(server, metadata), key), UNSUPPORTED[kind]);
  }
});

/** A whole code flow. */
async function signIn(metadata, key, mode) {
  const answered = await answer(metadata, key, mode);
  const config = await configure(answered.registered, ...(key ? [key] : []));
  const tokens = await grant(config, answered);
  assert.ok(tokens.access_token);
  assert.equal(tokens.claims().sub, 'alice');
}

async function answer(metadata, key, mode, changes = {}) {
  const registered = await Client.register(server, metadata, key);
  const response = await registered.send({ response_mode: mode, ...changes });
  return { registered, received: await receive(response) };
}

function configure(registered, ...keys) {
  return configureFor(discovered, registered, ...keys);
}
