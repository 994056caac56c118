// `form-action` in the content security policies of the consent page and of the form page: browsers
// apply it to every redirect that follows the form, the client's own among them.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { Client } from '../clients/client.js';
import { startServer } from '../clients/server.js';
import { launch, openPage, signIn, startReceiver, submit } from './browser.js';

const REDIRECT_MODES = ['query', 'fragment', 'query.jwt', 'fragment.jwt'];
const FORM_MODES = ['form_post', 'form_post.jwt'];
const DECISIONS = ['approve', 'deny'];
const POLICY = 'content-security-policy';
const SETTLED = 1_500;

const server = await startServer({ flags: [] });
const strict = await startServer({ flags: [], config: '[jarm.page]\nform_action = "target"\n' });
const receiver = await startReceiver();
const browser = await launch();
after(async () => {
  await browser.close();
  await receiver.stop();
  await strict.stop();
  await server.stop();
});
const { origin } = new URL(receiver.url);
const client = await Client.register(server, { redirect_uris: [receiver.url] });

/** Goes through login and consent; `change` rewrites the consent page's policy on its way. */
async function consent(t, mode, decision, options = {}) {
  const { client: asking = client, change = (policy) => policy, javaScriptEnabled } = options;
  const { page, complaints, close } = await openPage(browser, { javaScriptEnabled });
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

describe('a client that sends the browser on to another origin', () => {
  const elsewhere = receiver.url.replace('127.0.0.1', 'localhost');
  const clientOf = async (t, asked) => {
    const callback = await startReceiver({ sendsOn: elsewhere });
    t.after(() => callback.stop());
    return { callback, client: await Client.register(asked, { redirect_uris: [callback.url] }) };
  };

  for (const mode of FORM_MODES) {
    for (const javaScriptEnabled of [true, false]) {
      test(`is reached and followed in ${mode}, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async (t) => {
        const { callback, client: other } = await clientOf(t, server);
        const options = { client: other, javaScriptEnabled };
        const { page, complaints, policy } = await consent(t, mode, 'approve', options);
        assert.ok(policy.endsWith(`form-action 'self' ${new URL(callback.url).origin}`), policy);
        if (!javaScriptEnabled) await submit(page);
        assert.equal((await callback.next()).method, 'POST');
        await page.waitForURL(elsewhere);
        assert.deepEqual([(await receiver.next()).method, callback.requests], ['GET', []]);
        assert.deepEqual(complaints, []);
      });
    }

    test(`is reached and not followed in ${mode} where form_action is "target"`, async (t) => {
      const { callback, client: other } = await clientOf(t, strict);
      const { page, complaints } = await consent(t, mode, 'approve', { client: other });
      assert.equal((await callback.next()).method, 'POST');
      await page.waitForTimeout(SETTLED);
      assert.deepEqual(receiver.requests.splice(0), []);
      assert.match(complaints.join('\n'), /form-action/);
    });
  }

  test('is reached and not followed from a consent page that names the client alone', async (t) => {
    const { callback, client: other } = await clientOf(t, server);
    const arrives = async (change) => {
      const { page } = await consent(t, 'query.jwt', 'approve', { client: other, change });
      await page.waitForTimeout(SETTLED);
      return receiver.requests.splice(0).length;
    };
    assert.equal(await arrives(), 0);
    assert.equal(await arrives((policy) => policy.replace(/form-action [^;]*/, '')), 1);
    assert.equal(callback.requests.length, 2, 'the client itself is reached');
  });
});
