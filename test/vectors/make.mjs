/**
 * Writes good.json and bad.json, beside this file: test vectors for docs/handle-format.md.
 *
 *     node test/vectors/make.mjs            writes them
 *     node test/vectors/make.mjs --check    exits 1 where they are not what it would write
 *
 * THE KEYS IN HERE ARE PUBLIC. Every one is a hash of a printed label. They are for tests, and for nothing else:
 * whoever puts one of these rings into a server lets the whole world read and make its handles.
 *
 * Nothing here imports from src/ or dist/: vectors made by our own writer would only show that we agree with
 * ourselves. Everything is a function of its input, so that a second run on another machine and another version of
 * Node writes the same bytes. Hence no random IV, no clock, and no zlib, whose output differs between versions.
 */
import { createCipheriv, createHash, createHmac, createPrivateKey, createPublicKey, sign as signBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { deflateSync, gzipSync } from 'node:zlib';
import { CompactEncrypt, CompactSign, compactDecrypt, compactVerify, exportSPKI } from 'jose';

/** 2026-07-28, noon. */
const NOW = 1_785_240_000;
const DAY = 86_400;
const MONTH = 30 * DAY;
const YEAR_9999 = 253_402_300_799;

const b64 = (data) => Buffer.from(data).toString('base64url');
const fromB64 = (text) => Buffer.from(text, 'base64url');
const utf8 = (data) => (typeof data === 'string' ? Buffer.from(data, 'utf8') : data);
const hash = (label, ...more) => {
  const digest = createHash('sha256').update(`waxseal test vector: ${label}`);
  for (const data of more) digest.update(utf8(data));
  return digest.digest();
};

/** Replaces text that must be there: a vector whose change silently found nothing would be a good one. */
function respell(text, from, to) {
  if (!text.includes(from)) throw new Error(`nothing to respell: ${from}`);
  return text.replace(from, () => to);
}

// ---------------------------------------------------------------------------------------------------- keys

/** A pair whose secrets follow from its label. `kid` may repeat the label of none: names and keys vary separately. */
function pair(kid, { iat = NOW - 100 * DAY, nbf = NOW - 100 * DAY, exp = NOW + 265 * DAY, revoked, label = kid } = {}) {
  const secret = hash(`AES-256 secret of ${label}`);
  const seed = hash(`Ed25519 seed of ${label}`);
  const signing = createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const { x } = createPublicKey(signing).export({ format: 'jwk' });
  const life = { kid, iat, nbf, exp, ...(revoked && { revoked }) };
  const jwks = [
    { kty: 'oct', use: 'enc', alg: 'A256GCM', ...life, k: b64(secret) },
    { kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'Ed25519', ...life, x, d: b64(seed) },
  ];
  return { kid, secret, seed, signing, x, jwks };
}

const keys = {
  active: pair('active'),
  // The newest active: what a server with the ring "main" would mint with.
  newest: pair('newest', { iat: NOW - 10 * DAY, nbf: NOW - 10 * DAY }),
  starting: pair('starting', { iat: NOW - 600, nbf: NOW }),
  pending: pair('pending', { iat: NOW - 1, nbf: NOW + 600 }),
  retired: pair('retired', { iat: NOW - 200 * DAY, nbf: NOW - 200 * DAY, exp: NOW - 10 * DAY }),
  ending: pair('ending', { exp: NOW }),
  lastSecond: pair('last-second', { iat: NOW - 200 * DAY, nbf: NOW - 200 * DAY, exp: NOW - MONTH + 1 }),
  justGone: pair('just-gone', { iat: NOW - 200 * DAY, nbf: NOW - 200 * DAY, exp: NOW - MONTH }),
  gone: pair('gone', { iat: NOW - 900 * DAY, nbf: NOW - 900 * DAY, exp: NOW - 500 * DAY }),
  revoked: pair('revoked', { revoked: { revoked_at: NOW - DAY, reason: 'laptop lost' } }),
  revokedLater: pair('revoked-later', { revoked: { revoked_at: NOW + DAY } }),
  revokedPending: pair('revoked-pending', { nbf: NOW + 600, revoked: { revoked_at: NOW - 1 } }),
  // Not in "main":
  stranger: pair('stranger'),
  impostor: pair('active', { label: 'an impostor that calls itself active' }),
  inspectorsOwn: pair('active', { label: 'the signing key that the holder of an inspector ring made for himself' }),
  short: pair('k'),
  dash: pair('-'),
  long: pair('abcdefghijklmnopqrstuvwxyz012345'),
  dunder: pair('__proto__'),
  constructor_: pair('constructor'),
  epoch: pair('epoch', { iat: 0, nbf: 0, exp: 1 }),
  eternity: pair('eternity', { iat: 0, nbf: 0, exp: YEAR_9999 }),
};
const inMain = ['active', 'newest', 'starting', 'pending', 'retired', 'ending', 'lastSecond', 'justGone', 'gone', 'revoked'];
const ringOf = (...names) => ({ keys: names.flatMap((name) => keys[name].jwks) });
const main = ringOf(...inMain, 'revokedLater', 'revokedPending');

/** Names of rings are by what they show; vectors refer to them. */
const rings = {
  main,
  inspector: { keys: main.keys.map(({ d: _private, ...jwk }) => jwk) },
  stranger: ringOf('stranger'),
  impostor: ringOf('impostor'),
  'odd kids': ringOf('short', 'dash', 'long', 'dunder', 'constructor_'),
  'unlisted members': {
    development: true,
    comment: 'members that nobody listed are ignored',
    // Also: the signing half before the secret half, and the halves of another entry between them.
    keys: [keys.active.jwks[1], ...keys.newest.jwks, keys.active.jwks[0]].map((jwk) => ({
      ...jwk,
      note: 'x',
      key_ops: [],
      x5u: 'https://attacker.example/',
    })),
  },
  epoch: ringOf('epoch'),
  eternity: ringOf('eternity'),
};

// ------------------------------------------------------------------------------------------------- layers

const INNER = '{"alg":"Ed25519","typ":"handle+jwt"}';
const outer = (kid, zip = false) => `{"alg":"dir","enc":"A256GCM","kid":"${kid}","cty":"JWT"${zip ? ',"zip":"DEF"' : ''}}`;

const signature = (input, key = keys.active) => signBytes(null, utf8(input), key.signing);

/** A JWS over any payload, under any header (text or bytes), by any pair. */
function jws(payload, { header = INNER, key = keys.active, sig } = {}) {
  const input = `${b64(header)}.${b64(payload)}`;
  return `${input}.${b64(sig ?? signature(input, key))}`;
}

/**
 * A JWE over any plaintext, under any header. The IV is a hash of all that is encrypted, and of the key:
 * stable, and never the same for two plaintexts.
 */
function jwe(
  plaintext,
  { key = keys.active, zip = false, header = outer(key.kid, zip), secret = key.secret, aad, encryptedKey = '' } = {},
) {
  const protectedHeader = b64(header);
  const iv = hash('iv', secret, protectedHeader, '.', plaintext).subarray(0, 12);
  const cipher = createCipheriv(`aes-${secret.length * 8}-gcm`, secret, iv);
  cipher.setAAD(utf8(aad ?? protectedHeader));
  const ciphertext = Buffer.concat([cipher.update(utf8(plaintext)), cipher.final()]);
  return [protectedHeader, encryptedKey, b64(iv), b64(ciphertext), b64(cipher.getAuthTag())].join('.');
}

/** A whole handle over any payload. */
function seal(payload, { key = keys.active, zip = false, deflated = deflate } = {}) {
  const token = jws(payload, { key });
  return jwe(zip ? deflated(utf8(token)) : token, { key, zip });
}

/** The parts of a handle, changed by name. */
function withParts(handle, change) {
  const [header, encryptedKey, iv, ciphertext, tag] = handle.split('.');
  const parts = { header, encryptedKey, iv, ciphertext, tag };
  return Object.values({ ...parts, ...change(parts) }).join('.');
}

/** The same bytes in a spelling that is not canonical: one of the unused bits of the last character is set. */
function uncanonical(part) {
  if (part.length % 4 === 0) throw new Error('no unused bits to set');
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const other = part.slice(0, -1) + alphabet[alphabet.indexOf(part.at(-1)) ^ 1];
  if (!fromB64(other).equals(fromB64(part))) throw new Error('another spelling must decode to the same bytes');
  return other;
}

/** One bit of a part flipped, in its first byte. */
function flipped(part) {
  const bytes = fromB64(part);
  bytes[0] ^= 1;
  return b64(bytes);
}

// ------------------------------------------------------------------------------------------------ DEFLATE

/** Writes bits as RFC 1951 §3.1.1 has them: numbers from their low end, Huffman codes from their high end. */
function bitWriter() {
  const bytes = [];
  let pending = 0;
  let count = 0;
  const bits = (value, length) => {
    for (let at = 0; at < length; at += 1) {
      pending |= ((value >>> at) & 1) << count;
      count += 1;
      if (count === 8) {
        bytes.push(pending);
        pending = 0;
        count = 0;
      }
    }
  };
  const code = (value, length) => {
    for (let at = length - 1; at >= 0; at -= 1) bits((value >>> at) & 1, 1);
  };
  const end = () => {
    if (count > 0) bits(0, 8 - count);
    return Buffer.from(bytes);
  };
  return { bits, code, end };
}

const LENGTHS = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCES = Array.from({ length: 30 }, (_, at) => (at < 2 ? at + 1 : (2 + (at % 2)) * 2 ** (at / 2 - 1 - (at % 2) / 2) + 1));
const lastNotAbove = (table, value) => table.findLastIndex((base) => base <= value);

function fixedCode({ code }, symbol) {
  if (symbol < 144) code(0x30 + symbol, 8);
  else if (symbol < 256) code(0x190 + symbol - 144, 9);
  else if (symbol < 280) code(symbol - 256, 7);
  else code(0xc0 + symbol - 280, 8);
}

/** One block of fixed Huffman codes, matches found greedily. */
function deflate(data) {
  const writer = bitWriter();
  writer.bits(1, 1);
  writer.bits(1, 2);
  const seen = new Map();
  for (let at = 0; at < data.length; ) {
    const next = data.toString('latin1', at, at + 3);
    const from = seen.get(next);
    seen.set(next, at);
    let length = 0;
    if (next.length === 3 && from !== undefined && at - from <= 32_768) {
      while (length < 258 && at + length < data.length && data[from + length] === data[at + length]) length += 1;
    }
    if (length < 3) {
      fixedCode(writer, data[at]);
      at += 1;
      continue;
    }
    const row = lastNotAbove(LENGTHS, length);
    fixedCode(writer, 257 + row);
    writer.bits(length - LENGTHS[row], LENGTH_BITS[row]);
    const column = lastNotAbove(DISTANCES, at - from);
    writer.code(column, 5);
    writer.bits(at - from - DISTANCES[column], Math.max(0, (column >> 1) - 1));
    at += length;
  }
  fixedCode(writer, 256);
  return writer.end();
}

/** Stored blocks only: RFC 1951 §3.2.4. */
function stored(data, blockLength = 65_535) {
  const blocks = [];
  for (let at = 0; at < data.length; at += blockLength) {
    const block = data.subarray(at, at + blockLength);
    const last = at + blockLength >= data.length;
    blocks.push(Buffer.from([last ? 1 : 0, block.length & 255, block.length >> 8, ~block.length & 255, (~block.length >> 8) & 255]), block);
  }
  return Buffer.concat(blocks);
}

/**
 * The densest DEFLATE there is: one byte, then `matches` times 258 more of it, at two bits each (1032:1).
 * Its body is zero bytes, so it is itself as dense again.
 */
function dense(byte, matches) {
  const writer = bitWriter();
  denseBlock(writer, byte, matches, 1);
  return writer.end();
}

function denseBlock(writer, byte, matches, last) {
  writer.bits(last, 1);
  writer.bits(2, 2);
  writer.bits(286 - 257, 5);
  writer.bits(0, 5);
  writer.bits(18 - 4, 4);
  // Lengths of the codes for code lengths, in the order of §3.2.7: 18 has one bit; 2 and 1 have two.
  for (const symbol of [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1]) writer.bits({ 18: 1, 1: 2, 2: 2 }[symbol] ?? 0, 3);
  const one = () => writer.code(0b10, 2);
  const two = () => writer.code(0b11, 2);
  const zeros = (count) => {
    for (let left = count; left > 0; left -= Math.min(left, 138)) {
      writer.code(0, 1);
      writer.bits(Math.min(left, 138) - 11, 7);
    }
  };
  zeros(byte);
  two(); // the byte
  zeros(255 - byte);
  two(); // end of block
  zeros(28);
  one(); // length 258
  one(); // distance 1
  writer.code(0b10, 2); // the byte
  for (let match = 0; match < matches; match += 1) writer.bits(0, 2); // 258 of it, from one back
  writer.code(0b11, 2);
}

/** What `dense` wrote, as dense again: its zero bytes in such a block, and what stands before and after them as it is. */
function denseAgain(stream) {
  const writer = bitWriter();
  const literals = (data, last) => {
    writer.bits(last, 1);
    writer.bits(1, 2);
    for (const byte of data) fixedCode(writer, byte);
    fixedCode(writer, 256);
  };
  const head = 32;
  const matches = Math.floor((stream.length - 2 * head) / 258);
  literals(stream.subarray(0, head), 0);
  denseBlock(writer, 0, matches, 0);
  literals(stream.subarray(head + 1 + 258 * matches), 1);
  return writer.end();
}

// ------------------------------------------------------------------------------------------------- claims

const ORDER = ['jti', 'kind', 'rev', 'iat', 'exp', 'prv', 'sub', 'aud', 'scp', 'st'];
const STATE = { topic: 'impact of stateless MCP on autoscaling', depth: 2, status: 'running', results: [] };
const BASE = { jti: 'AAECAwQFBgcICQoL', kind: 'research@1', rev: 1, iat: NOW - 60, exp: NOW + DAY, st: STATE };
const PRV = 'c2VhbGVkLWJ5';
const ALICE = b64(createHash('sha256').update('waxseal:sub:["https://issuer.example","alice"]').digest().subarray(0, 16));
const BOB = b64(createHash('sha256').update('waxseal:sub:["https://issuer.example","bob"]').digest().subarray(0, 16));
const AUDIENCE = 'https://mcp.example/production';

/** The payload's text; members given replace those of a fresh bearer task, `undefined` leaves one out. */
function text(members = {}) {
  const claims = { ...BASE, ...members };
  const names = [...ORDER.filter((name) => name in claims), ...Object.keys(claims).filter((name) => !ORDER.includes(name))];
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, claims[name]])));
}

