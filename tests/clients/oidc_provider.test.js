// Responses that npm's oidc-provider made, verified by this project's client; jose says what is in
// them.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { compactDecrypt, createLocalJWKSet, importJWK, jwtVerify } from 'jose';

import { COMBINATIONS, CONTENT_ENCRYPTION, KEY_MANAGEMENT, derivedKey } from './encryption.js';
import { bare, generateKey, publicHalf } from './keys.js';
import { startProvider } from './oidc_provider.js';
import { Session } from './session.js';
import {
  VERIFIER, arrivedAt, mutated, responseOf, rewritten, verify, withResponse,
} from './verifier.js';

const REDIRECT_URI = 'https://client.example/callback';
const SECRET = 'a-client-secret-with-at-least-sixty-four-octets-of-utf8-text-0123456789';
const ALGORITHMS = [
  'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'Ed25519', 'EdDSA',
  'HS256', 'HS384', 'HS512',
];
const MODES = ['jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt'];
const HYBRID = 'code id_token token';
/** Claims that are the JWT's own, and no response parameters. */
const OF_THE_JWT = ['iss', 'aud', 'exp', 'iat', 'nbf', 'jti'];

const SUCCESSES = MODES.map((mode) => ({ response_type: 'code', response_mode: mode }));
const HYBRIDS = ['jwt', 'fragment.jwt', 'form_post.jwt']
  .flatMap((mode) => [HYBRID, 'code id_token'].map((type) => ({ response_type: type, response_mode: mode })));
/** Nobody is logged in, or the request is wrong; what the client reads is `error`. */
const ERRORS = [...SUCCESSES, { response_type: HYBRID, response_mode: 'jwt' }]
  .flatMap((request) => [{ ...request, prompt: 'none', error: 'login_required' }, { ...request, prompt: 'foo', error: 'invalid_request' }]);
const SIGNED_REQUESTS = [...SUCCESSES, ...HYBRIDS, ...ERRORS];
/** What may travel in a query, too, where it is encrypted. */
const ENCRYPTED_SUCCESSES = [
  ...SUCCESSES,
  ...HYBRIDS,
  { response_type: HYBRID, response_mode: 'query.jwt' },
];

const KEYS = new Map(['RSA', 'P-256', 'P-384', 'P-521', 'X25519'].map((kind) => [kind, generateKey(kind, { use: 'enc' })]));
const signed = ALGORITHMS.map((alg) => ({ name: alg, metadata: metadata(alg, alg) }));
const encrypted = COMBINATIONS.map(encryptedClient);

const provider = await startProvider(ALGORITHMS, [...signed, ...encrypted].map(({ metadata: own }) => own));
after(() => provider.stop());
const stranger = new Session();
const user = await provider.logIn(authorizationUrl(signed[0], SUCCESSES[0]));

const requests = [
  ...signed.flatMap((client) => SIGNED_REQUESTS.map((request) => ({ client, request }))),
  ...encrypted.flatMap((client, index) => [ENCRYPTED_SUCCESSES, ERRORS]
    .map((of) => ({ client, request: of[index % of.length] }))),
];
const cases = [];
for (const { client, request } of requests) cases.push(await makeCase(client, request));
const results = await verify(VERIFIER, cases);

describe('every response is verified, and read as jose reads it', () => {
  for (const [index, { client, request }] of requests.entries()) {
    const { response_type: type, response_mode: mode, error } = request;
    test(`${client.name}: ${type} in ${mode}${error ? `, ${error}` : ''}`, async () => {
      const { verified, parameters, ...refusal } = results[index];
      assert.ok(verified, JSON.stringify(refusal));
      assert.deepEqual(parameters, await read(client, responseOf(cases[index].arrived)));
      assert.equal(parameters.state, state(client, request));
      assert.equal(parameters.error, error);
      assert.equal('code' in parameters, error === undefined);
      if (type === HYBRID && !error) assert.equal(parameters.expires_in, 600, 'a number');
    });
  }
});

