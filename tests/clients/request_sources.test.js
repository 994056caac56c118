// openid-client 6 pushes requests, signs them, and pushes what it signed; what is changed on the way
// either does not matter or ends at the server.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { importJWK } from 'jose';
import * as openid from 'openid-client-6';

import { Client, postForm, send } from './client.js';
import { generateKey, publicHalf } from './keys.js';
import { configure, discover, grant, receive } from './openid_client_6.js';
import { startServer } from './server.js';

const server = await startServer();
after(() => server.stop());
const discovered = await discover(server);

const SIGNING = new Map([['PS256', 'RSA'], ['ES256', 'P-256'], ['Ed25519', 'Ed25519'], ['EdDSA', 'Ed25519']]
  .map(([alg, kind]) => [alg, generateKey(kind, { kid: `sig-${alg}`, use: 'sig', alg })]));
const DECRYPTION = new Map([['RSA-OAEP-256', 'RSA'], ['ECDH-ES+A128KW', 'P-256']]
  .map(([alg, kind]) => [alg, generateKey(kind, { kid: `enc-${alg}`, use: 'enc' })]));
const ENCRYPTION = [undefined, ...DECRYPTION.keys()];
/** What somebody on the way puts beside the request. */
const TAMPERED = { response_mode: 'fragment', state: 'tampered', scope: 'none', redirect_uri: 'https://evil.example/' };

describe('PAR', () => {
  for (const encrypted of ENCRYPTION) {
    test(`pushed, then answered ${describeAnswer(encrypted)}`, async () => {
      const client = await register('ES256', encrypted);
      await complete(client, await pushed(client));
    });
  }
});

for (const [alg] of SIGNING) {
  for (const encrypted of ENCRYPTION) {
    test(`JAR with ${alg}, answered ${describeAnswer(encrypted)}`, async () => {
      const client = await register(alg, encrypted);
      await complete(client, await signed(client));
    });
    test(`PAR with JAR with ${alg} inside, answered ${describeAnswer(encrypted)}`, async () => {
      const client = await register(alg, encrypted);
      const { searchParams } = await signed(client);
      await complete(client, await pushed(client, searchParams));
    });
  }
}

test('a client that registered no algorithm may sign with any for which it has a key', async () => {
  for (const [alg] of SIGNING) {
    const client = await register(alg, undefined, { request_object_signing_alg: undefined });
    await complete(client, await signed(client));
  }
});

test('a request_uri is answered once', async () => {
  const client = await register('ES256');
  const url = await pushed(client);
  await complete(client, url);
  await isLocalPage(url);
});

test('a request_uri is of no use to another client', async () => {
  const url = await pushed(await register('ES256'));
  const other = await register('ES256');
  url.searchParams.set('client_id', other.registered.id);
  await isLocalPage(url);
});

describe('a request object that is not the client’s, or not for now or here', () => {
  const now = () => Math.floor(Date.now() / 1000);
  const changes = {
    'a tampered payload': { after: (jwt) => retold(jwt, (claims) => { claims.state = 'tampered'; }) },
    'a tampered signature': { after: (jwt) => jwt.slice(0, -3) + (jwt.endsWith('AAA') ? 'BBB' : 'AAA') },
    'a wrong aud': { before: (_, claims) => { claims.aud = 'https://other.example'; } },
    expired: { before: (_, claims) => { Object.assign(claims, { exp: now() - 60, iat: now() - 120, nbf: now() - 120 }); } },
    'not valid yet': { before: (_, claims) => { claims.nbf = now() + 120; } },
    'without exp': { before: (_, claims) => { delete claims.exp; } },
    'another client_id': { before: (_, claims) => { claims.client_id = 'another'; } },
    'the typ of an access token': { before: (header) => { header.typ = 'at+jwt'; } },
    'a critical extension': { before: (header) => { header.crit = ['exp']; } },
    'another key': { key: generateKey('P-256') },
    'an unknown kid': { kid: 'unknown' },
    'alg none': { after: (jwt) => `${encode({ alg: 'none' })}.${jwt.split('.')[1]}.` },
  };
  for (const [name, change] of Object.entries(changes)) {
    test(`${name} is refused by page and, where it is pushed, as JSON`, async () => {
      const client = await register('ES256');
      const url = await signed(client, change);
      if (change.after) url.searchParams.set('request', change.after(url.searchParams.get('request')));
      // Sound parameters beside it do not help.
      for (const [key, value] of Object.entries(client.registered.request())) url.searchParams.set(key, value);
      await isLocalPage(url);
      await assert.rejects(pushed(client, url.searchParams), { error: 'invalid_request_object', status: 400 });
    });
  }
});

