/**
 * A separate program that starts tasks, does not finish them, and reports over IPC its memory and files. Run it with
 * --expose-gc, so that only reachable memory counts. It imports the built package, because Node 20 runs no TypeScript.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { identity } from '../../dist/cli/io/server.js';
import { generateRing, parseRing, toText } from '../../dist/keys/index.js';
import { callTool, toolset } from '../../dist/kit/index.js';
import { researchTools } from '../../dist/research/index.js';
import { createFetchHandler, toolServer } from '../../dist/server/index.js';

const now = Math.floor(Date.now() / 1000);
const ring = await parseRing(toText(await generateRing(now)));
const environment = { ring: () => ring, now: () => now };
const tools = toolset(researchTools);
const server = createFetchHandler({ server: toolServer(tools, identity), environment, allowAnonymous: true });
const NAME = 'start_research_task';

/** @param whole whether to send an HTTP request, or only to call the tool */
async function startTask(number, whole) {
  const args = { topic: `a question that nobody came back to (${number})`, depth: 3 };
  const { structuredContent } = await (whole ? request(args) : callTool(tools, tools.byName.get(NAME), args, environment));
  return structuredContent;
}

async function request(args) {
  const headers = { host: 'localhost', 'content-type': 'application/json', 'mcp-protocol-version': '2026-07-28' };
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'waxseal-test', version: '1.0.0' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const response = await server.fetch(
    new Request('http://localhost/mcp', {
      method: 'POST',
      headers: { ...headers, 'mcp-method': 'tools/call', 'mcp-name': NAME },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: NAME, arguments: args, _meta } }),
    }),
  );
  return (await response.json()).result;
}

/**
 * Makes calls, eight at a time. Only one of every `wholeEvery` calls is a whole HTTP request, because a request takes
 * several times as long as the tool call alone.
 */
async function startTasks(count, wholeEvery, done = () => {}) {
  let next = 0;
  const lane = async () => {
    for (let number = next++; number < count; number = next++) done(await startTask(number, number % wholeEvery === 0));
  };
  await Promise.all(Array.from({ length: 8 }, lane));
}

/**
 * The size of the reachable memory: the smallest of eight readings, each right after a garbage collection. One is not
 * enough, because finalizers and timers keep objects, and because one reading in five is 200 KB too high.
 */
async function measure() {
  let heap = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 8; round += 1) {
    globalThis.gc();
    heap = Math.min(heap, process.memoryUsage().heapUsed);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return { heap, disk: onDisk() };
}

/** How much this process wrote to storage, and which files are open. Only Linux reports this. */
function onDisk() {
  try {
    const written = Number(/^write_bytes: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
    return { written, files: readdirSync('/proc/self/fd').flatMap(targetOf).filter(isFile) };
  } catch {
    return undefined;
  }
}

function targetOf(descriptor) {
  try {
    return [readlinkSync(`/proc/self/fd/${descriptor}`)];
  } catch {
    // This descriptor was open only while the list was read.
    return [];
  }
}

function isFile(path) {
  return path.startsWith('/') && !path.startsWith('/dev/') && !path.startsWith('/proc/');
}

// In the first round, every call is a whole HTTP request, so the engine compiles all code before the first measurement.
await startTasks(300, 1);
const early = await measure();
await startTasks(2_000, 9);
const late = await measure();

// This control stores tasks, and shows that the measurement notices them.
const store = new Map();
await startTasks(300, 9, ({ handle, handle_info }) => store.set(handle_info.id, handle));
const stored = await measure();

process.send({ early, late, stored, kept: store.size }, () => process.disconnect());