const signingAlgorithm = register('authorization_signed_response_alg', another(ALGORITHMS));
const keyManagement = register('authorization_encrypted_response_alg', (own) => another(sameKeys(own))(own));
const contentEncryption = register('authorization_encrypted_response_enc', another(Object.keys(CONTENT_ENCRYPTION)));
/** What is changed in a case that was verified, and the step that refuses it then (JARM 2.4). */
const CHANGES = {
  'another signature': { of: signed, change: mutate(2), step: 'signature' },
  'another code': { of: signed, change: rewrite(1, { code: 'evil' }), step: 'signature' },
  'another signing algorithm': { of: signed, change: signingAlgorithm, step: 'signature' },
  'another JWE header': { of: encrypted, change: rewrite(0, { x: 1 }), step: 'decryption' },
  'another content': { of: encrypted, change: mutate(3), step: 'decryption' },
  'another tag': { of: encrypted, change: mutate(4), step: 'decryption' },
  'another key management algorithm': { of: encrypted, change: keyManagement, step: 'decryption' },
  'another content encryption': { of: encrypted, change: contentEncryption, step: 'decryption' },
  'another signing algorithm within': { of: encrypted, change: signingAlgorithm, step: 'signature' },
  'another issuer': { change: (one) => ({ ...one, issuer: `${one.issuer}/` }), step: 'issuer' },
  'another client': { change: register('client_id', () => 'somebody'), step: 'audience' },
  'another state': { change: transaction({ state: 'stale' }), step: 'state' },
  'another way to the client': { change: elsewhere, step: 'arrival' },
  'a JWT where none was asked for': { change: plainMode, step: 'arrival' },
};
for (const [name, { of = [...signed, ...encrypted], change, step }] of Object.entries(CHANGES)) {
  test(`refused: ${name}`, async () => {
    const changed = of.map((client) => change(firstCase(client)));
    for (const [index, { verified, parameters, ...refusal }] of (await verify(VERIFIER, changed)).entries()) {
      const said = `${of[index].name}: ${JSON.stringify(refusal)}`;
      assert.equal(verified, false, said);
      assert.equal(parameters, undefined, said);
      assert.equal(refusal.step, step, said);
    }
  });
}

test('refused: a response that is signed alone, for a client that has registered encryption', async () => {
  const changed = signed.map((client) => encryptedResponses(firstCase(client)));
  for (const { verified, step } of await verify(VERIFIER, changed)) {
    assert.deepEqual([verified, step], [false, 'decryption']);
  }
});

test('there are so many cases', () => {
  assert.equal(signed.length, 14);
  assert.equal(encrypted.length, (4 + 4 * 4 + 7) * 6);
  assert.equal(cases.length, 14 * (4 + 6 + 10) + 162 * 2);
});

function metadata(clientId, alg) {
  return {
    client_id: clientId,
    client_secret: SECRET,
    redirect_uris: [REDIRECT_URI],
    response_types: ['code', 'code id_token', HYBRID],
    grant_types: ['authorization_code', 'implicit'],
    authorization_signed_response_alg: alg,
  };
}

/** Every signing algorithm has its turn, and every other key is registered without `kid`. */
function encryptedClient({ alg, kind, enc, index }) {
  const name = `${alg}, ${kind}, ${enc}`;
  const key = KEYS.has(kind) ? { ...KEYS.get(kind), ...(index % 2 && { kid: kind }) } : undefined;
  return {
    name,
    key,
    metadata: {
      ...metadata(`client-${index}`, ALGORITHMS[index % ALGORITHMS.length]),
      authorization_encrypted_response_alg: alg,
      authorization_encrypted_response_enc: enc,
      ...(key && { jwks: { keys: [publicHalf(key)] } }),
    },
  };
}

function state(client, { response_type: type, response_mode: mode }) {
  return `${client.name} ${type} ${mode}`;
}