/** The payload with one claim's value spelled as given, JSON or not. */
function spelled(claim, value, members = {}) {
  return respell(text({ ...members, [claim]: 'PLACEHOLDER' }), '"PLACEHOLDER"', value);
}

/** The payload with further members, as text, before `st`. */
const plus = (more, members) => respell(text(members), ',"st":', `,${more},"st":`);

/** A payload whose handle has exactly so many characters, and the pair that seals it. */
function ofLength(length) {
  for (const key of [keys.active, keys.newest, keys.starting, keys.retired, keys.pending]) {
    for (let size = Math.floor((length * 9) / 16) - 600; size < (length * 9) / 16; size += 1) {
      const payload = text({ st: { text: 'x'.repeat(size) } });
      const count = (bytes) => Math.ceil((bytes * 4) / 3);
      const token = count(INNER.length) + 1 + count(payload.length) + 1 + 86;
      if (count(outer(key.kid).length) + 2 + 16 + 1 + count(token) + 1 + 22 === length) return { payload, key };
    }
  }
  throw new Error(`no handle has ${length} characters`);
}

/** A payload of exactly so many bytes. */
function payloadOf(bytes) {
  const rest = bytes - text({ st: '' }).length;
  return text({ st: 'again and again '.repeat(Math.ceil(rest / 16)).slice(0, rest) });
}

const nested = (depth, open = '[', close = ']') => open.repeat(depth) + close.repeat(depth);

// --------------------------------------------------------------------------------------------------- good

const CALL = { ring: 'main', now: NOW, kinds: ['research@1'], needs: ['read'] };
const MEMBERS = [
  'name',
  'step',
  'ring',
  'now',
  'audience',
  'subject',
  'kinds',
  'needs',
  'maxLength',
  'stateMustBe',
  'handle',
  'claims',
  'code',
  'reason',
];
const ordered = (vector) =>
  Object.fromEntries(MEMBERS.filter((member) => vector[member] !== undefined).map((member) => [member, vector[member]]));

const goods = [];
/** `claims` are members of a fresh task, or the text of a payload. */
function good(name, claims, { key, zip, deflated, ...call } = {}) {
  const payload = typeof claims === 'string' ? claims : text(claims);
  const handle = seal(payload, { key, zip, deflated });
  goods.push(ordered({ name, ...CALL, ...call, handle, claims: JSON.parse(payload) }));
}

good('A fresh task for a bearer: only the required claims', {});
good('Revision 2, with prv', { rev: 2, prv: PRV });
good('A task of an authenticated caller, with sub', { sub: ALICE }, { subject: ALICE });
good('A task of a deployment that has a name, with aud', { aud: AUDIENCE }, { audience: AUDIENCE });
good('An attenuated handle, with scp', { scp: ['read'] });
good(
  'All claims together',
  { rev: 17, prv: PRV, sub: ALICE, aud: AUDIENCE, scp: ['read', 'write'] },
  { subject: ALICE, audience: AUDIENCE },
);
good(
  'An attenuated handle with one of the several rights that the call needs one of',
  { scp: ['a', 'write'] },
  { needs: ['read', 'write'] },
);
good('A right that stands in scp twice', { scp: ['read', 'read'] });
good('64 rights of 128 characters', { scp: ['read', ...Array.from({ length: 63 }, (_, at) => `${at}-._`.padEnd(128, 'Zz'))] });
good('A handle that is not attenuated, for a call whose list of rights is empty', {}, { needs: [] });
good('The highest revision', { rev: Number.MAX_SAFE_INTEGER, prv: PRV });
good('The shortest kind', { kind: 'a@1' }, { kinds: ['a@1'] });
good(
  'The longest kind, of several that the call takes',
  { kind: `z${'0_-9'.repeat(8).slice(1)}@999999` },
  { kinds: ['research@1', `z${'0_-9'.repeat(8).slice(1)}@999999`] },
);
good('An audience of one character', { aud: '.' }, { audience: '.' });
good(
  'An audience of 256 UTF-16 code units, which are 128 characters outside the BMP',
  { aud: '😀'.repeat(128) },
  { audience: '😀'.repeat(128) },
);
good('An audience with quotes, a backslash and a line break', { aud: '"a\\b"\n' }, { audience: '"a\\b"\n' });
good('Claims in reverse order', JSON.stringify(Object.fromEntries(Object.entries({ ...BASE, rev: 2, prv: PRV }).reverse())));
good('The state first', JSON.stringify({ st: STATE, ...BASE }));

