// Keys are exchanged every second under load, and whoever keeps the published ones for as long as
// they may can verify every response.
import assert from 'node:assert/strict';
import { generateKeyPair } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';

import { readLocation } from './answer.js';
import { Client, getJson, send } from './client.js';
import { startServer } from './server.js';

/** For how many seconds; on a slow machine for longer, until there have been so many rotations. */
const SECONDS = 60;
const LONGEST = 240;
const ROTATIONS = 40;
/** In seconds. The lifetime is the least that there is. */
const MAX_AGE = 1;
const LIFETIME = 30;
/** The name of a key's first file without `.pem`, and how another is made. */
const KEYS = {
  'p-256': ['ec', { namedCurve: 'P-256' }],
  'rsa-2048': ['rsa', { modulusLength: 2048 }],
  ed25519: ['ed25519', {}],
};
const ALGORITHMS = ['ES256', 'RS256', 'PS256', 'Ed25519'];
/** How many requests of each client are in flight, and the pause between two of them in ms. */
const IN_FLIGHT = 2;
const PAUSE = 25;
/** How often the published keys are fetched, in ms. */
const FETCH = 100;

const server = await startServer({
  flags: ['--auto-approve', '--keys', 'keys'],
  config: `[jarm]\njwks_max_age = ${MAX_AGE}\nresponse_jwt_lifetime = ${LIFETIME}\n`,
});
after(() => server.stop());

/** A set of published keys and when it was asked for, as caches count (RFC 9111 4.2.3). */
async function fetchKeys() {
  const asked = performance.now();
  const jwks = await getJson(`${server.url}/jwks`);
  return { asked, size: jwks.keys.length, key: createLocalJWKSet(jwks) };
}

function generate() {
  const pairs = Object.entries(KEYS).map(async ([name, [kind, options]]) => {
    const { privateKey } = await promisify(generateKeyPair)(kind, options);
    return [name, privateKey.export({ format: 'pem', type: 'pkcs8' })];
  });
  return Promise.all(pairs);
}

/** Puts new keys in the place of the last ones. */
async function rotate(number, keys) {
  for (const [name, pem] of keys) {
    const file = (which) => join(server.directory, 'keys', which === 1 ? `${name}.pem` : `${name}-${which}.pem`);
    await writeFile(`${file(number)}.new`, pem);
    await rename(`${file(number)}.new`, file(number));
    await rm(file(number - 1));
  }
  assert.match(await server.reload(), / reloaded: /);
}

test('no response fails to verify while keys are exchanged every second', async (t) => {
  const clients = await Promise.all(ALGORITHMS.map((alg) => Client.register(server, {
    response_types: ['code'],
    authorization_signed_response_alg: alg,
  })));
  const seen = Object.fromEntries(ALGORITHMS.map((alg) => [alg, new Set()]));
  const count = { responses: 0, byKept: 0, rotations: 0, sets: 0 };
  const largest = { whole: 0, late: 0 };
  let sets = [await fetchKeys()];
  let waiting = [];
  const begin = performance.now();
  const stop = new AbortController();
  const isRunning = () => {
    const seconds = (performance.now() - begin) / 1000;
    const isTooFew = count.rotations < ROTATIONS && seconds < LONGEST;
    return !stop.signal.aborted && (seconds < SECONDS || isTooFew);
  };

  /** Asks for authorization again and again, and notes when each response arrived. */
  async function ask(client) {
    while (isRunning()) {
      const response = await send(client.authorizationUrl({ response_mode: 'jwt' }));
      const { parameters } = readLocation(client.redirectUri, response.headers.get('location') ?? '');
      waiting.push({ client, jwt: parameters.response, arrived: performance.now() });
      await sleep(PAUSE);
    }
  }

  /** Verifies what arrived, with the oldest set that was fresh then and one that is fetched now. */
  async function verify() {
    while (isRunning() || waiting.length > 0) {
      const arrived = waiting;
      waiting = [];
      const now = await fetchKeys();
      count.sets += 1;
      largest.whole = Math.max(largest.whole, now.size);
      if (performance.now() - begin > (SECONDS * 1000 * 3) / 4) largest.late = Math.max(largest.late, now.size);
      for (const response of arrived) {
        const kept = sets.find(({ asked }) => response.arrived - asked <= MAX_AGE * 1000);
        if (kept) await check(response, kept, 'kept');
        await check(response, now, 'fetched afterwards');
        count.responses += 1;
        count.byKept += kept ? 1 : 0;
      }
      sets = [...sets, now].filter(({ asked }) => now.asked - asked < 10_000);
      await sleep(FETCH);
    }
  }

  async function check({ client, jwt, arrived }, { asked, key }, which) {
    const alg = client.metadata.authorization_signed_response_alg;
    const { kid } = decodeProtectedHeader(jwt);
    seen[alg].add(kid);
    await jwtVerify(jwt, key, { algorithms: [alg], issuer: server.url, audience: client.id }).catch((error) => {
      const at = ((arrived - begin) / 1000).toFixed(3);
      const age = ((arrived - asked) / 1000).toFixed(3);
      throw new Error(`${alg} ${kid}, arrived at ${at} s, keys ${which}, ${age} s old: ${error.message}`);
    });
  }

  async function rotateEverySecond() {
    let keys = generate();
    for (let number = 2; isRunning(); number += 1) {
      const due = sleep(1000);
      await rotate(number, await keys);
      keys = generate();
      count.rotations += 1;
      await due;
    }
  }

  const asking = clients.flatMap((client) => Array.from({ length: IN_FLIGHT }, () => ask(client)));
  const all = [...asking, verify(), rotateEverySecond()];
  for (const one of all) one.catch(() => stop.abort());
  const outcomes = await Promise.allSettled(all);
  const failed = outcomes.find(({ status }) => status === 'rejected');
  if (failed) throw failed.reason;

  const keys = Object.values(seen).map(({ size }) => size);
  t.diagnostic(JSON.stringify({ ...count, keys, published: largest.whole }));
  for (const alg of ALGORITHMS) assert.ok(seen[alg].size >= 30, `${seen[alg].size} keys signed ${alg}`);
  assert.ok(count.responses >= 1000, `${count.responses} responses`);
  assert.ok(count.byKept > count.responses / 2, `${count.byKept} of ${count.responses} with keys that were kept`);
  // Each second brings one key of a kind; it waits, signs for a second and is needed for so long.
  const seconds = MAX_AGE + 1 + LIFETIME + MAX_AGE;
  const bound = Object.keys(KEYS).length * (seconds + 8) + 2;
  assert.ok(largest.whole <= bound, `${largest.whole} keys published, ${bound} at most`);
  assert.ok(largest.late >= LIFETIME, `${largest.late} keys published towards the end`);
});
