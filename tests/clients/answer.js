// Takes authorization responses apart: how they travelled, where to, and what they carried.
import assert from 'node:assert/strict';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';

import { decryptResponse } from './encryption.js';
import { forms } from './page.js';

const LONGEST_LIFETIME = 600;

/**
 * Reads the answer to an authorization request of `client`.
 *
 * `mode` is the response mode in which it came, or `local_page`. `parameters` are the response
 * parameters whatever the mode; `claims`, `header` and `jwt` are there in JWT modes alone. Of a
 * response that is encrypted `encryption` is the JWE's header, and `header` that of the JWS inside.
 */
export async function readAnswer(client, response) {
  const transport = await readTransport(client.redirectUri, response);
  const { mode, parameters } = transport;
  if (!parameters || !('response' in parameters)) return transport;
  assert.deepEqual(Object.keys(parameters), ['response'], 'nothing travels beside the JWT');
  const jwt = parameters.response;
  const { claims, header, encryption } = await verifyResponse(client, jwt);
  const { aud, exp, iat, ...rest } = claims;
  return { ...transport, mode: `${mode}.jwt`, parameters: rest, claims, header, encryption, jwt };
}

/** Reads what the browser is told, without looking into a JWT. */
async function readTransport(redirectUri, response) {
  const { status, headers } = response;
  const html = await response.text();
  const location = headers.get('location');
  if (location !== null) {
    assert.equal(status, 303, 'a redirect is a 303');
    return { status, headers, location, ...readLocation(redirectUri, location) };
  }
  const form = forms(html).find(({ action }) => action === redirectUri);
  if (!form) return { status, headers, html, mode: 'local_page' };
  assert.equal(status, 200, 'a form page is a 200');
  assert.equal(form.method, 'post');
  assert.equal(forms(html).length, 1, 'one form');
  return { status, headers, html, action: form.action, mode: 'form_post', parameters: unique(form.pairs) };
}

/** Splits a Location into the redirect URI, which must be there byte for byte, and what was added. */
export function readLocation(redirectUri, location) {
  assert.ok(location.startsWith(redirectUri), `${location} starts with ${redirectUri}`);
  const added = location.slice(redirectUri.length);
  if (added.startsWith('#')) return { mode: 'fragment', parameters: decode(added.slice(1)) };
  const before = separator(redirectUri);
  assert.ok(added.startsWith(before), `${before} before ${added}`);
  assert.ok(!added.includes('#'), 'no fragment behind the query');
  return { mode: 'query', parameters: decode(added.slice(before.length)) };
}

/** What stands between a redirect URI and the first parameter that is added to its query. */
function separator(redirectUri) {
  if (!redirectUri.includes('?')) return '?';
  return redirectUri.endsWith('?') ? '' : '&';
}

function decode(encoded) {
  assert.match(encoded, /^[!-~]+$/, 'ASCII without blanks');
  return unique([...new URLSearchParams(encoded)]);
}

function unique(pairs) {
  const parameters = Object.fromEntries(pairs);
  assert.equal(Object.keys(parameters).length, pairs.length, 'every parameter once');
  return parameters;
}

/** Verifies a response JWT as a client does that trusts nothing but its own registration. */
export async function verifyResponse(client, jwt) {
  const { jws, encryption } = await decryptResponse(client, jwt);
  const alg = client.metadata.authorization_signed_response_alg;
  const symmetric = alg.startsWith('HS');
  const header = decodeProtectedHeader(jws);
  assert.deepEqual(Object.keys(header).sort(), symmetric ? ['alg'] : ['alg', 'kid']);
  const { payload: claims } = await jwtVerify(
    jws,
    symmetric ? new TextEncoder().encode(client.secret) : createLocalJWKSet(await client.jwks()),
    { algorithms: [alg] },
  );
  const now = Date.now() / 1000;
  assert.equal(claims.iss, client.issuer);
  assert.equal(claims.aud, client.id, 'aud is the client_id as a string');
  assert.ok(Number.isInteger(claims.exp) && claims.exp > now + 10 && claims.exp <= now + LONGEST_LIFETIME);
  assert.ok(Number.isInteger(claims.iat) && Math.abs(claims.iat - now) < 30);
  assert.ok(!('sub' in claims) && !('nonce' in claims), 'cannot pass as an ID Token');
  return { claims, header, encryption };
}
