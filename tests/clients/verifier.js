// Has responses verified by a program of its own: a case a line in JSON, a result a line back.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { forms } from './page.js';

/** The client's side of this project. */
export const VERIFIER = process.env.JARM_VERIFY
  ?? fileURLToPath(new URL('../../target/debug/examples/verify', import.meta.url));
const LIMIT = 60_000;
const LONGEST_OUTPUT = 64 * 1024 * 1024;

/** The results for the cases, in their order. */
export async function verify(program, cases) {
  const output = await run(program, cases.map((one) => `${JSON.stringify(one)}\n`).join(''));
  const results = output.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  assert.equal(results.length, cases.length, 'a result for each case');
  return results;
}

function run(program, input) {
  return new Promise((resolve, reject) => {
    const options = { timeout: LIMIT, killSignal: 'SIGKILL', maxBuffer: LONGEST_OUTPUT };
    const child = execFile(program, [], options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stderr}`));
      else resolve(stdout);
    });
    child.stdin.on('error', () => {}); // the program's end says why
    child.stdin.end(input);
  });
}

/** What the browser takes to the redirect URI, still encoded, and where: the query, the fragment, or a form post. */
export async function arrivedAt(redirectUri, response) {
  const location = response.headers.get('location');
  if (location === null) {
    const [{ method, action, pairs }] = forms(await response.text());
    assert.deepEqual([method, action], ['post', redirectUri]);
    return { form_post: new URLSearchParams(pairs).toString() };
  }
  assert.ok(location.startsWith(redirectUri), location);
  const added = location.slice(redirectUri.length);
  assert.match(added, /^[?#]/);
  return { [added[0] === '#' ? 'fragment' : 'query']: added.slice(1) };
}

/** The `response` among what arrived. */
export function responseOf(arrived) {
  return new URLSearchParams(Object.values(arrived)[0]).get('response');
}

/** The same case with another `response`. */
export function withResponse(one, response) {
  const [where] = Object.keys(one.arrived);
  return { ...one, arrived: { [where]: new URLSearchParams({ response }).toString() } };
}

/** A compact serialisation in which one bit of one part is turned round. */
export function mutated(compact, part) {
  const parts = compact.split('.');
  const octets = Buffer.from(parts[part], 'base64url');
  octets[octets.length >> 1] ^= 1;
  parts[part] = octets.toString('base64url');
  return parts.join('.');
}

/** A compact serialisation in which members of the JSON of one part are replaced. */
export function rewritten(compact, part, members) {
  const parts = compact.split('.');
  const json = JSON.parse(Buffer.from(parts[part], 'base64url'));
  parts[part] = Buffer.from(JSON.stringify({ ...json, ...members })).toString('base64url');
  return parts.join('.');
}
