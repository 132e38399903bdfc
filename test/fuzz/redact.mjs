/**
 * Searches for a text from which `redact` does not remove a handle. Run `npm run build` first, then:
 *
 *     node test/fuzz/redact.mjs --seconds 600 [--seed N] [--from K]     for a time
 *     node test/fuzz/redact.mjs --seed N --case K                       one case again, with its text
 *
 * A case depends only on the seed and its number. It writes one or two handles, or a piece of one, between lines of a
 * log, or into a long line. It decorates the text as programs do, up to four times, and may encode the whole text at the
 * end. Then it redacts the text in chunks of a random size, as a program does with `createRedactor`, or as the command
 * does with bytes. The script exits with 1 if 24 successive characters of a secret part are left on lines that the
 * redactor did not report.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createByteRedactor } from '../../dist/cli/io/byte-redactor.js';
import { createRedactor } from '../../dist/scan/index.js';
import { Random } from './random.mjs';
import { DECORATIONS, ENCODINGS } from './redact/decorations.mjs';
import { leakIn, placesOfSecret, twinOf, WINDOW } from './redact/leaks.mjs';

/** The longest text to try, in characters. Decorations can make longer texts, which are unlike any real line. */
const LONGEST_TEXT = 200_000;
const MOST_SHOWN = 20;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    from: { type: 'string', default: '0' },
    case: { type: 'string' },
  },
});
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
const say = (text) => process.stdout.write(`${text}\n`);

/** Makes random text in the form of a handle. The redactor has no key, and sees only the form. */
function newHandle(random) {
  const encode = (bytes) => Buffer.from(bytes).toString('base64url');
  const kid = encode(random.bytes(6));
  const header = encode(`{"alg":"dir","enc":"A256GCM","kid":"${kid}","typ":"handle"${random.chance(0.2) ? ',"zip":"DEF"' : ''}}`);
  return [header, '', encode(random.bytes(12)), encode(random.bytes(160 + random.few(1_500))), encode(random.bytes(16))].join('.');
}

const FORMS = [
  [6, ([one]) => `handle: ${one}`],
  [2, ([one]) => one],
  [2, ([one]) => `{"jsonrpc":"2.0","id":7,"result":{"structuredContent":{"handle":"${one}","handle_info":{"revision":2}}}}`],
  [1, ([one, other]) => `${one}\n${other}`],
  [1, ([one, other]) => `from ${one} to ${other}, and so on`],
  [1, ([one]) => `cut: ${one.slice(0, -40)}… (40 more)`],
  [2, ([one]) => `the rest: ${one.slice(one.indexOf('..') + 2)}`],
  [1, ([one]) => one.slice(-80)],
];

const NEIGHBOURS = [
  'first line',
  '{"level":30,"time":1785240000000,"tool":"get_task_status","outcome":"ok","ms":0.14285714285714285}',
  '2026-11-27T08:00:00.123Z INFO  request 550e8400-e29b-41d4-a716-446655440000 took 12 ms',
  '    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)',
  '',
];

/** These decorations encode a whole text in base64. */
const BASE64 = [
  ['base64', (text) => text],
  ['base64 in lines', (text) => text.replace(/.{76}/g, '$&\n')],
  ['base64 in JSON', (text) => `{"body":"${text}","isBase64Encoded":true}`],
].map(([name, write]) => ({ name, size: 0, apply: (text) => write(Buffer.from(text).toString('base64')) }));

/** The encodings in which a handle and its twin are equally long. */
const SAME_LENGTH = ENCODINGS.filter(({ apply }) => apply('a', 0).length === apply('z', 0).length);

