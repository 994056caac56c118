// SIGHUP: another configuration and other keys are in force for the next request, or everything
// stays as it was.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { readAnswer } from './answer.js';
import { Client, discover, getJson, postMetadata, send } from './client.js';
import { forms } from './page.js';
import { startServerFor } from './server.js';
import { Session } from './session.js';

const REDIRECT_URI = 'https://client.example/callback';
const KEYS = ['--auto-approve', '--keys', 'keys'];
const LAX = '[jarm]\n';
const STRICT = '[jarm]\nrequire_jarm = true\n';

const key = (server, name) => join(server.directory, 'keys', name);

/** Puts another file into force. */
async function reload(server, config) {
  if (config !== undefined) await server.configure(config);
  assert.match(await server.reload(), /INFO .*\breloaded: /);
}

/** The line that says why nothing has changed. */
async function refusedReload(server) {
  const line = await server.reload();
  assert.match(line, /ERROR .*\bnot reloaded, everything stays as it was: /);
  return line;
}

describe('what is faulty leaves everything in force', () => {
  const client = `[[client]]\nclient_id = "mine"\nredirect_uris = ["${REDIRECT_URI}"]\n`;
  const faults = {
    'an unknown key': ['[jarm]\nresponse_jwt_lifetme = 60\n', 'config.toml: jarm.response_jwt_lifetme: '],
    'a lifetime': ['[jarm]\nresponse_jwt_lifetime = 3600\n', 'config.toml: jarm.response_jwt_lifetime: '],
    'a mode that there is not': ['[[jarm.response_mode]]\nname = "from_post"\n', 'config.toml: jarm.response_mode[0].name: '],
    'a setting laxer than its profile': ['[jarm]\nprofile = "fapi2-message-signing"\nallowed_signing_algs = ["RS256"]\n', 'config.toml: jarm.allowed_signing_algs[0]: '],
    'a client that would fail': [`${STRICT}${client}response_modes = ["query"]\n`, 'config.toml: client[0].'],
    'another issuer': ['[jarm]\nissuer = "https://other.example"\n', 'config.toml: jarm.issuer: '],
    'no TOML': ['[jarm\n', 'config.toml: TOML parse error at line 1'],
  };
  for (const [name, [config, expected]] of Object.entries(faults)) {
    test(name, async (t) => {
      const server = await startServerFor(t, { config: `${LAX}${client}` });
      const mine = new Client(server, {
        client_id: 'mine', redirect_uris: [REDIRECT_URI], authorization_signed_response_alg: 'RS256',
      });
      const before = await discover(server);
      await server.configure(config);
      const line = await refusedReload(server);
      assert.ok(line.includes(expected), line);
      assert.deepEqual(await discover(server), before);
      for (const mode of ['query', 'query.jwt']) {
        const { parameters } = await mine.authorize({ response_mode: mode });
        assert.ok(parameters.code, mode);
      }
      await reload(server, `${LAX}${client}`);
    });
  }

  test('a file that is not there any more', async (t) => {
    const server = await startServerFor(t, { config: LAX });
    await rm(join(server.directory, 'config.toml'));
    assert.match(await refusedReload(server), /config\.toml: /);
    assert.ok(await discover(server));
  });

  test('a broken key', async (t) => {
    const server = await startServerFor(t, { config: LAX, flags: KEYS });
    const published = await getJson(`${server.url}/jwks`);
    await writeFile(key(server, 'p-256-2.pem'), 'no key');
    assert.match(await refusedReload(server), /p-256-2\.pem: /);
    assert.deepEqual(await getJson(`${server.url}/jwks`), published);
    await rm(key(server, 'p-256-2.pem'));
    await reload(server);
  });

  test('no key at all', async (t) => {
    const server = await startServerFor(t, { config: LAX, flags: KEYS });
    for (const name of await readdir(key(server, ''))) {
      if (name.endsWith('.pem')) await rm(key(server, name));
    }
    assert.match(await refusedReload(server), /keys: /);
    const client = await Client.register(server);
    assert.ok((await client.authorize({ response_mode: 'jwt' })).parameters.code);
  });
});

test('a stricter policy is in force for the next request, and a laxer one as well', async (t) => {
  const server = await startServerFor(t, { config: LAX });
  const client = await Client.register(server, { response_types: ['code'] });
  const ask = () => client.authorize({ response_mode: 'query' });
  assert.ok((await ask()).parameters.code);
  await reload(server, STRICT);
  const { mode, parameters } = await ask();
  assert.deepEqual([mode, parameters.error], ['query.jwt', 'invalid_request']);
  const { parameters: signed } = await client.authorize({ response_mode: 'query.jwt' });
  assert.ok(signed.code);
  await reload(server, LAX);
  assert.ok((await ask()).parameters.code);
});

