// An OAuth client of the demonstration server.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';

import { readAnswer } from './answer.js';
import { publicHalf } from './keys.js';

const REQUEST_LIMIT = 15_000;
const REDIRECT_URI = 'https://client.example/callback';

export const RESPONSE_TYPES = [
  'code', 'token', 'id_token', 'id_token token',
  'code id_token', 'code token', 'code id_token token', 'none',
];
export const RESPONSE_MODES = [
  'query', 'fragment', 'form_post', 'query.jwt', 'fragment.jwt', 'form_post.jwt', 'jwt',
];

/** Sends a request that follows no redirect and never waits for ever. */
export function send(url, options = {}) {
  return fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(REQUEST_LIMIT), ...options });
}

export function postForm(url, parameters, headers = {}) {
  return send(url, { method: 'POST', body: encode(parameters), headers });
}

export async function getJson(url) {
  const response = await send(url);
  assert.equal(response.status, 200, url);
  return response.json();
}

/** What a server says of itself. */
export function discover(server) {
  return getJson(`${server.url}/.well-known/openid-configuration`);
}

/** Sends client metadata to the registration endpoint. */
export function postMetadata(server, metadata) {
  return send(`${server.url}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(metadata),
  });
}

/** A form body: `undefined` leaves a parameter out, an array repeats it. */
function encode(parameters) {
  const pairs = Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
  return new URLSearchParams(pairs);
}

export class Client {
  /** `key` is the private JWK that answers must be encrypted to; without it, the secret is. */
  constructor(server, metadata, key) {
    this.server = server;
    this.issuer = server.url;
    this.metadata = metadata;
    this.key = key;
    this.id = metadata.client_id;
    this.secret = metadata.client_secret;
    this.redirectUri = metadata.redirect_uris[0];
    this.verifier = randomBytes(32).toString('base64url');
  }

  /**
   * Registers a client; by default a confidential one that may use every response type.
   *
   * The public half of `key` is registered, unless `metadata` has a `jwks` of its own.
   */
  static async register(server, metadata = {}, key = undefined) {
    const response = await postMetadata(server, {
      redirect_uris: [REDIRECT_URI],
      response_types: RESPONSE_TYPES,
      ...(key && { jwks: { keys: [publicHalf(key)] } }),
      ...metadata,
    });
    const registered = await response.json();
    assert.equal(response.status, 201, JSON.stringify(registered));
    return new Client(server, registered, key);
  }

  /** The parameters of a sound request; `changes` replaces some, or takes them out with `undefined`. */
  request(changes = {}) {
    return {
      client_id: this.id,
      redirect_uri: this.redirectUri,
      response_type: 'code',
      scope: 'openid',
      nonce: 'n-0S6_WzA2Mj',
      state: 'af0ifjsldkj',
      code_challenge: createHash('sha256').update(this.verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...changes,
    };
  }

  authorizationUrl(changes) {
    return `${this.server.url}/authorize?${encode(this.request(changes))}`;
  }

  /** Sends an authorization request and hands back the bare HTTP response. */
  send(changes, method = 'GET', headers = {}) {
    return method === 'POST'
      ? postForm(`${this.server.url}/authorize`, this.request(changes), headers)
      : send(this.authorizationUrl(changes), { headers });
  }

  /** Sends an authorization request and reads the answer. */
  async authorize(changes, method) {
    return readAnswer(this, await this.send(changes, method));
  }

  /** Asks for tokens; `changes` as in `request`, `headers` for the client's authentication. */
  token(code, changes = {}, headers = {}) {
    return postForm(`${this.server.url}/token`, {
      grant_type: 'authorization_code',
      code,
      redirect_uri: this.redirectUri,
      code_verifier: this.verifier,
      ...changes,
    }, headers);
  }

  /** The header of client_secret_basic (RFC 6749 2.3.1). */
  basic() {
    const credentials = [this.id, this.secret].map(encodeURIComponent).join(':');
    return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
  }

  jwks() {
    return getJson(`${this.server.url}/jwks`);
  }
}
