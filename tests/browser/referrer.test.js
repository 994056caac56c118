// What the client learns about the page from which the browser comes: `Origin` and `Referer`, as
// `page.referrer_policy` has it. The URL of that page holds the authorization request.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { Client } from '../clients/client.js';
import { startServer } from '../clients/server.js';
import { launch, openPage, signIn, startReceiver, submit } from './browser.js';

const FORM_MODES = ['form_post', 'form_post.jwt'];
const REDIRECT_MODES = ['query.jwt', 'fragment.jwt'];
/** Whether the client is told the origin, by policy; without one it is the default. */
const POLICIES = [[undefined, true], ['strict-origin', true], ['no-referrer', false], ['same-origin', false]];

const receiver = await startReceiver();
const browser = await launch();
after(async () => {
  await browser.close();
  await receiver.stop();
});

for (const [policy, isTold] of POLICIES) {
  test(`of a form post and of a redirect, referrer_policy ${policy ?? 'not set'}`, async (t) => {
    const config = policy && `[jarm.page]\nreferrer_policy = "${policy}"\n`;
    const server = await startServer({ flags: [], config });
    t.after(() => server.stop());
    const client = await Client.register(server, { redirect_uris: [receiver.url] });
    const arrived = async (mode, options) => {
      const { page, close } = await openPage(browser, options);
      t.after(close);
      await signIn(page, client.authorizationUrl({ response_mode: mode }));
      if (options) await submit(page);
      const { headers: { origin, referer } } = await receiver.next();
      await page.waitForSelector('#arrived');
      return { origin, referer };
    };
    const referer = isTold ? `${server.url}/` : undefined;
    const origin = isTold ? server.url : 'null';
    for (const mode of FORM_MODES) {
      for (const options of [undefined, { javaScriptEnabled: false }]) {
        assert.deepEqual(await arrived(mode, options), { origin, referer }, mode);
      }
    }
    for (const mode of REDIRECT_MODES) {
      assert.deepEqual(await arrived(mode), { origin: undefined, referer }, mode);
    }
  });
}
