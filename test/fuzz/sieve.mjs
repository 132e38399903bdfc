/**
 * Searches for a text that the redactor finds, but the search before it passes over. `waxseal redact` reads only what
 * this search finds suspicious (`src/scan/sieve/`). Run `npm run build` first, then:
 *
 *     node test/fuzz/sieve.mjs --seconds 600 [--seed N] [--from K]     for a time
 *     node test/fuzz/sieve.mjs --seed N --case K                       one case again, with its text
 *
 * A case depends only on the seed and its number. It writes a handle, a piece of one, or nothing of one into text or
 * into binary data. It encodes this content as other programs do: in base64, in base64 in lines, or as a token. It
 * changes a few characters, and puts the result between lines of a log. The script exits with 1 if a redactor that reads
 * everything finds something in the log, however the log is cut into chunks, and the redactor of `waxseal redact` finds
 * nothing.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { deflateSync, gzipSync } from 'node:zlib';
import { createByteRedactor } from '../../dist/cli/io/byte-redactor.js';
import { createRedactor } from '../../dist/scan/index.js';
import { Random } from './random.mjs';

/** The longest text of a case, in characters. The log around it has up to 40,000 more. */
const LONGEST_TEXT = 60_000;
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

/** Encodes text. Each character stands for one byte (ISO 8859-1). */
const base64 = (text) => Buffer.from(text, 'latin1').toString('base64');
const base64url = (text) => Buffer.from(text, 'latin1').toString('base64url');
const latin1 = (bytes) => Buffer.from(bytes).toString('latin1');
const parts = (text, width) => text.match(new RegExp(`.{1,${width}}`, 'gs')) ?? [''];
const json = (state) => JSON.stringify({ sub: 'anna', topic: 'lost luggage, found on Monday', state, iat: 1_785_240_000 });
const hexadecimal = (character) => character.charCodeAt(0).toString(16).padStart(2, '0');

/** Makes random text in the form of a handle. */
function newHandle(random) {
  const header = base64url(`{"alg":"dir","enc":"A256GCM","kid":"${random.bytes(6).toString('base64url')}","typ":"handle"}`);
  const rest = [12, 30 + random.few(900), 16].map((length) => random.bytes(length).toString('base64url'));
  return [header, '', ...rest].join('.');
}

const PIECES = [
  (handle) => handle,
  (handle, random) => handle.slice(0, 8 + random.below(90)),
  (handle, random) => handle.slice(random.below(60)),
  (handle) => handle.slice(handle.indexOf('..') + 2),
  (handle, random) => handle.slice(-20 - random.below(100)),
  (handle, random) => handle.slice(100, 122 + random.below(60)),
  // The shortest pieces that the redactor judges, in the least text that can hold them.
  (handle, random) => handle.slice(100, 123 + random.few(6)),
  (handle, random) => handle.slice(100, 123 + random.few(6)),
  (handle, random) =>
    parts(handle, 1 + random.below(24)).join(random.pick(['\n', '\\n', '\r\n  ', ' / ', '\u001b[31m', '\u00ad', '<wbr>'])),
  (handle) => JSON.stringify([...handle]),
  (handle) => [...Buffer.from(handle)].join(', '),
  (handle) => handle.replace(/./g, (character) => `%${hexadecimal(character)}`),
  (handle) => latin1(Buffer.from(handle, 'utf16le')),
  (handle) => base64(handle),
  () => '',
  () => 'lost luggage',
];

const WORDS = 'the quick brown fox asked for lost luggage, found it at 08:15, and went on: status 200 in 12 ms; ';
const proseOf = (random) => WORDS.repeat(40).slice(0, random.few(random.pick([20, 100, 3_000])));
const bytesOf = (random) => latin1(random.bytes(random.below(random.pick([4, 24, 60, 600, 4_000]))));
const CONTENTS = [
  (piece) => json(piece),
  (piece, random) => `${proseOf(random)}${random.pick(['', ' ', '\n'])}${piece}${random.pick(['', '\n', ' '])}${proseOf(random)}`,
  (piece, random) => `${bytesOf(random)}${piece}${bytesOf(random)}`,
  (piece, random) => `${bytesOf(random)}${piece}`,
  (piece, random) => `${latin1(random.bytes(random.below(22)))}${piece}${latin1(random.bytes(random.below(6)))}`,
  (piece, random) => `${proseOf(random)}${bytesOf(random)}${piece}`,
  (piece) => latin1(Buffer.from(json(piece), 'utf16le')),
  (piece, random) => latin1(random.pick([gzipSync, deflateSync])(json(piece))),
  (piece, random) => latin1(random.bytes(random.pick([16, 20, 32, 48, 64]))) + (random.chance(0.3) ? piece : ''),
];

