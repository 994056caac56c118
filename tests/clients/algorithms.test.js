// Every signing algorithm, verified with jose and with jwcrypto.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { Client } from './client.js';
import { sample, verifyWithJwcrypto } from './jwcrypto.js';
import { startServer } from './server.js';

/** The key type, and for elliptic curves the curve, that each algorithm demands. */
const KEYS = {
  RS256: ['RSA'], RS384: ['RSA'], RS512: ['RSA'],
  PS256: ['RSA'], PS384: ['RSA'], PS512: ['RSA'],
  ES256: ['EC', 'P-256'], ES384: ['EC', 'P-384'], ES512: ['EC', 'P-521'],
  Ed25519: ['OKP', 'Ed25519'], EdDSA: ['OKP', 'Ed25519'],
};
const SYMMETRIC = ['HS256', 'HS384', 'HS512'];

const server = await startServer();
after(() => server.stop());
const samples = [];

for (const alg of [...Object.keys(KEYS), ...SYMMETRIC]) {
  test(`${alg} verifies with jose`, async () => {
    const client = await Client.register(server, { authorization_signed_response_alg: alg });
    const { mode, header, parameters, jwt } = await client.authorize({ response_mode: 'jwt' });
    assert.equal(mode, 'query.jwt');
    assert.equal(header.alg, alg);
    assert.ok(parameters.code);
    if (alg in KEYS) checkKey(await client.jwks(), header);
    samples.push(await sample(client, jwt));
  });
}

test('all of them verify with jwcrypto', async () => {
  const verified = Object.keys(KEYS).length + SYMMETRIC.length;
  assert.deepEqual(await verifyWithJwcrypto(samples), { verified, unknown: [] });
});

test('the published keys are public, and every kid is there once', async () => {
  const { keys } = await (await Client.register(server)).jwks();
  const kids = keys.map(({ kid }) => kid);
  assert.equal(new Set(kids).size, kids.length);
  for (const key of keys) {
    assert.notEqual(key.kty, 'oct');
    assert.deepEqual(['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].filter((name) => name in key), []);
  }
});

/** The key that `kid` names fits the algorithm, and claims no other. */
function checkKey({ keys }, { alg, kid }) {
  const named = keys.filter((key) => key.kid === kid);
  assert.equal(named.length, 1);
  const [{ kty, crv, use = 'sig', alg: own = alg }] = named;
  assert.deepEqual([kty, crv].filter(Boolean), KEYS[alg]);
  assert.equal(use, 'sig');
  assert.equal(own, alg);
}
