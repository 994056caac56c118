// The mode of one's own, chosen by the configuration file alone: window.postMessage to the client.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { verifyResponse } from '../clients/answer.js';
import { Client, RESPONSE_TYPES, getJson } from '../clients/client.js';
import { startServer } from '../clients/server.js';
import { launch, openPage, startReceiver } from './browser.js';

const MODES = ['web_message', 'web_message.jwt'];
const STATE = `</script><script>alert(1)</script>"' & שלום \u2028 é 🦀`;
const MESSAGE_LIMIT = 10_000;
const SILENCE = 1_000;

const config = ['query', ...MODES].map((name) => `[[jarm.response_mode]]\nname = "${name}"\n`).join('');
const server = await startServer({ config });
const receiver = await startReceiver();
const stranger = await startReceiver();
const browser = await launch();
after(async () => {
  await browser.close();
  await stranger.stop();
  await receiver.stop();
  await server.stop();
});
const client = await Client.register(server, { redirect_uris: [`${receiver.url}?keep=1`] });

/** The two ways in which a client page can hold the authorization request. */
const HOLDERS = {
  'a window that it opened': (url) => { window.open(url); },
  'a frame of its own': (url) => { document.body.append(Object.assign(document.createElement('iframe'), { src: url })); },
};

test('both modes are in the metadata', async () => {
  const metadata = await getJson(`${server.url}/.well-known/openid-configuration`);
  assert.deepEqual(MODES.filter((mode) => !metadata.response_modes_supported.includes(mode)), []);
});

for (const mode of MODES) {
  for (const [name, hold] of Object.entries(HOLDERS)) {
    describe(`${mode} to the client from ${name}`, () => {
      for (const responseType of RESPONSE_TYPES) {
        test(responseType, async (t) => {
          const request = { response_type: responseType, response_mode: mode, state: STATE };
          const { message, complaints } = await messageFrom(t, receiver, hold, request, MESSAGE_LIMIT);
          assert.equal(message.origin, server.url);
          assert.equal(message.data.type, 'authorization_response');
          const parameters = await opened(mode, message.data.response);
          assert.equal(parameters.error, undefined);
          assert.equal(parameters.state, STATE);
          assert.equal(parameters.iss, server.url);
          assert.equal('code' in parameters, responseType.split(' ').includes('code'));
          assert.deepEqual(complaints, []);
        });
      }

      test('an error', async (t) => {
        const request = { response_mode: mode, login_hint: 'deny' };
        const { message } = await messageFrom(t, receiver, hold, request, MESSAGE_LIMIT);
        assert.equal((await opened(mode, message.data.response)).error, 'access_denied');
      });

      test('nothing reaches a page of another origin', async (t) => {
        const { message } = await messageFrom(t, stranger, hold, { response_mode: mode }, SILENCE);
        assert.equal(message, null);
      });
    });
  }
}

test('no callback was requested', () => assert.deepEqual([receiver.requests, stranger.requests], [[], []]));

/** Opens a page of an origin, lets it hold the request, and waits for the first message. */
async function messageFrom(t, { url }, hold, request, limit) {
  const { page, complaints, close } = await openPage(browser);
  t.after(close);
  await page.goto(new URL('/client', url).href);
  await page.evaluate((milliseconds) => {
    window.message = new Promise((resolve) => {
      window.addEventListener('message', ({ origin, data }) => resolve({ origin, data }));
      setTimeout(resolve, milliseconds, null);
    });
  }, limit);
  await page.evaluate(hold, client.authorizationUrl(request));
  return { message: await page.evaluate(() => window.message), complaints };
}

async function opened(mode, parameters) {
  if (!mode.endsWith('.jwt')) return parameters;
  assert.deepEqual(Object.keys(parameters), ['response']);
  return (await verifyResponse(client, parameters.response)).claims;
}
