/** Random changes to texts, bytes and JSON values, without knowledge of the format of handles. */
import { CANARY, NOW } from './corpus.mjs';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const FOREIGN = [
  '=',
  '+',
  '/',
  ' ',
  '\n',
  '\r\n',
  '\0',
  '%2E',
  '"',
  'é',
  '\u200b',
  '\ufeff',
  '\ud83e',
  '🦭',
  '\u2024',
  '．',
  '\u0130',
  '\\u0041',
];

/** Changes text of base64url and dots, one to eight times. */
export function mutateText(random, text, other) {
  let mutated = text;
  for (let left = random.few(8); left > 0; left -= 1) mutated = random.weighted(TEXT)(random, mutated, other);
  return mutated;
}

const at = (random, text) => random.below(text.length + 1);
const replaced = (text, start, end, by) => text.slice(0, start) + by + text.slice(end);

const TEXT = [
  [6, (random, text) => swapAt(text, at(random, text), random.pick(ALPHABET))],
  // Only the last character of a part can have unused bits, which a lax decoder ignores.
  [
    4,
    (random, text) => swapAt(text, random.pick([text.length - 1, text.indexOf('.') - 1, text.lastIndexOf('.') - 1]), random.pick(ALPHABET)),
  ],
  [3, (random, text) => ((start) => replaced(text, start, start, random.pick(ALPHABET)))(at(random, text))],
  [2, (random, text) => ((start) => replaced(text, start, start, random.pick(FOREIGN)))(at(random, text))],
  [1, (random, text) => ((start) => swapAt(text, start, random.pick(FOREIGN)))(at(random, text))],
  [2, (random, text) => ((start) => replaced(text, start, start, '.'))(at(random, text))],
  [1, (_random, text) => text.replace('.', '')],
  [3, (random, text) => ((start) => replaced(text, start, start + random.few(64), ''))(at(random, text))],
  [
    2,
    (random, text) => ((start) => text.slice(0, start) + text.slice(start, start + random.few(64)) + text.slice(start))(at(random, text)),
  ],
  [2, (random, text, other) => text.slice(0, at(random, text)) + other.slice(at(random, other))],
  [2, (random, text) => text.slice(0, at(random, text))],
  [1, (random, text) => text.slice(at(random, text))],
  [1, (random, text) => text + random.pick(['=', '==', '.', 'A', 'AAAA', '\n', text])],
  [1, (_random, text) => text.replaceAll('-', '+').replaceAll('_', '/')],
  [1, (random, text) => (random.chance(0.5) ? text.toLowerCase() : text.toUpperCase())],
];

function swapAt(text, start, by) {
  return start < 0 ? text : text.slice(0, start) + by + text.slice(start + 1);
}

/** Changes bytes, one to eight times. */
export function mutateBytes(random, bytes, other = bytes) {
  let mutated = Buffer.from(bytes);
  for (let left = random.few(8); left > 0; left -= 1) mutated = random.weighted(BYTES)(random, mutated, other);
  return mutated;
}

const BYTES = [
  [6, (random, bytes) => flip(bytes, random.below(bytes.length * 8))],
  [
    2,
    (random, bytes) =>
      ((start) => Buffer.concat([bytes.subarray(0, start), random.bytes(random.few(40)), bytes.subarray(start)]))(at(random, bytes)),
  ],
  [2, (random, bytes) => ((start) => Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + random.few(40))]))(at(random, bytes))],
  [
    2,
    (random, bytes) =>
      ((start) => Buffer.concat([bytes.subarray(0, start), bytes.subarray(start, start + random.few(200)), bytes.subarray(start)]))(
        at(random, bytes),
      ),
  ],
  [2, (random, bytes, other) => Buffer.concat([bytes.subarray(0, at(random, bytes)), other.subarray(at(random, other))])],
  [2, (random, bytes) => bytes.subarray(0, at(random, bytes))],
  [1, (random, bytes) => bytes.fill(random.pick([0, 0xff]), at(random, bytes))],
  [1, (random, bytes) => Buffer.concat([bytes, random.bytes(random.few(16))])],
];

function flip(bytes, bit) {
  const copy = Buffer.from(bytes);
  if (copy.length > 0) copy[bit >> 3] ^= 1 << (bit & 7);
  return copy;
}

/** Values to pass instead of a handle: values of other types, and strings unlike a handle. */
export const NO_HANDLES = [
  undefined,
  null,
  true,
  0,
  Number.NaN,
  42n,
  Symbol('handle'),
  () => 'handle',
  [],
  {},
  { length: 10, split: () => [] },
  { toString: () => 'a..b.c.d' },
  new String('a..b.c.d'),
  Buffer.from('a..b.c.d'),
  '',
  '.',
  '....',
  '.'.repeat(8_192),
  'A'.repeat(8_192),
  'A'.repeat(8_193),
  `${'A'.repeat(4_000)}..${'A'.repeat(16)}.${'A'.repeat(4_000)}.${'A'.repeat(22)}`,
  'x'.repeat(1_000_000),
  '\ud800',
  '__proto__',
];

