// The mode of one's own, chosen by the configuration file alone: window.postMessage to the client.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { verifyResponse } from '../clients/answer.js';
import { Client, RESPONSE_TYPES, getJson } from '../clients/client.js';
import { startServer } from '../clients/server.js';
import { launch, openPage, startReceiver } from './browser.js';
import { CONTROLS, STATES } from './states.js';

const MODES = ['web_message', 'web_message.jwt'];
const STATE = STATES['a script'];
const MESSAGE_LIMIT = 10_000;
const SILENCE = 1_000;

const config = ['query', ...MODES].map((name) => `[[jarm.response_mode]]\nname = "${name}"\n`).join('');
const server = await startServer({ config });
const asking = await startServer({ config, flags: [] });
const receiver = await startReceiver();
const stranger = await startReceiver();
const browser = await launch();
after(async () => {
  await browser.close();
  await stranger.stop();
  await receiver.stop();
  await asking.stop();
  await server.stop();
});
const client = await Client.register(server, { redirect_uris: [`${receiver.url}?keep=1`] });

/** The two ways in which a client page can hold the authorization request: a window that it opened, and a frame. */
const HOLDERS = {
  window: (url) => { window.open(url); },
  frame: (url) => { document.body.append(Object.assign(document.createElement('iframe'), { src: url })); },
};
/** Runs in a page: `window.message` becomes the first message, or `null` when time is over. */
const LISTEN = (milliseconds) => {
  window.message = new Promise((resolve) => {
    window.addEventListener('message', ({ origin, data }) => resolve({ origin, data }));
    setTimeout(resolve, milliseconds, null);
  });
};

test('both modes are in the metadata', async () => {
  const metadata = await getJson(`${server.url}/.well-known/openid-configuration`);
  assert.deepEqual(MODES.filter((mode) => !metadata.response_modes_supported.includes(mode)), []);
});

for (const mode of MODES) {
  for (const [name, hold] of Object.entries(HOLDERS)) {
    describe(`${mode} to the client's ${name}`, () => {
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
        const { message, complaints } = await messageFrom(t, stranger, hold, { response_mode: mode }, SILENCE);
        assert.equal(message, null);
        assert.match(complaints.join('\n'), hold === HOLDERS.frame ? /frame-ancestors/ : /target origin/);
      });
    });
  }

  describe(`${mode} carries`, () => {
    const states = Object.entries(CONTROLS).map(([name, { sent }]) => [name, sent]);
    for (const [name, state] of Object.entries(STATES).concat(states)) {
      test(`state with ${name}`, async (t) => {
        const request = { response_mode: mode, state };
        const { message, complaints } = await messageFrom(t, receiver, HOLDERS.window, request, MESSAGE_LIMIT);
        assert.equal((await opened(mode, message.data.response)).state, state);
        assert.deepEqual(complaints, []);
      });
    }
  });

  for (const [decision, member] of [['approve', 'code'], ['deny', 'error']]) {
    test(`${mode} to the client from a window in which the user has decided, ${decision}`, async (t) => {
      const [page, popup, { decider }] = await undecided(t, mode);
      await popup.click(`button[value=${decision}]`);
      const { origin, data } = await page.evaluate(() => window.message);
      assert.equal(origin, asking.url);
      assert.ok(member in await opened(mode, data.response, decider));
    });
  }

  test(`${mode} does not reach a page of another origin to which the opener has gone on`, async (t) => {
    const [page, popup, { complaints }] = await undecided(t, mode);
    await listenAt(page, stranger, SILENCE);
    await popup.click('button[value=approve]');
    assert.equal(await page.evaluate(() => window.message), null);
    assert.match(complaints.join('\n'), /target origin/);
  });

  test(`${mode} does not reach the client's page in a frame of another origin`, async (t) => {
    const { page, complaints, close } = await openPage(browser);
    t.after(close);
    await listenAt(page, stranger, SILENCE);
    const { href } = new URL('/client', receiver.url);
    await page.evaluate(HOLDERS.frame, href);
    const frame = await page.waitForSelector('iframe').then((element) => element.contentFrame());
    await frame.waitForSelector('#arrived');
    await frame.evaluate(LISTEN, SILENCE);
    await frame.evaluate(HOLDERS.frame, client.authorizationUrl({ response_mode: mode }));
    assert.deepEqual([await frame.evaluate(() => window.message), await page.evaluate(() => window.message)], [null, null]);
    assert.match(complaints.join('\n'), /frame-ancestors/);
  });
}

test('no callback was requested', () => assert.deepEqual([receiver.requests, stranger.requests], [[], []]));

/** Opens a page of an origin, lets it hold the request, and waits for the first message. */
async function messageFrom(t, origin, hold, request, limit) {
  const { page, complaints, close } = await openPage(browser);
  t.after(close);
  await listenAt(page, origin, limit);
  await page.evaluate(hold, client.authorizationUrl(request));
  return { message: await page.evaluate(() => window.message), complaints };
}

/** Opens a page that waits for the first message: `window.message`, or `null` after `limit`. */
async function listenAt(page, { url }, limit) {
  await page.goto(new URL('/client', url).href);
  await page.evaluate(LISTEN, limit);
}

/** The client's page, and the window that it opened, in which the user has logged in. */
async function undecided(t, mode) {
  const { page, complaints, close } = await openPage(browser);
  t.after(close);
  const decider = await Client.register(asking, { redirect_uris: [receiver.url] });
  await listenAt(page, receiver, MESSAGE_LIMIT);
  const opening = page.waitForEvent('popup');
  await page.evaluate(HOLDERS.window, decider.authorizationUrl({ response_mode: mode }));
  const popup = await opening;
  await popup.fill('input[name=username]', 'alice');
  await popup.click('button[type=submit]');
  await popup.waitForSelector('button[value=approve]');
  return [page, popup, { complaints, decider }];
}

async function opened(mode, parameters, asked = client) {
  if (!mode.endsWith('.jwt')) return parameters;
  assert.deepEqual(Object.keys(parameters), ['response']);
  return (await verifyResponse(asked, parameters.response)).claims;
}
