// Which of a client's keys its responses are encrypted to, and which are never used.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { Client, postMetadata } from './client.js';
import { generateKey, publicHalf } from './keys.js';
import { startServer } from './server.js';

const RSA = 'RSA-OAEP-256';
const UNKNOWN = { kty: 'LATTICE', kid: 'from the future', use: 'enc', z: 'AQAB' };

const server = await startServer();
after(() => server.stop());
const a = generateKey('RSA');
const b = generateKey('RSA');
const p256 = generateKey('P-256');
const p384 = generateKey('P-384');
const p521 = generateKey('P-521');
const x25519 = generateKey('X25519');
const weak = publicHalf({ ...a, n: a.n.slice(0, 171) }); // 1026 bits of a modulus

/** `chosen` is the index in `keys`; without `alg` it is RSA-OAEP-256. */
const CHOICES = [
  { name: 'the only one', keys: [{ ...a, use: 'enc' }], chosen: 0 },
  { name: 'one without use, if there is no better one', keys: [a], chosen: 0 },
  { name: 'one with use before one without', keys: [a, { ...b, use: 'enc' }], chosen: 1 },
  { name: 'the first of equals', keys: [{ ...a, use: 'enc', kid: 'a' }, { ...b, use: 'enc', kid: 'b' }], chosen: 0 },
  { name: 'the first of equals, turned round', keys: [{ ...b, use: 'enc', kid: 'b' }, { ...a, use: 'enc', kid: 'a' }], chosen: 0 },
  { name: 'the first of equals without kid', keys: [b, a], chosen: 0 },
  { name: 'one with alg before one without', keys: [a, { ...b, alg: RSA }], chosen: 1 },
  { name: 'use before alg', keys: [{ ...a, alg: RSA }, { ...b, use: 'enc' }], chosen: 1 },
  { name: 'use and alg before use', keys: [{ ...a, use: 'enc' }, { ...b, use: 'enc', alg: RSA }], chosen: 1 },
  { name: 'not the one for signatures', keys: [{ ...a, use: 'sig' }, b], chosen: 1 },
  { name: 'not the one for signatures with the same kid', keys: [{ ...a, use: 'sig', kid: 'k' }, { ...b, use: 'enc', kid: 'k' }], chosen: 1 },
  { name: 'not one of another algorithm', keys: [{ ...a, use: 'enc', alg: 'RSA-OAEP' }, b], chosen: 1 },
  { name: 'not one of another kind', keys: [{ ...p256, use: 'enc' }, a], chosen: 1 },
  { name: 'not one of an unknown kind', keys: [UNKNOWN, { ...a, use: 'enc' }], chosen: 1 },
  { name: 'not one of an unknown curve', keys: [generateKey('secp256k1', { use: 'enc' }), p384], alg: 'ECDH-ES', chosen: 1 },
  { name: 'not one for Ed25519', keys: [generateKey('Ed25519'), x25519], alg: 'ECDH-ES', chosen: 1 },
  { name: 'not one for other operations', keys: [{ ...a, key_ops: ['verify'] }, b], chosen: 1 },
  { name: 'a broken one that is not for this does no harm', keys: [{ ...weak, use: 'sig' }, a], chosen: 1 },
  { name: 'operations: encrypt', keys: [{ ...a, key_ops: ['encrypt'] }], chosen: 0 },
  { name: 'operations: wrapKey, among others', keys: [{ ...a, key_ops: ['verify', 'wrapKey'] }], chosen: 0 },
  { name: 'operations: deriveKey', keys: [{ ...p521, key_ops: ['deriveKey'] }], alg: 'ECDH-ES', chosen: 0 },
  { name: 'operations: deriveBits', keys: [{ ...x25519, key_ops: ['deriveBits'] }], alg: 'ECDH-ES', chosen: 0 },
  { name: 'operations: none, as Web Crypto exports a public key', keys: [{ ...p256, key_ops: [] }], alg: 'ECDH-ES', chosen: 0 },
  { name: 'curves have no order of their own', keys: [x25519, p256].map((key) => ({ ...key, use: 'enc' })), alg: 'ECDH-ES', chosen: 0 },
  { name: 'curves have no order of their own, turned round', keys: [p521, x25519, p256].map((key) => ({ ...key, use: 'enc' })), alg: 'ECDH-ES', chosen: 0 },
  { name: 'alg with key agreement and wrapping', keys: [{ ...p256, alg: 'ECDH-ES' }, { ...p384, alg: 'ECDH-ES+A128KW' }], alg: 'ECDH-ES+A128KW', chosen: 1 },
  { name: 'members that nobody knows', keys: [{ ...a, x5t: 'AQAB', 'https://client.example/owner': { team: 1 } }], chosen: 0 },
  { name: 'any kid', keys: [{ ...a, kid: 'ключ "1"\\\n😀' }], chosen: 0 },
  { name: 'an empty kid', keys: [{ ...a, kid: '' }], chosen: 0 },
  { name: 'a long kid', keys: [{ ...a, kid: 'k'.repeat(300) }], chosen: 0 },
];

