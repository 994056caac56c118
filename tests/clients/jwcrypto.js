// Has responses verified by jwcrypto, in a Python of its own.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PYTHON = process.env.JARM_PYTHON ?? fileURLToPath(new URL('../.venv/bin/python', import.meta.url));
const SCRIPT = fileURLToPath(new URL('verify_jwcrypto.py', import.meta.url));
const LIMIT = 60_000;

/** A response of `client` as the script takes it. */
export async function sample(client, jwt) {
  const {
    authorization_signed_response_alg: alg,
    authorization_encrypted_response_alg: encryptionAlg,
    authorization_encrypted_response_enc: enc,
  } = client.metadata;
  return {
    alg,
    jwt,
    issuer: client.issuer,
    client_id: client.id,
    client_secret: client.secret,
    jwks: await client.jwks(),
    ...(encryptionAlg && { encryption: { alg: encryptionAlg, enc, key: client.key } }),
  };
}

/** How many of the samples were verified, and the algorithms that jwcrypto does not know. */
export async function verifyWithJwcrypto(samples) {
  const directory = await mkdtemp(join(tmpdir(), 'jarm-responses-'));
  try {
    const file = join(directory, 'responses.json');
    await writeFile(file, JSON.stringify(samples));
    const { stdout } = await promisify(execFile)(PYTHON, [SCRIPT, file], { timeout: LIMIT });
    return JSON.parse(stdout);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
