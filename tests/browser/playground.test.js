// The start page: every link tries one response type in one mode with the built-in client.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { RESPONSE_TYPES } from '../clients/client.js';
import { startServer } from '../clients/server.js';
import { ABSENT, REQUESTED_MODES, expected } from '../clients/table.js';
import { launch, openPage } from './browser.js';

const server = await startServer();
const browser = await launch();
after(async () => {
  await browser.close();
  await server.stop();
});

test('every response type is there in every mode, and the callback shows what arrived', async (t) => {
  const { page, complaints, close } = await openPage(browser);
  t.after(close);
  await page.goto(server.url);
  const links = (await page.$$eval('a', (anchors) => anchors.map(({ href }) => href)))
    .filter((href) => new URL(href).pathname === '/authorize');
  const tried = new Set();
  for (const link of links) {
    const query = new URL(link).searchParams;
    const responseType = query.get('response_type');
    const mode = query.get('response_mode') ?? ABSENT;
    tried.add(`${responseType} in ${mode}`);
    await page.goto(link);
    await page.waitForURL(`${server.url}/callback*`);
    const { error } = expected(responseType, mode);
    const shown = [query.get('state'), server.url, error].filter(Boolean);
    await page.waitForFunction((texts) => texts.every((text) => document.body.innerText.includes(text)), shown);
    if (!error) assert.ok(!(await page.innerText('body')).includes('invalid_request'), link);
  }
  const wanted = RESPONSE_TYPES.flatMap((type) => REQUESTED_MODES.map((mode) => `${type} in ${mode}`));
  assert.deepEqual(wanted.filter((pair) => !tried.has(pair)), []);
  assert.deepEqual(complaints, []);
});
