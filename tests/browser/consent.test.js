// Response modes through a real browser: login, consent, and the way back to the client.
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';

import { readLocation, verifyResponse } from '../clients/answer.js';
import { Client } from '../clients/client.js';
import { startServer } from '../clients/server.js';
import { launch, openPage, signIn, startReceiver, submit } from './browser.js';
import { STATES } from './states.js';

const STATE = STATES['a script'];
const FORM_MODES = ['form_post', 'form_post.jwt'];
const REDIRECT_MODES = ['query', 'fragment', 'query.jwt', 'fragment.jwt'];

const server = await startServer({ flags: [] });
const receiver = await startReceiver();
const browser = await launch();
after(async () => {
  await browser.close();
  await receiver.stop();
  await server.stop();
});
afterEach(() => assert.deepEqual(receiver.requests.splice(0), [], 'nothing arrives twice'));
const client = await Client.register(server, { redirect_uris: [`${receiver.url}?keep=%20a+b&z`] });

for (const mode of FORM_MODES) {
  describe(mode, () => {
    test('is submitted by the page itself', (t) => submitted(t, mode));
    test('is submitted by hand without JavaScript', (t) => submitted(t, mode, { javaScriptEnabled: false }));

    test('carries the refusal of the user', async (t) => {
      const { page } = await open(t);
      await signIn(page, client.authorizationUrl({ response_mode: mode }), 'deny');
      const { error, code } = await posted(mode, await receiver.next());
      assert.deepEqual([error, code], ['access_denied', undefined]);
    });
  });
}

for (const mode of REDIRECT_MODES) {
  test(`${mode} arrives by GET, without the consent form`, async (t) => {
    const { page, complaints } = await open(t);
    await signIn(page, client.authorizationUrl({ response_mode: mode, state: STATE }));
    const { method, body } = await receiver.next();
    await page.waitForSelector('#arrived');
    assert.deepEqual([method, body], ['GET', '']);
    const { mode: carrier, parameters } = readLocation(client.redirectUri, page.url());
    assert.equal(carrier, mode.split('.')[0]);
    const { state, code } = await opened(mode, parameters);
    assert.equal(state, STATE);
    assert.ok(code);
    assert.deepEqual(complaints, []);
  });
}

async function open(t, options) {
  const session = await openPage(browser, options);
  t.after(async () => {
    session.complaints.forEach((complaint) => t.diagnostic(complaint));
    await session.close();
  });
  return session;
}

/** Goes through login and consent to the form page, and reads what the client receives. */
async function submitted(t, mode, options = {}) {
  const { page, complaints } = await open(t, options);
  await signIn(page, client.authorizationUrl({ response_mode: mode, state: STATE }));
  if (options.javaScriptEnabled === false) await submit(page);
  const request = await receiver.next();
  await page.waitForSelector('#arrived');
  const parameters = await posted(mode, request);
  assert.equal(parameters.state, STATE);
  assert.ok(parameters.code);
  assert.deepEqual(complaints, []);
}

async function posted(mode, { method, url, headers, body }) {
  assert.equal(method, 'POST');
  assert.equal(url, client.redirectUri.slice(new URL(receiver.url).origin.length));
  assert.equal(headers['content-type'], 'application/x-www-form-urlencoded');
  assert.equal(headers.origin, server.url);
  return opened(mode, Object.fromEntries(new URLSearchParams(body)));
}

/** The parameters themselves, out of the JWT where there is one. */
async function opened(mode, parameters) {
  if (!mode.endsWith('.jwt')) return parameters;
  assert.deepEqual(Object.keys(parameters), ['response']);
  return (await verifyResponse(client, parameters.response)).claims;
}
