/** Runs a server in its own process, and measures its CPU time and memory. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** How long a server may take to start, in milliseconds. */
const PATIENCE_MS = 20_000;

/**
 * Starts a server on Node, and waits until it has printed its address. Its output goes to a file.
 *
 * @param server `name`; and `args`, Node's arguments: the script, and the script's arguments
 * @param folder the folder of the log
 * @returns its `url`; `usage()`, its CPU time in milliseconds; `memory()`, its memory after a garbage collection, in
 *   bytes; and `stop()`
 */
export async function startServer({ name, args }, folder) {
  const logFile = join(folder, `${name.replaceAll(/\W+/g, '-')}-${Date.now()}.log`);
  const log = openSync(logFile, 'w');
  const probe = ['--expose-gc', '--import', new URL('probe.mjs', import.meta.url).href];
  const child = spawn(process.execPath, [...probe, ...args], { stdio: ['ignore', log, log, 'ipc'] });
  closeSync(log);
  const url = await urlIn(logFile, child, name);
  const ask = asker(child, name);
  return {
    name,
    url,
    usage: async () => (await ask('usage')).cpuMs,
    memory: () => ask('memory'),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function urlIn(logFile, child, name) {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const text = readFileSync(logFile, 'utf8');
    const url = /serves MCP at (http:[^\s"]+)/.exec(text)?.[1];
    if (url !== undefined) return url;
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}:\n${text}`);
    await wait(20);
  }
  child.kill('SIGKILL');
  throw new Error(`${name} did not start within ${PATIENCE_MS} ms:\n${readFileSync(logFile, 'utf8')}`);
}

function asker(child, name) {
  let last = 0;
  const waiting = new Map();
  child.on('message', (answer) => {
    waiting.get(answer.id)?.resolve(answer);
    waiting.delete(answer.id);
  });
  child.on('exit', (code, signal) => {
    for (const { reject } of waiting.values()) reject(new Error(`${name} ended with ${code ?? signal}`));
    waiting.clear();
  });
  return (question) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      child.send({ question, id: last });
    });
}