for (const decision of ['approve', 'deny']) {
  test(`what waits for the user is not answered against the new policy: ${decision}`, async (t) => {
    const server = await startServerFor(t, { config: LAX, flags: [] });
    const client = await Client.register(server, { response_types: ['code'] });
    const [plain, signed] = [new Session(), new Session()];
    const waiting = await plain.logIn(client, { response_mode: 'query' });
    const other = await signed.logIn(client, { response_mode: 'query.jwt' });
    await reload(server, STRICT);
    const { response, html } = await plain.submit(waiting, { decision });
    assert.equal(response.status, 500);
    assert.equal(response.headers.get('location'), null);
    assert.deepEqual(forms(html), []);
    assert.ok(!html.includes(REDIRECT_URI) && !html.includes(client.request().state));
    const answer = await readAnswer(client, (await signed.submit(other, { decision })).response);
    assert.equal(answer.mode, 'query.jwt');
  });
}

test('a mode and an algorithm that are taken out vanish, and the key stays for the overlap', async (t) => {
  const server = await startServerFor(t, { config: LAX, flags: KEYS });
  const signing = async () => (await discover(server)).authorization_signing_alg_values_supported;
  const metadata = { authorization_signed_response_alg: 'ES384', response_types: ['code'] };
  const client = await Client.register(server, metadata);
  const { header } = await client.authorize({ response_mode: 'jwt' });
  assert.ok((await signing()).includes('ES384'));
  assert.ok((await discover(server)).response_modes_supported.includes('form_post'));

  await rm(key(server, 'p-384.pem'));
  const modes = ['query', 'fragment', 'query.jwt', 'fragment.jwt', 'form_post.jwt', 'jwt'];
  await reload(server, modes.map((name) => `[[jarm.response_mode]]\nname = "${name}"\n`).join(''));
  assert.deepEqual((await discover(server)).response_modes_supported, modes);
  assert.ok(!(await signing()).includes('ES384'));
  const { parameters } = await client.authorize({ response_mode: 'form_post' });
  assert.equal(parameters.error, 'invalid_request');
  const refused = await postMetadata(server, { redirect_uris: [REDIRECT_URI], ...metadata });
  assert.equal(refused.status, 400);
  assert.match((await refused.json()).error_description, /^authorization_signed_response_alg: /);
  // Whoever was registered with it gets no answer with another algorithm.
  const page = await client.send({ response_mode: 'jwt' });
  assert.equal(page.status, 500);
  assert.equal(page.headers.get('location'), null);
  // What was signed with it a moment ago is still to be verified.
  const { keys } = await getJson(`${server.url}/jwks`);
  assert.ok(keys.some(({ kid }) => kid === header.kid));
});

test('a new key is published at once and signs when it can be known, beside the old one', async (t) => {
  const server = await startServerFor(t, { config: '[jarm]\njwks_max_age = 300\n', flags: KEYS });
  const client = await Client.register(server, { authorization_signed_response_alg: 'ES256' });
  const kid = async () => (await client.authorize({ response_mode: 'jwt' })).header.kid;
  const old = await kid();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeFile(key(server, 'p-256-2.pem.new'), privateKey.export({ format: 'pem', type: 'pkcs8' }));
  await rename(key(server, 'p-256-2.pem.new'), key(server, 'p-256-2.pem'));
  await reload(server);
  const response = await send(`${server.url}/jwks`);
  assert.equal(response.headers.get('cache-control'), 'max-age=300');
  const { keys } = await response.json();
  assert.equal(keys.filter(({ crv }) => crv === 'P-256').length, 2);
  assert.equal(await kid(), old);
  // The old file may go: its key signs until the new one takes over.
  await rm(key(server, 'p-256.pem'));
  await reload(server);
  assert.equal(await kid(), old);
});

test('clients of the file come and go, and those that registered themselves stay', async (t) => {
  const named = (id) => `[[client]]\nclient_id = "${id}"\nredirect_uris = ["${REDIRECT_URI}"]\n`;
  const of = (server, id) => new Client(server, { client_id: id, redirect_uris: [REDIRECT_URI] });
  const server = await startServerFor(t, { config: named('one') });
  const own = await Client.register(server);
  assert.ok((await of(server, 'one').authorize()).parameters.code);
  await reload(server, named('two'));
  assert.ok((await of(server, 'two').authorize()).parameters.code);
  assert.ok((await own.authorize()).parameters.code);
  const gone = await of(server, 'one').send();
  assert.equal(gone.status, 400);
  assert.equal(gone.headers.get('location'), null);
});
