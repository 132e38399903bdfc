/**
 * What a refusal costs at each step of the verifier's order, in CPU time of all threads, beside what an acceptance
 * costs. Run `npm run build` first; then `node bench/refusals.mjs [--rounds 15]`.
 */
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { open } from '../dist/handle/index.js';
import { openingKey, parseRing } from '../dist/keys/index.js';
import { defineKind } from '../dist/kit/index.js';
import { researchTask } from '../dist/research/index.js';
import { deflated } from '../test/fuzz/codec.mjs';
import { OPENED, stepOf } from '../test/fuzz/steps.mjs';
import { changed, handleOf, longest, NOW, pair, sealedRaw, withBadTag, withUnknownKid } from './handles.mjs';
import { machine, say } from './machine.mjs';
import { median, shuffled } from './statistics.mjs';

// As `waxseal serve` does.
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } });
/** Long enough for the clock of CPU time, short enough to alternate often on a machine that has other work. */
const BATCH_MS = 20;
const LENGTHS = [632, 4_000, 16_384];

const ring = await parseRing(JSON.stringify({ keys: pair.jwks }));
/** What is dearest to accept is another kind's: no text takes as much reading as small numbers in a long row, or small lists. */
const full = (name, member) => {
  const schema = z.strictObject({ topic: z.string(), depth: z.int(), status: z.string(), results: z.array(member) });
  return defineKind({ name, version: 1, schema, lifetime: 86_400 });
};
const kinds = [researchTask, full('numbers', z.int()), full('lists', z.array(z.int()))];
const call = {
  findKey: (kid) => openingKey(ring, kid, NOW),
  now: NOW,
  kinds: new Map(kinds.flatMap(({ readers }) => [...readers])),
  needs: ['get_task_status', 'read'],
};

/** Who can make such a handle: any client; a holder of the AES secret, such as an inspector; only who can sign. */
const MAKERS = ['anyone', 'AES secret', 'signer'];
const [ANYONE, SECRET, SIGNER] = MAKERS;

/** Step, name, who, how it is made of length and compression, what is expected otherwise. */
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
  [3, 'another cty', ANYONE, (length, zip) => handleOf(length, zip, { header: (text) => text.replace('JWT', 'JWE') })],
  [3, 'a header that is all of it', ANYONE, (length) => `${'A'.repeat((length - 45) & ~3)}..${'A'.repeat(16)}.AA.${'A'.repeat(22)}`],
  [4, 'unknown key', ANYONE, (length, zip) => withUnknownKid(handleOf(length, zip))],
  [5, 'bad tag', ANYONE, (length, zip) => withBadTag(handleOf(length, zip))],
  [6, 'bomb', SECRET, (length, zip) => zip && longest(length, (units) => sealedRaw(deflated(Buffer.alloc(units * 512)), true))],
  [6, 'stream without its end', SECRET, (length, zip) => zip && handleOf(length, true, { plaintext: (bytes) => bytes.subarray(0, -1) })],
  [
    6,
    'empty blocks',
    SECRET,
    (length, zip) => zip && longest(length, (units) => sealedRaw(Buffer.alloc(units + 5, Buffer.from([0, 0, 0, 0xff, 0xff])), true)),
  ],
  [
    7,
    'spare bits in the signature',
    SECRET,
    (length, zip) => handleOf(length, zip, { jws: (text) => `${text.slice(0, -1)}${{ A: 'B', Q: 'R', g: 'h', w: 'x' }[text.at(-1)]}` }),
  ],
  [
    7,
    'dots only',
    SECRET,
    (length, zip) =>
      zip ? sealedRaw(deflated('.'.repeat(65_536)), true) : longest(length, (units) => sealedRaw('.'.repeat(units + 1), false)),
  ],
  [8, 'bad signature', SECRET, (length, zip) => handleOf(length, zip, { jws: (text) => changed(text, text.lastIndexOf('.') + 1) })],
  [9, 'a space after the end', SIGNER, (length, zip) => handleOf(length, zip, { payload: (text) => `${text} ` })],
  [9, 'many unknown claims', SIGNER, (length, zip) => handleOf(length, zip, { full: 'unknownClaims' })],
  [9, 'many wrong rights', SIGNER, (length, zip) => handleOf(length, zip, { full: 'wrongRights' })],
  [9, 'nested too deep', SIGNER, (length, zip) => zip && handleOf(length, zip, { full: 'depth' })],
  [10, 'issued in the future', SIGNER, (length, zip) => handleOf(length, zip, { own: { iat: NOW + 61 } })],
  [11, 'another audience', SIGNER, (length, zip) => handleOf(length, zip, { own: { more: ',"aud":"elsewhere"' } })],
  [12, 'another caller', SIGNER, (length, zip) => handleOf(length, zip, { own: { more: ',"sub":"AAECAwQFBgcICQoLDA0ODw"' } })],
  [13, 'expired', SIGNER, (length, zip) => handleOf(length, zip, { own: { iat: NOW - 86_400, exp: NOW } })],
  [14, 'another kind', SIGNER, (length, zip) => handleOf(length, zip, { own: { kind: 'basket@1' } })],
  [15, 'another right', SIGNER, (length, zip) => handleOf(length, zip, { own: { more: ',"scp":["cancel"]' } })],
  [16, 'a state with many wrong members', SIGNER, (length, zip) => handleOf(length, zip, { full: 'numbers' })],
];