good('An empty object as state', { st: {} });
good('null as state', { st: null });
good('false as state', { st: false });
good('Zero as state', { st: 0 });
good('An empty string as state', { st: '' }, { stateMustBe: 'string' });
good('An empty array as state', { st: [] });
good('An object as state, where it must be one', { st: STATE }, { stateMustBe: 'object' });
good('Non-ASCII text', { st: { topic: 'Größe, 漢字, العربية, ελληνικά, Й' } });
good('Characters outside the BMP, in values and in names', { st: { '😀': '𝒳 🏳️‍🌈 \u{10ffff}' } });
good('Lone surrogates, escaped in lower case: high, low, and both in the wrong order', {
  st: { text: '\ud800', '\udfff': '\udc00\ud800', mixed: 'a\udbffb😀\udbff' },
});
good('Control characters, each in its escape; DEL, U+2028, U+2029, a slash and non-characters as themselves', {
  st: { text: `${Array.from({ length: 32 }, (_, at) => String.fromCharCode(at)).join('')}\u007f\u0080\u2028\u2029/\ufffe\uffff"\\` },
});
good('A byte order mark inside text, and in a name', { st: { '\ufeff': '\ufeff' } });
good('Text that is not in Unicode normal form stays as it is', { st: { 'e\u0301': 'é', é: 'e\u0301' } });
good(
  '__proto__, constructor, prototype and toString as members inside the state',
  spelled('st', '{"__proto__":{"polluted":true},"constructor":{"prototype":{"x":1}},"prototype":null,"toString":"x","hasOwnProperty":1}'),
);
good('__proto__ as a member of the state with a value that no prototype can have', spelled('st', '{"__proto__":1,"a":{"__proto__":null}}'));
good('Names that are array indices come first and ascending; others that look like numbers stay where they are', {
  st: { 17: 'c', 0: 'a', 4294967294: 'd', 2: 'b', z: 1, 4294967295: 2, '01': 3, '-1': 4, '1.0': 5, '1e3': 6, a: 7, '': 8 },
});
good('Numbers, as Number::toString writes them', {
  st: [
    0, 1, -1, 0.1, 1e21, 1e-7, 123456789012345680000, 0.000001, 1.5e300, 5e-324, 1.7976931348623157e308, 9007199254740991,
    -9007199254740992, 100, 4.35, 2e-7, 1e23,
  ],
});
good('A name that is empty, and one of 1,000 characters', { st: { '': 1, ['n'.repeat(1000)]: 2 } });
good('Nesting 128 deep, the deepest there is', spelled('st', nested(127)));
good('Nesting 100 deep, of arrays', spelled('st', nested(99)));
good('Nesting 100 deep, of objects', spelled('st', nested(98, '{"a":', '}').replace('}', '{}}')));
good('Text that looks like JSON and like a handle', { st: { text: '","exp":9,"st":{"a":"eyJhbGciOiJub25lIn0..AAAA.AAAA.AAAA"}' } });

good('Compressed', { st: { text: 'again and again '.repeat(500) } }, { zip: true });
good('Compressed, though short: the threshold binds who writes, not who reads', {}, { zip: true });
good('Compressed in name only: one stored block', {}, { zip: true, deflated: stored });
good('Compressed in many blocks, of 100 bytes', { st: { text: 'x'.repeat(2000) } }, { zip: true, deflated: (data) => stored(data, 100) });
good(
  'Compressed, with all claims',
  { rev: 3, prv: PRV, sub: ALICE, aud: AUDIENCE, scp: ['read'], st: { text: '漢字'.repeat(400) } },
  { zip: true, subject: ALICE, audience: AUDIENCE },
);
good('Compressed, and exactly 65,536 bytes when inflated', payloadOf(49_050), { zip: true });
{
  const { payload, key } = ofLength(16_384);
  good('Exactly 16,384 characters: the largest state that is not compressed', payload, { key });
}
{
  const { payload, key } = ofLength(20_000);
  good('20,000 characters, where the deployment allows them', payload, { key, maxLength: 20_000 });
}

good('Sealed by the newest active key', {}, { key: keys.newest });
good('Sealed by a key that is active from this second on', {}, { key: keys.starting });
good('Sealed by a pending key: another replica’s clock is ahead', {}, { key: keys.pending });
good('Sealed by a key that is retired from this second on', {}, { key: keys.ending });
good('Sealed by a retired key', { iat: NOW - 11 * DAY, exp: NOW + 19 * DAY }, { key: keys.retired });
good('Sealed by a retired key in the last second in which it opens', { iat: NOW - MONTH + 1, exp: NOW + 1 }, { key: keys.lastSecond });
good('Opened with an inspector ring', {}, { ring: 'inspector' });
good('A ring with members that are not listed, marked for development, its halves apart', {}, { ring: 'unlisted members' });
good('A kid of one character', {}, { ring: 'odd kids', key: keys.short });
good('A kid that is a dash', {}, { ring: 'odd kids', key: keys.dash });
good('A kid of 32 characters', {}, { ring: 'odd kids', key: keys.long });
good('A kid __proto__', {}, { ring: 'odd kids', key: keys.dunder });
good('A kid constructor, compressed', {}, { ring: 'odd kids', key: keys.constructor_, zip: true });

good('iat is now', { iat: NOW });
good('iat is exactly 60 seconds ahead', { iat: NOW + 60 });
good('exp is one second ahead', { exp: NOW + 1 });
good('exp is exactly 30 days after iat', { iat: NOW, exp: NOW + MONTH });
good('A life of one second, seen in it', { iat: NOW, exp: NOW + 1 });
good('The first second: now and iat are 0', { iat: 0, exp: 1 }, { now: 0, ring: 'epoch', key: keys.epoch });
good(
  'The last second of the year 9999',
  { iat: YEAR_9999 - MONTH, exp: YEAR_9999 },
  { now: YEAR_9999 - 1, ring: 'eternity', key: keys.eternity },
);

// ---------------------------------------------------------------------------------------------------- bad

const ANSWERS = [
  undefined,
  ...Array(3).fill({ code: 'malformed' }),
  ...['unknown_key', 'decryption', 'inflation', 'inner_structure', 'signature', 'claims', 'issued_in_future', 'audience', 'subject'].map(
    (reason) => ({ code: 'rejected', reason }),
  ),
  { code: 'expired' },
  { code: 'wrong_kind' },
  { code: 'forbidden' },
  { code: 'rejected', reason: 'state' },
];

const bads = [];
function bad(step, name, handle, call = {}) {
  bads.push(ordered({ name, step, ...CALL, ...call, handle, ...ANSWERS[step] }));
}
/** Bad claims, though signed and sealed by the right pair. */
const badClaims = (name, payload, call) => bad(9, name, seal(payload, call), {});

const GOOD = seal(text());
const ZIPPED = seal(text(), { zip: true });
const TOKEN = jws(text());
const [, PAYLOAD, SIGNATURE] = TOKEN.split('.');
/** A good inner token under another outer header, encrypted by the right key: only the header is wrong. */
const underHeader = (header, options) => jwe(TOKEN, { header, ...options });

// Step 1: a string, not empty, not too long.
bad(1, 'null', null);
bad(1, 'A number', 17);
bad(1, 'true', true);
bad(1, 'A good handle in an array', [GOOD]);
bad(1, 'A good handle in an object', { handle: GOOD });
bad(1, 'The empty string', '');
bad(1, '16,385 dots', '.'.repeat(16_385));
{
  const { payload, key } = ofLength(16_385);
  bad(1, 'An authentic handle of 16,385 characters', seal(payload, { key }));
}
bad(1, 'An authentic handle, one character longer than the deployment allows', GOOD, { maxLength: GOOD.length - 1 });