const NUMBERS = [
  -1,
  0,
  1,
  2,
  1.5,
  0.1,
  -0.5,
  60,
  61,
  2 ** 31,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  1e15,
  1e21,
  1e308,
  -1e308,
  5e-324,
  253_402_300_799,
  253_402_300_800,
  NOW,
  NOW - 1,
  NOW + 1,
  NOW + 60,
  NOW + 61,
  NOW + 0.5,
  NOW * 1000,
  NOW + 30 * 86_400,
  NOW + 30 * 86_400 + 1,
  NOW - 30 * 86_400,
];
const STRINGS = [
  '',
  ' ',
  '0',
  '1',
  'null',
  'NaN',
  '__proto__',
  'constructor',
  'toString',
  'A'.repeat(16),
  'A'.repeat(12),
  'A'.repeat(22),
  `${'A'.repeat(21)}B`,
  'A'.repeat(256),
  'A'.repeat(257),
  'A'.repeat(2_000),
  '\0',
  '\ud800',
  '\udc00\ud800',
  '\u2028',
  '\ufeff',
  '🦭'.repeat(128),
  'é',
  'e\u0301',
  'any@1',
  'any@0',
  'any@01',
  'any@1000000',
  'any@1\n',
  'ANY@1',
  '@1',
  'any',
  'research@1',
  'research@3',
  'a'.repeat(33),
  `${'a'.repeat(32)}@999999`,
  CANARY,
  '../../etc/passwd',
  'AAAAAAAAAAAAAAA=',
  'AAAAAAAAAAAAAAA+',
  'read',
  'a b',
];

/** Makes a random JSON value, often one that could confuse a reader. */
export function hostileValue(random, depth = 0) {
  return random.weighted([
    [6, () => random.pick(NUMBERS)],
    [6, () => random.pick(STRINGS)],
    [1, () => null],
    [1, () => random.chance(0.5)],
    [1, () => Array.from({ length: random.pick([0, 1, 2, 64, 65, 300]) }, () => random.pick(STRINGS))],
    [1, () => nested(random.pick([10, 100, 1_000]), random.chance(0.5))],
    [2, () => (depth > 3 ? [] : Array.from({ length: random.few(6) }, () => hostileValue(random, depth + 1)))],
    [
      2,
      () =>
        depth > 3
          ? {}
          : Object.fromEntries(Array.from({ length: random.few(6) }, () => [random.pick(STRINGS), hostileValue(random, depth + 1)])),
    ],
  ])();
}

/** Makes a value of the given depth, in arrays or in objects. */
export function nested(depth, inArrays) {
  let value = 1;
  for (let level = 0; level < depth; level += 1) value = inArrays ? [value] : { a: value };
  return value;
}

/** Spells JSON in another way. A strict reader may refuse the text. A lax reader may read the old value, or another value. */
export function respell(random, text) {
  return random.pick(SPELLINGS)(random, text);
}

/** Replaces one random match of a pattern, if there is one. */
function replaceOne(random, text, pattern, by) {
  const matches = [...text.matchAll(pattern)];
  if (matches.length === 0) return text;
  const match = random.pick(matches);
  return text.slice(0, match.index) + by(...match) + text.slice(match.index + match[0].length);
}

const SPELLINGS = [
  (random, text) =>
    replaceOne(random, text, /[,:{}[\]]/g, (mark) => mark + random.pick([' ', '\n', '\t', '\u00a0', '\ufeff', '/**/', ',', ''])),
  (random, text) => replaceOne(random, text, /[a-z]/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`),
  (random, text) =>
    replaceOne(
      random,
      text,
      /:(\d+)/g,
      (_all, digits) =>
        `:${random.pick([`${digits}.0`, `${digits}e0`, `0${digits}`, `+${digits}`, `-${digits}`, `${digits}0e-1`, `"${digits}"`, '1e999', '-0', 'NaN', 'Infinity', `${digits}n`])}`,
    ),
  (random, text) =>
    replaceOne(
      random,
      text,
      /"([a-z]+)":("[^"\\]*"|\d+)/g,
      (member, name) => `${member},${random.pick([member, `"${name}":${JSON.stringify(hostileValue(random))}`])}`,
    ),
  (random, text) =>
    replaceOne(
      random,
      text,
      /"([a-z]+)":/g,
      (_all, name) =>
        `${random.pick([name, `'${name}'`, `"${name.toUpperCase()}"`, `"${name} "`, '"__proto__"', '"constructor"', `"${name}\\u0000"`])}:`,
    ),
  (random, text) =>
    replaceOne(
      random,
      text,
      /\}/g,
      () => `,${random.pick(['"x":1', '"__proto__":{"sub":"x"}', '"constructor":1', '"0":1', '"nbf":0', '"toString":null', ''])}}`,
    ),
  (random, text) => random.pick(['\ufeff', ' ', '[', '"', '0,', ')]}\n']) + text,
  (random, text) => text + random.pick([' ', '\n', ']', '{}', '\0', text, ',']),
  (random, text) => text.slice(0, at(random, text)),
  (random, text) =>
    text.replace(/"st":.*$/s, `"st":${random.pick(['[', '{"a":', '[[],'].map((piece) => piece.repeat(random.pick([10, 1_000, 8_000]))))}`),
  (random, text) =>
    text.replace(/"st":.*$/s, ((depth) => `"st":${'['.repeat(depth)}${']'.repeat(depth)}}`)(random.pick([10, 1_000, 5_000, 20_000]))),
  (random, text) => text.replaceAll('"', random.pick(["'", '', '\u201c'])),
  (random, text) =>
    replaceOne(random, text, /\\n|\\"|\\u[0-9a-f]{4}/g, (written) =>
      random.pick([written.toUpperCase(), '\\u000a', '\\/', '\\x0a', '\n', '\u0007']),
    ),
  // Another order of members is valid: the signature covers the text as it is.
  (_random, text) => text.replace(/^\{("jti":"[^"]*"),(.*)\}$/s, (_all, first, rest) => `{${rest},${first}}`),
  // This is not canonical JSON, in which names that are array indices come first.
  (_random, text) => text.replace(/"st":.*$/s, '"st":{"b":1,"0":2}}'),
];