const columns = LENGTHS.flatMap((length) => [false, true].map((compressed) => ({ length, compressed })));
const subjects = VARIANTS.flatMap(([step, name, who, make, expected = {}]) =>
  columns.flatMap((column) => {
    const handle = make(column.length, column.compressed);
    return handle ? [{ step, name, who, column, handle, expected: { ...call, ...expected }, times: [] }] : [];
  }),
);

for (const subject of subjects) {
  const reached = await stepReached(subject);
  if (reached !== subject.step)
    throw new Error(`"${subject.name}" (${subject.handle.length} characters) ends at step ${reached}, not ${subject.step}`);
}
for (const subject of subjects) subject.count = Math.max(1, Math.ceil((BATCH_MS * 1_000) / (await batch(subject, 5))));
// The first round warms up, and is not counted.
for (let round = 0; round <= Number(values.rounds); round += 1) {
  for (const subject of shuffled(subjects)) {
    const microseconds = await batch(subject, subject.count);
    if (round > 0) subject.times.push(microseconds);
  }
}
report();

async function stepReached({ handle, expected }) {
  try {
    await open(handle, expected);
    return OPENED;
  } catch (error) {
    return stepOf(error);
  }
}

/** CPU time of a call, of all threads: Web Crypto and zlib work on others. Microseconds. */
async function batch({ handle, expected }, count) {
  const before = process.cpuUsage();
  for (let left = count; left > 0; left -= 1) await open(handle, expected).catch(() => {});
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

function report() {
  say(`CPU time of open(), µs, medians of ${values.rounds} rounds. ${machine()}`);
  say('plain: not compressed. zip: compressed, and inflating to 64 KiB.\n');
  say(
    `${'step'.padEnd(40)}${'made by'.padEnd(12)}${columns.map(({ length, compressed }) => `${length} ${compressed ? 'zip' : 'plain'}`.padStart(13)).join('')}`,
  );
  for (const [step, name, who] of VARIANTS) {
    const cells = columns.map((column) => {
      const subject = subjects.find((candidate) => candidate.name === name && candidate.step === step && candidate.column === column);
      return (subject ? median(subject.times).toFixed(1) : '·').padStart(13);
    });
    say(`${`${step === OPENED ? '  ' : String(step).padStart(2)} ${name}`.padEnd(40)}${who.padEnd(12)}${cells.join('')}`);
  }
  say('\ndearest refused to dearest accepted:');
  for (const compressed of [false, true])
    for (const length of LENGTHS)
      line(`${length} ${compressed ? 'zip' : 'plain'}`, (column) => column.length === length && column.compressed === compressed);
  const worst = LENGTHS.map((length) => line(`${length}, any`, (column) => column.length === length));
  const [anyone, secret, signer] = MAKERS.map((_who, at) => Math.max(...worst.map((ratios) => ratios[at])).toFixed(2));
  say('\nAt most 1.00 is wanted, of the same length, compressed or not. It is, at worst:');
  say(`${anyone} for what anyone can make, ${secret} for what takes the AES secret, ${signer} for what takes the signing key.`);
}

/** Says, and gives, by who can make them: the dearest refused to the dearest accepted handle. */
function line(title, within) {
  const here = subjects.filter(({ column }) => within(column));
  const dearest = (list) => list.reduce((a, b) => (median(a.times) >= median(b.times) ? a : b));
  const accepted = dearest(here.filter(({ step }) => step === OPENED));
  const ratios = MAKERS.map((who) => {
    const refused = dearest(here.filter((subject) => subject.step !== OPENED && subject.who === who));
    return { who, refused, ratio: median(refused.times) / median(accepted.times) };
  });
  const said = ratios.map(({ who, refused, ratio }) => `${who} ${ratio.toFixed(2)} (step ${refused.step}, ${refused.name})`);
  say(`  ${title.padEnd(13)}${said.join(' · ')}`);
  return ratios.map(({ ratio }) => ratio);
}