function makeCase(number) {
  const random = new Random(seed, number);
  const chosen = [newHandle(random), newHandle(random)];
  const form = random.weighted(FORMS);
  const decorations = Array.from({ length: random.few(4) }, () => ({ ...random.pick(DECORATIONS), size: 40 + random.below(161) }));
  if (random.chance(0.1)) decorations.push(random.pick(BASE64));
  if (random.chance(0.02)) decorations.splice(0, 4, { ...random.pick(SAME_LENGTH), size: 0 });
  const [before, behind] = [random.pick(NEIGHBOURS), random.pick(NEIGHBOURS)];
  const chunk = random.chance(0.3) ? 1_000_000 : random.few(random.pick([5_000, 100_000]));
  const long = random.chance(0.2) ? [random.few(60_000), random.few(60_000)] : [0, 0];
  return { chosen, form, decorations, before, behind, long, chunk, isBytes: random.chance(0.5) };
}

/** Makes text of the given length, without a handle. A shorter text is the beginning of a longer one. */
const wordsOf = (length) => 'the request was answered in 12 ms, and the next one was not; '.repeat(length / 61 + 1).slice(0, length);

function textOf({ chosen, form, decorations, before, behind, long: [ahead, after] }, isTwin) {
  const inner = `${wordsOf(ahead)}${form(isTwin ? chosen.map(twinOf) : chosen)}${wordsOf(after)}`;
  const decorated = decorations.reduce((text, { apply, size }) => apply(text, size), inner);
  return `${before}\n${decorated}\n${behind}\nlast line: all good\n`;
}

async function examine(given) {
  const read = given.isBytes ? (text) => Buffer.from(text).toString('latin1') : (text) => text;
  const text = read(textOf(given, false));
  if (text.length > LONGEST_TEXT) return undefined;
  const redactor = given.isBytes ? redactorOfBytes() : createRedactor();
  let out = '';
  for (let at = 0; at < text.length; at += given.chunk) out += await redactor.push(text.slice(at, at + given.chunk));
  out += await redactor.end();
  const { suspects, lines, handles, cut } = redactor.count;
  const places = placesOfSecret(text, read(textOf(given, true)));
  return { text, out, suspects, handles, cut, leak: leakOf({ text, out, places, lines, suspects }, windowOf(given)) };
}

/** Makes the redactor of `waxseal redact`, which reads bytes. Each character of a chunk stands for a byte. */
function redactorOfBytes() {
  const redactor = createByteRedactor();
  const textOfBytes = (chunks) => Buffer.concat(chunks).toString('latin1');
  return {
    push: async (chunk) => textOfBytes(await redactor.push(Buffer.from(chunk, 'latin1'))),
    end: async () => textOfBytes(await redactor.end()),
    get count() {
      return redactor.count;
    },
  };
}

/** Returns how many successive characters must not be left. Base64 writes 24 characters as 32. */
function windowOf({ decorations }) {
  return BASE64.includes(decorations.at(-1)) ? (WINDOW * 4) / 3 : WINDOW;
}

function leakOf(redaction, window) {
  try {
    const { out } = redaction;
    return leakIn(redaction, window) ?? (out.endsWith(' line: all good\n') ? undefined : 'the last line is not as it was');
  } catch (error) {
    return error.message;
  }
}

/** Looks for a simpler case that also leaks: with fewer decorations, for example, or with larger chunks. */
async function reduced(given) {
  const smaller = [
    ...given.decorations.map((_, left) => ({ ...given, decorations: given.decorations.filter((_, at) => at !== left) })),
    ...(given.long.some((length) => length > 0)
      ? [
          { ...given, long: [0, 0] },
          { ...given, long: given.long.map((length) => length >> 1) },
        ]
      : []),
    ...(given.isBytes ? [{ ...given, isBytes: false }] : []),
    ...(given.chunk < 1_000_000 ? [{ ...given, chunk: 1_000_000 }] : []),
    ...(given.before !== 'first line' || given.behind !== 'first line' ? [{ ...given, before: 'first line', behind: 'first line' }] : []),
    ...(given.form !== FORMS[0][1] ? [{ ...given, form: FORMS[0][1] }] : []),
  ];
  for (const one of smaller) if ((await examine(one))?.leak !== undefined) return reduced(one);
  return given;
}

