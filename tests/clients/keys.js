// Keys of clients: what answers are encrypted to.
import { generateKeyPairSync } from 'node:crypto';

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const GENERATE = {
  RSA: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'P-256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'P-384': () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  'P-521': () => generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  secp256k1: () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
  X25519: () => generateKeyPairSync('x25519'),
  Ed25519: () => generateKeyPairSync('ed25519'),
};

/** Makes a private JWK: of RSA, or of the curve that `kind` names. `members` are added. */
export function generateKey(kind, members = {}) {
  return { ...GENERATE[kind]().privateKey.export({ format: 'jwk' }), ...members };
}

/** The public half of a private JWK. */
export function publicHalf(key) {
  return Object.fromEntries(Object.entries(key).filter(([name]) => !PRIVATE_MEMBERS.includes(name)));
}

/** A JWK without what it says about its use, so that no library refuses it for that. */
export function bare({ kid, use, alg, key_ops: operations, ...material }) {
  return material;
}
