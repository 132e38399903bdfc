/**
 * Starts everything of Waxseal that a program can use, and prints the names of the globals that this changed, as a JSON array. Run it in its
 * own process, from an empty folder.
 */
/** The globals that are not compared: zod's configuration, and `process`, which counts its listeners. */
const OTHERS = /^(__zod_.*|process)$/;

picture();
const before = picture();

const { createFetchHandler, serve, systemClock } = await import('../../dist/server/index.js');
const { createWallet, withWallet } = await import('../../dist/wallet/index.js');
const { generateRing, parseRing, toText } = await import('../../dist/keys/index.js');
const { researchTools } = await import('../../dist/research/index.js');
const { serverOf, toolset } = await import('../../dist/kit/index.js');

const identity = { name: 'globals', version: '1' };
const ring = await parseRing(toText(await generateRing(systemClock())));
const environment = { ring: () => ring, now: systemClock };
const tools = toolset(researchTools);
const handler = createFetchHandler({ allowAnonymous: true, environment, server: () => serverOf(tools, environment, identity) });
const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'start_research_task', arguments: { topic: 'globals' } } };
const headers = { host: 'localhost', accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
const send = (url, to = fetch) => to(new Request(url, { method: 'POST', headers, body: JSON.stringify(call) }));

process.env.PORT = '0';
process.env.WAXSEAL_LOG_LEVEL = 'silent';
const running = await serve(researchTools, identity);
const answers = [await send('http://localhost/mcp', handler.fetch), await send(running.url)];
for (const answer of answers) if (!(await answer.text()).includes('handle_info')) throw new Error(`a call was answered ${answer.status}`);
withWallet({ start: async () => {}, send: async () => {}, close: async () => {} }, createWallet({ upstream: 'x', ephemeral: true }));
await running.stop();

const after = picture();
const names = new Set([...before.keys(), ...after.keys()]);
const changed = [...names].filter((name) => !Object.is(before.get(name), after.get(name)));
process.stdout.write(`${JSON.stringify(changed)}\n`);
process.exit();

/**
 * Returns every global, its members and those of its prototype; for an accessor, the getter. Node makes some globals
 * when they are first read, so the first picture is not compared.
 */
function picture() {
  const found = new Map();
  const look = (owner, path) => {
    for (const name of Reflect.ownKeys(owner)) {
      const { value, get } = Object.getOwnPropertyDescriptor(owner, name);
      found.set(`${path}.${String(name)}`, get ?? value);
    }
  };
  const names = Object.getOwnPropertyNames(globalThis).filter((name) => !OTHERS.test(name));
  for (const name of names) {
    const value = globalThis[name];
    found.set(name, value);
    if (value === globalThis || !['function', 'object'].includes(typeof value) || value === null) continue;
    look(value, name);
    if (value.prototype) look(value.prototype, `${name}.prototype`);
  }
  look(crypto.subtle, 'crypto.subtle');
  return found;
}
