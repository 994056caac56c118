// npm's oidc-provider as the authorization server, in this process: its own code makes the responses.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

import { CONTENT_ENCRYPTION, KEY_MANAGEMENT } from './encryption.js';
import { generateKey, publicHalf } from './keys.js';
import { Session } from './session.js';

const RESPONSE_TYPES = ['code', 'id_token', 'code id_token', 'code token', 'code id_token token'];
/** In seconds; without them the provider complains of its defaults. */
const LIFETIMES = { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 };
const ACCOUNT = 'alice';
/** One key for each kind that the signing algorithms take. */
const KEYS = ['RSA', 'P-256', 'P-384', 'P-521', 'Ed25519']
  .map((kind) => generateKey(kind, { kid: `sig-${kind}`, use: 'sig' }));

/**
 * Starts the provider on a free port of 127.0.0.1.
 *
 * `signingAlgorithms` are those that `clients`, as they were registered, may have responses signed
 * with. Answers with `{ issuer, jwks, logIn(url), stop() }`.
 */
export async function startProvider(signingAlgorithms, clients) {
  const http = createServer();
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const issuer = `http://127.0.0.1:${http.address().port}`;
  const provider = new Provider(issuer, configuration(signingAlgorithms, clients));
  provider.use(approve(provider));
  http.on('request', provider.callback());

  async function stop() {
    http.close();
    http.closeAllConnections();
    await once(http, 'close');
  }
  return { issuer, jwks: { keys: KEYS.map(publicHalf) }, logIn, stop };
}

function configuration(signingAlgorithms, clients) {
  return {
    clients,
    jwks: { keys: KEYS },
    cookies: { keys: ['any'] },
    responseTypes: RESPONSE_TYPES,
    ttl: LIFETIMES,
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    loadExistingGrant: consent,
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      encryption: { enabled: true },
      jwtResponseModes: { enabled: true },
    },
    enabledJWA: {
      authorizationSigningAlgValues: signingAlgorithms,
      authorizationEncryptionAlgValues: Object.keys(KEY_MANAGEMENT),
      authorizationEncryptionEncValues: Object.keys(CONTENT_ENCRYPTION),
    },
  };
}

/** The user has consented to everything beforehand. */
async function consent({ oidc: { provider, client, session } }) {
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope('openid');
  await grant.save();
  return grant;
}

/** The login page, which asks nothing. */
function approve(provider) {
  return async (ctx, next) => {
    if (!ctx.path.startsWith('/interaction/')) return next();
    ctx.respond = false;
    return provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: ACCOUNT } });
  };
}

/** Goes through the login that an authorization request leads to; answers with the browser's session. */
async function logIn(authorizationUrl) {
  const session = new Session();
  let url = authorizationUrl;
  for (const path of ['/auth', '/interaction/', '/auth/']) {
    assert.ok(new URL(url).pathname.startsWith(path), url);
    const { response } = await session.open(url);
    url = new URL(response.headers.get('location'), url).href;
  }
  return session;
}
