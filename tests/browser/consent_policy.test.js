// The content security policy of the consent page: browsers apply its `form-action` to the redirect
// that follows the form, so it names the client.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, test } from 'node:test';

import { Client } from '../clients/client.js';
import { startServer } from '../clients/server.js';
import { launch, openPage, signIn, startReceiver } from './browser.js';

const REDIRECT_MODES = ['query', 'fragment', 'query.jwt', 'fragment.jwt'];
const FORM_MODES = ['form_post', 'form_post.jwt'];
const DECISIONS = ['approve', 'deny'];
const POLICY = 'content-security-policy';
const SETTLED = 1_500;

const server = await startServer({ flags: [] });
const receiver = await startReceiver();
const browser = await launch();
after(async () => {
  await browser.close();
  await receiver.stop();
  await server.stop();
});
const { origin } = new URL(receiver.url);
const client = await Client.register(server, { redirect_uris: [receiver.url] });

/** Goes through login and consent; `change` rewrites the consent page's policy on its way. */
async function consent(t, mode, decision, { client: asking = client, change = (policy) => policy } = {}) {
  const { page, complaints, close } = await openPage(browser);
  t.after(close);
  const policies = [];
  await page.route('**/login', async (route) => {
    const response = await route.fetch();
    const headers = response.headers();
    headers[POLICY] = change(headers[POLICY]);
    policies.push(headers[POLICY]);
    await route.fulfill({ response, headers });
  });
  await signIn(page, asking.authorizationUrl({ response_mode: mode }), decision);
  assert.equal(policies.length, 1);
  return { page, complaints, policy: policies[0] };
}

for (const mode of [...REDIRECT_MODES, ...FORM_MODES]) {
  for (const decision of DECISIONS) {
    test(`${mode} arrives from a page that may post to itself and to the client alone, ${decision}`, async (t) => {
      const { page, complaints, policy } = await consent(t, mode, decision);
      assert.ok(policy.split('; ').includes(`form-action 'self' ${origin}`), policy);
      const { method } = await receiver.next();
      assert.equal(method, FORM_MODES.includes(mode) ? 'POST' : 'GET');
      await page.waitForSelector('#arrived');
      assert.deepEqual(complaints, []);
    });
  }
}

for (const mode of REDIRECT_MODES) {
  test(`${mode} is stopped where the page names itself alone`, async (t) => {
    const { page, complaints } = await consent(t, mode, 'approve', {
      change: (policy) => policy.replace(` ${origin}`, ''),
    });
    await page.waitForTimeout(SETTLED);
    assert.deepEqual(receiver.requests.splice(0), []);
    assert.match(complaints.join('\n'), /form-action/);
  });
}

test('a client that sends the browser on is stopped by a page that names that client alone', async (t) => {
  const elsewhere = receiver.url.replace('127.0.0.1', 'localhost');
  const seen = [];
  const goesOn = createServer((request, response) => {
    seen.push(request.url);
    response.writeHead(303, { location: elsewhere }).end();
  });
  await new Promise((resolve) => goesOn.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    goesOn.closeAllConnections();
    goesOn.close();
  });
  const redirectUri = `http://127.0.0.1:${goesOn.address().port}/callback`;
  const other = await Client.register(server, { redirect_uris: [redirectUri] });
  const arrives = async (change) => {
    const { page } = await consent(t, 'query.jwt', 'approve', { client: other, change });
    await page.waitForTimeout(SETTLED);
    return receiver.requests.splice(0).length;
  };
  assert.equal(await arrives(), 0);
  assert.equal(await arrives((policy) => policy.replace(/form-action [^;]*/, '')), 1);
  assert.equal(seen.length, 2, 'the client itself is reached');
});