// Step 2: the grammar.
/** A good handle in which the last character of the named part has unused bits. */
function withSpareBits(name) {
  const at = { header: 0, ciphertext: 3 }[name];
  const candidates = [keys.active, keys.newest, keys.starting].flatMap((key) => ['', 'a', 'ab'].map((st) => seal(text({ st }), { key })));
  return candidates.find((handle) => handle.split('.')[at].length % 4 !== 0);
}
const change = (name, handle, changes) => bad(2, name, withParts(handle, changes));
bad(2, 'One letter', 'A');
bad(2, 'Four dots and nothing else', '....');
bad(2, 'A good handle cut by one character', GOOD.slice(0, -1));
bad(2, 'A good handle cut in the middle', GOOD.slice(0, GOOD.length / 2));
bad(2, 'A good handle with one character more', `${GOOD}A`);
bad(2, 'A good handle with a dot more at the end', `${GOOD}.`);
bad(2, 'A good handle with a dot more at the start', `.${GOOD}`);
bad(2, 'A good handle with a sixth part', `${GOOD}.AAAA`);
bad(2, 'A good handle without its empty part', GOOD.replace('..', '.'));
bad(2, 'A good handle twice', GOOD + GOOD);
bad(2, 'A good handle and a line break', `${GOOD}\n`);
bad(2, 'A space before a good handle', ` ${GOOD}`);
bad(2, 'A line break in the ciphertext', `${GOOD.slice(0, 200)}\n${GOOD.slice(200)}`);
bad(2, 'A NUL after a good handle', `${GOOD}\u0000`);
bad(2, 'A good handle in quotes', `"${GOOD}"`);
bad(2, 'Padding after the tag', `${GOOD}==`);
bad(2, 'A letter that only looks like one of the alphabet (Cyrillic a)', GOOD.replace(/[A-Za-z]/, 'а'));
bad(2, 'A full-width dot', GOOD.replace('.', '．'));
bad(2, 'A lone surrogate', `${GOOD.slice(0, -1)}\ud800`);
bad(2, 'The inner token alone, signed and not encrypted', TOKEN);
bad(
  2,
  'The JSON serialization of a JWE',
  JSON.stringify({ protected: GOOD.split('.')[0], iv: GOOD.split('.')[2], ciphertext: GOOD.split('.')[3], tag: GOOD.split('.')[4] }),
);
bad(2, 'alg none: the claims, unprotected', `${b64('{"alg":"none"}')}.${b64(text())}.`);
bad(
  2,
  'base64 instead of base64url',
  (() => {
    // Any handle whose ciphertext has both characters that the alphabets differ in.
    for (let at = 0; ; at += 1) {
      const handle = seal(text({ st: { at } }));
      if (/-/.test(handle.split('.')[3]) && /_/.test(handle.split('.')[3])) return handle.replaceAll('-', '+').replaceAll('_', '/');
    }
  })(),
);
change('An encrypted key of three bytes', GOOD, () => ({ encryptedKey: 'AAAA' }));
change('An empty header', GOOD, () => ({ header: '' }));
change('An empty IV', GOOD, () => ({ iv: '' }));
change('An empty ciphertext', GOOD, () => ({ ciphertext: '' }));
change('An empty tag', GOOD, () => ({ tag: '' }));
change('An IV of 64 bits', GOOD, () => ({ iv: 'AAAAAAAAAAA' }));
change('An IV of 128 bits', GOOD, () => ({ iv: 'AAAAAAAAAAAAAAAAAAAAAA' }));
change('A tag cut to 96 bits, which AES-GCM as such would allow', GOOD, ({ tag }) => ({ tag: b64(fromB64(tag).subarray(0, 12)) }));
change('A tag with one byte more', GOOD, ({ tag }) => ({ tag: b64(Buffer.concat([fromB64(tag), Buffer.from([0])])) }));
change('The tag in a spelling that is not canonical', GOOD, ({ tag }) => ({ tag: uncanonical(tag) }));
change('The header in a spelling that is not canonical', withSpareBits('header'), ({ header }) => ({ header: uncanonical(header) }));
change('The ciphertext in a spelling that is not canonical', withSpareBits('ciphertext'), ({ ciphertext }) => ({
  ciphertext: uncanonical(ciphertext),
}));
change('A ciphertext of a length that base64url cannot have', GOOD, ({ ciphertext }) => ({
  ciphertext: ciphertext.slice(0, ciphertext.length - ((ciphertext.length + 3) % 4)),
}));
bad(
  2,
  'alg RSA-OAEP with an encrypted key',
  underHeader('{"alg":"RSA-OAEP","enc":"A256GCM","kid":"active","cty":"JWT"}', {
    encryptedKey: b64(Buffer.concat(Array.from({ length: 8 }, (_, at) => hash(`RSA ${at}`)))),
  }),
);
bad(
  2,
  'alg PBES2-HS256+A128KW with a count of 2,147,483,647 and an encrypted key',
  underHeader(`{"alg":"PBES2-HS256+A128KW","p2s":"AAAAAAAAAAA","p2c":2147483647,"enc":"A256GCM","kid":"active","cty":"JWT"}`, {
    encryptedKey: b64(hash('PBES2')),
  }),
);
bad(
  2,
  'enc A128CBC-HS256, which takes a secret of the same length, and made with it',
  await new CompactEncrypt(utf8(TOKEN))
    .setProtectedHeader({ alg: 'dir', enc: 'A128CBC-HS256', kid: 'active', cty: 'JWT' })
    .setInitializationVector(hash('iv of A128CBC-HS256').subarray(0, 16))
    .encrypt(keys.active.secret),
);

// Step 3: the outer header. Each is encrypted by the right key, so that only the header is wrong.
const header = (name, text_, options) => bad(3, name, underHeader(text_, options));
const H = outer('active');
const member = (more) => respell(H, '}', `,${more}}`);
header('alg none', respell(H, '"dir"', '"none"'));
header('alg HS256', respell(H, '"dir"', '"HS256"'));
header('alg RSA-OAEP without an encrypted key', respell(H, '"dir"', '"RSA-OAEP"'));
header(
  'alg PBES2-HS256+A128KW with a count of 2,147,483,647',
  respell(H, '"dir"', '"PBES2-HS256+A128KW","p2s":"AAAAAAAAAAA","p2c":2147483647'),
);
header('alg ECDH-ES with an epk', respell(H, '"dir"', `"ECDH-ES","epk":{"kty":"OKP","crv":"X25519","x":"${b64(hash('epk'))}"}`));
header('alg A256GCMKW', respell(H, '"dir"', '"A256GCMKW"'));
header('alg in another case', respell(H, '"dir"', '"DIR"'));
header('enc A128GCM, made with the first half of the secret', respell(H, 'A256GCM', 'A128GCM'), {
  secret: keys.active.secret.subarray(0, 16),
});
header('enc A192GCM, made with the first three quarters of the secret', respell(H, 'A256GCM', 'A192GCM'), {
  secret: keys.active.secret.subarray(0, 24),
});
header('enc A256CBC-HS512', respell(H, 'A256GCM', 'A256CBC-HS512'));
header('crit that names a member of the header', member('"crit":["kid"]'));
header(
  'crit that names an unknown extension, which is there',
  member('"crit":["http://waxseal.example/x"],"http://waxseal.example/x":true'),
);
header('crit that is empty', member('"crit":[]'));
header('jwk: the secret to use', member(`"jwk":{"kty":"oct","k":"${b64(hash('jwk'))}"}`), { secret: hash('jwk') });
header('jku: where to fetch the key', member('"jku":"https://attacker.example/jwks.json"'));
header('x5u: where to fetch the certificate', member('"x5u":"https://attacker.example/cert.pem"'));
header('x5c: a certificate', member('"x5c":["MIIB"]'));
header('b64 false', member('"b64":false,"crit":["b64"]'));
header('typ beside the members', member('"typ":"JWT"'));
header('iss beside the members (RFC 7519 §5.3)', member('"iss":"https://issuer.example"'));
header('__proto__ beside the members', member('"__proto__":{"zip":"DEF"}'));
header('A member whose name is empty', member('"":0'));
header('alg twice, the second good', respell(H, '{', '{"alg":"none",'));
header('alg twice, the first good', member('"alg":"none"'));
header('alg twice, both good', respell(H, '{', '{"alg":"dir",'));
header('kid twice, both of the ring', member('"kid":"newest"'));
header('enc twice', respell(H, '"kid"', '"enc":"A128GCM","kid"'));
header('zip twice', respell(outer('active', true), '}', ',"zip":"DEF"}'));
header('zip GZIP', member('"zip":"GZIP"'));
header('zip null', member('"zip":null'));
header('zip before cty', respell(H, '"cty"', '"zip":"DEF","cty"'));
header('Members in alphabetical order', '{"alg":"dir","cty":"JWT","enc":"A256GCM","kid":"active"}');
header('A space after a colon', respell(H, ':', ': '));
header('A space before the object', ` ${H}`);
header('A line break after the object', `${H}\n`);
header('A NUL after the object', `${H}\u0000`);
header('A second object after the object', H + H);
header('A byte order mark', `\ufeff${H}`);
header('An escape in a value', respell(H, 'dir', '\\u0064ir'));
header('An escape in a name', respell(H, '"alg"', '"\\u0061lg"'));
header('An escape in the kid', respell(H, '"active"', '"\\u0061ctive"'));
header('No cty', respell(H, ',"cty":"JWT"', ''));
header('No kid', respell(H, '"kid":"active",', ''));
header('cty in lower case', respell(H, '"JWT"', '"jwt"'));
header('cty of a later version', respell(H, '"JWT"', '"JWT2"'));
header('A kid that is empty', respell(H, '"active"', '""'));
header('A kid of 33 characters', respell(H, '"active"', `"${'a'.repeat(33)}"`));
header('A kid with a character outside the alphabet', respell(H, '"active"', '"act.ive"'));
header('A kid that is not ASCII', respell(H, '"active"', '"aktív"'));
header('A kid that ends in a line break', respell(H, '"active"', '"active\n"'));
header('A kid that is a path', respell(H, '"active"', '"../../dev/null"'));
header('A kid that is a number', respell(H, '"active"', '17'));
header('A kid that is null', respell(H, '"active"', 'null'));
header('An array around the object', `[${H}]`);
header('An empty object', '{}');
header('A header that is not JSON', 'dir');
header('A header that is not UTF-8', Buffer.concat([utf8(H.slice(0, -1)), Buffer.from([0xff]), utf8('}')]));
header('A header in UTF-16', Buffer.from(H, 'utf16le'));
header('Bytes whose low seven bits spell the header', Buffer.from(utf8(H).map((byte) => byte | 0x80)));
bad(
  3,
  '10,000 open brackets',
  withParts(GOOD, () => ({ header: b64('['.repeat(10_000)) })),
);
bad(
  3,
  'The header of a JWS (the header of the inner token)',
  withParts(GOOD, () => ({ header: b64(INNER) })),
);

// Step 4: the key.
bad(4, 'A kid that the ring does not have', seal(text(), { key: keys.stranger }));
bad(4, 'A good handle for another ring', GOOD, { ring: 'stranger' });
bad(4, 'A kid that differs in case', underHeader(outer('Active')));
bad(4, 'A kid that is the beginning of one of the ring', underHeader(outer('activ')));
bad(4, 'A kid that begins with one of the ring', underHeader(outer('active-')));
bad(4, 'A kid __proto__ that the ring does not have', underHeader(outer('__proto__')));
bad(4, 'A kid constructor that the ring does not have', underHeader(outer('constructor')));
bad(4, 'A kid that is the index of an entry', underHeader(outer('0')));
bad(4, 'A key that is gone from this second on', seal(text(), { key: keys.justGone }));
bad(4, 'A key that is long gone', seal(text(), { key: keys.gone }));
bad(4, 'A key that is revoked', seal(text(), { key: keys.revoked }));
bad(4, 'A key with a revocation in the future: revoked is revoked', seal(text(), { key: keys.revokedLater }));
bad(4, 'A key that is pending and revoked', seal(text(), { key: keys.revokedPending }));
bad(4, 'A key that is revoked, in an inspector ring', seal(text(), { key: keys.revoked }), { ring: 'inspector' });
bad(4, 'A key that was good, and is gone at another time', GOOD, { now: NOW + 265 * DAY + MONTH });