test('what cannot be answered is refused where it is pushed', async () => {
  const client = await register('ES256');
  for (const [changes, error] of [
    [{ response_type: 'token', response_mode: 'query.jwt' }, 'invalid_request'],
    [{ response_type: 'unknown' }, 'unsupported_response_type'],
    [{ redirect_uri: 'https://evil.example/' }, 'invalid_request'],
    [{ scope: 'none' }, 'invalid_scope'],
    [{ state: ['one', 'two'] }, 'invalid_request'],
    [{ request_uri: 'https://client.example/request.jwt' }, 'request_uri_not_supported'],
  ]) {
    const request = client.registered.request(changes);
    const response = await postForm(`${server.url}/par`, request, client.registered.basic());
    assert.equal(response.status, 400, JSON.stringify(changes));
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.equal((await response.json()).error, error, JSON.stringify(changes));
  }
});

function describeAnswer(encrypted) {
  return encrypted ? `encrypted by ${encrypted}` : 'signed';
}

/** A client that signs its requests with `alg`; `encrypted` is how its answers are encrypted. */
async function register(alg, encrypted, changes = {}) {
  const signing = SIGNING.get(alg);
  const decryption = encrypted ? [DECRYPTION.get(encrypted)] : [];
  const registered = await Client.register(server, {
    request_object_signing_alg: alg,
    authorization_encrypted_response_alg: encrypted,
    jwks: { keys: [signing, ...decryption].map(publicHalf) },
    ...changes,
  });
  const config = await configure(discovered, registered, ...decryption);
  return { registered, config, alg, signing };
}

/** The authorization URL with a request object that the library signs. */
async function signed({ registered, config, alg, signing }, { before, key = signing, kid = signing.kid } = {}) {
  const options = {
    // The library names the algorithm of an Ed25519 key by its new name alone.
    [openid.modifyAssertion]: (header, claims) => {
      header.alg = alg;
      before?.(header, claims);
    },
  };
  const { client_id: _, ...request } = registered.request();
  return openid.buildAuthorizationUrlWithJAR(config, request, { key: await importJWK(key, alg), kid }, options);
}

/** The authorization URL with the handle of a request that the library pushes. */
function pushed({ registered, config }, parameters = registered.request()) {
  return openid.buildAuthorizationUrlWithPAR(config, parameters);
}

/** Goes to a URL, and comes back with tokens, whatever is put beside its parameters. */
async function complete({ registered, config }, url) {
  const tampered = new URL(url);
  for (const [name, value] of Object.entries(TAMPERED)) tampered.searchParams.set(name, value);
  const received = await receive(await send(tampered));
  assert.deepEqual([...received.searchParams.keys()], ['response']);
  const tokens = await grant(config, { registered, received });
  assert.ok(tokens.access_token);
  assert.equal(tokens.claims().sub, 'alice');
}

async function isLocalPage(url) {
  const response = await send(url);
  assert.equal(response.status, 400);
  assert.equal(response.headers.get('location'), null);
  assert.doesNotMatch(await response.text(), /<form/);
}

function encode(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** A JWT with other claims under the same signature. */
function retold(jwt, change) {
  const [header, payload, signature] = jwt.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url'));
  change(claims);
  return [header, encode(claims), signature].join('.');
}
