// What the configuration file and the flags change, and which mistakes stop the server.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { Client, discover, getJson } from './client.js';
import { generateKey, publicHalf } from './keys.js';
import { startServerFor } from './server.js';

const ISSUER = 'https://as.example.com';
const REDIRECT_URI = 'https://client.example/callback';
const AUTO_APPROVE = '--auto-approve';

test('the modes that the file names are in force, and no other', async (t) => {
  const server = await startServerFor(t, { config: modes({ name: 'query' }, { name: 'query.jwt' }) });
  const metadata = await discover(server);
  assert.deepEqual([...metadata.response_modes_supported].sort(), ['query', 'query.jwt']);
  const client = await Client.register(server, { response_types: ['code'] });
  assert.equal((await client.authorize({ response_mode: 'query.jwt' })).mode, 'query.jwt');
  const { mode, parameters } = await client.authorize({ response_mode: 'form_post' });
  assert.deepEqual([mode, parameters.error], ['query', 'invalid_request']);
});

test('a disabled JWT mode is refused in a JWT mode', async (t) => {
  const server = await startServerFor(t, { config: modes({ name: 'query' }, { name: 'query.jwt' }) });
  const client = await Client.register(server, { response_types: ['code'] });
  const { mode, parameters } = await client.authorize({ response_mode: 'form_post.jwt' });
  assert.deepEqual([mode, parameters.error], ['query.jwt', 'invalid_request']);
});

test('options of a mode, a client, and the lifetime', async (t) => {
  const config = `${modes({ name: 'form_post' }, { name: 'form_post.jwt', options: { title: 'Back <there>' } })}
[[client]]
client_id = "demo"
redirect_uris = ["${REDIRECT_URI}"]
`;
  const server = await startServerFor(t, { config: config.replace('[jarm]', '[jarm]\nresponse_jwt_lifetime = 300') });
  const client = new Client(server, {
    client_id: 'demo',
    redirect_uris: [REDIRECT_URI],
    authorization_signed_response_alg: 'RS256',
  });
  const { html, claims } = await client.authorize({ response_mode: 'form_post.jwt' });
  assert.ok(html.includes('Back &lt;there&gt;'));
  assert.equal(claims.exp - claims.iat, 300);
  assert.ok(claims.code);
});

test('a client of the file has its responses encrypted', async (t) => {
  const key = generateKey('X25519', { kid: 'configured', use: 'enc' });
  const members = {
    authorization_encrypted_response_alg: 'ECDH-ES',
    authorization_encrypted_response_enc: 'A256GCM',
  };
  const server = await startServerFor(t, { config: configured({ ...members, jwks: { keys: [publicHalf(key)] } }) });
  const metadata = {
    client_id: 'demo',
    redirect_uris: [REDIRECT_URI],
    authorization_signed_response_alg: 'RS256',
    ...members,
  };
  const { parameters, encryption } = await new Client(server, metadata, key).authorize({ response_mode: 'jwt' });
  assert.ok(parameters.code);
  assert.equal(encryption.kid, 'configured');
});

test('flags come before the file', async (t) => {
  const config = '[jarm]\nissuer = "https://other.example.com"\n';
  const server = await startServerFor(t, { flags: [AUTO_APPROVE, '--issuer', ISSUER], config });
  assert.equal((await discover(server)).issuer, ISSUER);
  const client = await Client.register(server);
  client.issuer = ISSUER;
  for (const mode of ['query', 'query.jwt']) {
    assert.equal((await client.authorize({ response_mode: mode })).parameters.iss, ISSUER);
  }
});

test('keys are kept between runs in the folder that --keys names', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'jarm-keys-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const kids = async () => {
    const server = await startServerFor(t, { flags: ['--keys', directory] });
    const { keys } = await getJson(`${server.url}/jwks`);
    return keys.map(({ kid }) => kid).sort();
  };
  assert.deepEqual(await kids(), await kids());
});

describe('a mistake stops the server, and is named with file and key', () => {
  const mistakes = {
    'an unknown kind': [modes({ name: 'form_post', kind: 'from_post' }), /jarm\.response_mode\[0\][^]*form_post/],
    'an unknown option': [modes({ name: 'form_post', options: { titel: 'x' } }), /jarm\.response_mode\[0\]\.options[^]*titel/],
    'the same mode twice': [modes({ name: 'query' }, { name: 'query' }), /jarm\.response_mode\[1\]/],
    'an unknown key': ['[jarm]\nisuer = "https://as.example.com"\n', /isuer/],
    'a lifetime that is too long': ['[jarm]\nresponse_jwt_lifetime = 3600\n', /jarm\.response_jwt_lifetime/],
    'an issuer without TLS': ['[jarm]\nissuer = "http://as.example.com"\n', /jarm\.issuer/],
    'a profile that there is not': ['[jarm]\nprofile = "fapi2"\n', /jarm\.profile/],
    'a client with a broken key': [configured({
      authorization_encrypted_response_alg: 'ECDH-ES',
      jwks: { keys: [{ kty: 'OKP', crv: 'X25519', x: 'AA' }] },
    }), /client\[0\]\.jwks\.keys\[0\]/],
    'a client with a private key': [configured({ jwks: { keys: [generateKey('P-256')] } }), /client\[0\]\.jwks\.keys\[0\]/],
    'a client without a key': [configured({ authorization_encrypted_response_alg: 'RSA-OAEP' }), /client\[0\]\.jwks/],
    'a client with an algorithm that must not be used': [configured({ authorization_encrypted_response_alg: 'RSA1_5' }), /client\[0\]\.authorization_encrypted_response_alg[^]*RSA-OAEP-256/],
    'a client with half of the encryption': [configured({ authorization_encrypted_response_enc: 'A128GCM' }), /client\[0\]\.authorization_encrypted_response_enc/],
    'a public client with the key of a secret': [configured({ authorization_encrypted_response_alg: 'dir' }), /client\[0\]\.authorization_encrypted_response_alg/],
    'a file that is no TOML': ['[jarm\n', /line 1/],
  };
  for (const [name, [config, complaint]] of Object.entries(mistakes)) {
    test(name, async (t) => {
      await assert.rejects(startServerFor(t, { config }), ({ message }) => {
        assert.match(message, complaint);
        assert.match(message, /config\.toml/);
        return true;
      });
    });
  }
});

/** A file that puts only these response modes in force, for codes alone. */
function modes(...list) {
  return `[jarm]\nresponse_types = ["code"]\n${list.map((mode) => table('jarm.response_mode', mode)).join('')}`;
}

/** A file with one client, which is public. */
function configured(members) {
  return table('client', { client_id: 'demo', redirect_uris: [REDIRECT_URI], ...members });
}

/** One entry of an array of tables, in TOML. */
function table(name, members) {
  const value = (entry) => {
    if (typeof entry === 'string') return JSON.stringify(entry);
    if (Array.isArray(entry)) return `[${entry.map(value).join(', ')}]`;
    return `{ ${Object.entries(entry).map(([key, inner]) => `${key} = ${value(inner)}`).join(', ')} }`;
  };
  const lines = Object.entries(members).map(([key, entry]) => `${key} = ${value(entry)}\n`);
  return `[[${name}]]\n${lines.join('')}`;
}
