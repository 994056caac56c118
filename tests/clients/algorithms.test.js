// Every signing algorithm, verified with jose and with jwcrypto.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { Client } from './client.js';
import { startServer } from './server.js';

const PYTHON = process.env.JARM_PYTHON ?? fileURLToPath(new URL('../.venv/bin/python', import.meta.url));
const PYTHON_LIMIT = 60_000;
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
const responses = [];

for (const alg of [...Object.keys(KEYS), ...SYMMETRIC]) {
  test(`${alg} verifies with jose`, async () => {
    const client = await Client.register(server, { authorization_signed_response_alg: alg });
    const { mode, header, parameters, jwt } = await client.authorize({ response_mode: 'jwt' });
    assert.equal(mode, 'query.jwt');
    assert.equal(header.alg, alg);
    assert.ok(parameters.code);
    const jwks = await client.jwks();
    if (alg in KEYS) checkKey(jwks, header);
    responses.push({ alg, jwt, jwks, issuer: server.url, client_id: client.id, client_secret: client.secret });
  });
}

test('all of them verify with jwcrypto', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'jarm-responses-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, 'responses.json');
  await writeFile(file, JSON.stringify(responses));
  const script = fileURLToPath(new URL('verify_jwcrypto.py', import.meta.url));
  const { stdout } = await promisify(execFile)(PYTHON, [script, file], { timeout: PYTHON_LIMIT });
  assert.equal(Number(stdout), Object.keys(KEYS).length + SYMMETRIC.length);
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
