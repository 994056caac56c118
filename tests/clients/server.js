// Starts the demonstration server for a test, and ends it.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const BINARY = process.env.JARM_SERVER
  ?? fileURLToPath(new URL('../../target/debug/authorization-server', import.meta.url));
/** The FAPI 2.0 server of the examples. */
export const FAPI2_HOST = process.env.JARM_FAPI2_HOST
  ?? fileURLToPath(new URL('../../target/debug/fapi2-host', import.meta.url));
const START_LIMIT = 60_000;
const STOP_LIMIT = 5_000;
const RELOAD_LIMIT = 30_000;
const RELOADED = /^.*\b(?:not )?reloaded[:,].*$/gm;
const FIRST_LINE = /^listening on (http:\/\/\S+)$/;

/**
 * Starts a server on a free port of 127.0.0.1, in a directory of its own.
 *
 * `flags` are given to it as they are; `config` is the text of its TOML file; `program` is another
 * server with the same flags.
 * Answers with `{ url, directory, stderr(), configure(text), reload(), stop() }`.
 */
export async function startServer({ flags = ['--auto-approve'], config, program = BINARY } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'jarm-test-'));
  const file = join(directory, 'config.toml');
  if (config !== undefined) await writeFile(file, config);
  const configFlags = config === undefined ? [] : ['--config', file];

  const child = spawn(program, ['--listen', '127.0.0.1:0', ...configFlags, ...flags], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => { stderr += text; });
  const ended = new Promise((resolve) => child.once('close', resolve));

  async function stop() {
    process.off('exit', kill);
    child.kill('SIGTERM');
    const impatient = setTimeout(kill, STOP_LIMIT);
    if (child.pid !== undefined) await ended;
    clearTimeout(impatient);
    await rm(directory, { recursive: true, force: true });
  }

  /** Sends SIGHUP, and answers with the line in which the server says what came of it. */
  async function reload() {
    const lines = () => stderr.match(RELOADED) ?? [];
    const { length } = lines();
    child.kill('SIGHUP');
    const limit = Date.now() + RELOAD_LIMIT;
    while (lines().length === length) {
      if (Date.now() > limit) throw new Error(`${program}: no word of a reload\n${stderr}`);
      await sleep(20);
    }
    return lines().at(-1);
  }

  try {
    const url = await firstLine(child, program, () => stderr);
    const configure = (text) => writeFile(file, text);
    return { url, directory, stderr: () => stderr, configure, reload, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits for the line that says where the server listens; later lines are read and dropped. */
function firstLine(child, program, stderr) {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => fail(`silent for ${START_LIMIT} ms`), START_LIMIT);
    const fail = (reason) => {
      clearTimeout(limit);
      reject(new Error(`${program}: ${reason}\n${stderr()}`));
    };
    child.once('error', (error) => fail(error.message));
    child.once('close', (code) => fail(`ended with status ${code}`));
    createInterface({ input: child.stdout }).once('line', (line) => {
      clearTimeout(limit);
      const [, url] = FIRST_LINE.exec(line) ?? [];
      if (url) resolve(url);
      else fail(`unexpected first line: ${line}`);
    });
  });
}