const HEADERS = [
  '{"alg":"RS256","typ":"JWT","kid":"mX2p8QeZ1"}',
  '{"alg":"HS256"}',
  '{"typ":"JWT","alg":"none"}',
  '{"alg":"ES256", "a":1}',
];
const tokenOf = (payload, random) =>
  [base64url(random.pick(HEADERS)), base64url(payload), random.bytes(random.pick([0, 30, 32, 64, 256])).toString('base64url')].join('.');
/** Makes lines of base64 without a word that looks like ciphertext. A plus may stand at their beginning, as in a patch. */
const pathsOf = (random, width) =>
  Array.from({ length: 1 + random.below(3) }, () =>
    `${random.pick(['', '', '+'])}${random.pick(['abc/', 'aB3/', 'aQz9xKw7v/bb/']).repeat(40)}`.slice(0, width),
  ).join('\n');
const linesOf = (content, random) => parts(base64(content), random.pick([50, 60, 61, 64, 64, 76, 76, 100, 128, 129])).join('\n');
const ENCODINGS = [
  (content) => `{"body":"${base64(content)}","isBase64Encoded":true}`,
  (content) => JSON.stringify({ msg: JSON.stringify({ body: base64(content) }) }),
  (content) => `{"digest":"${base64(content)}"}`,
  (content) => `cursor=${base64url(content)}&limit=5`,
  (content) => `<img src="data:image/png;base64,${base64(content)}">`,
  (content, random) => `"integrity": "sha${random.pick([1, 256, 384, 512])}-${base64(content)}",`,
  (content, random) => `"/${random.pick(['', 'v1/', 'api/v12/items/', 'Foo/'])}${base64(content)}"`,
  (content, random) => `Authorization: Bearer ${tokenOf(content, random)}`,
  (content, random) => `"token":"${tokenOf(json(content), random)}"`,
  (content, random) => `-----BEGIN CERTIFICATE-----\n${linesOf(content, random)}\n-----END CERTIFICATE-----`,
  (content, random) => `Content-Transfer-Encoding: base64\r\n\r\n${linesOf(content, random).replaceAll('\n', '\r\n')}\r\n--boundary`,
  (content, random) => `tls.crt: |\n  ${linesOf(content, random).replaceAll('\n', '\n  ')}\n  -- end`,
  (content, random) => `@@ -1 +1,9 @@\n+${linesOf(content, random).replaceAll('\n', '\n+')}\n`,
  (content, random) => `"${linesOf(content, random)}"`,
  (content, random) => `(x)\n${pathsOf(random, 64)}\n${parts(base64(content), 64).join('\n')}\n\n`,
  (content, random) => `(x)\n${pathsOf(random, 60)}\n${content.replace(/[^A-Za-z0-9]/g, '').slice(0, 60)}\n\n`,
  (content) => base64(base64(content)),
  (content) => base64(content),
  (content) => content.replaceAll('\n', '\\n'),
];

const INSERTED = ['=', '+', '/', '-', '_', '.', '\n', ' ', '"', '\\n', ',', '%', 'e', 'J', 'eyJ', '\u001b[0m', '"\n"', '>', '&'];
const CHANGES = [
  (text, at, random) => text.slice(0, at) + text.slice(at + 1 + random.below(4)),
  (text, at, random) => text.slice(0, at) + random.pick(INSERTED) + text.slice(at),
  (text, at) => text.slice(at),
  (text, at) => text.slice(0, at),
  (text) => text.replace(/=+/g, ''),
  (text, _at, random) => text.replace(/^/gm, random.pick(['  ', '> ', '+', '# ', '2026-11-27T08:00:00.123Z '])),
  (text, _at, random) => {
    const lines = text.split('\n');
    lines.splice(random.below(lines.length), 1);
    return lines.join('\n');
  },
];

