// openid-client 6 as a public client of the hosts on published authorization server crates: a code flow down
// to the access token, the response a JWT, signed alone or encrypted too.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, describe, test } from 'node:test';
import * as openid from 'openid-client-6';
import { stringify } from 'smol-toml';

import { generateKey, publicHalf } from './keys.js';
import { configure, discover, receive } from './openid_client_6.js';
import { OAUTH_AS_HOST, OXIDE_AUTH_HOST, startServer } from './server.js';
import { Session } from './session.js';

const REDIRECT_URI = 'https://app.example/callback';
/** The hosts, and what their consent pages call a yes. */
const HOSTS = {
  'oauth-as-host': { binary: OAUTH_AS_HOST, yes: 'approve' },
  'oxide-auth-host': { binary: OXIDE_AUTH_HOST, yes: 'allow' },
};
const SIGNED = ['PS256', 'ES256', 'Ed25519'];
const ENCRYPTED = { 'ECDH-ES': 'P-256', 'RSA-OAEP-256': 'RSA' };
const ENC = 'A256GCM';
/** Those that it reads. A JWT in a fragment it does not look for. */
const MODES = ['jwt', 'query.jwt', 'form_post.jwt'];

const KEYS = new Map(Object.entries(ENCRYPTED).map(([alg, kind]) => [alg, generateKey(kind, { kid: alg, use: 'enc' })]));
/** Every algorithm that signs, alone and with every one that encrypts. */
const CLIENTS = SIGNED.flatMap((signed) => [undefined, ...KEYS.keys()].map((encrypted) => ({
  client_id: [signed, encrypted ?? 'alone'].join('-'),
  redirect_uris: [REDIRECT_URI],
  authorization_signed_response_alg: signed,
  ...encrypted && {
    authorization_encrypted_response_alg: encrypted,
    authorization_encrypted_response_enc: ENC,
    jwks: { keys: [publicHalf(KEYS.get(encrypted))] },
  },
})));

for (const [name, { binary, yes }] of Object.entries(HOSTS)) {
  describe(name, async () => {
    const server = await startServer({ binary, flags: [], config: stringify({ client: CLIENTS }) });
    after(() => server.stop());
    const discovered = await discover(server, 'oauth2');

    for (const metadata of CLIENTS) {
      for (const mode of MODES) {
        test(`${metadata.client_id} gets an access token through ${mode}`, async () => {
          const { config, received, checks } = await answer(metadata, mode, yes);
          const tokens = await openid.authorizationCodeGrant(config, received, checks);
          assert.equal(tokens.token_type, 'bearer');
          assert.equal(tokens.scope, 'read');
          assert.ok(tokens.access_token);
        });
      }

      test(`a denial is verified before ${metadata.client_id} believes it`, async () => {
        const { config, received, checks } = await answer(metadata, 'jwt', 'deny');
        const forged = openid.authorizationCodeGrant(config, tamper(received), checks);
        const isEncrypted = 'jwks' in metadata;
        await assert.rejects(forged, { code: isEncrypted ? 'OAUTH_DECRYPTION_FAILED' : 'OAUTH_INVALID_RESPONSE' });
        await assert.rejects(openid.authorizationCodeGrant(config, received, checks), { error: 'access_denied' });
      });
    }

    test('the metadata name what these clients registered, and what they ask for', () => {
      const names = (list, wanted) => assert.deepEqual(wanted.filter((one) => !list.includes(one)), []);
      names(discovered.response_modes_supported, MODES);
      names(discovered.authorization_signing_alg_values_supported, SIGNED);
      names(discovered.authorization_encryption_alg_values_supported, [...KEYS.keys()]);
      names(discovered.authorization_encryption_enc_values_supported, [ENC]);
      assert.deepEqual(discovered.response_types_supported, ['code']);
    });

    /** Asks for a code in a mode, has the user decide, and answers with what comes back. */
    async function answer(metadata, mode, decision) {
      const key = KEYS.get(metadata.authorization_encrypted_response_alg);
      const config = await configure(discovered, { metadata }, ...key ? [key] : []);
      const pkceCodeVerifier = openid.randomPKCECodeVerifier();
      const expectedState = randomBytes(16).toString('base64url');
      const url = openid.buildAuthorizationUrl(config, {
        redirect_uri: REDIRECT_URI,
        scope: 'read',
        state: expectedState,
        code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
      });
      assert.equal(url.searchParams.get('response_mode'), 'jwt');
      url.searchParams.set('response_mode', mode); // it asks for `jwt` alone
      const browser = new Session();
      const { response } = await browser.submit(await browser.open(url), { decision });
      const received = await receive(response);
      await check(metadata, mode, received);
      return { config, received, checks: { pkceCodeVerifier, expectedState } };
    }

  });
}

/** The same with another signature or, of what is encrypted, another tag. */
function tamper(url) {
  const tampered = new URL(url);
  const response = url.searchParams.get('response');
  const end = response.at(-8) === 'A' ? 'B' : 'A';
  tampered.searchParams.set('response', response.slice(0, -8) + end + response.slice(-7));
  return tampered;
}

/** Nothing is beside the JWT, and it is encrypted where that was registered: to openid-client signed would do. */
async function check({ authorization_encrypted_response_alg: encrypted }, mode, received) {
  const isPosted = received instanceof Request;
  assert.equal(isPosted, mode === 'form_post.jwt');
  const parameters = isPosted ? await received.clone().formData() : received.searchParams;
  assert.deepEqual([...parameters.keys()], ['response']);
  const parts = parameters.get('response').split('.');
  assert.equal(parts.length, encrypted ? 5 : 3);
  if (!encrypted) return;
  const { alg, enc } = JSON.parse(Buffer.from(parts[0], 'base64url'));
  assert.deepEqual({ alg, enc }, { alg: encrypted, enc: ENC });
}