// Step 5: decryption.
const spoil = (name, changes) => bad(5, name, withParts(GOOD, changes));
const OTHER = seal(text({ st: 'another' }));
spoil('One bit of the ciphertext flipped', ({ ciphertext }) => ({ ciphertext: flipped(ciphertext) }));
spoil('One bit of the tag flipped', ({ tag }) => ({ tag: flipped(tag) }));
spoil('One bit of the IV flipped', ({ iv }) => ({ iv: flipped(iv) }));
spoil('A tag of zeros', () => ({ tag: 'A'.repeat(22) }));
spoil('The tag of another handle', () => ({ tag: OTHER.split('.')[4] }));
spoil('The ciphertext of another handle', () => ({ ciphertext: OTHER.split('.')[3] }));
spoil('The IV of another handle', () => ({ iv: OTHER.split('.')[2] }));
spoil('The ciphertext cut by three bytes', ({ ciphertext }) => ({ ciphertext: b64(fromB64(ciphertext).subarray(0, -3)) }));
spoil('The ciphertext with three zero bytes more', ({ ciphertext }) => ({
  ciphertext: b64(Buffer.concat([fromB64(ciphertext), Buffer.alloc(3)])),
}));
spoil('A ciphertext of one byte', () => ({ ciphertext: 'AA' }));
spoil('The header names another key of the ring', () => ({ header: b64(outer('newest')) }));
spoil('zip added to the header afterwards', () => ({ header: b64(outer('active', true)) }));
bad(
  5,
  'zip taken from the header afterwards',
  withParts(ZIPPED, () => ({ header: b64(outer('active')) })),
);
bad(5, 'Another secret under the same kid', seal(text(), { key: keys.impostor }));
bad(5, 'A good handle, opened with a ring that has another secret under the kid', GOOD, { ring: 'impostor' });
bad(5, 'A secret of zeros', jwe(TOKEN, { secret: Buffer.alloc(32) }));
bad(5, 'The public key as the secret', jwe(TOKEN, { secret: fromB64(keys.active.x) }));
bad(5, 'No additional data', jwe(TOKEN, { aad: '' }));
bad(5, 'The header not encoded as additional data', jwe(TOKEN, { aad: outer('active') }));
bad(
  5,
  'The plaintext as the ciphertext, with a tag of zeros',
  withParts(GOOD, () => ({ ciphertext: b64(TOKEN), tag: 'A'.repeat(22) })),
);
bad(7, 'Without zip, a plaintext that is not UTF-8', jwe(Buffer.concat([utf8(TOKEN), Buffer.from([0xff])])));
bad(7, 'Without zip, a plaintext with a surrogate in UTF-8 (CESU)', jwe(Buffer.concat([utf8(TOKEN), Buffer.from([0xed, 0xa0, 0x80])])));
bad(7, 'Without zip, a plaintext that is compressed', jwe(deflate(utf8(TOKEN))));

// Step 6: inflation.
const inflating = (name, data, step = 6) => bad(step, name, jwe(data, { zip: true }));
const ROOM = Math.floor(((16_384 - b64(outer('active', true)).length - 2 - 16 - 1 - 1 - 22) * 3) / 4);
const trailer = (data, length) => data.subarray(data.length - length);
const deflated = deflate(utf8(TOKEN));
inflating('The strongest bomb that 16,384 characters hold: 12 MB', dense(0x41, (ROOM - dense(0x41, 0).length) * 4));
inflating('A bomb that inflates to 1 MiB, which would inflate to 1 GiB', denseAgain(dense(0, Math.ceil(2 ** 30 / 258))));
inflating('65,537 bytes', deflate(Buffer.alloc(65_537, 'A')));
inflating('An authentic token of 65,538 bytes', deflate(utf8(jws(payloadOf(49_051)))));
inflating('A token that is not compressed', utf8(TOKEN));
inflating(
  'Compressed with the header and the check of zlib',
  Buffer.concat([Buffer.from([0x78, 0x9c]), deflated, trailer(deflateSync(TOKEN), 4)]),
);
inflating(
  'Compressed with the header and the check of gzip',
  Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]), deflated, trailer(gzipSync(TOKEN), 8)]),
);
inflating('A stream cut by its last byte', deflated.subarray(0, -1));
inflating('A stream cut in the middle', deflated.subarray(0, deflated.length >> 1));
inflating(
  'A stream without a last block',
  (() => {
    const block = stored(utf8(TOKEN));
    block[0] = 0;
    return block;
  })(),
);
inflating('A block of the reserved type', Buffer.from([7, 0, 0]));
inflating('A stored block whose two lengths disagree', Buffer.from([1, 3, 0, 0xfc, 0xfe, 65, 65, 65]));
inflating(
  'A copy from before the beginning',
  (() => {
    const writer = bitWriter();
    writer.bits(1, 1);
    writer.bits(1, 2);
    fixedCode(writer, 0x41);
    fixedCode(writer, 257);
    writer.code(4, 5);
    writer.bits(0, 1);
    fixedCode(writer, 256);
    return writer.end();
  })(),
);
inflating(
  'A length code that does not exist',
  (() => {
    const writer = bitWriter();
    writer.bits(1, 1);
    writer.bits(1, 2);
    fixedCode(writer, 0x41);
    fixedCode(writer, 286);
    fixedCode(writer, 256);
    return writer.end();
  })(),
);

// Step 7: the inner structure. Each is encrypted by the right key.
/** Claims whose last character in base64url has unused bits, and whose base64 has padding. */
const SPARE = ['', 'a', 'ab'].map((st) => text({ st })).find((payload) => payload.length % 3 === 1);
const inner = (name, plaintext, options) => bad(7, name, jwe(plaintext, options));
const under = (name, header_, key) => inner(name, jws(text(), { header: header_, key }));
inner('The claims, not signed at all', text());
inner('One dot', '.');
inner('Two dots', '..');
inner('A token without its signature, two parts', `${b64(INNER)}.${PAYLOAD}`);
inner('A token with an empty signature', `${b64(INNER)}.${PAYLOAD}.`);
inner('A token with an empty payload, not signed for', `${b64(INNER)}..${SIGNATURE}`);
inner('A token with an empty payload, signed', jws(''));
inner('A token with an empty header', `.${PAYLOAD}.${b64(signature(`.${PAYLOAD}`))}`);
inner('A token with a fourth part', `${TOKEN}.AAAA`);
inner('A token with a dot more', `${TOKEN}.`);
inner('A token and a line break', `${TOKEN}\n`);
inner('A token and a NUL', `${TOKEN}\u0000`);
inner('A token with padding', `${TOKEN}==`);
inner('A space before a token', ` ${TOKEN}`);
inner('A byte order mark before a token', `\ufeff${TOKEN}`);
inner('A character outside ASCII in the signature', `${TOKEN.slice(0, -1)}é`);
inner('A signature of 63 bytes', `${b64(INNER)}.${PAYLOAD}.${b64(fromB64(SIGNATURE).subarray(0, 63))}`);
inner('A signature of 65 bytes', `${b64(INNER)}.${PAYLOAD}.${b64(Buffer.concat([fromB64(SIGNATURE), Buffer.alloc(1)]))}`);
inner('The signature in a spelling that is not canonical', `${b64(INNER)}.${PAYLOAD}.${uncanonical(SIGNATURE)}`);
inner(
  'The payload in a spelling that is not canonical, signed as it is spelled',
  (() => {
    const input = `${b64(INNER)}.${uncanonical(b64(SPARE))}`;
    return `${input}.${b64(signature(input))}`;
  })(),
);
inner(
  'The payload with padding, signed as it is spelled',
  (() => {
    const input = `${b64(INNER)}.${Buffer.from(SPARE).toString('base64')}`;
    return `${input}.${b64(signature(input))}`;
  })(),
);
inner(
  'The payload in base64 with a line break, signed as it is spelled',
  (() => {
    const input = `${b64(INNER)}.${PAYLOAD.slice(0, 64)}\n${PAYLOAD.slice(64)}`;
    return `${input}.${b64(signature(input))}`;
  })(),
);
under('typ JWT', respell(INNER, 'handle+jwt', 'JWT'));
under('typ of an access token', respell(INNER, 'handle+jwt', 'at+jwt'));
under('typ with its full media type', respell(INNER, 'handle+jwt', 'application/handle+jwt'));
under('typ in another case', respell(INNER, 'handle+jwt', 'Handle+JWT'));
under('typ of a later version', respell(INNER, 'handle+jwt', 'handle2+jwt'));
under('No typ', '{"alg":"Ed25519"}');
under('alg and typ in the other order', '{"typ":"handle+jwt","alg":"Ed25519"}');
under('alg EdDSA, which names the same signature', respell(INNER, 'Ed25519', 'EdDSA'));
under('alg Ed448', respell(INNER, 'Ed25519', 'Ed448'));
under('alg ES256', respell(INNER, 'Ed25519', 'ES256'));
inner('alg none, with an empty signature', `${b64(respell(INNER, 'Ed25519', 'none'))}.${PAYLOAD}.`);
under('alg none, with a good signature', respell(INNER, 'Ed25519', 'none'));
under('alg nOnE', respell(INNER, 'Ed25519', 'nOnE'));
const hs256 = (secret) => new CompactSign(utf8(text())).setProtectedHeader({ alg: 'HS256', typ: 'handle+jwt' }).sign(secret);
inner('alg HS256 with the bytes of the public key as its secret', await hs256(fromB64(keys.active.x)));
inner('alg HS256 with the PEM of the public key as its secret', await hs256(utf8(await exportSPKI(createPublicKey(keys.active.signing)))));
inner('alg HS256 with the AES secret', await hs256(keys.active.secret));
under('crit in the inner header', respell(INNER, '}', ',"crit":["exp"],"exp":0}'));
under('b64 false, in crit', respell(INNER, '}', ',"b64":false,"crit":["b64"]}'));
under(
  'jwk in the inner header: the public key of whoever signed',
  respell(INNER, '}', `,"jwk":{"kty":"OKP","crv":"Ed25519","x":"${keys.stranger.x}"}}`),
  keys.stranger,
);
under(
  'jku in the inner header: where to fetch the key',
  respell(INNER, '}', ',"jku":"https://attacker.example/jwks.json"}'),
  keys.stranger,
);
under(
  'x5u in the inner header: where to fetch the certificate',
  respell(INNER, '}', ',"x5u":"https://attacker.example/cert.pem"}'),
  keys.stranger,
);
under('kid in the inner header', respell(INNER, '}', ',"kid":"active"}'));
under('alg twice', respell(INNER, '{', '{"alg":"none",'));
under('typ twice', respell(INNER, '}', ',"typ":"handle+jwt"}'));
under('White space in the inner header', respell(INNER, ':', ': '));
under('An escape in the inner header', respell(INNER, '+', '\\u002b'));
under('A line break after the inner header', `${INNER}\n`);
inflating('10,000 open brackets as the inner header, compressed', deflate(utf8(jws(text(), { header: '['.repeat(10_000) }))), 7);
inner('Nested three deep: a handle in a handle', GOOD);
inner('The JSON serialization of a JWS', JSON.stringify({ payload: PAYLOAD, protected: b64(INNER), signature: SIGNATURE }));
inner('Detached payload (RFC 7515 appendix F)', `${b64(INNER)}..${b64(signature(`${b64(INNER)}.${PAYLOAD}`))}`);
inflating('A token compressed twice', deflate(utf8(deflated.toString('base64url'))), 7);
inflating('Compressed, a text that is no token', deflate(Buffer.alloc(65_536, 'A')), 7);
inflating('Compressed, the claims without a signature', deflate(utf8(text())), 7);
inflating('Compressed, one dot', stored(Buffer.from('.')), 7);
inflating('Compressed, nothing', deflate(Buffer.alloc(0)), 7);
inflating('Compressed, and not UTF-8 when inflated', deflate(Buffer.concat([utf8(TOKEN), Buffer.from([0xff])])), 7);
inflating(
  'A nested bomb: inflates to a stream of 64 KiB of the same kind, which a reader that goes on inflates to 60 MB',
  denseAgain(dense(0, 4 * 60_000)),
  7,
);

