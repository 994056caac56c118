// huskarl as the client, which is written in Rust and shares no code with the server: signed responses
// to a code flow, which is what it has.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Client, getJson } from '../clients/client.js';
import { startServer } from '../clients/server.js';
import {
  arrivedAt, mutated, responseOf, rewritten, verify, withResponse,
} from '../clients/verifier.js';

const HUSKARL = process.env.JARM_HUSKARL
  ?? fileURLToPath(new URL('../../target/judges/debug/huskarl-judge', import.meta.url));
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'Ed25519', 'EdDSA'];
/** The algorithms that it does not have. */
const UNKNOWN = ['ES512', 'HS256', 'HS384', 'HS512'];
const MODES = ['jwt', 'query.jwt', 'form_post.jwt'];
const DENIED = { login_hint: 'deny' };

const server = await startServer();
after(() => server.stop());
// The judge only verifies what has come already: it is not to push a request of its own first.
const { pushed_authorization_request_endpoint: _, ...metadata } = await getJson(
  `${server.url}/.well-known/oauth-authorization-server`,
);
const jwks = await getJson(metadata.jwks_uri);
const successes = await makeCases(ALGORITHMS, {});
const errors = await makeCases(ALGORITHMS, DENIED);

describe('it verifies a response', () => {
  for (const alg of ALGORITHMS) {
    test(alg, async () => {
      const own = successes.filter(({ client }) => client.authorization_signed_response_alg === alg);
      for (const [index, result] of (await verify(HUSKARL, own)).entries()) {
        assert.deepEqual(result, { verified: true, parameters: { code: claims(own[index]).code } });
      }
    });
  }
});

test('it verifies an error before it believes it', async () => {
  for (const [index, result] of (await verify(HUSKARL, errors)).entries()) {
    const { error, error_description: description = null } = claims(errors[index]);
    assert.equal(error, 'access_denied');
    assert.deepEqual(result, { verified: true, parameters: { error, error_description: description } });
  }
});

const JWT = /JARM response JWT validation failed/;
const REFUSALS = {
  'another signature': [JWT, (one) => withResponse(one, mutated(responseOf(one.arrived), 2))],
  'another code': [JWT, (one) => withResponse(one, rewritten(responseOf(one.arrived), 1, { code: 'evil' }))],
  'another issuer': [JWT, (one) => ({ ...one, metadata: { ...metadata, issuer: `${metadata.issuer}/` } })],
  'another client': [JWT, (one) => ({ ...one, client: { ...one.client, client_id: 'somebody' } })],
  'another algorithm': [JWT, (one) => ({ ...one, client: { ...one.client, authorization_signed_response_alg: another(one.client) } })],
  'another state': [/state mismatch/, (one) => ({ ...one, transaction: { ...one.transaction, state: 'stale' } })],
};
for (const [name, [expected, change]] of Object.entries(REFUSALS)) {
  test(`it refuses ${name}`, async () => {
    for (const { verified, reason } of await verify(HUSKARL, [...successes, ...errors].map(change))) {
      assert.equal(verified, false);
      assert.match(reason, expected);
    }
  });
}

test('these are the algorithms that it does not have', async () => {
  for (const { verified, reason } of await verify(HUSKARL, await makeCases(UNKNOWN, {}))) {
    assert.equal(verified, false);
    assert.match(reason, JWT);
  }
});

async function makeCases(algorithms, changes) {
  const cases = [];
  for (const alg of algorithms) {
    const client = await Client.register(server, { authorization_signed_response_alg: alg });
    for (const mode of MODES) cases.push(await makeCase(client, mode, changes));
  }
  return cases;
}

async function makeCase(client, mode, changes) {
  return {
    metadata,
    jwks,
    client: client.metadata,
    transaction: { response_mode: mode, state: client.request().state },
    arrived: await arrivedAt(client.redirectUri, await client.send({ response_mode: mode, ...changes })),
  };
}

/** The algorithm behind a client's own. */
function another({ authorization_signed_response_alg: own }) {
  return ALGORITHMS[(ALGORITHMS.indexOf(own) + 1) % ALGORITHMS.length];
}

function claims({ arrived }) {
  return JSON.parse(Buffer.from(responseOf(arrived).split('.')[1], 'base64url'));
}
