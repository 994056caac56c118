// Headless Chromium, a person who signs in, and a client's callback that records what arrives.
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';

const STEP_LIMIT = 15_000;
const LAUNCH_FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: LAUNCH_FLAGS,
    timeout: 60_000,
  });
}

/**
 * Opens a page of its own session. `complaints` collects console errors, dialogs and faults of
 * that page and of every window it opens.
 */
export async function openPage(browser, { javaScriptEnabled = true } = {}) {
  const context = await browser.newContext({ javaScriptEnabled });
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

/** A client's callback on an origin of its own: keeps every request to `/callback`. */
export async function startReceiver() {
  const waiting = [];
  const requests = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url, headers } = request;
    response.setHeader('content-type', 'text/html;charset=utf-8');
    response.end('<!doctype html><title>arrived</title><link rel="icon" href="data:,"><p id="arrived">arrived</p>');
    if (!url.startsWith('/callback')) return;
    requests.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
    waiting.splice(0).forEach((wake) => wake());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${server.address().port}/callback`,
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