// Step 8: the signature.
const signed = (name, sig, payload = PAYLOAD) => bad(8, name, jwe(`${b64(INNER)}.${payload}.${b64(sig)}`));
const sig = fromB64(SIGNATURE);
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
bad(8, 'Signed by another pair of the same ring', jwe(jws(text(), { key: keys.newest })));
bad(8, 'Encrypted by another pair of the same ring', jwe(TOKEN, { key: keys.newest }));
bad(
  8,
  'Made with an inspector ring: the right secret, around a signature by a key of one’s own',
  jwe(jws(text(), { key: keys.inspectorsOwn })),
);
bad(8, 'The same, opened with the inspector ring', jwe(jws(text(), { key: keys.inspectorsOwn })), { ring: 'inspector' });
bad(8, 'Made with an inspector ring: compressed', jwe(deflate(utf8(jws(text(), { key: keys.inspectorsOwn }))), { zip: true }));
signed('A signature of zeros', Buffer.alloc(64));
signed('One bit of the signature flipped', fromB64(flipped(SIGNATURE)));
signed(
  'One bit of the second half of the signature flipped',
  Buffer.concat([sig.subarray(0, 32), Buffer.from([sig[32] ^ 1]), sig.subarray(33)]),
);
signed('The halves of the signature exchanged', Buffer.concat([sig.subarray(32), sig.subarray(0, 32)]));
signed(
  'S + L in place of S: the other signature that a careless verifier takes',
  (() => {
    const s = BigInt(`0x${Buffer.from(sig.subarray(32)).reverse().toString('hex')}`) + L;
    return Buffer.concat([sig.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse()]);
  })(),
);
signed('R of small order and S of zero', Buffer.concat([Buffer.from([1]), Buffer.alloc(63)]));
signed('The signature of other claims', fromB64(jws(text({ st: 'another' })).split('.')[2]));
signed('The claims changed after signing', sig, b64(text({ exp: NOW + DAY + 1 })));
signed('Signed over the payload without the header', signature(PAYLOAD));
signed('Signed over the claims themselves', signature(text()));
signed('Signed over the decoded header and claims', signature(`${INNER}.${text()}`));
signed(
  'Signed under alg EdDSA, the header exchanged afterwards',
  fromB64(jws(text(), { header: respell(INNER, 'Ed25519', 'EdDSA') }).split('.')[2]),
);
signed(
  'HMAC-SHA-512 with the public key, which is as long as a signature',
  createHmac('sha512', fromB64(keys.active.x))
    .update(`${b64(INNER)}.${PAYLOAD}`)
    .digest(),
);
signed(
  'Signed with the AES secret as the seed',
  (() => {
    const key = createPrivateKey({
      key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), keys.active.secret]),
      format: 'der',
      type: 'pkcs8',
    });
    return signBytes(null, utf8(`${b64(INNER)}.${PAYLOAD}`), key);
  })(),
);

// Step 9: the claims.
for (const claim of ['jti', 'kind', 'rev', 'iat', 'exp', 'st']) badClaims(`No ${claim}`, text({ [claim]: undefined }));
for (const claim of ['jti', 'kind', 'rev', 'iat', 'exp', 'prv', 'sub', 'aud', 'scp']) badClaims(`${claim} is null`, spelled(claim, 'null'));
for (const claim of ['jti', 'kind', 'prv', 'sub', 'aud', 'scp'])
  badClaims(`${claim} is a number`, spelled(claim, '17', claim === 'prv' ? { rev: 2 } : {}));
for (const claim of ['jti', 'kind', 'rev', 'iat', 'exp', 'sub', 'aud'])
  badClaims(`${claim} is an array of its value`, spelled(claim, JSON.stringify([{ ...BASE, sub: ALICE, aud: AUDIENCE }[claim]])));
