// The whole client on another site than the server: the browser keeps its cookie back from a form
// that the server's page posts, and a fragment to itself.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { startServer } from '../clients/server.js';
import { startClient } from '../clients/whole_client.js';
import { launch, openPage, startReceiver } from './browser.js';

const LOGGED_IN = 'Logged in, with a Bearer token.';
const NO_ICON = /status of 404/;
/** By mode, the requests to the callback: method, who caused it, and whether the cookie came along. */
const CALLBACKS = {
  jwt: [['GET', 'none', true]],
  'query.jwt': [['GET', 'none', true]],
  'form_post.jwt': [['POST', 'cross-site', false], ['POST', 'same-origin', true]],
  'fragment.jwt': [['GET', 'none', true], ['POST', 'same-origin', true]],
};

const server = await startServer();
const browser = await launch();
after(async () => {
  await browser.close();
  await server.stop();
});

for (const [mode, expected] of Object.entries(CALLBACKS)) {
  test(`logs in with ${mode} from another site`, async (t) => {
    const client = await startClient(server, { host: 'localhost', mode });
    t.after(() => client.stop());
    const { page, complaints, close } = await openPage(browser);
    t.after(close);
    const requests = [];
    page.on('request', (request) => {
      if (new URL(request.url()).pathname === '/callback') requests.push(request);
    });
    await page.goto(client.url);
    await page.getByText(LOGGED_IN).waitFor();
    assert.equal(new URL(page.url()).origin, client.url);
    const callbacks = await Promise.all(requests.map(async (request) => {
      const headers = await request.allHeaders();
      return [request.method(), headers['sec-fetch-site'], 'cookie' in headers];
    }));
    assert.deepEqual(callbacks, expected);
    assert.deepEqual(complaints.filter((complaint) => !NO_ICON.test(complaint)), []);
  });
}

for (const mode of ['form_post.jwt', 'fragment.jwt']) {
  test(`may send the user on to another origin from a callback that was posted once more, ${mode}`, async (t) => {
    const elsewhere = await startReceiver();
    t.after(() => elsewhere.stop());
    const client = await startClient(server, { host: 'localhost', mode, afterwards: elsewhere.url });
    t.after(() => client.stop());
    const { page, complaints, close } = await openPage(browser);
    t.after(close);
    await page.goto(client.url);
    const { method, headers, body } = await elsewhere.next();
    await page.waitForURL(elsewhere.url);
    assert.deepEqual([method, body, headers.referer], ['GET', '', undefined]);
    assert.deepEqual(complaints.filter((complaint) => !NO_ICON.test(complaint)), []);
  });
}

test('says what to do where nothing arrives', async (t) => {
  const client = await startClient(server, { host: 'localhost' });
  t.after(() => client.stop());
  const { page, complaints, close } = await openPage(browser);
  t.after(close);
  await page.goto(`${client.url}/callback`);
  assert.match(await page.innerText('body'), /try again/);
  assert.deepEqual(complaints.filter((complaint) => !NO_ICON.test(complaint)), []);
});

test('sends a form once more by hand without JavaScript', async (t) => {
  const client = await startClient(server, { host: 'localhost', mode: 'form_post.jwt' });
  t.after(() => client.stop());
  const { page, close } = await openPage(browser, { javaScriptEnabled: false });
  t.after(close);
  await page.goto(client.url);
  await page.click('button, input[type=submit]');
  await page.waitForURL(`${client.url}/callback`);
  await page.click('button');
  await page.getByText(LOGGED_IN).waitFor();
});
