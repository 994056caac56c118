// What the server says about itself.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { RESPONSE_MODES, RESPONSE_TYPES, getJson } from './client.js';
import { CONTENT_ENCRYPTION, KEY_MANAGEMENT } from './encryption.js';
import { startServer } from './server.js';

const ALGORITHMS = [
  'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512',
  'Ed25519', 'EdDSA', 'HS256', 'HS384', 'HS512',
];

const server = await startServer();
after(() => server.stop());

for (const name of ['openid-configuration', 'oauth-authorization-server']) {
  test(`${name} is complete and truthful`, async () => {
    const metadata = await getJson(`${server.url}/.well-known/${name}`);
    assert.equal(metadata.issuer, server.url);
    assert.deepEqual([...metadata.response_modes_supported].sort(), [...RESPONSE_MODES].sort());
    const types = metadata.response_types_supported.map(normal);
    assert.deepEqual(types.sort(), RESPONSE_TYPES.map(normal).sort());
    assert.deepEqual([...metadata.authorization_signing_alg_values_supported].sort(), [...ALGORITHMS].sort());
    // Each of these is used in encryption.test.js.
    const { authorization_encryption_alg_values_supported: algs } = metadata;
    const { authorization_encryption_enc_values_supported: encs } = metadata;
    assert.deepEqual([...algs].sort(), Object.keys(KEY_MANAGEMENT).sort());
    assert.deepEqual([...encs].sort(), Object.keys(CONTENT_ENCRYPTION).sort());
    assert.equal(metadata.authorization_response_iss_parameter_supported, true);
    assert.deepEqual(metadata.code_challenge_methods_supported, ['S256']);
    const endpoints = ['authorization', 'token', 'registration', 'pushed_authorization_request'];
    for (const endpoint of [...endpoints.map((name) => `${name}_endpoint`), 'jwks_uri']) {
      assert.ok(metadata[endpoint].startsWith(`${server.url}/`), endpoint);
    }
    // Some of these are used in request_sources.test.js.
    assert.deepEqual([...metadata.request_object_signing_alg_values_supported].sort(), [...ALGORITHMS].sort());
    assert.equal(metadata.request_parameter_supported, true);
    assert.equal(metadata.request_uri_parameter_supported, false);
    for (const [member, value] of Object.entries(metadata)) {
      if (member.includes('_alg_values_')) assert.ok(!value.includes('none'), member);
    }
  });
}

function normal(responseType) {
  return responseType.split(' ').sort().join(' ');
}
