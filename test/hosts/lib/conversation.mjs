/** Runs one conversation: one host, one script, one way to the server, and an empty home directory. */
import { join } from 'node:path';
import { nextMove } from '../model/script.mjs';
import { environment, newHome, runIn } from './sandbox.mjs';

const PROMPT = 'Research stateless MCP with the tools of waxseal, and complete the task.';

/**
 * Runs a host until the script or the host ends.
 *
 * @param host an entry of `hosts.mjs`
 * @param situation the host's `folder`, the folder of `node`, the server's `url`, and the `way`: `direct` or `wallet`
 * @param session a session of the model (`model/server.mjs`)
 * @returns `ending`: `done`, or what went wrong; `printed`: the host's output
 */
export async function converse(host, { folder, node, url, way }, session) {
  const home = newHome();
  const connection = way === 'wallet' ? host.connect?.throughWallet(url) : host.connect?.direct(url);
  const situation = { home, folder, url, way, connection, modelUrl: session.url, prompt: PROMPT };
  const env = environment(home, [node, join(folder, 'node_modules', '.bin')], host.env?.(situation));
  if (host.call !== undefined) return byHand(host, situation, session, env);
  const { code, stdout, stderr } = await runIn(home, host.command(situation), env);
  const printed = stdout + stderr;
  if (session.ending === undefined) return { ending: `the host ended (${code}) before the model did: ${lastOf(printed)}`, printed };
  if (session.ending === 'done' && code !== 0) return { ending: `the host ended with ${code}: ${lastOf(printed)}`, printed };
  return { ending: session.ending, printed };
}

/** Runs the script's calls as commands, for a host without an agent loop. */
async function byHand(host, situation, session, env) {
  host.prepare(situation);
  for (;;) {
    const { call, hidden } = nextMove(session.script, session.results);
    if (call === undefined) return { ending: hidden ?? 'done', printed: '' };
    session.calls.push(call);
    const { stdout, stderr } = await runIn(situation.home, host.call(call), env);
    session.results.push(`${stdout}${stderr}`);
  }
}

function lastOf(printed) {
  return printed.trim().split('\n').slice(-4).join(' | ').slice(-400);
}
