// Starts the example of a whole client, which registers itself at a server, and ends it.
import { fileURLToPath } from 'node:url';

import { startProgram } from './program.js';

const BINARY = process.env.JARM_CLIENT
  ?? fileURLToPath(new URL('../../target/debug/client', import.meta.url));
const FIRST_LINE = /^(http:\/\/\S+)$/;

/**
 * Answers with `{ url, stderr(), stop() }`; a login begins at `url`, and goes on to `afterwards`, if
 * that is given.
 */
export function startClient(server, { host = '127.0.0.1', mode = 'jwt', afterwards } = {}) {
  const env = { ...process.env, ...afterwards && { AFTERWARDS: afterwards } };
  return startProgram(BINARY, [server.url, `${host}:0`, mode], { pattern: FIRST_LINE, env });
}