for (const { name, keys, alg = RSA, chosen } of CHOICES) {
  test(`${name}: ${JSON.stringify(keys.map(brief))}`, async () => {
    const jwks = { keys: keys.map(publicHalf) };
    const client = await Client.register(server, { authorization_encrypted_response_alg: alg, jwks }, keys[chosen]);
    assert.deepEqual(client.metadata.jwks, jwks, 'echoed as it is');
    for (const changes of [{}, { login_hint: 'deny' }]) {
      const { encryption } = await client.authorize({ response_mode: 'jwt', ...changes });
      assert.equal(encryption.kid, keys[chosen].kid);
    }
  });
}

/** Sets in which no key can be used, and what is said about each. */
const NONE = [
  { keys: [{ ...a, use: 'sig' }], reasons: [/use.*sig/] },
  { keys: [{ ...a, use: 'ENC' }], reasons: [/use.*ENC/] },
  { keys: [{ ...a, use: 'enc', alg: 'RSA-OAEP' }], reasons: [/alg.*RSA-OAEP/] },
  { keys: [{ ...a, alg: RSA }], alg: 'RSA-OAEP', reasons: [/alg.*RSA-OAEP-256/] },
  { keys: [{ ...p256, use: 'enc' }], reasons: [/`kty` is not RSA/] },
  { keys: [a], alg: 'ECDH-ES', reasons: [/`kty` is neither EC nor OKP/] },
  { keys: [generateKey('Ed25519')], alg: 'ECDH-ES', reasons: [/crv.*X25519/] },
  { keys: [generateKey('secp256k1')], alg: 'ECDH-ES', reasons: [/crv.*P-521/] },
  { keys: [UNKNOWN], reasons: [/kty/] },
  { keys: [{ ...a, key_ops: ['verify'] }], reasons: [/key_ops/] },
  { keys: [{ ...a, key_ops: ['decrypt', 'unwrapKey'] }], reasons: [/key_ops/] },
  { keys: [], reasons: [] },
  { keys: [{ ...a, use: 'sig' }, p384, { ...b, key_ops: ['sign'] }], reasons: [/use/, /`kty` is not RSA/, /key_ops/] },
];
describe('a set without a key that can be used is refused, and says why of each key', () => {
  for (const { keys, alg = RSA, reasons } of NONE) {
    test(`${alg}: ${JSON.stringify(keys.map(brief))}`, async () => {
      const response = await postMetadata(server, {
        redirect_uris: ['https://client.example/callback'],
        authorization_encrypted_response_alg: alg,
        jwks: { keys: keys.map(publicHalf) },
      });
      assert.equal(response.status, 400);
      const { error, error_description: description } = await response.json();
      assert.equal(error, 'invalid_client_metadata');
      assert.match(description, /^jwks\b(?!\.)/);
      assert.ok(description.includes(alg), description);
      for (const [index, reason] of reasons.entries()) {
        const [, told] = description.split(`keys[${index}]`);
        assert.ok(told, description);
        assert.match(told.split(/keys\[\d+\]/)[0], reason);
      }
    });
  }
});

/** What tells a key from others, for the names of tests. */
function brief({ kty, crv, use, alg, key_ops: operations, kid }) {
  return { kty, crv, use, alg, key_ops: operations, kid: kid?.slice(0, 20) };
}
