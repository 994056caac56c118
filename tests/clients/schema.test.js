// The JSON Schema of the configuration, with a validator that knows nothing of the server.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import Ajv2020 from 'ajv/dist/2020.js';
import { parse } from 'smol-toml';

const docs = (name) => readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true })
  .compile(JSON.parse(await docs('configuration.schema.json')));

const issuer = 'https://as.example.com';

/** Where the schema finds fault with a configuration, as JSON pointers; of an unknown key, its name. */
function faults(configuration) {
  validate(configuration);
  const places = (validate.errors ?? []).map(({ instancePath, params }) => (
    'additionalProperty' in params ? `${instancePath}/${params.additionalProperty}` : instancePath));
  return [...new Set(places)];
}

test('the defaults that the guide shows are accepted', async () => {
  const [, block] = /```toml\n([^]*?)```/.exec(await docs('configure.md'));
  const { jarm } = parse(block);
  assert.equal(jarm.issuer, issuer);
  assert.deepEqual(faults(jarm), []);
});

const accepted = {
  'the issuer alone': {},
  'an issuer on loopback': { issuer: 'http://127.0.0.1:4000' },
  'require_jarm in all three forms': { require_jarm: 'when_registered', registration: { require_jarm: true } },
  'a redirect with 302': { redirect_status: 302 },
  'long redirects': { redirect_length_limit: 2000, long_redirects: 'form_post.jwt' },
  'a profile': { profile: 'fapi2-message-signing' },
  'what may be asked for': { allow: [{ response_type: 'code', response_mode: ['jwt'] }, { response_type: 'id_token code' }] },
  'a mode of one\'s own': { response_mode: [{ name: 'x.jwt', kind: 'x', options: { any: { thing: [1] } } }] },
  'an algorithm of a signer\'s own': { default_signing_alg: 'ES256K', allowed_signing_algs: ['ES256K', 'PS256'] },
  'a `typ` of one\'s own': { response_jwt_typ: 'vnd.example.authorization+jwt' },
};
for (const [name, members] of Object.entries(accepted)) {
  test(`accepted: ${name}`, () => assert.deepEqual(faults({ issuer, ...members }), []));
}

const refused = {
  'an unknown key': [{ response_modes: [] }, '/response_modes'],
  'an unknown key of the page': [{ page: { cps: 'hash' } }, '/page/cps'],
  'an unknown key of a mode': [{ response_mode: [{ name: 'query', knid: 'query' }] }, '/response_mode/0/knid'],
  'an unknown key of `allow`': [{ allow: [{ response_type: 'code', mode: 'jwt' }] }, '/allow/0/mode'],
  'an unknown key of `registration`': [{ registration: { require: true } }, '/registration/require'],
  'a string for a number': [{ response_jwt_lifetime: '120' }, '/response_jwt_lifetime'],
  'a string for a list': [{ response_types: 'code' }, '/response_types'],
  'a lifetime below 30 seconds': [{ response_jwt_lifetime: 29 }, '/response_jwt_lifetime'],
  'a redirect that re-sends the form': [{ redirect_status: 307 }, '/redirect_status'],
  'a limit of nothing': [{ redirect_length_limit: 0 }, '/redirect_length_limit'],
  'long redirects that are cut': [{ long_redirects: 'truncate' }, '/long_redirects'],
  'require_jarm "always"': [{ require_jarm: 'always' }, '/require_jarm'],
  'an unknown profile': [{ profile: 'fapi3' }, '/profile'],
  'an issuer with a query': [{ issuer: 'https://as.example.com?a' }, '/issuer'],
  'a mode with a space': [{ response_mode: [{ name: 'a b' }] }, '/response_mode/0/name'],
  'the algorithm none': [{ default_signing_alg: 'nOnE' }, '/default_signing_alg'],
  'the `typ` of an access token': [{ response_jwt_typ: 'at+jwt' }, '/response_jwt_typ'],
};
for (const [name, [members, place]] of Object.entries(refused)) {
  test(`refused: ${name}`, () => assert.deepEqual(faults({ issuer, ...members }), [place]));
}

test('refused: no issuer', () => assert.deepEqual(faults({}), ['']));
