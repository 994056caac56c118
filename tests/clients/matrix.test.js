// Every response type in every response mode, by GET and by POST.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { createLocalJWKSet, jwtVerify } from 'jose';

import { Client, RESPONSE_TYPES } from './client.js';
import { generateKey } from './keys.js';
import { startServer } from './server.js';
import { REQUESTED_MODES, expected, expectedParameters } from './table.js';

const server = await startServer();
after(() => server.stop());
const client = await Client.register(server);
/** How the content is encrypted is left to the default: the key management algorithm alone decides. */
const encrypted = await Client.register(
  server,
  { authorization_encrypted_response_alg: 'ECDH-ES' },
  generateKey('X25519'),
);

for (const [kind, sender] of Object.entries({ signed: client, encrypted })) {
  for (const responseType of RESPONSE_TYPES) {
    for (const mode of REQUESTED_MODES) {
      describe(`${responseType} in ${mode ?? 'no mode'}, ${kind}`, () => {
        for (const method of ['GET', 'POST']) {
          test(`by ${method}`, () => check(sender, responseType, mode, method));
        }
      });
    }
  }
}

test('the order of values in response_type is irrelevant', async () => {
  const { mode, parameters } = await client.authorize({ response_type: 'token code id_token' });
  assert.equal(mode, 'fragment');
  assert.ok('id_token' in parameters);
});

async function check(sender, responseType, requestedMode, method) {
  const want = expected(responseType, requestedMode, { encrypted: sender === encrypted });
  const { state } = sender.request();
  const answer = await sender.authorize(
    { response_type: responseType, response_mode: requestedMode },
    method,
  );
  assert.equal(answer.mode, want.mode);
  assert.equal(answer.parameters.iss, server.url);
  assert.equal(answer.parameters.state, state);
  assert.equal(answer.parameters.error, want.error);
  if (want.error) return checkNames(answer, ['iss', 'state', 'error'], ['error_description', 'error_uri']);

  const { required, allowed } = expectedParameters(responseType);
  checkNames(answer, required, allowed);
  if (required.includes('access_token')) checkAccessToken(answer);
  if (required.includes('id_token')) await checkIdToken(sender, answer.parameters);
}

function checkNames({ parameters, claims }, required, allowed) {
  const names = Object.keys(parameters);
  assert.deepEqual(required.filter((name) => !names.includes(name)), [], 'missing');
  assert.deepEqual(names.filter((name) => ![...required, ...allowed].includes(name)), [], 'too much');
  if (!claims) return;
  const added = Object.keys(claims).filter((name) => !names.includes(name));
  assert.deepEqual(added.sort(), ['aud', 'exp', 'iat']);
}

function checkAccessToken({ parameters, claims }) {
  assert.equal(parameters.token_type.toLowerCase(), 'bearer');
  if (claims) assert.ok(Number.isInteger(claims.expires_in), 'expires_in is a JSON number');
  else assert.match(parameters.expires_in, /^[1-9][0-9]*$/);
}

async function checkIdToken(sender, { id_token: idToken, code, access_token: accessToken }) {
  const { payload, protectedHeader } = await jwtVerify(
    idToken,
    createLocalJWKSet(await sender.jwks()),
    { issuer: server.url, audience: sender.id },
  );
  assert.equal(payload.sub, 'alice');
  assert.equal(payload.nonce, sender.request().nonce);
  assert.equal(payload.c_hash, code && leftHalf(protectedHeader.alg, code));
  assert.equal(payload.at_hash, accessToken && leftHalf(protectedHeader.alg, accessToken));
}

/** `c_hash` and `at_hash` of OpenID Connect Core 3.3.2.11. */
function leftHalf(alg, value) {
  const digest = createHash(`sha${/\d{3}$/.exec(alg)?.[0] ?? 512}`).update(value).digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
}
