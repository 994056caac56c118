// Errors reach the client in the mode that it asked for, or stay with the user.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { Client } from './client.js';
import { forms } from './page.js';
import { startServer } from './server.js';
import { REQUESTED_MODES, carriesToken, expected } from './table.js';

const ERROR_TEXT = /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/;
const UNSOUND_MODES = ['query_jwt', 'jwt.query', 'Query', 'foo'];
/** Whoever means a JWT is not answered plainly. */
const UNSOUND_JWT_MODES = ['foo.jwt', 'jwt.jwt', '.jwt', ' jwt', 'QUERY.JWT'];

const server = await startServer();
after(() => server.stop());
const client = await Client.register(server);
const codeOnly = await Client.register(server, { response_types: ['code'] });
const publicClient = await Client.register(server, { token_endpoint_auth_method: 'none' });

/** Errors of requests that are answered in the requested mode, whichever it is. */
const KINDS = [
  { name: 'the user says no', error: 'access_denied', changes: { login_hint: 'deny' } },
  { name: 'nobody is logged in', error: 'login_required', changes: { prompt: 'none' } },
  { name: 'an unknown response type', error: 'unsupported_response_type', changes: { response_type: 'foo' } },
  { name: 'a response type that only looks like token', error: 'unsupported_response_type', changes: { response_type: 'tokenx' } },
  { name: 'no response type', error: 'invalid_request', changes: { response_type: undefined } },
  { name: 'a response type that is not registered', error: 'unauthorized_client', sender: codeOnly, changes: { response_type: 'none' } },
  { name: 'a public client without PKCE', error: 'invalid_request', sender: publicClient, changes: { code_challenge: undefined, code_challenge_method: undefined } },
  { name: 'PKCE with the plain method', error: 'invalid_request', changes: { code_challenge_method: 'plain' } },
  { name: 'state twice', error: 'invalid_request', changes: { state: ['a', 'b'] } },
  { name: 'nonce twice', error: 'invalid_request', changes: { nonce: ['a', 'b'] } },
];
/** Errors of requests for an ID Token. */
const ID_TOKEN_KINDS = [
  { name: 'without nonce', errors: ['invalid_request'], changes: { nonce: undefined } },
  { name: 'without scope openid', errors: ['invalid_scope', 'invalid_request'], changes: { scope: 'profile' } },
  { name: 'without scope', errors: ['invalid_scope', 'invalid_request'], changes: { scope: undefined } },
  { name: 'not registered', errors: ['unauthorized_client', 'invalid_request'], sender: codeOnly, changes: {} },
];

for (const { name, error, sender = client, changes } of KINDS) {
  describe(`an error (${name}) is answered in the requested mode`, () => {
    for (const mode of REQUESTED_MODES) {
      test(`in ${mode ?? 'no mode'}`, async () => {
        const answer = await sender.authorize({ response_mode: mode, ...changes });
        checkError(answer, [error], expected('code', mode).mode, sender.request(changes).state);
      });
    }
  });
}

for (const { name, errors, sender = client, changes } of ID_TOKEN_KINDS) {
  describe(`an error (ID Token ${name}) is answered in the requested mode`, () => {
    for (const mode of REQUESTED_MODES) {
      test(`in ${mode ?? 'no mode'}`, async () => {
        const answer = await sender.authorize({ response_type: 'code id_token', response_mode: mode, ...changes });
        checkError(answer, errors, expected('code id_token', mode).mode, sender.request().state);
      });
    }
  });
}

for (const responseType of ['code', 'id_token token', 'none']) {
  const usual = carriesToken(responseType) ? 'fragment' : 'query';
  describe(`${responseType} in a mode that does not exist`, () => {
    const refuse = (responseMode, mode) => test(JSON.stringify(responseMode), async () => {
      const answer = await client.authorize({ response_type: responseType, response_mode: responseMode });
      checkError(answer, ['invalid_request'], mode, client.request().state);
    });
    for (const mode of UNSOUND_MODES) refuse(mode, usual);
    for (const mode of UNSOUND_JWT_MODES) refuse(mode, `${usual}.jwt`);
    refuse(['query', 'form_post'], usual);
    refuse(['form_post', 'form_post'], usual);
    refuse(['jwt', 'query'], `${usual}.jwt`);
    refuse(['form_post', 'foo.jwt'], `${usual}.jwt`);
    test('an empty value counts as absent', async () => {
      const { mode, parameters } = await client.authorize({ response_type: responseType, response_mode: '' });
      assert.equal(mode, usual);
      assert.equal(parameters.error, undefined);
    });
  });
}

test('a duplicate response_type is answered through query', async () => {
  const answer = await client.authorize({ response_type: ['code', 'token'] });
  checkError(answer, ['invalid_request'], 'query', client.request().state);
});

test('a duplicate response_type under a JWT mode is signed', async () => {
  const answer = await client.authorize({ response_type: ['code', 'token'], response_mode: 'jwt' });
  checkError(answer, ['invalid_request'], 'query.jwt', client.request().state);
});

/** Requests whose redirect URI or client cannot be trusted: nothing goes anywhere. */
const LOCAL = {
  'an unknown client': { client_id: 'nobody' },
  'no client': { client_id: undefined },
  'a duplicate client_id': { client_id: [client.id, client.id] },
  'an unregistered redirect URI': { redirect_uri: `${client.redirectUri}/` },
  'a redirect URI of somebody else': { redirect_uri: 'https://evil.example/callback' },
  'a redirect URI that is a script': { redirect_uri: 'javascript:alert(1)' },
  'a duplicate redirect_uri': { redirect_uri: [client.redirectUri, client.redirectUri] },
};
for (const [name, changes] of Object.entries(LOCAL)) {
  describe(`${name} is told to the user alone`, () => {
    for (const mode of [...REQUESTED_MODES, 'foo', 'foo.jwt']) {
      for (const method of ['GET', 'POST']) {
        test(`in ${mode ?? 'no mode'} by ${method}`, async () => {
          const response = await client.send({ response_mode: mode, ...changes }, method);
          assert.equal(response.status, 400);
          assert.equal(response.headers.get('location'), null);
          assert.equal(response.headers.get('refresh'), null);
          const html = await response.text();
          assert.deepEqual(forms(html), []);
          assert.ok(!/<script|http-equiv/i.test(html));
        });
      }
    }
  });
}

/** `sent` is the state of the request; of duplicates any may come back, or none. */
function checkError({ mode, parameters, claims }, errors, expectedMode, sent) {
  assert.equal(mode, expectedMode);
  assert.ok(errors.includes(parameters.error), `${parameters.error} is one of ${errors}`);
  assert.equal(parameters.iss, server.url);
  assert.ok((Array.isArray(sent) ? [...sent, undefined] : [sent]).includes(parameters.state));
  if ('error_description' in parameters) assert.match(parameters.error_description, ERROR_TEXT);
  const known = ['iss', 'state', 'error', 'error_description', 'error_uri', ...(claims ? ['aud', 'exp', 'iat'] : [])];
  assert.deepEqual(Object.keys(claims ?? parameters).filter((name) => !known.includes(name)), []);
}