function nameOf({ form, decorations, chunk, before, behind, long, isBytes }) {
  const steps = decorations.map(({ name, size }) => `${name} (${size})`).join(', then ');
  return `form ${FORMS.findIndex(([, one]) => one === form)}, ${steps || 'no decoration'}; ${long} characters of words around it; chunks of ${chunk} ${isBytes ? 'bytes' : 'characters'}; ${JSON.stringify([before, behind])}`;
}

async function replay(number) {
  const given = makeCase(number);
  const { text, out, leak, suspects } = await examine(given);
  say(`case ${number} of seed ${seed}: ${nameOf(given)}\n\n${text}\n==>\n${out}\n${suspects} suspects; ${leak ?? 'no leak'}`);
  return leak === undefined ? 0 : 1;
}

/** Looks for text whose redaction takes quadratic time: eight times the text takes 64 times as long. */
async function findDisproportion() {
  const beginning = newHandle(new Random(seed)).slice(0, 48);
  for (const filling of [beginning, `${beginning} `, `${beginning}AAAAAAAA..${'A'.repeat(16)}.`, '.', '\\', '%25', 'A', '%41', 'ey', 'J']) {
    const chunk = filling.repeat(Math.ceil(65_536 / filling.length));
    const cpuOf = async (chunks) => {
      const before = process.cpuUsage();
      const redactor = createRedactor();
      for (let count = 0; count < chunks; count += 1) await redactor.push(chunk);
      await redactor.end();
      const { user, system } = process.cpuUsage(before);
      return Math.max(5_000, user + system);
    };
    const ratios = [];
    for (let attempt = 0; attempt < 3 && !ratios.some((ratio) => ratio < 30); attempt += 1) {
      const short = await cpuOf(8);
      ratios.push((await cpuOf(64)) / short);
    }
    if (Math.min(...ratios) >= 30)
      return `eight times as much of ${JSON.stringify(filling.slice(0, 60))} takes ${ratios.join(', ')} times as long`;
  }
  return undefined;
}

async function run() {
  const [started, seconds] = [performance.now(), Number(values.seconds)];
  const elapsed = () => (performance.now() - started) / 1000;
  const counts = { cases: 0, whole: 0, cut: 0, named: 0, leaks: 0 };
  const tell = () =>
    say(
      `${Math.round(elapsed())} s: ${counts.cases} cases; ${counts.whole} with whole handles taken out, ${counts.cut} with cut ones, ${counts.named} with lines reported; ${counts.leaks} leaks`,
    );
  say(`seed ${seed}, ${seconds} s, Node ${process.versions.node}`);
  let told = 0;
  for (let number = Number(values.from); elapsed() < seconds; number += 1) {
    const given = makeCase(number);
    const result = await examine(given);
    if (result === undefined) continue;
    counts.cases += 1;
    if (result.handles > 0) counts.whole += 1;
    if (result.cut > 0) counts.cut += 1;
    if (result.suspects > 0) counts.named += 1;
    if (result.leak !== undefined) {
      counts.leaks += 1;
      if (counts.leaks <= MOST_SHOWN) {
        const small = await reduced(given);
        say(
          `\nLEAK ${(await examine(small))?.leak}\n  ${nameOf(small)}\n  case ${number}: node test/fuzz/redact.mjs --seed ${seed} --case ${number}`,
        );
      }
    }
    if (elapsed() - told >= 10) {
      told = elapsed();
      tell();
    }
  }
  tell();
  const disproportion = await findDisproportion();
  say(`seed ${seed}; ${disproportion ?? 'the time that a text takes grows with its length'}`);
  return counts.leaks > 0 || disproportion !== undefined ? 1 : 0;
}

process.exitCode = values.case === undefined ? await run() : await replay(Number(values.case));
