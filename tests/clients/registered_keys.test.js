// Broken, weak and secret keys are refused at registration, each by its place in the set.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, describe, test } from 'node:test';

import { postMetadata } from './client.js';
import { generateKey, publicHalf } from './keys.js';
import { startServer } from './server.js';

const REDIRECT_URIS = ['https://client.example/callback'];
/** The octets of a coordinate of each curve. */
const CURVES = { 'P-256': 32, 'P-384': 48, 'P-521': 66 };
/** u-coordinates of small order on Curve25519 (RFC 7748 6.1), little-endian, in hex. */
const LOW_ORDER = {
  zero: '00'.repeat(32),
  one: `01${'00'.repeat(31)}`,
  'order 8': 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  'order 8, the other': '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'p - 1': `ec${'ff'.repeat(30)}7f`,
  'p, which is zero': `ed${'ff'.repeat(30)}7f`,
  'p + 1, which is one': `ee${'ff'.repeat(30)}7f`,
  'zero with the unused bit': `${'00'.repeat(31)}80`,
};

const server = await startServer();
after(() => server.stop());
const privateRsa = generateKey('RSA');
const rsa = publicHalf(privateRsa);
const octets = (text) => Buffer.from(text, 'base64url');
const text = (bytes) => Buffer.from(bytes).toString('base64url');

/** An odd modulus of so many bits, made of no primes that anybody knows. */
function modulus(bits, change = (bytes) => bytes) {
  const bytes = randomBytes(Math.ceil(bits / 8));
  const top = (bits - 1) % 8;
  bytes[0] = (bytes[0] & ((1 << top) - 1)) | (1 << top);
  bytes[bytes.length - 1] |= 1;
  return text(change(bytes));
}
const even = (bytes) => { bytes[bytes.length - 1] &= 0xfe; return bytes; };
const changed = (coordinate) => { const bytes = octets(coordinate); bytes[bytes.length - 1] ^= 1; return text(bytes); };

const BROKEN_RSA = {
  'a modulus of 1024 bits': { n: modulus(1024) },
  'a modulus of 2047 bits': { n: modulus(2047) },
  'a modulus of 8193 bits': { n: modulus(8193) },
  'a modulus of 16384 bits': { n: modulus(16384) },
  'an even modulus': { n: modulus(2048, even) },
  'an empty modulus': { n: '' },
  'a modulus of zeros': { n: text(Buffer.alloc(256)) },
  'no modulus': { n: undefined },
  'a modulus that is a number': { n: 65537 },
  'a modulus that is not base64url': { n: `${rsa.n.slice(0, -4)}+/==` },
  'the exponent 1': { e: 'AQ' },
  'the exponent 0': { e: 'AA' },
  'the exponent 2': { e: 'Ag' },
  'an even exponent': { e: 'AQAA' },
  'an exponent of 34 bits': { e: 'AgAAAAE' },
  'an exponent as long as the modulus': { e: modulus(2048) },
  'an empty exponent': { e: '' },
  'no exponent': { e: undefined },
};
const BROKEN_EC = {
  'a point off the curve (y)': (key) => ({ y: changed(key.y) }),
  'a point off the curve (x)': (key) => ({ x: changed(key.x) }),
  'the point at infinity': (key, size) => ({ x: text(Buffer.alloc(size)), y: text(Buffer.alloc(size)) }),
  'a coordinate beyond the field': (key, size) => ({ x: text(Buffer.alloc(size, 0xff)) }),
  'a short coordinate': (key) => ({ x: text(octets(key.x).subarray(1)) }),
  'a long coordinate': (key) => ({ y: text(Buffer.concat([Buffer.alloc(1), octets(key.y)])) }),
  'an empty coordinate': () => ({ x: '' }),
  'no y': () => ({ y: undefined }),
  'no x': () => ({ x: undefined }),
  'a coordinate that is a number': () => ({ y: 1 }),
  'a coordinate with padding': (key) => ({ x: `${key.x}=` }),
};
const BROKEN_X25519 = {
  'a short key': (key) => ({ x: text(octets(key.x).subarray(1)) }),
  'a long key': (key) => ({ x: text(Buffer.concat([octets(key.x), Buffer.alloc(1)])) }),
  'no key': () => ({ x: undefined }),
  'an empty key': () => ({ x: '' }),
  ...Object.fromEntries(Object.entries(LOW_ORDER).map(([name, hex]) => [
    `low order: ${name}`, () => ({ x: text(Buffer.from(hex, 'hex')) }),
  ])),
};
/** Members of private keys, and keys that are secret as a whole. */
const SECRET = {
  'a private RSA key': privateRsa,
  'a private EC key': generateKey('P-256'),
  'a private X25519 key': generateKey('X25519'),
  'a symmetric key': { kty: 'oct', k: text(randomBytes(32)) },
  'a symmetric key without value': { kty: 'oct' },
  ...Object.fromEntries(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].map((member) => [
    `the member ${member}`, { ...rsa, [member]: 'AQAB' },
  ])),
};
const NO_KEY = {
  'no kty': { n: rsa.n, e: rsa.e },
  'a kty that is a number': { ...rsa, kty: 1 },
  'a kid that is a number': { ...rsa, kid: 1 },
  'a use that is a list': { ...rsa, use: ['enc'] },
  'an alg that is null': { ...rsa, alg: null },
  'a string': 'key',
};

