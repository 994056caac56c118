// A form that the user sent to the server is not sent to the client: the redirect behind it is a GET
// without a body, and stays one when the user reloads or goes back.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { Client } from '../clients/client.js';
import { startServer } from '../clients/server.js';
import { launch, openPage, signIn, startReceiver, submit } from './browser.js';

const MODES = ['query', 'fragment', 'query.jwt', 'fragment.jwt'];
const SETTLED = 500;

const server = await startServer({ flags: [], config: 'ask_before_errors = true\n' });
const receiver = await startReceiver();
const browser = await launch();
after(async () => {
  await browser.close();
  await receiver.stop();
  await server.stop();
});
const client = await Client.register(server, { redirect_uris: [receiver.url] });

/** By form, how the user gets to the client by it. */
const FORMS = {
  'the consent form': (page, mode) => signIn(page, client.authorizationUrl({ response_mode: mode })),
  'the consent form, refused': (page, mode) => signIn(page, client.authorizationUrl({ response_mode: mode }), 'deny'),
  'the form before an error': async (page, mode) => {
    await page.goto(client.authorizationUrl({ response_mode: mode, prompt: 'none login' }));
    await submit(page);
  },
};

for (const [name, send] of Object.entries(FORMS)) {
  describe(`behind ${name}`, () => {
    for (const mode of MODES) {
      test(mode, async (t) => {
        const { page, close } = await openPage(browser);
        t.after(close);
        const posted = page.waitForResponse((response) => response.request().method() === 'POST'
          && response.status() !== 200);
        await send(page, mode);
        await receiver.next().then(isBare);
        assert.equal((await posted).status(), 303);
        await page.waitForSelector('#arrived');

        await page.reload();
        await receiver.next().then(isBare);
        await page.goBack().catch(() => {}); // to a page that may not be kept
        await page.waitForTimeout(SETTLED);
        await page.goForward();
        await page.waitForSelector('#arrived');
        assert.ok(receiver.requests.length <= 1, 'forward alone may load it again');
        receiver.requests.splice(0).forEach(isBare);
      });
    }
  });
}

/** No form came with it. */
function isBare({ method, headers, body }) {
  assert.deepEqual([method, headers['content-type'], headers['content-length'], body], ['GET', undefined, undefined, '']);
}
