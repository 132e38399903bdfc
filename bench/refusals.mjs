/**
 * Measures the CPU time of all threads for refusing a handle at each step of verification, and compares it with
 * accepting one. Run `npm run build` first; then `node bench/refusals.mjs [--rounds 15]`.
 */
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { authenticate, open } from '../dist/handle/index.js';
import { isRevoked, openingKey, parseRing } from '../dist/keys/index.js';
import { defineKind } from '../dist/kit/index.js';
import { researchTask } from '../dist/research/index.js';
import { deflated } from '../test/fuzz/codec.mjs';
import { OPENED, PROCEDURES, stepsOf, takes } from '../test/fuzz/steps.mjs';
import { handleOf, longest, NOW, pair, sealed, withBadTag, withBitFlipped, withUnknownKid } from './handles.mjs';
import { machine, say } from './machine.mjs';
import { median, shuffled } from './statistics.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } });
/** The CPU time of a batch of calls, in milliseconds: long enough to measure, but short, so that the cases take turns often. */
const BATCH_MS = 20;
const LENGTHS = [480, 4_000, 8_192];

/**
 * Makes a kind whose results are numbers or lists. A handle can hold more of these than of texts, and many small
 * results take the longest to accept.
 */
const full = (name, member) => {
  const schema = z.strictObject({ topic: z.string(), depth: z.int(), status: z.string(), results: z.array(member) });
  return defineKind({ name, version: 1, schema, lifetime: 86_400 });
};
const kinds = [researchTask, full('numbers', z.int()), full('lists', z.array(z.int()))];
const revoked = 'revoked-task-now';

/** The settings for opening a handle. The replica has those of `waxseal serve`. The inspector has no private keys. */
const calls = {
  replica: await callWith(pair.jwks),
  inspector: await callWith(pair.jwks.map(({ d: _private, ...jwk }) => jwk)),
};
const openers = {
  replica: open,
  inspector: (handle, { findKey, maxLength }) => authenticate(handle, findKey, maxLength),
};

async function callWith(keys) {
  const ring = await parseRing(JSON.stringify({ keys, revocations: { tasks: [{ jti: revoked, until: NOW + 60 }] } }));
  return {
    findKey: (kid) => openingKey(ring, kid, NOW),
    isRevoked: (claims) => isRevoked(ring.revocations, claims, NOW),
    now: NOW,
    kinds: new Map(kinds.flatMap(({ readers }) => [...readers])),
    needs: ['get_task_status', 'read'],
  };
}

/** Who can make a handle: any client; a holder of the AES secret, such as an inspector; a holder of the private key. */
const MAKERS = ['anyone', 'AES secret', 'signer'];
const [ANYONE, SECRET, SIGNER] = MAKERS;

/** An IV that is not the derived one. A replica refuses it. An inspector does not check it. */
const wrongIv = { iv: withBitFlipped(0) };

/**
 * The rows of the tables: the step that refuses the handle, a name, who can make the handle, a function of length and
 * compression that makes the handle, and members that replace those of `calls`.
 */
