// The start page: every link tries one response type in one mode with the built-in client, which
// verifies what comes back.
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

test('every response type is there in every mode, and the built-in client verifies what arrives', async (t) => {
  const { page, complaints, close } = await openPage(browser);
  t.after(close);
  const tried = new Set();
  for (const link of await links(page)) {
    const { responseType, mode } = asked(link);
    tried.add(`${responseType} in ${mode}`);
    await page.goto(link);
    await page.waitForURL(`${server.url}/callback*`);
    const { error } = expected(responseType, mode);
    const shown = ['Verified', server.url, error].filter(Boolean);
    await page.waitForFunction((texts) => texts.every((text) => document.body.innerText.includes(text)), shown);
    if (!error) assert.ok(!(await page.innerText('body')).includes('invalid_request'), link);
  }
  const wanted = RESPONSE_TYPES.flatMap((type) => REQUESTED_MODES.map((mode) => `${type} in ${mode}`));
  assert.deepEqual(wanted.filter((pair) => !tried.has(pair)), []);
  assert.deepEqual(complaints.filter((complaint) => !complaint.includes('400 (Bad Request)')), []);
});

for (const mode of ['query.jwt', 'fragment.jwt', 'form_post.jwt']) {
  test(`a click on a link for ${mode} ends at the verified code`, async (t) => {
    const { page, complaints, close } = await openPage(browser);
    t.after(close);
    await page.goto(server.url);
    await page.click(`a[href$="?response_type=code&response_mode=${mode}"]`);
    await page.waitForSelector('h1:text-is("Verified")');
    const rows = await page.$$eval('tr', (all) => all.map(({ innerText }) => innerText.split(/\s+/)));
    const { code, state } = Object.fromEntries(rows);
    assert.ok(code && state, JSON.stringify(rows));
    assert.ok((await page.innerText('p:has-text("Issuer http")')).includes(JSON.parse(state)));
    assert.deepEqual(complaints, []);

    if (mode !== 'query.jwt') return;
    await page.reload();
    await page.waitForSelector('text=Nothing here is verified');
  });
}

test('what arrives unasked is shown as not verified, out of the fragment, too', async (t) => {
  const { page, complaints, close } = await openPage(browser);
  t.after(close);
  for (const mode of ['query.jwt', 'fragment.jwt', 'form_post.jwt']) {
    const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
    await page.goto(`${server.url}/authorize?client_id=demo&response_type=code&response_mode=${mode}&scope=openid`
      + `&state=typed-by-hand&code_challenge=${challenge}&code_challenge_method=S256`);
    await page.waitForSelector('text=Nothing here is verified');
    assert.ok((await page.innerText('body')).includes('typed-by-hand'));
  }
  assert.deepEqual(complaints, []);
});

test('what was refused can be taken apart', async (t) => {
  const [own, other] = [await openPage(browser), await openPage(browser)];
  t.after(() => Promise.all([own.close(), other.close()]));
  const link = `${server.url}/begin?response_type=code&response_mode=query.jwt`;
  await other.page.goto(link);
  await own.page.request.get(link, { maxRedirects: 0 }); // whose answer is not waited for
  await own.page.goto(other.page.url());
  await own.page.waitForSelector('h1:text-is("Refused")');
  await own.page.click('button');
  await own.page.waitForSelector('h1:text-is("Verified")');
  const steps = await own.page.$$eval('td code', (all) => all.slice(0, 5).map(({ innerText }) => innerText));
  assert.deepEqual(steps, ['decryption', 'issuer', 'audience', 'expiry', 'signature']);
});

/** The links of the start page that ask for authorization. */
async function links(page) {
  await page.goto(server.url);
  const all = await page.$$eval('a', (anchors) => anchors.map(({ href }) => href));
  return all.filter((href) => new URL(href).pathname === '/begin');
}

function asked(link) {
  const query = new URL(link).searchParams;
  return { responseType: query.get('response_type'), mode: query.get('response_mode') ?? ABSENT };
}