describe('a broken RSA key is refused', () => {
  for (const [name, members] of Object.entries(BROKEN_RSA)) {
    test(name, () => refuseKey('RSA-OAEP-256', { ...rsa, ...members }));
  }
  for (const size of [2048, 3072, 4096, 8192]) {
    test(`but not one of ${size} bits`, () => accept('RSA-OAEP', { ...rsa, n: modulus(size) }));
  }
  for (const [name, e] of Object.entries({ 3: 'Aw', 65537: 'AQAB', 'of 33 bits': 'AQAAAAE' })) {
    test(`but not one with the exponent ${name}`, () => accept('RSA-OAEP', { ...rsa, e }));
  }
  // RFC 7518 6.3.1.1: there are keys in use that have them.
  test('but not one with leading zeros', () => accept('RSA-OAEP', { n: text(Buffer.concat([Buffer.alloc(1), octets(rsa.n)])), e: 'AAEAAQ', kty: 'RSA' }));
});

for (const [kind, size] of Object.entries(CURVES)) {
  describe(`a broken ${kind} key is refused`, () => {
    for (const [name, change] of Object.entries(BROKEN_EC)) {
      test(name, () => {
        const key = publicHalf(generateKey(kind));
        return refuseKey('ECDH-ES', { ...key, ...change(key, size) });
      });
    }
    test('and one of another curve', () => {
      const { x, y } = publicHalf(generateKey(kind === 'P-256' ? 'P-384' : 'P-256'));
      return refuseKey('ECDH-ES', { kty: 'EC', crv: kind, x, y });
    });
    test('but not a sound one', () => accept('ECDH-ES+A256KW', publicHalf(generateKey(kind))));
  });
}

describe('a broken X25519 key is refused', () => {
  for (const [name, change] of Object.entries(BROKEN_X25519)) {
    test(name, () => {
      const key = publicHalf(generateKey('X25519'));
      return refuseKey('ECDH-ES+A128KW', { ...key, ...change(key) });
    });
  }
  test('but not a sound one', () => accept('ECDH-ES', publicHalf(generateKey('X25519'))));
});

describe('a secret is refused, whatever it is for', () => {
  for (const [name, key] of Object.entries(SECRET)) {
    test(name, async () => {
      await refuseKey('RSA-OAEP-256', key);
      await refuseKey(undefined, key);
      await refuseKey('RSA-OAEP-256', { ...key, use: 'sig' });
    });
  }
});

describe('what is no key is refused', () => {
  for (const [name, key] of Object.entries(NO_KEY)) {
    test(name, () => refuseKey('RSA-OAEP-256', key));
  }
});

test('a broken key is named by its place, and refused although a sound one is there', async () => {
  const broken = { ...rsa, e: 'AQ' };
  for (const [index, keys] of [[broken, rsa], [rsa, broken]].entries()) {
    const description = await refused('RSA-OAEP-256', { keys });
    assert.match(description, new RegExp(`^jwks\\.keys\\[${index}\\]`));
  }
});

describe('what is no set is refused', () => {
  const cases = {
    'a list': [rsa],
    'an empty list': [],
    text: 'keys',
    'a number': 1,
    'an object without keys': {},
    'a key in place of a list': { keys: rsa },
    'text in place of a list': { keys: 'all' },
    'keys in another case': { Keys: [rsa] },
  };
  for (const [name, jwks] of Object.entries(cases)) {
    test(name, async () => {
      assert.match(await refused('RSA-OAEP-256', jwks), /^jwks\b/);
    });
  }
});

test('keys without encryption are kept as they are', async () => {
  const jwks = { keys: [{ ...rsa, use: 'sig', kid: 'mine' }, { kty: 'LATTICE', z: [1] }] };
  const response = await postMetadata(server, { redirect_uris: REDIRECT_URIS, jwks });
  assert.equal(response.status, 201);
  assert.deepEqual((await response.json()).jwks, jwks);
});

async function accept(alg, key) {
  const response = await register(alg, { keys: [key] });
  assert.equal(response.status, 201, await response.text());
}

async function refuseKey(alg, key) {
  const description = await refused(alg, { keys: [key] });
  assert.match(description, /^jwks\.keys\[0\]/);
  // The key itself, private members above all, is not repeated.
  const values = typeof key === 'object' ? Object.entries(key) : [];
  for (const [name, value] of values) {
    if (name.length <= 2 && String(value).length > 8) assert.ok(!description.includes(value), description);
  }
}

async function refused(alg, jwks) {
  const response = await register(alg, jwks);
  const body = await response.json();
  assert.equal(response.status, 400, JSON.stringify(body));
  assert.equal(body.error, 'invalid_client_metadata');
  return body.error_description;
}

function register(alg, jwks) {
  return postMetadata(server, { redirect_uris: REDIRECT_URIS, authorization_encrypted_response_alg: alg, jwks });
}