const LINES = [
  '2026-11-27T08:00:00.123Z INFO  [main] The quick brown fox asked the lazy dog for lost luggage.\n',
  '{"level":30,"time":1785240000000,"tool":"get_task_status","outcome":"ok","ms":0.14}\n',
  '    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)\n',
];

function makeCase(number) {
  const random = new Random(seed, number);
  const piece = random.pick(PIECES)(newHandle(random), random);
  let text = random.pick(ENCODINGS)(random.pick(CONTENTS)(piece, random), random);
  for (let left = random.pick([0, 0, 0, 1, 1, 2, 3]); left > 0; left -= 1)
    text = random.pick(CHANGES)(text, random.below(text.length + 1), random);
  const [ahead, behind] = [random.pick([0, 8, 200]), random.pick([0, 30, 200])].map((count) => random.pick(LINES).repeat(count));
  const chunk = random.pick([100_000, 65_536, 8_192, 300 + random.below(8_000), ahead.length + 1 + random.below(text.length + 1)]);
  return { text, log: `${ahead}${text}\n${behind}`, chunk };
}

async function finds(redactor, pieces) {
  for (const piece of pieces) await redactor.push(piece);
  await redactor.end();
  const { handles, cut, suspects } = redactor.count;
  return handles + cut + suspects > 0;
}

/** Tells whether the redactor that reads everything finds something, and whether the redactor of the command does. */
async function examine({ log, chunk }) {
  const bytes = Buffer.from(log, 'latin1');
  const cut = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, at) => bytes.subarray(at * chunk, (at + 1) * chunk));
  const isFoundByCommand = await finds(createByteRedactor(), cut);
  // Whether the redactor finds a small piece can depend on where the chunks end. Such pieces do not count.
  for (const size of isFoundByCommand ? [log.length] : [log.length, 65_536, 8_192, 7_777, 1_000, 300, chunk])
    if (!(await finds(createRedactor(), parts(log, size)))) return { isFound: false, isFoundByCommand };
  return { isFound: true, isFoundByCommand };
}

async function replay(number) {
  const given = makeCase(number);
  const { isFound, isFoundByCommand } = await examine(given);
  say(`case ${number} of seed ${seed}, chunks of ${given.chunk} bytes\n\n${given.text}\n`);
  say(
    `${isFound ? 'The redactor finds something.' : 'The redactor finds nothing.'} The command finds ${isFoundByCommand ? 'something' : 'nothing'}.`,
  );
  return isFound && !isFoundByCommand ? 1 : 0;
}

async function run() {
  const [started, seconds] = [performance.now(), Number(values.seconds)];
  const elapsed = () => (performance.now() - started) / 1000;
  const counts = { cases: 0, found: 0, missed: 0, needless: 0 };
  const tell = () =>
    say(
      `${Math.round(elapsed())} s: ${counts.cases} cases; ${counts.found} with something to find, ${counts.missed} of them missed; ${counts.needless} others reported by the command alone`,
    );
  say(`seed ${seed}, ${seconds} s, Node ${process.versions.node}`);
  let told = 0;
  for (let number = Number(values.from); elapsed() < seconds; number += 1) {
    const given = makeCase(number);
    if (given.text.length > LONGEST_TEXT) continue;
    const { isFound, isFoundByCommand } = await examine(given);
    counts.cases += 1;
    if (isFound) counts.found += 1;
    else if (isFoundByCommand) counts.needless += 1;
    if (isFound && !isFoundByCommand) {
      counts.missed += 1;
      if (counts.missed <= MOST_SHOWN) say(`\nMISSED\n  case ${number}: node test/fuzz/sieve.mjs --seed ${seed} --case ${number}`);
    }
    if (elapsed() - told >= 10) {
      told = elapsed();
      tell();
    }
  }
  tell();
  return counts.missed > 0 ? 1 : 0;
}

process.exitCode = values.case === undefined ? await run() : await replay(Number(values.case));
