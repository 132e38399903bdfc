/**
 * Counts the tokens that a model reads and writes in a task of ten calls, with handles of several codecs. It also
 * counts single handles and tool definitions. Run `npm run build` first; then `node bench/tokens.mjs [--quick]`.
 */
import { parseArgs } from 'node:util';
import { authenticate, issue } from '../dist/handle/index.js';
import { mintingKey, openingKey } from '../dist/keys/index.js';
import { toolset } from '../dist/kit/index.js';
import { researchTask, researchTools } from '../dist/research/index.js';
import { createWallet, withWallet } from '../dist/wallet/index.js';
import { codecs } from './lib/codecs.mjs';
import { researchHandler } from './lib/in-process.mjs';
import { manyTools } from './lib/many-tools.mjs';
import { report } from './lib/report.mjs';
import { depth, findings, topic } from './lib/research-mix.mjs';
import { ringOf } from './lib/ring.mjs';
import { tenCalls } from './lib/ten-calls.mjs';
import { tokensOf } from './lib/tokens.mjs';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const { table, line, save } = report('tokens', values);
const now = () => Math.floor(Date.now() / 1000);
const ring = await ringOf();

line('# Tokens\n');
line('Counted with the encoding o200k_base. Handles are random, so the figures of two runs differ by 1 or 2 %.');
table('One handle', ['handle', 'characters', 'tokens', 'ratio to uncompressed'], await singleHandles());
table(
  'A whole task of ten calls',
  ['what the client gets as a handle', 'characters, longest', 'read', 'written', 'together', 'ratio to a random id'],
  await wholeTasks(),
);
const TOOL_COUNTS = [researchTools.length, 50, 200];
table(
  "Tokens of the definitions in tools/list (with the kit's own tool delegate_task)",
  ['mode', ...TOOL_COUNTS.map((count) => `${count} tools`)],
  ['all', 'search', 'auto'].map((list) => [list, ...TOOL_COUNTS.map((count) => definitionTokens(count, list))]),
);
save();

async function singleHandles() {
  const states = {
    'a fresh task': { topic, depth, status: 'running', results: [] },
    'with its five findings': { topic, depth, status: 'running', results: findings },
  };
  const rows = [];
  for (const [name, state] of Object.entries(states)) {
    const make = async (compress) => {
      const birth = { kind: researchTask.id, state, now: now(), lifetime: researchTask.lifetime };
      return (await issue(birth, mintingKey(ring, now()), { compress })).handle;
    };
    const [plain, compressed] = [await make(false), await make(true)];
    rows.push([`${name}, uncompressed`, plain.length, tokensOf(plain), '1.00']);
    rows.push([`${name}, as it is issued`, compressed.length, tokensOf(compressed), (compressed.length / plain.length).toFixed(2)]);
  }
  return rows;
}

async function wholeTasks() {
  const handler = researchHandler({ ring: () => ring, now });
  const ours = await tenCalls(handler);
  const wallet = createWallet({ upstream: 'http://localhost/mcp', ephemeral: true });
  const walleted = await tenCalls(handler, (transport) => withWallet(transport, wallet));
  const states = await statesIn(ours);
  const list = await codecs();
  const sealedBy = async (name) => {
    const { seal } = list.find((codec) => codec.name === name);
    const strings = new Map();
    for (const [handle, state] of states) strings.set(handle, await seal(state));
    return ours.map((exchange) => replaced(exchange, (text) => [...strings].reduce((done, [from, to]) => done.replaceAll(from, to), text)));
  };
  const rows = [
    ['a random id', ours.map((exchange) => withId(exchange, [...states.keys()]))],
    ["waxseal's wallet, which keeps the handles", walleted],
    ['waxseal', ours],
    ['waxseal, never compressed', await sealedBy('waxseal')],
    ['SDK requestState (signed only)', await sealedBy('SDK requestState (signed only)')],
    ['@hapi/iron', await sealedBy('@hapi/iron')],
    ['jose EncryptJWT (not signed)', await sealedBy('jose EncryptJWT (not signed)')],
  ].map(([name, exchanges]) => ({ name, exchanges, ...counted(exchanges) }));
  return rows.map(({ name, exchanges, read, written }) => {
    const longest = Math.max(...exchanges.map(({ structured }) => structured.handle.length));
    const ratio = (read + written) / (rows[0].read + rows[0].written);
    return [name, longest, read, written, read + written, `${ratio.toFixed(2)} ×`];
  });
}

/** Maps every handle of a task to its state. */
async function statesIn(exchanges) {
  const states = new Map();
  for (const { structured } of exchanges) {
    const { claims } = await authenticate(structured.handle, (kid) => openingKey(ring, kid, now()));
    states.set(structured.handle, claims.st);
  }
  return states;
}

/** Changes every text of an exchange. */
function replaced({ written, texts, structured }, change) {
  return {
    written: JSON.parse(change(JSON.stringify(written))),
    texts: texts.map(change),
    structured: JSON.parse(change(JSON.stringify(structured))),
  };
}

/** Replaces handles by the ids that a server with a store would issue. Such a server needs no `handle_info`. */
function withId(exchange, handles) {
  const change = (text) => handles.reduce((done, handle) => done.replaceAll(handle, 'task_7f3a9c1e'), text);
  const { written, texts, structured } = replaced(exchange, change);
  const { handle_info, ...rest } = structured;
  return { written, texts: texts.map((text) => text.replace(/handle \(revision [^)]*\): /, 'handle: ')), structured: rest };
}

function counted(exchanges) {
  const sum = (texts) => texts.reduce((total, text) => total + tokensOf(text), 0);
  return {
    read: sum(exchanges.flatMap(({ texts, structured }) => [...texts, JSON.stringify(structured)])),
    written: sum(exchanges.map(({ written }) => JSON.stringify(written))),
  };
}

function definitionTokens(count, list) {
  return tokensOf(JSON.stringify(toolset(manyTools(count), { list }).definitions));
}
