// Headless Chromium, a person who signs in, and a client's callback that records what arrives.
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { chromium } from 'playwright-core';

const STEP_LIMIT = 15_000;
const LAUNCH_FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];
const ARRIVED = '<!doctype html><title>arrived</title><link rel="icon" href="data:,"><p id="arrived">arrived</p>';

/** `hosts` are names that stand for addresses, such as `{ 'client.example': '127.0.0.1:8443' }`. */
export function launch({ hosts = {} } = {}) {
  const rules = Object.entries(hosts).map(([name, address]) => `MAP ${name} ${address}`);
  const flags = rules.length > 0 ? [`--host-resolver-rules=${rules.join(',')}`] : [];
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: [...LAUNCH_FLAGS, ...flags],
    timeout: 60_000,
  });
}

/**
 * Opens a page of its own session. `complaints` collects console errors, dialogs and faults of
 * that page and of every window it opens.
 */
export async function openPage(browser, { javaScriptEnabled = true } = {}) {
  // The certificates of these tests are nobody's.
  const context = await browser.newContext({ javaScriptEnabled, ignoreHTTPSErrors: true });
  context.setDefaultTimeout(STEP_LIMIT);
  const complaints = [];
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  context.on('weberror', (fault) => complaints.push(String(fault.error())));
  context.on('dialog', async (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  return { page: await context.newPage(), complaints, close: () => context.close() };
}

/** Fills in the login form and decides on the consent form. */
export async function signIn(page, url, decision = 'approve') {
  await page.goto(url);
  await page.fill('input[name=username]', 'alice');
  await submit(page);
  await page.click(`button[name=decision][value=${decision}]`);
}

/** Presses the only submit button of a page. */
export function submit(page) {
  return page.click('button[type=submit], input[type=submit]');
}

/**
 * A client's callback on an origin of its own: keeps every request to `path`, and answers with a
 * page, or with a 303 to `sendsOn`. `tls` is `{ key, cert }`.
 */
export async function startReceiver({ path = '/callback', sendsOn, tls } = {}) {
  const waiting = [];
  const requests = [];
  const answer = async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url, headers } = request;
    const isCallback = url.startsWith(path);
    if (isCallback && sendsOn) response.writeHead(303, { location: sendsOn }).end();
    else response.writeHead(200, { 'content-type': 'text/html;charset=utf-8' }).end(ARRIVED);
    if (!isCallback) return;
    requests.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
    waiting.splice(0).forEach((wake) => wake());
  };
  const server = tls ? createTlsServer(tls, answer) : createServer(answer);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${server.address().port}${path}`,
    requests,
    async next() {
      if (requests.length === 0) {
        await new Promise((resolve, reject) => {
          const limit = setTimeout(() => reject(new Error('nothing arrived')), STEP_LIMIT);
          waiting.push(() => { clearTimeout(limit); resolve(); });
        });
      }
      return requests.shift();
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