const VARIANTS = [
  [OPENED, 'accepted, one long text', SIGNER, (length, zip) => handleOf(length, zip, { full: 'text' })],
  [OPENED, 'accepted, many texts', SIGNER, (length, zip) => handleOf(length, zip)],
  [OPENED, 'accepted, many numbers', SIGNER, (length, zip) => handleOf(length, zip, { full: 'numbers', own: { kind: 'numbers@1' } })],
  [OPENED, 'accepted, many lists', SIGNER, (length, zip) => handleOf(length, zip, { full: 'lists', own: { kind: 'lists@1' } })],
  [1, 'one character too long', ANYONE, handleOf, { maxLength: 100 }],
  [2, 'a foreign character at the end', ANYONE, (length, zip) => `${handleOf(length, zip).slice(0, -1)}=`],
  [2, 'dots only', ANYONE, (length) => '.'.repeat(length)],
  [
    2,
    'spare bits at the end',
    ANYONE,
    (length, zip) => ((handle) => `${handle.slice(0, -1)}${{ A: 'B', Q: 'R', g: 'h', w: 'x' }[handle.at(-1)]}`)(handleOf(length, zip)),
  ],
  [3, 'another typ', ANYONE, (length, zip) => handleOf(length, zip, { header: (text) => text.replace('"handle"', '"hamdle"') })],
  [3, 'a header that fills the handle', ANYONE, (length) => `${'A'.repeat((length - 45) & ~3)}..${'A'.repeat(16)}.AA.${'A'.repeat(22)}`],
  [4, 'unknown key', ANYONE, (length, zip) => withUnknownKid(handleOf(length, zip))],
  [5, 'bad tag', ANYONE, (length, zip) => withBadTag(handleOf(length, zip))],
  [6, 'another IV', SECRET, (length, zip) => handleOf(length, zip, wrongIv)],
  [6, 'another IV, bomb', SECRET, (length, zip) => zip && bomb(length, wrongIv)],
  [7, 'bomb', SIGNER, (length, zip) => zip && bomb(length)],
  [7, 'stream without its end', SIGNER, (length, zip) => zip && handleOf(length, true, { data: (bytes) => bytes.subarray(0, -1) })],
  [7, 'empty blocks', SIGNER, (length, zip) => zip && emptyBlocks(length)],
  // An inspector does not check the IV, so somebody without the private key can cause these refusals.
  [7, 'bomb', SECRET, (length, zip) => zip && bomb(length, wrongIv)],
  [
    7,
    'stream without its end',
    SECRET,
    (length, zip) => zip && handleOf(length, true, { data: (bytes) => bytes.subarray(0, -1), ...wrongIv }),
  ],
  [7, 'empty blocks', SECRET, (length, zip) => zip && emptyBlocks(length, wrongIv)],
  [8, 'bad signature', SECRET, (length, zip) => handleOf(length, zip, { plaintext: withBitFlipped(0), ...wrongIv })],
  [9, 'a space after the end', SIGNER, (length, zip) => handleOf(length, zip, { text: (text) => `${text} ` })],
  [9, 'many unknown claims', SIGNER, (length, zip) => handleOf(length, zip, { full: 'unknownClaims' })],
  [9, 'many wrong rights', SIGNER, (length, zip) => handleOf(length, zip, { full: 'wrongRights' })],
  [9, 'nested too deep', SIGNER, (length, zip) => zip && handleOf(length, zip, { full: 'depth' })],
  [10, 'issued in the future', SIGNER, (length, zip) => handleOf(length, zip, { own: { iat: NOW + 61 } })],
  [11, 'another audience', SIGNER, (length, zip) => handleOf(length, zip, { own: { more: ',"aud":"elsewhere"' } })],
  [12, 'another caller', SIGNER, (length, zip) => handleOf(length, zip, { own: { more: ',"sub":"AAECAwQFBgcICQoLDA0ODw"' } })],
  [13, 'revoked', SIGNER, (length, zip) => handleOf(length, zip, { own: { jti: revoked } })],
  [14, 'expired', SIGNER, (length, zip) => handleOf(length, zip, { own: { iat: NOW - 86_400, exp: NOW } })],
  [15, 'another kind', SIGNER, (length, zip) => handleOf(length, zip, { own: { kind: 'basket@1' } })],
  [16, 'another right', SIGNER, (length, zip) => handleOf(length, zip, { own: { more: ',"scp":["cancel"]' } })],
  [17, 'a state with many wrong members', SIGNER, (length, zip) => handleOf(length, zip, { full: 'numbers' })],
].map(([step, name, who, make, expected = {}]) => ({ step, name, who, make, expected }));

/** A DEFLATE stream that inflates to far more than the limit. */
function bomb(length, how) {
  return longest(length, (units) => sealed(deflated(Buffer.alloc(units * 512)), true, how));
}

/** A DEFLATE stream of empty blocks, without an end. */
function emptyBlocks(length, how) {
  return longest(length, (units) => sealed(Buffer.alloc(units + 5, Buffer.from([0, 0, 0, 0xff, 0xff])), true, how));
}

/**
 * Tells whether a row belongs in a procedure's table. A handle made without the private key never passes a replica's
 * step 6, so the replica's table has no later rows for such handles. An inspector's table has only the steps 7 to 9,
 * and the accepted handles: up to step 5 an inspector does what a replica does, it skips step 6, and it ends with step
 * 9.
 */
function isFor(procedure, { step, who }) {
  if (!takes(procedure, step)) return false;
  return procedure === 'replica' ? step <= 6 || who !== SECRET : (step >= 7 && step <= 9) || step === OPENED;
}