for (const claim of ['rev', 'iat', 'exp']) {
  const value = BASE[claim];
  // A revision other than 1 needs prv, or it would be refused for the lack of that.
  const not1 = claim === 'rev' ? { prv: PRV } : {};
  badClaims(`${claim} is text`, spelled(claim, `"${value}"`));
  badClaims(`${claim} is true`, spelled(claim, 'true'));
  badClaims(`${claim} is an object`, spelled(claim, '{}'));
  badClaims(`${claim} is negative`, spelled(claim, `-${value}`, not1));
  badClaims(`${claim} is a fraction`, spelled(claim, `${value}.5`, not1));
  badClaims(`${claim} is whole, with a fraction of zero`, spelled(claim, `${value}.0`));
  badClaims(`${claim} is written with an exponent`, spelled(claim, `${value}e0`));
  badClaims(`${claim} is NaN`, spelled(claim, 'NaN', not1));
  badClaims(`${claim} is Infinity`, spelled(claim, 'Infinity', not1));
  badClaims(`${claim} is -Infinity`, spelled(claim, '-Infinity', not1));
  badClaims(`${claim} is 1e400, which overflows`, spelled(claim, '1e400', not1));
  badClaims(`${claim} is huge, in canonical spelling`, spelled(claim, '1e+300', not1));
  badClaims(`${claim} is 2^53`, spelled(claim, '9007199254740992', not1));
  badClaims(`${claim} is hexadecimal`, spelled(claim, `0x${value.toString(16)}`));
  badClaims(`${claim} begins with a zero`, spelled(claim, `0${value}`));
  badClaims(`${claim} begins with a plus`, spelled(claim, `+${value}`));
}
badClaims('rev is 0', text({ rev: 0, prv: PRV }));
badClaims('iat is -0', spelled('iat', '-0', { exp: 1 }));
badClaims('iat is -1', text({ iat: -1, exp: 100 }));
badClaims('exp is beyond the year 9999', text({ iat: YEAR_9999, exp: YEAR_9999 + 1 }));
badClaims('exp is 2^32 seconds too late, which a number of 32 bits would not show', text({ exp: NOW + DAY + 2 ** 32 }));
badClaims('exp is iat', text({ iat: NOW, exp: NOW }));
badClaims('exp is before iat', text({ iat: NOW, exp: NOW - 1 }));
badClaims('exp is 30 days and a second after iat', text({ iat: NOW, exp: NOW + MONTH + 1 }));
badClaims('exp in milliseconds', text({ exp: (NOW + DAY) * 1000 }));
badClaims('jti of 15 characters', text({ jti: 'A'.repeat(15) }));
badClaims('jti of 17 characters', text({ jti: 'A'.repeat(17) }));
badClaims('jti of 16 characters and a line break', text({ jti: `${'A'.repeat(16)}\n` }));
badClaims('jti with a character outside the alphabet', text({ jti: `${'A'.repeat(15)}+` }));
badClaims('jti that is empty', text({ jti: '' }));
badClaims('kind without a version', text({ kind: 'research' }));
badClaims('kind of version 0', text({ kind: 'research@0' }));
badClaims('kind whose version begins with a zero', text({ kind: 'research@01' }));
badClaims('kind whose version has 7 digits', text({ kind: 'research@1000000' }));
badClaims('kind whose version has digits that are not ASCII', text({ kind: 'research@１' }));
badClaims('kind in upper case', text({ kind: 'Research@1' }));
badClaims('kind whose name is empty', text({ kind: '@1' }));
badClaims('kind whose name has 33 characters', text({ kind: `${'a'.repeat(33)}@1` }));
badClaims('kind whose name begins with a digit', text({ kind: '1research@1' }));
badClaims('kind and a line break', text({ kind: 'research@1\n' }));
badClaims('A first revision with prv', text({ prv: PRV }));
badClaims('A second revision without prv', text({ rev: 2 }));
badClaims('A second revision whose prv is null', text({ rev: 2, prv: null }));
badClaims('prv of 11 characters', text({ rev: 2, prv: PRV.slice(1) }));
badClaims('prv of 13 characters', text({ rev: 2, prv: `${PRV}A` }));
badClaims('prv and a line break', text({ rev: 2, prv: `${PRV}\n` }));
badClaims('sub that is empty', text({ sub: '' }));
badClaims('sub of 21 characters', text({ sub: ALICE.slice(1) }));
badClaims('sub of 23 characters', text({ sub: `A${ALICE}` }));
badClaims('sub in a spelling that is not canonical', text({ sub: uncanonical(ALICE) }));
badClaims('sub in the clear', text({ sub: 'alice@issuer.example' }));
badClaims('sub and a line break', text({ sub: `${ALICE}\n` }));
badClaims('aud that is empty', text({ aud: '' }));
badClaims('aud of 257 characters', text({ aud: 'a'.repeat(257) }));
badClaims('aud of 257 UTF-16 code units, which are 129 characters', text({ aud: `${'😀'.repeat(128)}.` }));
badClaims('aud that is false', text({ aud: false }));
badClaims('scp that is empty', text({ scp: [] }));
badClaims('scp as text (RFC 8693)', text({ scp: 'read write' }));
badClaims('scp as an object', text({ scp: { 0: 'read', length: 1 } }));
badClaims('scp of 65 rights', text({ scp: Array.from({ length: 65 }, (_, at) => `right-${at}`) }));
badClaims('scp with an empty right', text({ scp: ['read', ''] }));
badClaims('scp with a right of 129 characters', text({ scp: ['read', 'r'.repeat(129)] }));
badClaims('scp with a space in a right', text({ scp: ['read write'] }));
badClaims('scp with a right and a line break', text({ scp: ['read\n'] }));
badClaims('scp with null among its rights', text({ scp: ['read', null] }));
badClaims('scp in scp', text({ scp: [['read']] }));
badClaims('scp with a wildcard', text({ scp: ['*'] }));
for (const claim of ['iss', 'nbf', 'x', '', 'JTI', 'St', 'constructor', 'toString', 'hasOwnProperty', 'prototype']) {
  badClaims(`An unknown claim: ${claim === '' ? 'the empty name' : claim}`, plus(`${JSON.stringify(claim)}:1`));
}
badClaims('An unknown claim: __proto__, an object', plus('"__proto__":{}'));
badClaims('An unknown claim: __proto__, null', plus('"__proto__":null'));
badClaims('An unknown claim: __proto__, a number', plus('"__proto__":1'));
badClaims(
  'An unknown claim: __proto__, which would lend what is missing',
  respell(text(), '"st":', '"__proto__":{"st":1},"__proto__x":').replace(/,"__proto__x":.*$/, '}'),
);
badClaims('An unknown claim that is null', plus('"x":null'));
badClaims('An unknown claim that is an array index, in its place', respell(text(), '{', '{"0":1,'));

// Step 9, the text of the payload.
badClaims('A text that is not JSON in place of the claims', 'hello');
badClaims('Nested three deep: a token signed in a token', TOKEN);
badClaims('An array around the claims', `[${text()}]`);
badClaims('An array of the claims’ values', JSON.stringify(Object.values(BASE)));
badClaims('The claims as text in JSON', JSON.stringify(text()));
badClaims('null in place of the claims', 'null');
badClaims('A number in place of the claims', '17');
badClaims('An empty object in place of the claims', '{}');
badClaims('The claims twice', text() + text());
badClaims('A space before the claims', ` ${text()}`);
badClaims('A space after the claims', `${text()} `);
badClaims('A line break after the claims', `${text()}\n`);
badClaims('A NUL after the claims', `${text()}\u0000`);
badClaims('White space between claims', respell(text(), ',', ', '));
badClaims('White space inside the state', respell(text(), '"depth":2', '"depth": 2'));
badClaims('A comma too many', respell(text(), '}}', '},}'));
badClaims('A comment', respell(text(), '{', '{/**/'));
badClaims('Single quotes', text().replaceAll('"', "'"));
badClaims('Cut by the last brace', text().slice(0, -1));
badClaims('exp twice', plus(`"exp":${NOW + DAY}`));
badClaims('exp twice, with two values', plus(`"exp":${NOW + 2 * DAY}`));
badClaims('sub twice', plus(`"sub":"${BOB}"`, { sub: ALICE }));
badClaims('st twice', respell(text(), '{', '{"st":1,'));
badClaims('A claim twice, once with an escape in its name', plus(`"\\u0065xp":${NOW + DAY}`));
badClaims('A member of the state twice', respell(text(), '"depth":2', '"depth":1,"depth":2'));
badClaims('__proto__ twice in the state', spelled('st', '{"__proto__":1,"__proto__":1}'));
badClaims('An escape that need not be, in a name', respell(text(), '"jti"', '"\\u006ati"'));
badClaims('An escape that need not be, in a value', respell(text(), 'research@1', 'rese\\u0061rch@1'));
badClaims('An escaped slash', spelled('st', '"\\/"'));
badClaims('A control character with a long escape where there is a short one', spelled('st', '"\\u000a"'));
badClaims('A control character escaped in upper case', spelled('st', '"\\u001F"'));
badClaims('A control character as itself', spelled('st', '"\u0001"'));
badClaims('A line break as itself in text', spelled('st', '"\n"'));
badClaims('DEL escaped', spelled('st', '"\\u007f"'));
badClaims('U+2028 escaped', spelled('st', '"\\u2028"'));
badClaims('A letter outside ASCII escaped', spelled('st', '"\\u00e9"'));
badClaims('A surrogate pair escaped', spelled('st', '"\\ud83d\\ude00"'));
badClaims('A lone surrogate escaped in upper case', spelled('st', '"\\uD800"'));
badClaims('An escape that does not exist', spelled('st', '"\\x41"'));
badClaims('An escape that is cut', spelled('st', '"\\u12"'));
for (const [name, value] of [
  ['-0', '-0'],
  ['1.0', '1.0'],
  ['1e2', '1e2'],
  ['1E+21, in upper case', '1E+21'],
  ['1e21, without its plus', '1e21'],
  ['10^21 in digits', '1000000000000000000000'],
  ['0.0000001 in digits', '0.0000001'],
  ['1e-07', '1e-07'],
  ['0.10', '0.10'],
  ['.5', '.5'],
  ['5.', '5.'],
  ['2^53 + 1, which no double is', '9007199254740993'],
  ['1e400, which overflows', '1e400'],
  ['1e-400, which underflows', '1e-400'],
  ['0.1000000000000000055511151231257827, which is 0.1', '0.1000000000000000055511151231257827'],
  ['NaN', 'NaN'],
  ['undefined', 'undefined'],
  ['True', 'True'],
]) {
  badClaims(`In the state: ${name}`, spelled('st', `[${value}]`));
}
badClaims('Names that are array indices after others', spelled('st', '{"a":1,"0":2}'));
badClaims('Names that are array indices, not ascending', spelled('st', '{"17":1,"2":2}'));
badClaims('A name that is the last array index, after others', spelled('st', '{"a":1,"4294967294":2}'));
const bytesIn = (...bytes) => {
  const [before, after] = spelled('st', '"|"').split('|');
  return Buffer.concat([utf8(before), Buffer.from(bytes), utf8(after)]);
};
badClaims('A byte that UTF-8 never has', bytesIn(0xff));
badClaims('A lone surrogate as itself in UTF-8 (CESU)', bytesIn(0xed, 0xa0, 0x80));
badClaims('A lone low surrogate as itself in UTF-8 (CESU)', bytesIn(0xed, 0xbf, 0xbf));
badClaims('A surrogate pair as itself in UTF-8 (CESU)', bytesIn(0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80));
badClaims('An overlong sequence for a slash', bytesIn(0xc0, 0xaf));
badClaims('An overlong sequence for NUL (modified UTF-8)', bytesIn(0xc0, 0x80));
badClaims('A sequence that is cut', bytesIn(0xe2, 0x82));
badClaims('A continuation byte alone', bytesIn(0x80));
badClaims('A character beyond U+10FFFF', bytesIn(0xf4, 0x90, 0x80, 0x80));
badClaims('A byte order mark before the claims', `\ufeff${text()}`);
badClaims('A byte order mark after the claims', `${text()}\ufeff`);
badClaims('Claims in UTF-16 with a byte order mark', Buffer.from(`\ufeff${text()}`, 'utf16le'));
badClaims('10,000 open brackets in the state, compressed', spelled('st', '['.repeat(10_000)), { zip: true });
badClaims('10,000 open brackets in place of the claims, compressed', '['.repeat(10_000), { zip: true });
badClaims('Arrays 10,000 deep in place of the claims, compressed', nested(10_000), { zip: true });
badClaims('Nesting 129 deep, one too many', spelled('st', nested(128)));
badClaims('Brackets that nest 129 deep after a string that ends in a backslash', spelled('st', `["\\\\",${nested(127)}]`));
badClaims('Arrays 10,000 deep in the state, compressed', spelled('st', nested(10_000)), { zip: true });
badClaims('Objects 8,000 deep in the state, compressed', spelled('st', nested(8_000, '{"a":', '}').replace(':}', ':0}')), { zip: true });
badClaims('Arrays 10,000 deep in sub, compressed', spelled('sub', nested(10_000)), { zip: true });
badClaims('Arrays 10,000 deep in scp, compressed', spelled('scp', nested(10_000)), { zip: true });
badClaims('Arrays 10,000 deep in an unknown claim, compressed', plus(`"x":${nested(10_000)}`), { zip: true });

