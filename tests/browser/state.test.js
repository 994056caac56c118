// What a client sends as `state` comes back through the browser as it was, and runs nothing.
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';

import { readLocation, verifyResponse } from '../clients/answer.js';
import { Client } from '../clients/client.js';
import { startServer } from '../clients/server.js';
import { launch, openPage, startReceiver, submit } from './browser.js';
import { CONTROLS, STATES } from './states.js';

const FORM_MODES = ['form_post', 'form_post.jwt'];
const REDIRECT_MODES = ['query', 'fragment', 'query.jwt', 'fragment.jwt'];

const server = await startServer();
const receiver = await startReceiver();
const browser = await launch();
const scripted = await openPage(browser);
const unscripted = await openPage(browser, { javaScriptEnabled: false });
after(async () => {
  await browser.close();
  await receiver.stop();
  await server.stop();
});
afterEach(() => {
  assert.deepEqual(receiver.requests.splice(0), [], 'nothing arrives twice');
  for (const { complaints } of [scripted, unscripted]) assert.deepEqual(complaints.splice(0), []);
});
const client = await Client.register(server, { redirect_uris: [receiver.url] });

const CASES = Object.entries(STATES).map(([name, state]) => [name, { sent: state, posted: state }])
  .concat(Object.entries(CONTROLS));

for (const mode of REDIRECT_MODES) {
  describe(mode, () => {
    for (const [name, { sent }] of CASES) {
      test(`state with ${name}`, async () => {
        const { page } = scripted;
        await page.goto(client.authorizationUrl({ response_mode: mode, state: sent }));
        await receiver.next();
        const { parameters } = readLocation(client.redirectUri, page.url());
        assert.equal((await opened(mode, parameters)).state, sent);
      });
    }
  });
}

for (const mode of FORM_MODES) {
  for (const [who, { page }, send] of [
    ['the page itself', scripted, () => {}],
    ['hand without JavaScript', unscripted, submit],
  ]) {
    describe(`${mode} submitted by ${who}`, () => {
      for (const [name, { sent, posted }] of CASES) {
        test(`state with ${name}`, async () => {
          await page.goto(client.authorizationUrl({ response_mode: mode, state: sent }));
          await send(page);
          const { body } = await receiver.next();
          await page.waitForSelector('#arrived');
          const { state } = await opened(mode, Object.fromEntries(new URLSearchParams(body)));
          assert.equal(state, mode === 'form_post' ? posted : sent);
        });
      }
    });
  }
}

/** The parameters themselves, out of the JWT where there is one. */
async function opened(mode, parameters) {
  if (!mode.endsWith('.jwt')) return parameters;
  assert.deepEqual(Object.keys(parameters), ['response']);
  return (await verifyResponse(client, parameters.response)).claims;
}
