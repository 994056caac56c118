// The example of a whole client logs in at the demonstration server, and believes nothing else.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { decodeProtectedHeader } from 'jose';

import { postForm, send } from './client.js';
import { startServer } from './server.js';
import { Session } from './session.js';
import { mutated } from './verifier.js';
import { startClient } from './whole_client.js';

const REFUSED = {
  status: 400,
  type: 'text/plain; charset=utf-8',
  cache: 'no-store',
  text: 'The authorization response is not valid. Go back and try again.',
};
const SOURCE = new URL('../../examples/client/src/main.rs', import.meta.url);

const server = await startServer();
const client = await startClient(server);
after(async () => {
  await client.stop();
  await server.stop();
});

/** Begins a login and answers with where the server sends the browser. */
async function logIn(session, changes = {}) {
  const begun = await session.open(client.url);
  assert.equal(begun.response.status, 303);
  const request = new URL(begun.response.headers.get('location'));
  for (const [name, value] of Object.entries(changes)) request.searchParams.set(name, value);
  const { status, headers } = await send(request.href);
  assert.equal(status, 303);
  return new URL(headers.get('location'));
}

/** Everything that is refused is answered alike. */
async function assertRefused(session, url) {
  const { response: { status, headers }, html: text } = await session.open(url);
  const [type, cache] = ['content-type', 'cache-control'].map((name) => headers.get(name));
  assert.deepEqual({ status, type, cache, text }, REFUSED);
}

test('logs in with a response that is signed and encrypted', async () => {
  const session = new Session();
  const callback = await logIn(session);
  assert.equal(callback.origin, client.url);
  assert.deepEqual([...callback.searchParams.keys()], ['response']);
  const jwe = callback.searchParams.get('response');
  assert.equal(jwe.split('.').length, 5);
  const { alg, cty } = decodeProtectedHeader(jwe);
  assert.deepEqual({ alg, cty }, { alg: 'ECDH-ES+A128KW', cty: 'JWT' });
  const { response, html } = await session.open(callback);
  assert.deepEqual([response.status, html], [200, 'Logged in, with a Bearer token.\n']);
});

test('tells the error of a verified response', async () => {
  const session = new Session();
  const { html, response } = await session.open(await logIn(session, { login_hint: 'deny' }));
  assert.equal(response.status, 500);
  assert.match(html, /access_denied/);
});

test('refuses a response that arrives again', async () => {
  const session = new Session();
  const callback = await logIn(session);
  assert.equal((await session.open(callback)).response.status, 200);
  await assertRefused(session, callback);
});

for (const [part, name] of ['header', 'key', 'vector', 'content', 'tag'].entries()) {
  test(`refuses a response whose ${name} was changed`, async () => {
    const session = new Session();
    const callback = await logIn(session);
    const changed = mutated(callback.searchParams.get('response'), part);
    callback.searchParams.set('response', changed);
    await assertRefused(session, callback);
  });
}

test('refuses a code without its JWT, and an error', async () => {
  for (const query of ['code=c0de&state=s', 'error=access_denied']) {
    const session = new Session();
    await logIn(session);
    await assertRefused(session, `${client.url}/callback?${query}`);
  }
});

test('refuses what another browser asked for', async () => {
  const [victim, attacker] = [new Session(), new Session()];
  const callback = await logIn(attacker);
  await assertRefused(new Session(), callback);
  await logIn(victim);
  await assertRefused(victim, callback);
});

test('refuses a response in another way than was asked for', async () => {
  const session = new Session();
  const { href, searchParams } = await logIn(session);
  const cookie = [...session.cookies].map((pair) => pair.join('=')).join('; ');
  const response = await postForm(href.split('?')[0], Object.fromEntries(searchParams), { cookie });
  assert.equal(response.status, 400);
});

test('the whole client has less than 120 lines', async () => {
  const lines = (await readFile(SOURCE, 'utf8')).trimEnd().split('\n');
  assert.ok(lines.length < 120, `${lines.length}`);
});