// Step 10: issued in the future.
bad(10, 'iat is 61 seconds ahead', seal(text({ iat: NOW + 61 })));
bad(10, 'iat is an hour ahead', seal(text({ iat: NOW + 3600 })));
bad(10, 'iat and exp in the year 9999', seal(text({ iat: YEAR_9999 - 1, exp: YEAR_9999 })));
bad(10, 'iat ahead, for another audience and another caller', seal(text({ iat: NOW + 61, aud: 'x', sub: BOB })), {
  audience: AUDIENCE,
  subject: ALICE,
});
bad(10, 'iat ahead, of another kind, attenuated', seal(text({ iat: NOW + 61, kind: 'basket@1', scp: ['x'] })));

// Step 11: the audience.
const FOR_US = seal(text({ aud: AUDIENCE }));
bad(11, 'For an audience, where the deployment names none', FOR_US);
bad(11, 'For none, where the deployment names an audience', GOOD, { audience: AUDIENCE });
bad(11, 'For another audience', FOR_US, { audience: 'https://mcp.example/staging' });
bad(11, 'For an audience that differs in case', FOR_US, { audience: AUDIENCE.toUpperCase() });
bad(11, 'For an audience that differs by a slash at the end', FOR_US, { audience: `${AUDIENCE}/` });
bad(11, 'For an audience that is the beginning of the deployment’s', seal(text({ aud: AUDIENCE.slice(0, -1) })), { audience: AUDIENCE });
bad(11, 'For an audience that differs in Unicode normal form', seal(text({ aud: 'é' })), { audience: 'e\u0301' });
bad(11, 'For another audience, of another caller, and expired', seal(text({ aud: 'x', sub: BOB, exp: NOW })), {
  audience: AUDIENCE,
  subject: ALICE,
});

// Step 12: the subject.
const FOR_ALICE = seal(text({ sub: ALICE }));
bad(12, 'A caller’s, where there is none', FOR_ALICE);
bad(12, 'A bearer handle, where there is a caller', GOOD, { subject: ALICE });
bad(12, 'Another caller’s', FOR_ALICE, { subject: BOB });
bad(12, 'The caller’s, of the same name at another issuer', FOR_ALICE, {
  subject: b64(createHash('sha256').update('waxseal:sub:["https://other.example","alice"]').digest().subarray(0, 16)),
});
bad(12, 'A caller’s whose sub differs in case', FOR_ALICE, { subject: ALICE.slice(0, 21).toLowerCase() + ALICE[21] });
bad(12, 'Another caller’s, and expired', seal(text({ sub: BOB, exp: NOW })), { subject: ALICE });
bad(12, 'Another caller’s, of another kind, attenuated', seal(text({ sub: BOB, kind: 'basket@1', scp: ['x'] })), { subject: ALICE });

// Step 13: expired.
bad(13, 'exp is now', seal(text({ exp: NOW })));
bad(13, 'exp was a second ago', seal(text({ exp: NOW - 1 })));
bad(13, 'exp is long past, the key still there', GOOD, { now: NOW + 100 * DAY });
bad(13, 'Expired, though iat is within the skew', seal(text({ iat: NOW + 30, exp: NOW + 31 })), { now: NOW + 31 });
bad(13, 'Expired, the caller’s and the deployment’s', seal(text({ sub: ALICE, aud: AUDIENCE, exp: NOW })), {
  subject: ALICE,
  audience: AUDIENCE,
});
bad(13, 'Expired, of another kind, attenuated, its state wrong', seal(text({ exp: NOW, kind: 'basket@1', scp: ['x'] })), {
  stateMustBe: 'never',
});
bad(13, 'Expired, sealed by a key that is retired', seal(text({ iat: NOW - 40 * DAY, exp: NOW - 10 * DAY }), { key: keys.retired }));

// Step 14: the kind.
bad(14, 'Another kind', seal(text({ kind: 'basket@1' })));
bad(14, 'Another version of the kind', seal(text({ kind: 'research@2' })));
bad(14, 'A version that begins with the one that the call takes', seal(text({ kind: 'research@10' })));
bad(14, 'A name that begins with the one that the call takes', seal(text({ kind: 'research2@1' })));
bad(14, 'A call that takes no kind at all', GOOD, { kinds: [] });
bad(14, 'None of the kinds that the call takes', seal(text({ kind: 'c@1' })), { kinds: ['a@1', 'b@1', 'c@2'] });
bad(14, 'Another kind, attenuated, its state wrong', seal(text({ kind: 'basket@1', scp: ['x'] })), { stateMustBe: 'never' });

// Step 15: the rights.
bad(15, 'Attenuated to another right', seal(text({ scp: ['write'] })));
bad(15, 'Attenuated, where the call’s list of rights is empty', seal(text({ scp: ['read'] })), { needs: [] });
bad(15, 'A right that differs in case', seal(text({ scp: ['Read'] })));
bad(15, 'A right that begins with the one that the call needs', seal(text({ scp: ['read.all'] })));
bad(15, 'A right that is the beginning of the one that the call needs', seal(text({ scp: ['rea'] })));
bad(15, 'None of the rights that the call needs one of', seal(text({ scp: ['a', 'b'] })), { needs: ['c', 'd'] });
bad(15, 'Attenuated to another right, its state wrong', seal(text({ scp: ['write'] })), { stateMustBe: 'never' });

// Step 16: the state.
bad(16, 'Text, where the state must be an object', seal(text({ st: 'text' })), { stateMustBe: 'object' });
bad(16, 'An array, where the state must be an object', seal(text({ st: [] })), { stateMustBe: 'object' });
bad(16, 'null, where the state must be an object', seal(text({ st: null })), { stateMustBe: 'object' });
bad(16, 'An object, where the state must be text', GOOD, { stateMustBe: 'string' });
bad(16, 'A number, where the state must be text', seal(text({ st: 17 })), { stateMustBe: 'string' });
bad(16, 'A kind that admits no state', GOOD, { stateMustBe: 'never' });
bad(16, 'A compressed state that its kind does not admit, attenuated to the right', seal(text({ scp: ['read'] }), { zip: true }), {
  stateMustBe: 'never',
});

// ------------------------------------------------------------------------------------------------- output

/** Every good vector opens with jose as well, so that the layers above are standard ones. */
async function requireStandard({ name, ring, handle, claims }) {
  const [secret, signing] = ['oct', 'OKP'].map((kty) =>
    rings[ring].keys.find((jwk) => jwk.kty === kty && jwk.kid === JSON.parse(fromB64(handle.split('.')[0])).kid),
  );
  const { plaintext } = await compactDecrypt(handle, fromB64(secret.k), { maxDecompressedLength: 65_536 });
  const { payload } = await compactVerify(plaintext, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: signing.x }, format: 'jwk' }));
  if (Buffer.from(payload).toString('utf8') !== JSON.stringify(claims)) throw new Error(`${name}: not canonical JSON`);
}
for (const vector of goods) await requireStandard(vector);

/** A member a line, so that a change shows in a diff; each value on one line, however deep. */
function toText(about, vectors) {
  const object = (value, indent, print) =>
    `{\n${Object.entries(value)
      .map(([name, member_]) => `${indent}  ${JSON.stringify(name)}: ${print(member_)}`)
      .join(',\n')}\n${indent}}`;
  const used = Object.fromEntries(Object.entries(rings).filter(([name]) => vectors.some(({ ring }) => ring === name)));
  const ringText = ({ keys: jwks, ...others }) =>
    JSON.stringify({ ...others, keys: ['JWKS'] }).replace(
      '["JWKS"]',
      () => `[\n${jwks.map((jwk) => `        ${JSON.stringify(jwk)}`).join(',\n')}\n      ]`,
    );
  return `${object({ about: JSON.stringify(about), rings: object(used, '  ', ringText), vectors: `[\n${vectors.map((vector) => `    ${object(vector, '    ', JSON.stringify)}`).join(',\n')}\n  ]` }, '', String)}\n`;
}

const WARNING = 'THE KEYS HERE ARE PUBLIC AND FOR TESTS ONLY. Made by make.mjs; see README.md for the format.';
const files = {
  'good.json': toText(`Waxseal handles, version 1, that must open. ${WARNING}`, goods),
  'bad.json': toText(`Waxseal handles, version 1, that must not open. ${WARNING}`, bads),
};

for (const [name, content] of Object.entries(files)) {
  const path = new URL(name, import.meta.url);
  if (!process.argv.includes('--check')) writeFileSync(path, content);
  else if (readFileSync(path, 'utf8') !== content) {
    process.stderr.write(`${name} is not what make.mjs writes\n`);
    process.exitCode = 1;
  }
}
