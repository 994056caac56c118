// Encrypted responses as a client reads them: with which key, under which header.
//
// The sizes and the derivation are written down a second time here, so that the server is not
// measured with its own ruler.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { compactDecrypt, importJWK } from 'jose';

import { bare } from './keys.js';

const CURVES = ['P-256', 'P-384', 'P-521', 'X25519'];
/** The octets of a coordinate, or of a Montgomery curve's whole key. */
const COORDINATES = { 'P-256': 32, 'P-384': 48, 'P-521': 66, X25519: 32 };

/** The kinds of key that each key management algorithm (`alg`) works with. */
export const KEY_MANAGEMENT = {
  'RSA-OAEP': ['RSA'],
  'RSA-OAEP-256': ['RSA'],
  'RSA-OAEP-384': ['RSA'],
  'RSA-OAEP-512': ['RSA'],
  'ECDH-ES': CURVES,
  'ECDH-ES+A128KW': CURVES,
  'ECDH-ES+A192KW': CURVES,
  'ECDH-ES+A256KW': CURVES,
  A128KW: ['secret'],
  A192KW: ['secret'],
  A256KW: ['secret'],
  A128GCMKW: ['secret'],
  A192GCMKW: ['secret'],
  A256GCMKW: ['secret'],
  dir: ['secret'],
};
/** The octets of key, initialization vector and tag of each content encryption (`enc`). */
export const CONTENT_ENCRYPTION = {
  'A128CBC-HS256': { key: 32, iv: 16, tag: 16 },
  'A192CBC-HS384': { key: 48, iv: 16, tag: 24 },
  'A256CBC-HS512': { key: 64, iv: 16, tag: 32 },
  A128GCM: { key: 16, iv: 12, tag: 16 },
  A192GCM: { key: 24, iv: 12, tag: 16 },
  A256GCM: { key: 32, iv: 12, tag: 16 },
};

/** Every key management algorithm with every kind of key that it works with. */
export const RECIPIENTS = Object.entries(KEY_MANAGEMENT)
  .flatMap(([alg, kinds]) => kinds.map((kind) => ({ alg, kind })));
/** Every one of them with every content encryption; `index` tells them apart. */
export const COMBINATIONS = RECIPIENTS
  .flatMap((recipient) => Object.keys(CONTENT_ENCRYPTION).map((enc) => ({ ...recipient, enc })))
  .map((combination, index) => ({ ...combination, index }));

/** The key that a client secret stands for (OpenID Connect Core 10.2). */
export function derivedKey(alg, enc, secret) {
  const octets = alg === 'dir' ? CONTENT_ENCRYPTION[enc].key : Number(/^A(\d{3})(GCM)?KW$/.exec(alg)[1]) / 8;
  const hash = octets <= 32 ? 'sha256' : octets <= 48 ? 'sha384' : 'sha512';
  return createHash(hash).update(secret, 'utf8').digest().subarray(0, octets);
}

/**
 * Takes the encryption off a response of `client`: the JWS inside, and the JWE's header.
 *
 * A client that has registered encryption reads nothing that is not encrypted, nor anything that
 * is encrypted otherwise than it has registered.
 */
export async function decryptResponse(client, response) {
  const { authorization_encrypted_response_alg: alg, authorization_encrypted_response_enc: enc } = client.metadata;
  if (alg === undefined) return { jws: response };
  const parts = response.split('.');
  assert.equal(parts.length, 5, 'encrypted: five parts');
  const [header, ...octets] = parts.map((part) => Buffer.from(part, 'base64url'));
  const encryption = JSON.parse(header);
  checkHeader(encryption, client);
  checkSizes(encryption, octets, client.key);
  const key = client.key ? await importJWK(bare(client.key), alg) : derivedKey(alg, enc, client.secret);
  const options = { keyManagementAlgorithms: [alg], contentEncryptionAlgorithms: [enc] };
  const { plaintext } = await compactDecrypt(response, key, options);
  const jws = new TextDecoder().decode(plaintext);
  assert.equal(jws.split('.').length, 3, 'what is encrypted is signed');
  return { jws, encryption };
}

/** Exactly what the algorithm needs: another member would be a copy of something secret, or noise. */
function checkHeader(header, { metadata, key }) {
  const { alg, enc, cty, kid, epk, ...keyWrap } = header;
  assert.equal(alg, metadata.authorization_encrypted_response_alg);
  assert.equal(enc, metadata.authorization_encrypted_response_enc);
  assert.equal(cty, 'JWT', 'a nested JWT');
  assert.equal(kid, key?.kid, 'kid is that of the key');
  assert.equal('kid' in header, key !== undefined && 'kid' in key);
  assert.deepEqual(Object.keys(keyWrap).sort(), alg.endsWith('GCMKW') ? ['iv', 'tag'] : []);
  assert.equal(epk !== undefined, alg.startsWith('ECDH-ES'));
  if (epk) checkEphemeralKey(epk, key);
}

function checkEphemeralKey({ kty, crv, ...coordinates }, key) {
  assert.deepEqual([kty, crv], [key.kty, key.crv]);
  assert.deepEqual(Object.keys(coordinates).sort(), kty === 'EC' ? ['x', 'y'] : ['x']);
  for (const coordinate of Object.values(coordinates)) {
    assert.equal(Buffer.from(coordinate, 'base64url').length, COORDINATES[crv]);
  }
}

function checkSizes({ alg, enc, iv: wrapIv, tag: wrapTag }, [encryptedKey, iv, , tag], key) {
  const sizes = CONTENT_ENCRYPTION[enc];
  assert.deepEqual([iv.length, tag.length], [sizes.iv, sizes.tag]);
  assert.equal(encryptedKey.length, encryptedKeyOctets(alg, sizes.key, key));
  if (wrapIv) assert.deepEqual([wrapIv, wrapTag].map((text) => Buffer.from(text, 'base64url').length), [12, 16]);
}

function encryptedKeyOctets(alg, contentKey, key) {
  if (alg === 'dir' || alg === 'ECDH-ES') return 0;
  if (alg.startsWith('RSA')) return Buffer.from(key.n, 'base64url').length;
  return alg.endsWith('GCMKW') ? contentKey : contentKey + 8;
}
