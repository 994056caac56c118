// Login and consent: the pending answer keeps its mode, and is worth nothing to anybody else.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { readAnswer } from './answer.js';
import { Client, RESPONSE_MODES } from './client.js';
import { generateKey } from './keys.js';
import { forms } from './page.js';
import { startServer } from './server.js';
import { Session } from './session.js';
import { expected } from './table.js';

const APPROVE = { decision: 'approve' };
const DENY = { decision: 'deny' };

const server = await startServer({ flags: [] });
after(() => server.stop());
const client = await Client.register(server);

const encrypted = await Client.register(
  server,
  { authorization_encrypted_response_alg: 'RSA-OAEP' },
  generateKey('RSA', { kid: 'mine' }),
);

for (const [kind, asking] of Object.entries({ signed: client, encrypted })) {
  for (const mode of RESPONSE_MODES) {
    for (const [decision, member, value] of [[APPROVE, 'code', /./], [DENY, 'error', /^access_denied$/]]) {
      test(`${decision.decision} is answered in ${mode}, ${kind}`, async () => {
        const session = new Session();
        const consent = await session.logIn(asking, { response_mode: mode });
        const answer = await readAnswer(asking, (await session.submit(consent, decision)).response);
        assert.equal(answer.mode, expected('code', mode).mode);
        assert.match(answer.parameters[member], value);
        assert.equal(answer.parameters.state, asking.request().state);
      });
    }
  }
}

test('prompt=none succeeds once the user has logged in and approved', async () => {
  const session = new Session();
  const silent = client.authorizationUrl({ prompt: 'none', response_mode: 'jwt' });
  const ask = async () => (await readAnswer(client, (await session.open(silent)).response)).parameters;
  assert.equal((await ask()).error, 'login_required');
  await session.submit(await session.logIn(client, {}), APPROVE);
  assert.ok((await ask()).code);
});

test('login and consent pages cannot be framed, cached or shared', async () => {
  const session = new Session();
  const pages = [await session.open(client.authorizationUrl()), await session.logIn(client, {})];
  for (const { response: { headers } } of pages) {
    assert.match(headers.get('cache-control'), /no-store/);
    assert.match(headers.get('content-security-policy'), /frame-ancestors 'none'/);
    assert.equal(headers.get('access-control-allow-origin'), null);
  }
  assert.match(pages[0].response.headers.get('set-cookie'), /HttpOnly/i);
});

describe('a pending answer', () => {
  const ready = async () => {
    const session = new Session();
    return [session, await session.logIn(client, { response_mode: 'query.jwt' })];
  };

  test('is used once', async () => {
    const [session, consent] = await ready();
    await session.submit(consent, APPROVE);
    for (const decision of [APPROVE, DENY]) assertRefused(await session.submit(consent, decision));
  });

  test('belongs to its session', async () => {
    const [, consent] = await ready();
    const [stranger] = await ready();
    assertRefused(await new Session().submit(consent, APPROVE));
    assertRefused(await stranger.submit(consent, APPROVE));
  });

  test('is not approved before anybody has logged in', async () => {
    const session = new Session();
    const login = await session.open(client.authorizationUrl());
    const jumped = { ...login, html: login.html.replace('action="login"', 'action="consent"') };
    assertRefused(await session.submit(jumped, APPROVE));
  });

  test('is broken by a change of any character', async () => {
    const [session, consent] = await ready();
    const [{ pairs }] = forms(consent.html);
    for (const [name, value] of pairs) {
      for (let at = 0; at < value.length; at += 1) {
        const other = value[at] === 'A' ? 'B' : 'A';
        const changed = value.slice(0, at) + other + value.slice(at + 1);
        assertRefused(await session.submit(consent, APPROVE, { [name]: changed }));
      }
    }
    const { response } = await session.submit(consent, APPROVE);
    assert.ok((await readAnswer(client, response)).parameters.code, 'and is sound without');
  });

  test('needs a decision', async () => {
    const [session, consent] = await ready();
    for (const decision of [{}, { decision: 'perhaps' }, { decision: ['approve', 'deny'] }]) {
      assertRefused(await session.submit(consent, decision));
    }
  });
});

function assertRefused({ response, html }) {
  assert.equal(response.status, 400, html);
  assert.equal(response.headers.get('location'), null);
  assert.ok(!forms(html).some(({ action }) => action === client.redirectUri));
}