const columns = LENGTHS.flatMap((length) => [false, true].map((compressed) => ({ length, compressed })));
const subjects = VARIANTS.flatMap((variant) =>
  columns.flatMap((column) => {
    const handle = variant.make(column.length, column.compressed);
    if (!handle) return [];
    return PROCEDURES.filter((procedure) => isFor(procedure, variant)).map((procedure) => {
      const expected = { ...calls[procedure], ...variant.expected };
      return { variant, procedure, column, run: () => openers[procedure](handle, expected), times: [] };
    });
  }),
);

for (const { variant, procedure, column, run } of subjects) {
  const reached = await stepsReached(run);
  if (!reached.includes(variant.step))
    throw new Error(
      `"${variant.name}" (${column.length} characters) fails for ${procedure} at step ${reached}, not at step ${variant.step}`,
    );
}
for (const subject of subjects) subject.count = Math.max(1, Math.ceil((BATCH_MS * 1_000) / (await batch(subject, 5))));
// The first round only warms up the code.
for (let round = 0; round <= Number(values.rounds); round += 1) {
  for (const subject of shuffled(subjects)) {
    const microseconds = await batch(subject, subject.count);
    if (round > 0) subject.times.push(microseconds);
  }
}
say(`The CPU time of opening a handle in µs, medians of ${values.rounds} rounds. ${machine()}`);
say('A "plain" handle is not compressed. A "zip" handle is compressed, and inflates to 64 KiB.');
for (const procedure of PROCEDURES) report(procedure);

async function stepsReached(run) {
  try {
    await run();
    return [OPENED];
  } catch (error) {
    return stepsOf(error);
  }
}

/** The CPU time of a call on all threads, in microseconds. Web Crypto and zlib use other threads. */
async function batch({ run }, count) {
  const before = process.cpuUsage();
  for (let left = count; left > 0; left -= 1) await run().catch(() => {});
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

function report(procedure) {
  say(
    `\n${`${procedure}: step`.padEnd(40)}${'made by'.padEnd(12)}${columns.map(({ length, compressed }) => `${length} ${compressed ? 'zip' : 'plain'}`.padStart(13)).join('')}`,
  );
  const own = subjects.filter((subject) => subject.procedure === procedure);
  for (const variant of VARIANTS.filter((candidate) => isFor(procedure, candidate))) {
    const cells = columns.map((column) => {
      const subject = own.find((candidate) => candidate.variant === variant && candidate.column === column);
      return (subject ? median(subject.times).toFixed(1) : '·').padStart(13);
    });
    const { step, name, who } = variant;
    say(`${`${step === OPENED ? '  ' : String(step).padStart(2)} ${name}`.padEnd(40)}${who.padEnd(12)}${cells.join('')}`);
  }
  say('\nThe ratio of the most expensive refusal to the most expensive acceptance:');
  for (const compressed of [false, true])
    for (const length of LENGTHS)
      line(own, `${length} ${compressed ? 'zip' : 'plain'}`, (column) => column.length === length && column.compressed === compressed);
  line(own, 'any', () => true);
  const worst = LENGTHS.flatMap((length) => line(own, `${length}, any`, (column) => column.length === length));
  const said = MAKERS.flatMap((who) => {
    const ratios = worst.filter((ratio) => ratio.who === who);
    return ratios.length === 0 ? [] : [`${who} ${Math.max(...ratios.map(({ ratio }) => ratio)).toFixed(2)}`];
  });
  say('The goal in the line "any" is at most 0.20, for handles made without the signing key. The goal in all other lines is at most 1.00.');
  say('The largest ratio for one length, by who can make the handle:');
  say(`${said.join(', ')}.`);
}

/**
 * Prints and returns, for each of `MAKERS`, the cost of the most expensive refusal divided by the cost of the most
 * expensive acceptance.
 */
function line(own, title, within) {
  const here = own.filter(({ column }) => within(column));
  const dearest = (list) => list.reduce((a, b) => (median(a.times) >= median(b.times) ? a : b));
  const accepted = dearest(here.filter(({ variant }) => variant.step === OPENED));
  const ratios = MAKERS.flatMap((who) => {
    const refusals = here.filter(({ variant }) => variant.step !== OPENED && variant.who === who);
    if (refusals.length === 0) return [];
    const refused = dearest(refusals);
    return [{ who, refused, ratio: median(refused.times) / median(accepted.times) }];
  });
  const said = ratios.map(
    ({ who, refused, ratio }) => `${who} ${ratio.toFixed(2)} (step ${refused.variant.step}, ${refused.variant.name})`,
  );
  say(`  ${title.padEnd(13)}${said.join(' · ')}`);
  return ratios;
}