function authorizationUrl(client, request) {
  const { error, ...parameters } = request;
  return `${provider.issuer}/auth?${new URLSearchParams({
    client_id: client.metadata.client_id,
    redirect_uri: REDIRECT_URI,
    scope: 'openid',
    nonce: 'n-0S6_WzA2Mj',
    state: state(client, request),
    ...parameters,
  })}`;
}

async function makeCase(client, request) {
  const session = request.error ? stranger : user;
  const { response } = await session.open(authorizationUrl(client, request));
  return {
    issuer: provider.issuer,
    client: client.metadata,
    jwks: provider.jwks,
    decryption_keys: decryptionKeys(client.key),
    transaction: {
      response_type: request.response_type,
      response_mode: request.response_mode,
      state: state(client, request),
    },
    arrived: await arrivedAt(REDIRECT_URI, response),
  };
}

/** The client has keys of all kinds; the `kid` tells which, and without one there is only one. */
function decryptionKeys(key) {
  if (!key) return [];
  return key.kid ? [...KEYS].map(([kind, one]) => ({ ...one, kid: kind })) : [key];
}

/** The response parameters, as jose verifies and reads them. */
async function read({ metadata: own, key }, response) {
  const { authorization_encrypted_response_alg: alg, authorization_encrypted_response_enc: enc } = own;
  const jws = alg ? await decrypt(response, { alg, enc, key }) : response;
  const signedWith = own.authorization_signed_response_alg;
  const { payload } = await jwtVerify(
    jws,
    signedWith.startsWith('HS') ? new TextEncoder().encode(SECRET) : createLocalJWKSet(provider.jwks),
    { algorithms: [signedWith], issuer: provider.issuer, audience: own.client_id, requiredClaims: ['exp'] },
  );
  return Object.fromEntries(Object.entries(payload).filter(([name]) => !OF_THE_JWT.includes(name)));
}

async function decrypt(response, { alg, enc, key }) {
  const material = key ? await importJWK(bare(key), alg) : derivedKey(alg, enc, SECRET);
  const options = { keyManagementAlgorithms: [alg], contentEncryptionAlgorithms: [enc] };
  return new TextDecoder().decode((await compactDecrypt(response, material, options)).plaintext);
}

function firstCase(client) {
  return cases[requests.findIndex((request) => request.client === client)];
}

// What changes a case.

function mutate(part) {
  return (one) => withResponse(one, mutated(responseOf(one.arrived), part));
}

function rewrite(part, members) {
  return (one) => withResponse(one, rewritten(responseOf(one.arrived), part, members));
}

/** Has the client another value of a member of its metadata, which `change` makes of its own. */
function register(name, change) {
  return (one) => ({ ...one, client: { ...one.client, [name]: change(one.client[name]) } });
}

function encryptedResponses(one) {
  const alg = register('authorization_encrypted_response_alg', () => 'dir');
  const enc = register('authorization_encrypted_response_enc', () => 'A128GCM');
  return alg(enc(one));
}

function transaction(changes) {
  return (one) => ({ ...one, transaction: { ...one.transaction, ...changes } });
}

/** The value behind a client's own, in a list. */
function another(values) {
  return (own) => values[(values.indexOf(own) + 1) % values.length];
}

/** The key management algorithms that work with the keys of this one. */
function sameKeys(alg) {
  return Object.keys(KEY_MANAGEMENT).filter((other) => KEY_MANAGEMENT[other][0] === KEY_MANAGEMENT[alg][0]);
}

function plainMode(one) {
  const [where] = Object.keys(one.arrived);
  return transaction({ response_mode: where })(one);
}

/** The same parameters, but not where the mode puts them. */
function elsewhere(one) {
  const [[where, encoded]] = Object.entries(one.arrived);
  return { ...one, arrived: { [where === 'form_post' ? 'fragment' : 'form_post']: encoded } };
}
