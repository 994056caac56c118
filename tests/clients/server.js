// Starts the demonstration server for a test, and ends it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { startProgram } from './program.js';

const built = (name) => fileURLToPath(new URL(`../../target/debug/${name}`, import.meta.url));
const BINARY = process.env.JARM_SERVER ?? built('authorization-server');
/** The FAPI 2.0 server of the examples. */
export const FAPI2_HOST = process.env.JARM_FAPI2_HOST ?? built('fapi2-host');
/** The examples on published authorization server crates. */
export const OAUTH_AS_HOST = process.env.JARM_OAUTH_AS_HOST ?? built('oauth-as-host');
export const OXIDE_AUTH_HOST = process.env.JARM_OXIDE_AUTH_HOST ?? built('oxide-auth-host');
const RELOAD_LIMIT = 30_000;
const RELOADED = /^.*\b(?:not )?reloaded[:,].*$/gm;
const FIRST_LINE = /^listening on (https?:\/\/\S+)$/;

/**
 * Starts a server on a free port of 127.0.0.1, in a directory of its own.
 *
 * `flags` are given to it as they are; `config` is the text of its TOML file; `binary` is another
 * server with the same flags.
 * Answers with `{ url, directory, stderr(), configure(text), reload(), stop() }`.
 */
export async function startServer({ flags = ['--auto-approve'], config, binary = BINARY } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'jarm-test-'));
  const remove = () => rm(directory, { recursive: true, force: true });
  const file = join(directory, 'config.toml');
  if (config !== undefined) await writeFile(file, config);
  const configFlags = config === undefined ? [] : ['--config', file];

  const args = ['--listen', '127.0.0.1:0', ...configFlags, ...flags];
  const program = await startProgram(binary, args, { pattern: FIRST_LINE, cwd: directory })
    .catch(async (error) => {
      await remove();
      throw error;
    });
  const { url, stderr } = program;

  async function stop() {
    await program.stop();
    await remove();
  }

  /** Sends SIGHUP, and answers with the line in which the server says what came of it. */
  async function reload() {
    const lines = () => stderr().match(RELOADED) ?? [];
    const { length } = lines();
    program.kill('SIGHUP');
    const limit = Date.now() + RELOAD_LIMIT;
    while (lines().length === length) {
      if (Date.now() > limit) throw new Error(`${binary}: no word of a reload\n${stderr()}`);
      await sleep(20);
    }
    return lines().at(-1);
  }

  const configure = (text) => writeFile(file, text);
  return { url, directory, stderr, configure, reload, stop };
}

/** The same for one test, with which it ends. */
export async function startServerFor(t, options) {
  const server = await startServer(options);
  t.after(() => server.stop());
  return server;
}
