// Starts a program for a test, and ends it.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const START_LIMIT = 60_000;
const STOP_LIMIT = 5_000;

/**
 * Starts a program that says in the first line of its output where it listens: what `pattern`
 * finds. Answers with `{ url, stderr(), kill(signal), stop() }`.
 */
export async function startProgram(binary, args, { pattern, cwd, env }) {
  const child = spawn(binary, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = (signal = 'SIGKILL') => child.kill(signal);
  const killAtExit = () => kill();
  process.once('exit', killAtExit);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => { stderr += text; });
  const ended = new Promise((resolve) => child.once('close', resolve));

  async function stop() {
    process.off('exit', killAtExit);
    kill('SIGTERM');
    const impatient = setTimeout(kill, STOP_LIMIT);
    if (child.pid !== undefined) await ended;
    clearTimeout(impatient);
  }

  try {
    const [, url] = await firstLine(child, pattern);
    return { url, stderr: () => stderr, kill, stop };
  } catch (error) {
    await stop();
    throw new Error(`${binary}: ${error.message}\n${stderr}`);
  }
}

/** Waits for the line that says where the program listens; later lines are read and dropped. */
function firstLine(child, pattern) {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => fail(`silent for ${START_LIMIT} ms`), START_LIMIT);
    const fail = (reason) => {
      clearTimeout(limit);
      reject(new Error(reason));
    };
    child.once('error', (error) => fail(error.message));
    child.once('close', (code) => fail(`ended with status ${code}`));
    createInterface({ input: child.stdout }).once('line', (line) => {
      clearTimeout(limit);
      const found = pattern.exec(line);
      if (found) resolve(found);
      else fail(`unexpected first line: ${line}`);
    });
  });
}
