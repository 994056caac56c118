// Redirect URIs and state values come back byte for byte; pages and redirects protect themselves.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, describe, test } from 'node:test';

import { Client, RESPONSE_MODES } from './client.js';
import { attribute, elements, text } from './page.js';
import { startServer } from './server.js';
import { expected } from './table.js';

const REDIRECT_URIS = [
  'https://client.example/cb?keep=1&x=%20a+b&z',
  'https://client.example/cb?',
  'https://client.example/cb?a=1&lt=2&amp;b',
  "https://client.example/cb?q='1'",
  'https://client.example/cb?x=1;script-src',
  'https://client.example',
  'https://client.example?only=query',
  'https://CLIENT.example:443/../cb',
  'http://127.0.0.1:1/cb',
  'http://[::1]:1/cb',
];
const STATES = {
  'leading zeros': '007',
  'a word of JSON': 'true',
  null: 'null',
  'markup and an accent': 'st&<">é',
  'two thousand characters': 'x'.repeat(2000),
  'a script': `"'></form><script>alert(1)</script>`,
  'entities': '&amp;&#39;&lt',
  'a newline': 'one\ntwo',
  'right to left': 'שלום \u202e مرحبا',
  'an astral character': '🦀',
  'reserved characters': 'a=b&c+d%20e#f?g;h\\',
  blanks: '  two blanks  ',
};

const server = await startServer();
after(() => server.stop());

for (const uri of REDIRECT_URIS) {
  describe(`to ${uri}`, async () => {
    const client = await Client.register(server, { redirect_uris: [uri] });
    for (const mode of RESPONSE_MODES) {
      test(`in ${mode}`, async () => {
        for (const changes of [{}, { login_hint: 'deny' }]) {
          const answer = await client.authorize({ response_mode: mode, ...changes });
          assert.equal(answer.mode, expected('code', mode).mode);
          assert.equal(answer.parameters.state, client.request().state);
        }
      });
    }
  });
}

const client = await Client.register(server);

for (const [name, state] of Object.entries(STATES)) {
  describe(`state with ${name}`, () => {
    for (const mode of RESPONSE_MODES) {
      test(`in ${mode}`, async () => {
        for (const changes of [{}, { login_hint: 'deny' }]) {
          const { parameters } = await client.authorize({ response_mode: mode, state, ...changes });
          assert.equal(parameters.state, state);
        }
      });
    }
  });
}

for (const mode of RESPONSE_MODES) {
  test(`no state, or an empty one, comes back as none in ${mode}`, async () => {
    for (const state of [undefined, '']) {
      const { parameters } = await client.authorize({ response_mode: mode, state });
      assert.ok(!('state' in parameters));
    }
  });

  test(`a single registered redirect URI may be left out in ${mode}`, async () => {
    const { parameters } = await client.authorize({ response_mode: mode, scope: undefined, redirect_uri: undefined });
    assert.ok(parameters.code);
  });

  for (const changes of [{}, { login_hint: 'deny' }]) {
    test(`headers of ${changes.login_hint ? 'an error' : 'a success'} in ${mode}`, async () => {
      const response = await client.send({ response_mode: mode, ...changes }, 'GET', { origin: 'https://client.example' });
      const { headers } = response;
      assert.match(headers.get('cache-control'), /no-store/);
      assert.equal(headers.get('access-control-allow-origin'), null);
      if (mode.startsWith('form_post')) checkPage(headers, await response.text());
    });
  }
}

test('a preflight gets no CORS header from the authorization endpoint', async () => {
  const headers = { origin: 'https://client.example', 'access-control-request-method': 'POST' };
  const response = await fetch(`${server.url}/authorize`, { method: 'OPTIONS', headers });
  for (const name of response.headers.keys()) assert.ok(!name.startsWith('access-control-'), name);
});

function checkPage(headers, html) {
  assert.match(headers.get('content-type'), /^text\/html; ?charset=utf-8$/i);
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  assert.equal(headers.get('referrer-policy'), 'strict-origin');
  const policy = readPolicy(headers.get('content-security-policy'));
  assert.deepEqual(policy['default-src'], ["'none'"]);
  assert.deepEqual(policy['base-uri'], ["'none'"]);
  assert.deepEqual(policy['frame-ancestors'], ["'none'"]);
  assert.ok(!('form-action' in policy), 'form-action would stop redirects behind the POST');

  const scripts = elements(html, 'script');
  const hashes = scripts.map((script) => `'sha256-${createHash('sha256').update(text(script)).digest('base64')}'`);
  assert.equal(scripts.length, 1);
  assert.deepEqual(policy['script-src'], hashes);
  assert.ok(scripts.every((script) => attribute(script, 'src') === undefined));
  const handlers = ['html', 'body', 'form', 'input', 'button']
    .flatMap((name) => elements(html, name))
    .flatMap(({ attrs }) => attrs.filter(({ name }) => name.startsWith('on')));
  assert.deepEqual(handlers, []);

  const submits = [...elements(html, 'button'), ...elements(html, 'input')]
    .filter((element) => attribute(element, 'type') === 'submit');
  assert.ok(submits.length > 0, 'a button for browsers without JavaScript');
  assert.ok(submits.every((element) => attribute(element, 'name') === undefined), 'the button adds no parameter');
}

function readPolicy(header) {
  const directives = header.split(';').map((directive) => directive.trim().split(/\s+/));
  return Object.fromEntries(directives.filter(([name]) => name).map(([name, ...sources]) => [name, sources]));
}
