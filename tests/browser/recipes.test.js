// The front ends of docs/recipes.md: a script or htmx gets the answer, and takes the user to the client.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { decodeJwt } from 'jose';

import { readLocation } from '../clients/answer.js';
import { startProgram } from '../clients/program.js';
import { launch, openPage, startReceiver } from './browser.js';

const FIRST_LINE = /^(http:\/\/\S+)$/;
const MODES = ['query', 'fragment', 'form_post', 'query.jwt', 'fragment.jwt', 'form_post.jwt'];
const REDIRECT_URI = 'https://client.example/cb';
const STATE = `</script><script>alert(1)</script>"><b> & שלום`;
const OUTCOMES = {
  approve: { code: 'SplxlOBeZQQYbYS6WxSbIA', error: undefined },
  deny: { code: undefined, error: 'access_denied' },
};

const read = (path) => readFile(fileURLToPath(new URL(path, import.meta.url)));
const example = (variable, name) => startProgram(
  process.env[variable] ?? fileURLToPath(new URL(`../../target/debug/examples/${name}`, import.meta.url)),
  ['127.0.0.1:0'],
  { pattern: FIRST_LINE },
);
const TLS = '../../examples/authorization-server/tests/server/tls';
const tls = { key: await read(`${TLS}/server.key.pem`), cert: await read(`${TLS}/server.pem`) };

const singlePage = await example('JARM_SINGLE_PAGE', 'single_page');
const htmx = await example('JARM_HTMX', 'htmx');
const receiver = await startReceiver({ path: '/cb', tls });
const browser = await launch({ hosts: { 'client.example': new URL(receiver.url).host } });
after(async () => {
  await browser.close();
  await receiver.stop();
  await htmx.stop();
  await singlePage.stop();
});

/** How the decision travels by each front end, whose page loads `library`, if it has one. */
const FRONT_ENDS = {
  'the single-page front end': { server: singlePage, sentBy: 'fetch' },
  'htmx 2': { server: htmx, sentBy: 'xhr', library: 'htmx-2' },
  'htmx 4': { server: htmx, sentBy: 'fetch', library: 'htmx-4' },
  'the form of htmx without JavaScript': { server: htmx, sentBy: 'document', javaScriptEnabled: false },
};

for (const [name, frontEnd] of Object.entries(FRONT_ENDS)) {
  describe(name, () => {
    for (const mode of MODES) {
      for (const [decision, outcome] of Object.entries(OUTCOMES)) {
        test(`takes the user to the client in ${mode}, ${decision}`, async (t) => {
          const { page, complaints } = await open(t, frontEnd, mode);
          const deciding = page.waitForRequest('**/decide');
          await page.click(`button[value=${decision}]`);
          assert.equal((await deciding).resourceType(), frontEnd.sentBy);
          if (frontEnd.javaScriptEnabled === false && mode.startsWith('form_post')) await page.click('[type=submit]');
          const { carrier, parameters } = await arrived(page, frontEnd.server);
          assert.equal(carrier, mode.split('.')[0]);
          const { code, error, state } = mode.endsWith('.jwt') ? decodeJwt(parameters.response) : parameters;
          assert.equal('response' in parameters, mode.endsWith('.jwt'));
          assert.deepEqual({ code, error }, outcome);
          assert.equal(state, STATE);
          assert.deepEqual(complaints, []);
        });
      }
    }
  });
}

/** Opens the page that asks the user. */
async function open(t, { server, library, javaScriptEnabled }, mode) {
  const { page, complaints, close } = await openPage(browser, { javaScriptEnabled });
  t.after(async () => {
    complaints.forEach((complaint) => t.diagnostic(complaint));
    await close();
  });
  const source = library && await read(`../node_modules/${library}/dist/htmx.min.js`);
  await page.route('**/htmx.js', (route) => route.fulfill({ contentType: 'text/javascript', body: source }));
  await page.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }));
  const request = new URLSearchParams({ client_id: 'web', response_type: 'code', response_mode: mode, state: STATE });
  await page.goto(`${server.url}/authorize?${request}`);
  return { page, complaints };
}

/** What the client received, once. */
async function arrived(page, server) {
  const { method, headers, body } = await receiver.next();
  await page.waitForSelector('#arrived');
  assert.deepEqual(receiver.requests, []);
  if (method === 'POST') {
    assert.equal(headers.origin, server.url);
    return { carrier: 'form_post', parameters: Object.fromEntries(new URLSearchParams(body)) };
  }
  assert.deepEqual([method, body, page.url().slice(0, REDIRECT_URI.length)], ['GET', '', REDIRECT_URI]);
  const { mode, parameters } = readLocation(REDIRECT_URI, page.url());
  return { carrier: mode, parameters };
}
