/**
 * Writes good.json and bad.json, beside this file: test vectors for docs/handle-format.md.
 *
 *     node test/vectors/make.mjs            writes the files
 *     node test/vectors/make.mjs --check    exits with 1 if the files differ from the script's output
 *
 * THE KEYS IN THIS FILE ARE PUBLIC. Each key is the hash of a label in this file. The keys are for tests only: a server
 * with one of these rings lets everyone read and make its handles.
 *
 * This file imports nothing from src/ or dist/. Vectors made by Waxseal's own writer would only show that Waxseal
 * agrees with itself. The output depends only on this file: every machine and every version of Node writes the same
 * bytes. Therefore the script uses no random numbers, no clock, and no zlib, whose output differs between versions.
 */
import { createCipheriv, createHash, createHmac, createPrivateKey, createPublicKey, hkdfSync, sign as signBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

/** Noon of 2026-07-28 (UTC), in seconds since 1970. */
const NOW = 1_785_240_000;
const DAY = 86_400;
const MONTH = 30 * DAY;
const YEAR_9999 = 253_402_300_799;
/** The default limit of the length of a handle, in characters. */
const LIMIT = 8_192;
/** The limit of the length of P (the signature and the claims), in bytes. */
const MAX_P = 65_536;

const b64 = (data) => Buffer.from(data).toString('base64url');
const fromB64 = (text) => Buffer.from(text, 'base64url');
const utf8 = (data) => (typeof data === 'string' ? Buffer.from(data, 'utf8') : data);
const join = (...parts) => Buffer.concat(parts.map(utf8));
const hash = (label, ...more) => {
  const digest = createHash('sha256').update(`waxseal test vector: ${label}`);
  for (const data of more) digest.update(utf8(data));
  return digest.digest();
};

/**
 * Replaces a part of a text. Throws an error if the part is missing, because a bad vector could otherwise become a good
 * vector.
 */
function respell(text, from, to) {
  if (!text.includes(from)) throw new Error(`nothing to respell: ${from}`);
  return text.replace(from, () => to);
}

// ---------------------------------------------------------------------------------------------------- keys

/** Makes a private key from its 32 bytes, in the PKCS #8 form of Ed25519 (RFC 8410 §7). */
const privateKey = (seed) =>
  createPrivateKey({ key: join(Buffer.from('302e020100300506032b657004220420', 'hex'), seed), format: 'der', type: 'pkcs8' });

/** Makes a pair whose secrets are hashes of its label. The `kid` need not equal the label. */
function pair(kid, { iat = NOW - 100 * DAY, nbf = NOW - 100 * DAY, exp = NOW + 265 * DAY, revoked, label = kid } = {}) {
  const secret = hash(`AES-256 secret of ${label}`);
  const seed = hash(`Ed25519 seed of ${label}`);
  const signing = privateKey(seed);
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
  // This is the newest active pair. A server with the ring "main" would mint with this pair.
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
  // The ring "main" does not have the following pairs.
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
/** Returns the inspector ring of a ring, without private keys, as `waxseal keys export --inspector` makes it. */
const forInspectors = ({ keys: jwks, ...others }) => ({ ...others, keys: jwks.map(({ d: _private, ...jwk }) => jwk) });

const JTI = 'AAECAwQFBgcICQoL';
const subject = (issuer, name) =>
  b64(
    createHash('sha256')
      .update(`waxseal:sub:${JSON.stringify([issuer, name])}`)
      .digest()
      .subarray(0, 16),
  );
const ALICE = subject('https://issuer.example', 'alice');
const BOB = subject('https://issuer.example', 'bob');

const revoking = {
  ...ringOf('active'),
  revocations: {
    tasks: [
      { jti: 'some-other-task-', until: NOW + MONTH },
      { jti: JTI, until: NOW + DAY },
    ],
    subjects: [{ sub: ALICE, until: NOW + DAY }],
  },
};

/** The rings. The name of each ring tells its special property. Vectors refer to a ring by its name. */
const rings = {
  main,
  inspector: forInspectors(main),
  stranger: ringOf('stranger'),
  impostor: ringOf('impostor'),
  'odd kids': ringOf('short', 'dash', 'long', 'dunder', 'constructor_'),
  'unlisted members': {
    development: true,
    comment: 'members that nobody listed are ignored',
    // The order is unusual too: the signing half comes before the secret half, with another entry between the halves.
    keys: [keys.active.jwks[1], ...keys.newest.jwks, keys.active.jwks[0]].map((jwk) => ({
      ...jwk,
      note: 'x',
      key_ops: [],
      x5u: 'https://attacker.example/',
    })),
  },
  revoking,
  'revoking, for inspectors': forInspectors(revoking),
  epoch: ringOf('epoch'),
  eternity: ringOf('eternity'),
};

// ------------------------------------------------------------------------------------------------- layers

const outer = (kid, zip = false) => `{"alg":"dir","enc":"A256GCM","kid":"${kid}","typ":"handle"${zip ? ',"zip":"DEF"' : ''}}`;
const inner = (kid) => `{"alg":"Ed25519","b64":false,"crit":["b64"],"kid":"${kid}","typ":"handle+jws"}`;

/** Signs claims with any pair and with any text as the inner header. */
const sign = (claims, key = keys.active, header = inner(key.kid)) => signBytes(null, join(`${b64(header)}.`, claims), key.signing);

/** Returns P: the signature, followed by the claims (a text or bytes). */
const signed = (claims, { key = keys.active, signature = sign(claims, key) } = {}) => join(signature, claims);

/** Derives an IV as section 2 of the specification says. Every input can be replaced. */
function derivedIv(header, e, { seed, label }) {
  const key = Buffer.from(hkdfSync('sha256', seed, '', label, 32));
  return createHmac('sha256', key)
    .update(join(header, '.', e))
    .digest()
    .subarray(0, 12);
}
const ivLabel = (kid) => `waxseal handle iv v1:${kid}`;
const ivOf = (header, e, key = keys.active) => derivedIv(header, e, { seed: key.seed, label: ivLabel(key.kid) });

/**
 * Makes a JWE from any E, with any header. By default it uses the derived IV. Another IV can be given as bytes, or as a
 * function of the encoded header and E.
 */
function jwe(
  e,
  {
    key = keys.active,
    zip = false,
    header = outer(key.kid, zip),
    secret = key.secret,
    aad,
    encryptedKey = '',
    iv = (header_, e_) => ivOf(header_, e_, key),
  } = {},
) {
  const protectedHeader = b64(header);
  const nonce = typeof iv === 'function' ? iv(protectedHeader, utf8(e)) : iv;
  const cipher = createCipheriv(`aes-${secret.length * 8}-gcm`, secret, nonce);
  cipher.setAAD(utf8(aad ?? protectedHeader));
  const ciphertext = join(cipher.update(utf8(e)), cipher.final());
  return [protectedHeader, encryptedKey, b64(nonce), b64(ciphertext), b64(cipher.getAuthTag())].join('.');
}

/** Makes a whole handle from any claims (text or bytes). */
function seal(claims, { key = keys.active, signature, zip = false, deflated = deflate, ...others } = {}) {
  const p = signed(claims, { key, signature });
  return jwe(zip ? deflated(p) : p, { key, zip, ...others });
}

/** Returns an IV that is not derived from the handle, like a random IV. */
const anyIv = (label) => hash(`an IV: ${label}`).subarray(0, 12);

/** Changes parts of a handle, by name. */
function withParts(handle, change) {
  const [header, encryptedKey, iv, ciphertext, tag] = handle.split('.');
  const parts = { header, encryptedKey, iv, ciphertext, tag };
  return Object.values({ ...parts, ...change(parts) }).join('.');
}

/** Spells the bytes of a part in non-canonical base64url, by setting one of the unused bits of the last character. */
function uncanonical(part) {
  if (part.length % 4 === 0) throw new Error('no unused bits to set');
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const other = part.slice(0, -1) + alphabet[alphabet.indexOf(part.at(-1)) ^ 1];
  if (!fromB64(other).equals(fromB64(part))) throw new Error('another spelling must decode to the same bytes');
  return other;
}

/** Flips one bit in the first byte of a part. */
function flipped(part) {
  const bytes = fromB64(part);
  bytes[0] ^= 1;
  return b64(bytes);
}

// ------------------------------------------------------------------------------------------------ DEFLATE

/**
 * Makes a writer of bits by RFC 1951 §3.1.1: it writes numbers from their lowest bit, and Huffman codes from their
 * highest bit.
 */
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

/** Compresses bytes into one block with fixed Huffman codes. It finds matches greedily. */
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

/** Writes bytes as a DEFLATE stream with only uncompressed blocks (RFC 1951 §3.2.4). */
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
 * Makes the densest possible DEFLATE stream: one byte, and then `matches` times 258 copies of this byte, each match in
 * two bits (1032:1). The body of the stream consists of zero bytes, so the stream itself can be compressed as densely
 * again.
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
  // These are the lengths of the codes for code lengths, in the order of §3.2.7. The code for 18 has one bit; the codes
  // for 2 and 1 have two.
  for (const symbol of [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1]) writer.bits({ 18: 1, 1: 2, 2: 2 }[symbol] ?? 0, 3);
  const one = () => writer.code(0b10, 2);
  const two = () => writer.code(0b11, 2);
  const zeros = (count) => {
    for (let left = count; left > 0; left -= Math.min(left, 138)) {
      writer.code(0, 1);
      writer.bits(Math.min(left, 138) - 11, 7);
    }
  };
  // The lengths of all codes: two bits for the byte and the end of the block, one bit for length 258 and distance 1.
  zeros(byte);
  two();
  zeros(255 - byte);
  two();
  zeros(28);
  one();
  one();
  writer.code(0b10, 2); // the byte
  for (let match = 0; match < matches; match += 1) writer.bits(0, 2); // 258 copies of the byte, at distance 1
  writer.code(0b11, 2);
}

/**
 * Compresses the output of `dense` again. `denseBlock` compresses the zero bytes. The bytes before and after the zero
 * bytes are not compressed.
 */
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
const BASE = { jti: JTI, kind: 'research@1', rev: 1, iat: NOW - 60, exp: NOW + DAY, st: STATE };
const AUDIENCE = 'https://mcp.example/production';
const fingerprint = (handle) => b64(createHash('sha256').update(handle).digest().subarray(0, 12));

/**
 * Returns the text of the claims of a new bearer task. The given members replace the usual members, and `undefined`
 * removes a member.
 */
function text(members = {}) {
  const claims = { ...BASE, ...members };
  const names = [...ORDER.filter((name) => name in claims), ...Object.keys(claims).filter((name) => !ORDER.includes(name))];
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, claims[name]])));
}

/** Returns the text of the claims, with the value of one claim in the given spelling. The spelling need not be JSON. */
function spelled(claim, value, members = {}) {
  return respell(text({ ...members, [claim]: 'PLACEHOLDER' }), '"PLACEHOLDER"', value);
}

/** Returns the text of the claims, with additional members before `st`. */
const plus = (more, members) => respell(text(members), ',"st":', `,${more},"st":`);

/** Finds claims and a pair. The handle that the pair makes of these claims has exactly the given length. */
function ofLength(length) {
  const characters = (bytes) => Math.ceil((bytes * 4) / 3);
  // The pairs have headers of different lengths. Several pairs are tried, because the ciphertext can have only three of
  // every four lengths.
  for (const key of [keys.active, keys.newest, keys.starting, keys.retired, keys.pending]) {
    const room = length - characters(outer(key.kid).length) - '..'.length - 16 - '.'.length - '.'.length - 22;
    const bytes = Math.floor((room * 3) / 4);
    if (characters(bytes) === room) return { payload: claimsOf(bytes - 64), key };
  }
  throw new Error(`no handle has ${length} characters`);
}

/** Returns claims of exactly the given number of bytes. */
function claimsOf(bytes) {
  const rest = bytes - text({ st: '' }).length;
  return text({ st: 'again and again '.repeat(Math.ceil(rest / 16)).slice(0, rest) });
}

const nested = (depth, open = '[', close = ']') => open.repeat(depth) + close.repeat(depth);

const FRESH = seal(text());
/** The fingerprint with which a second revision refers to the first revision. */
const PRV = fingerprint(FRESH);

// --------------------------------------------------------------------------------------------------- good

const CALL = { ring: 'main', now: NOW, kinds: ['research@1'], needs: ['read'] };
/** With this ring a reader follows the inspector's procedure, without steps 6 and 10 to 17. */
const INSPECTED = { ring: 'inspector' };
const MEMBERS = [
  'name',
  'step',
  'ring',
  'now',
  'notBefore',
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
/**
 * Adds a good vector. `claims` is an object with the claims that differ from a new task's, or the text of all claims.
 */
function good(name, claims, { key, zip, deflated, signature, iv, ...call } = {}) {
  const payload = typeof claims === 'string' ? claims : text(claims);
  const handle = seal(payload, { key, zip, deflated, signature, iv });
  goods.push(ordered({ name, ...CALL, ...call, handle, claims: JSON.parse(payload) }));
}

good('A fresh task for a bearer: only the required claims', {});
good('Revision 2, with prv: the fingerprint of the first vector', { rev: 2, prv: PRV });
good('Revision 3, re-issued from revision 2', { rev: 3, iat: NOW, prv: fingerprint(seal(text({ rev: 2, prv: PRV }))) });
good('A task of an authenticated caller, with sub', { sub: ALICE }, { subject: ALICE });
good('A task of a deployment that has a name, with aud', { aud: AUDIENCE }, { audience: AUDIENCE });
good('An attenuated handle, with scp', { scp: ['read'] });
good(
  'All claims together',
  { rev: 17, prv: PRV, sub: ALICE, aud: AUDIENCE, scp: ['read', 'write'] },
  { subject: ALICE, audience: AUDIENCE },
);
good(
  'An attenuated handle with one of two rights, either of which suffices for the call',
  { scp: ['a', 'write'] },
  { needs: ['read', 'write'] },
);
good('A right that occurs twice in scp', { scp: ['read', 'read'] });
good(
  '64 rights of 128 characters',
  { scp: ['read', ...Array.from({ length: 63 }, (_, at) => `${at}-._`.padEnd(128, 'Zz'))] },
  { maxLength: 2 * LIMIT },
);
good('A handle that is not attenuated, for a call whose list of rights is empty', {}, { needs: [] });
good('The highest revision', { rev: Number.MAX_SAFE_INTEGER, prv: PRV });
good('The shortest kind', { kind: 'a@1' }, { kinds: ['a@1'] });
good(
  'The longest kind, among several that the call accepts',
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
good('An object as state, for a kind whose state must be an object', { st: STATE }, { stateMustBe: 'object' });
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
good('Numbers in the form that Number::toString writes', {
  st: [
    0, 1, -1, 0.1, 1e21, 1e-7, 123456789012345680000, 0.000001, 1.5e300, 5e-324, 1.7976931348623157e308, 9007199254740991,
    -9007199254740992, 100, 4.35, 2e-7, 1e23,
  ],
});
good('A name that is empty, and one of 1,000 characters', { st: { '': 1, ['n'.repeat(1000)]: 2 } });
good('Nesting 128 deep, the deepest that is allowed', spelled('st', nested(127)));
good('Nesting 100 deep, of arrays', spelled('st', nested(99)));
good('Nesting 100 deep, of objects', spelled('st', nested(98, '{"a":', '}').replace('}', '{}}')));
good('Text that looks like JSON and like a handle', { st: { text: '","exp":9,"st":{"a":"eyJhbGciOiJub25lIn0..AAAA.AAAA.AAAA"}' } });

good('Compressed', { st: { text: 'again and again '.repeat(500) } }, { zip: true });
good('Compressed, although this makes the handle longer: the rule about the length binds writers, not readers', { st: {} }, { zip: true });
good('Compressed in name only: one stored block', {}, { zip: true, deflated: stored });
good('Compressed in many blocks, of 100 bytes', { st: { text: 'x'.repeat(2000) } }, { zip: true, deflated: (data) => stored(data, 100) });
good(
  'Compressed, with all claims',
  { rev: 3, prv: PRV, sub: ALICE, aud: AUDIENCE, scp: ['read'], st: { text: '漢字'.repeat(400) } },
  { zip: true, subject: ALICE, audience: AUDIENCE },
);
good('Compressed, and exactly 65,536 bytes when inflated', claimsOf(MAX_P - 64), { zip: true });
{
  const { payload, key } = ofLength(LIMIT);
  good('Exactly 8,192 characters: the largest state that is not compressed', payload, { key });
}
good('Exactly 65,536 bytes that are not compressed, for a deployment that allows such a handle', claimsOf(MAX_P - 64), {
  maxLength: 90_000,
});
good('8,193 characters, for a deployment that allows them', ofLength(LIMIT + 1).payload, {
  key: ofLength(LIMIT + 1).key,
  maxLength: LIMIT + 1,
});

good('Sealed by the newest active key', {}, { key: keys.newest });
good('Sealed by a key that is active from this second on', {}, { key: keys.starting });
good('Sealed by a pending key: another replica’s clock is ahead', {}, { key: keys.pending });
good('Sealed by a key that is retired from this second on', {}, { key: keys.ending });
good('Sealed by a retired key', { iat: NOW - 11 * DAY, exp: NOW + 19 * DAY }, { key: keys.retired });
good('Sealed by a retired key in the last second in which it opens', { iat: NOW - MONTH + 1, exp: NOW + 1 }, { key: keys.lastSecond });
good('A ring for development, with unknown members and with the halves of an entry apart', {}, { ring: 'unlisted members' });
good('A kid of one character', {}, { ring: 'odd kids', key: keys.short });
good('A kid that is a dash', {}, { ring: 'odd kids', key: keys.dash });
good('A kid of 32 characters', {}, { ring: 'odd kids', key: keys.long });
good('A kid __proto__', {}, { ring: 'odd kids', key: keys.dunder });
good('A kid constructor, compressed', {}, { ring: 'odd kids', key: keys.constructor_, zip: true });

good('iat is now', { iat: NOW });
good('iat is exactly 60 seconds ahead', { iat: NOW + 60 });
good('exp is one second ahead', { exp: NOW + 1 });
good('exp is exactly 30 days after iat', { iat: NOW, exp: NOW + MONTH });
good('A lifetime of one second, opened within it', { iat: NOW, exp: NOW + 1 });
good('The first second: now and iat are 0', { iat: 0, exp: 1 }, { now: 0, ring: 'epoch', key: keys.epoch });
good(
  'The last second of the year 9999',
  { iat: YEAR_9999 - MONTH, exp: YEAR_9999 },
  { now: YEAR_9999 - 1, ring: 'eternity', key: keys.eternity },
);
good('iat is exactly the earliest time of issue that the deployment accepts', {}, { notBefore: NOW - 60 });
good('A ring that revokes another task and another caller', { jti: 'not-revoked-here', sub: BOB }, { ring: 'revoking', subject: BOB });
good('A revocation of its task that ends at this second', { exp: NOW + 2 * DAY }, { ring: 'revoking', now: NOW + DAY });
good(
  'A revocation of its caller that ends at this second',
  { jti: 'not-revoked-here', sub: ALICE, exp: NOW + 2 * DAY },
  { ring: 'revoking', now: NOW + DAY, subject: ALICE },
);
good('A signature of zeros under the derived IV: a replica does not verify it', {}, { signature: Buffer.alloc(64) });

const forInspector = (name, claims, options) => good(name, claims, { ...INSPECTED, ...options });
forInspector('For an inspector: a fresh task', {});
forInspector('For an inspector: a later revision, with all claims', {
  rev: 17,
  prv: PRV,
  sub: ALICE,
  aud: AUDIENCE,
  scp: ['read', 'write'],
});
forInspector('For an inspector: compressed', { st: { text: 'again and again '.repeat(100) } }, { zip: true });
forInspector(
  'For an inspector: compressed in another way than by a server, under another IV',
  {},
  {
    zip: true,
    deflated: stored,
    iv: anyIv('compressed otherwise'),
  },
);
forInspector(
  'For an inspector: the right signature under an IV that is not derived, which an inspector made and a replica refuses',
  {},
  {
    iv: anyIv('an inspector'),
  },
);
forInspector('For an inspector: sealed by a retired key', { iat: NOW - 11 * DAY, exp: NOW + 19 * DAY }, { key: keys.retired });
forInspector('For an inspector: expired', { exp: NOW - 1 });
forInspector('For an inspector: issued in the future', { iat: NOW + 3600 });
forInspector('For an inspector: issued before the earliest time that the deployment accepts', {}, { notBefore: NOW });
forInspector(
  'For an inspector: of another audience, caller and kind, attenuated, with an invalid state',
  {
    sub: BOB,
    aud: 'x',
    kind: 'basket@1',
    scp: ['x'],
  },
  { audience: AUDIENCE, subject: ALICE, stateMustBe: 'never' },
);
forInspector('For an inspector: a task and a caller that the ring revokes', { sub: ALICE }, { ring: 'revoking, for inspectors' });

// ---------------------------------------------------------------------------------------------------- bad

const rejected = (reason) => ({ code: 'rejected', reason });
/**
 * The answer of each step, by the step's number. Step 10 has two reasons, so each vector of step 10 names its reason.
 */
const ANSWERS = [
  undefined,
  ...Array(3).fill({ code: 'malformed' }),
  ...['unknown_key', 'decryption', 'iv', 'inflation', 'signature', 'claims'].map(rejected),
  undefined,
  ...['audience', 'subject', 'revoked'].map(rejected),
  { code: 'expired' },
  { code: 'wrong_kind' },
  { code: 'forbidden' },
  rejected('state'),
];

const bads = [];
function bad(step, name, handle, call = {}) {
  bads.push(ordered({ name, step, ...CALL, ...ANSWERS[step], ...call, handle }));
}
/** Adds a vector with bad claims that the right pair has signed and sealed. */
const badClaims = (name, payload, options, call) => bad(9, name, seal(payload, options), call);

const ZIPPED = seal(text(), { zip: true });
const P = signed(text());
const SIGNATURE = sign(text());
/** Encrypts a good P with another outer header and the right key, so that only the header is wrong. */
const underHeader = (header, options) => jwe(P, { header, ...options });

/** A handle of the previous format: a signed token inside an encrypted token, with a random IV. */
const OLD_TOKEN = (() => {
  const input = `${b64('{"alg":"Ed25519","typ":"handle+jwt"}')}.${b64(text())}`;
  return `${input}.${b64(signBytes(null, utf8(input), keys.active.signing))}`;
})();
const OLD_HEADER = '{"alg":"dir","enc":"A256GCM","kid":"active","cty":"JWT"}';

// Step 1: the handle must be a string, must not be empty, and must not be too long.
bad(1, 'null', null);
bad(1, 'A number', 17);
bad(1, 'true', true);
bad(1, 'A good handle in an array', [FRESH]);
bad(1, 'A good handle in an object', { handle: FRESH });
bad(1, 'The empty string', '');
bad(1, '8,193 dots', '.'.repeat(LIMIT + 1));
{
  const { payload, key } = ofLength(LIMIT + 1);
  bad(1, 'An authentic handle of 8,193 characters', seal(payload, { key }));
}
bad(1, 'An authentic handle, one character longer than the deployment allows', FRESH, { maxLength: FRESH.length - 1 });

// Step 2: the grammar.
/** Finds a good handle in which the last character of the named part has unused bits. */
function withSpareBits(name) {
  const at = { header: 0, ciphertext: 3 }[name];
  const candidates = [keys.active, keys.newest, keys.retired].flatMap((key) => ['', 'a', 'ab'].map((st) => seal(text({ st }), { key })));
  return candidates.find((handle) => handle.split('.')[at].length % 4 !== 0);
}
const change = (name, handle, changes) => bad(2, name, withParts(handle, changes));
bad(2, 'One letter', 'A');
bad(2, 'Four dots and nothing else', '....');
bad(2, 'A good handle cut by one character', FRESH.slice(0, -1));
bad(2, 'A good handle cut in the middle', FRESH.slice(0, FRESH.length >> 1));
bad(2, 'A good handle with an additional character', `${FRESH}A`);
bad(2, 'A good handle with an additional dot at the end', `${FRESH}.`);
bad(2, 'A good handle with an additional dot at the start', `.${FRESH}`);
bad(2, 'A good handle with a sixth part', `${FRESH}.AAAA`);
bad(2, 'A good handle without its empty part', FRESH.replace('..', '.'));
bad(2, 'A good handle twice', FRESH + FRESH);
bad(2, 'A good handle and a line break', `${FRESH}\n`);
bad(2, 'A space before a good handle', ` ${FRESH}`);
bad(2, 'A line break in the ciphertext', `${FRESH.slice(0, 200)}\n${FRESH.slice(200)}`);
bad(2, 'A NUL after a good handle', `${FRESH}\u0000`);
bad(2, 'A good handle in quotes', `"${FRESH}"`);
bad(2, 'Padding after the tag', `${FRESH}==`);
bad(2, 'A Cyrillic letter that looks like a Latin one', FRESH.replace(/[A-Za-z]/, 'а'));
bad(2, 'A full-width dot', FRESH.replace('.', '．'));
bad(2, 'A lone surrogate', `${FRESH.slice(0, -1)}\ud800`);
bad(2, 'The claims as a compact JWS, signed and not encrypted', `${b64(inner('active'))}.${b64(text())}.${b64(SIGNATURE)}`);
bad(2, 'The signed token of the previous format', OLD_TOKEN);
bad(
  2,
  'The JSON serialization of a JWE',
  JSON.stringify({ protected: FRESH.split('.')[0], iv: FRESH.split('.')[2], ciphertext: FRESH.split('.')[3], tag: FRESH.split('.')[4] }),
);
bad(2, 'alg none: the claims, unprotected', `${b64('{"alg":"none"}')}.${b64(text())}.`);
bad(
  2,
  'base64 instead of base64url',
  (() => {
    // The loop finds a handle whose ciphertext has both characters in which the alphabets differ.
    for (let at = 0; ; at += 1) {
      const handle = seal(text({ st: { at } }));
      if (/-/.test(handle.split('.')[3]) && /_/.test(handle.split('.')[3])) return handle.replaceAll('-', '+').replaceAll('_', '/');
    }
  })(),
);
change('An encrypted key of three bytes', FRESH, () => ({ encryptedKey: 'AAAA' }));
change('An empty header', FRESH, () => ({ header: '' }));
change('An empty IV', FRESH, () => ({ iv: '' }));
change('An empty ciphertext', FRESH, () => ({ ciphertext: '' }));
change('An empty tag', FRESH, () => ({ tag: '' }));
change('An IV of 64 bits', FRESH, () => ({ iv: 'AAAAAAAAAAA' }));
change('An IV of 128 bits', FRESH, () => ({ iv: 'AAAAAAAAAAAAAAAAAAAAAA' }));
change('A tag cut to 96 bits, which AES-GCM as such would allow', FRESH, ({ tag }) => ({ tag: b64(fromB64(tag).subarray(0, 12)) }));
change('A tag with an additional byte', FRESH, ({ tag }) => ({ tag: b64(Buffer.concat([fromB64(tag), Buffer.from([0])])) }));
change('The tag in a spelling that is not canonical', FRESH, ({ tag }) => ({ tag: uncanonical(tag) }));
change('The header in a spelling that is not canonical', withSpareBits('header'), ({ header }) => ({ header: uncanonical(header) }));
change('The ciphertext in a spelling that is not canonical', withSpareBits('ciphertext'), ({ ciphertext }) => ({
  ciphertext: uncanonical(ciphertext),
}));
change('A ciphertext of a length that base64url cannot have', FRESH, ({ ciphertext }) => ({
  ciphertext: ciphertext.slice(0, ciphertext.length - ((ciphertext.length + 3) % 4)),
}));
bad(
  2,
  'alg RSA-OAEP with an encrypted key',
  underHeader('{"alg":"RSA-OAEP","enc":"A256GCM","kid":"active","typ":"handle"}', {
    encryptedKey: b64(Buffer.concat(Array.from({ length: 8 }, (_, at) => hash(`RSA ${at}`)))),
  }),
);
bad(
  2,
  'alg PBES2-HS256+A128KW with a count of 2,147,483,647 and an encrypted key',
  underHeader(`{"alg":"PBES2-HS256+A128KW","p2s":"AAAAAAAAAAA","p2c":2147483647,"enc":"A256GCM","kid":"active","typ":"handle"}`, {
    encryptedKey: b64(hash('PBES2')),
  }),
);
bad(2, 'enc A128CBC-HS256, whose secret has the same length, in the header and in the encryption', sealedWithCbc());

/** Makes a handle that is encrypted with A128CBC-HS256, whose IV has 128 bits (RFC 7518 §5.2.2). */
function sealedWithCbc() {
  const protectedHeader = b64(respell(outer('active'), 'A256GCM', 'A128CBC-HS256'));
  const iv = hash('IV of A128CBC-HS256').subarray(0, 16);
  const cipher = createCipheriv('aes-128-cbc', keys.active.secret.subarray(16), iv);
  const ciphertext = join(cipher.update(P), cipher.final());
  const bits = Buffer.alloc(8);
  bits.writeBigUInt64BE(BigInt(protectedHeader.length * 8));
  const mac = createHmac('sha256', keys.active.secret.subarray(0, 16))
    .update(join(protectedHeader, iv, ciphertext, bits))
    .digest();
  return [protectedHeader, '', b64(iv), b64(ciphertext), b64(mac.subarray(0, 16))].join('.');
}

// Step 3: the outer header. Each handle is encrypted with the right key, so that only the header is wrong.
const header = (name, text_, options, call) => bad(3, name, underHeader(text_, options), call);
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
  'crit that names an unknown extension that the header contains',
  member('"crit":["http://waxseal.example/x"],"http://waxseal.example/x":true'),
);
header('crit that is empty', member('"crit":[]'));
header('jwk: the secret to use', member(`"jwk":{"kty":"oct","k":"${b64(hash('jwk'))}"}`), { secret: hash('jwk') });
header('jku: where to fetch the key', member('"jku":"https://attacker.example/jwks.json"'));
header('x5u: where to fetch the certificate', member('"x5u":"https://attacker.example/cert.pem"'));
header('x5c: a certificate', member('"x5c":["MIIB"]'));
header('b64 false', member('"b64":false,"crit":["b64"]'));
header('typ twice', member('"typ":"JWT"'));
header('cty as an additional member', member('"cty":"JWT"'));
header('iss as an additional member (RFC 7519 §5.3)', member('"iss":"https://issuer.example"'));
header('__proto__ as an additional member', member('"__proto__":{"zip":"DEF"}'));
header('A member whose name is empty', member('"":0'));
header('alg twice, the second good', respell(H, '{', '{"alg":"none",'));
header('alg twice, the first good', member('"alg":"none"'));
header('alg twice, both good', respell(H, '{', '{"alg":"dir",'));
header('kid twice, both of the ring', member('"kid":"newest"'));
header('enc twice', respell(H, '"kid"', '"enc":"A128GCM","kid"'));
header('zip twice', respell(outer('active', true), '}', ',"zip":"DEF"}'));
header('zip GZIP', member('"zip":"GZIP"'));
header('zip null', member('"zip":null'));
header('zip in lower case', respell(outer('active', true), 'DEF', 'def'));
header('zip before typ', respell(H, '"typ"', '"zip":"DEF","typ"'));
header('kid and enc in the other order', '{"alg":"dir","kid":"active","enc":"A256GCM","typ":"handle"}');
header('typ first, as a JWT often has it', '{"typ":"handle","alg":"dir","enc":"A256GCM","kid":"active"}');
header('A space after a colon', respell(H, ':', ': '));
header('A space before the object', ` ${H}`);
header('A line break after the object', `${H}\n`);
header('A NUL after the object', `${H}\u0000`);
header('A second object after the object', H + H);
header('A byte order mark', `\ufeff${H}`);
header('An escape in a value', respell(H, 'dir', '\\u0064ir'));
header('An escape in a name', respell(H, '"alg"', '"\\u0061lg"'));
header('An escape in the kid', respell(H, '"active"', '"\\u0061ctive"'));
header('No typ', respell(H, ',"typ":"handle"', ''));
header('cty JWT in place of typ', OLD_HEADER);
header('No kid', respell(H, '"kid":"active",', ''));
header('typ in upper case', respell(H, '"handle"', '"Handle"'));
header('typ with its full media type', respell(H, '"handle"', '"application/handle"'));
header('typ of a later version', respell(H, '"handle"', '"handle2"'));
header('typ of the inner header', respell(H, '"handle"', '"handle+jws"'));
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
header('White space before a value, for an inspector', respell(H, '"enc":', '"enc": '), {}, INSPECTED);
header('crit that names a member of the header, for an inspector', member('"crit":["kid"]'), {}, INSPECTED);
header('5,000 open brackets', '['.repeat(5_000));
header('The header of the inner signature', inner('active'));
bad(
  3,
  'A handle of the previous format: a signed token, encrypted under a random IV',
  jwe(OLD_TOKEN, { header: OLD_HEADER, iv: anyIv('the format before') }),
);
bad(
  3,
  'A handle of the previous format, compressed',
  jwe(deflate(utf8(OLD_TOKEN)), {
    header: respell(OLD_HEADER, '}', ',"zip":"DEF"}'),
    iv: anyIv('the format before, compressed'),
  }),
);
bad(
  3,
  'A handle of the previous format, for an inspector',
  jwe(OLD_TOKEN, { header: OLD_HEADER, iv: anyIv('the format before') }),
  INSPECTED,
);

// Step 4: the key.
bad(4, 'A kid that the ring does not have', seal(text(), { key: keys.stranger }));
bad(4, 'A good handle for another ring', FRESH, { ring: 'stranger' });
bad(4, 'A kid that differs in case', underHeader(outer('Active')));
bad(4, 'A kid that is a prefix of a kid of the ring', underHeader(outer('activ')));
bad(4, 'A kid that begins with a kid of the ring', underHeader(outer('active-')));
bad(4, 'A kid __proto__ that the ring does not have', underHeader(outer('__proto__')));
bad(4, 'A kid constructor that the ring does not have', underHeader(outer('constructor')));
bad(4, 'A kid that is the index of an entry', underHeader(outer('0')));
bad(4, 'A key that is gone from this second on', seal(text(), { key: keys.justGone }));
bad(4, 'A key that is long gone', seal(text(), { key: keys.gone }));
bad(4, 'A key that is revoked', seal(text(), { key: keys.revoked }));
bad(4, 'A key that is revoked, with revoked_at in the future', seal(text(), { key: keys.revokedLater }));
bad(4, 'A key that is pending and revoked', seal(text(), { key: keys.revokedPending }));
bad(4, 'A key that is revoked, in an inspector ring', seal(text(), { key: keys.revoked }), INSPECTED);
bad(4, 'A key that is gone from this second on, in an inspector ring', seal(text(), { key: keys.justGone }), INSPECTED);
bad(4, 'A kid that the inspector ring does not have', seal(text(), { key: keys.stranger }), INSPECTED);
bad(4, 'A key that is good now, and gone at the time of the call', FRESH, { now: NOW + 265 * DAY + MONTH });

// Step 5: decryption.
const spoil = (name, changes) => bad(5, name, withParts(FRESH, changes));
const OTHER = seal(text({ st: 'another' }));
spoil('One bit of the ciphertext flipped', ({ ciphertext }) => ({ ciphertext: flipped(ciphertext) }));
spoil('One bit of the tag flipped', ({ tag }) => ({ tag: flipped(tag) }));
spoil('One bit of the IV flipped', ({ iv }) => ({ iv: flipped(iv) }));
spoil('A tag of zeros', () => ({ tag: 'A'.repeat(22) }));
spoil('The tag of another handle', () => ({ tag: OTHER.split('.')[4] }));
spoil('The ciphertext of another handle', () => ({ ciphertext: OTHER.split('.')[3] }));
spoil('The IV of another handle', () => ({ iv: OTHER.split('.')[2] }));
spoil('The ciphertext cut by three bytes', ({ ciphertext }) => ({ ciphertext: b64(fromB64(ciphertext).subarray(0, -3)) }));
spoil('The ciphertext with three additional zero bytes', ({ ciphertext }) => ({
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
bad(5, 'A good handle, opened with a ring that has another secret under the kid', FRESH, { ring: 'impostor' });
bad(5, 'A secret of zeros', jwe(P, { secret: Buffer.alloc(32) }));
bad(5, 'The public key as the secret', jwe(P, { secret: fromB64(keys.active.x) }));
bad(5, 'No additional data', jwe(P, { aad: '' }));
bad(5, 'The unencoded header as additional data', jwe(P, { aad: outer('active') }));
bad(
  5,
  'The plaintext as the ciphertext, with a tag of zeros',
  withParts(FRESH, () => ({ ciphertext: b64(P), tag: 'A'.repeat(22) })),
);
bad(
  5,
  'The IV replaced by the derived IV of other claims',
  withParts(FRESH, () => ({ iv: b64(ivOf(b64(outer('active')), signed('{}'))) })),
);
bad(
  5,
  'One bit of the ciphertext flipped, for an inspector',
  withParts(FRESH, ({ ciphertext }) => ({ ciphertext: flipped(ciphertext) })),
  INSPECTED,
);
bad(
  5,
  'The header names another key of the ring, for an inspector',
  withParts(FRESH, () => ({ header: b64(outer('newest')) })),
  INSPECTED,
);
bad(5, 'Another secret under the same kid, for an inspector', seal(text(), { key: keys.impostor }), INSPECTED);

// Step 6: the IV is not the derived one. Any holder of the secret can encrypt under any IV, so its length proves
// nothing. Where a handle has claims, their signature is right, unless the name says otherwise.
/** Makes an IV of the first 12 bytes of an HMAC, over any data and with any key. */
const prf = (key, ...data) =>
  createHmac('sha256', key)
    .update(join(...data))
    .digest()
    .subarray(0, 12);
/** Derives the key K of section 2. Its input, label and salt can be replaced. */
const keyK = ({ ikm = keys.active.seed, salt = '', label = ivLabel('active') } = {}) =>
  Buffer.from(hkdfSync('sha256', ikm, salt, label, 32));
const K = keyK();
const withIv = (name, iv, options) => bad(6, name, seal(text(), { iv, ...options }));
withIv('An IV from a random generator', anyIv('random'));
withIv('An IV of zeros', Buffer.alloc(12));
withIv('A counter as the IV', Buffer.from('000000000000000000000001', 'hex'));
withIv('The derived IV with its first bit flipped, used for the encryption', (header_, e) => fromB64(flipped(b64(ivOf(header_, e)))));
withIv('The derived IV with its last bit flipped, used for the encryption', (header_, e) => {
  const iv = Buffer.from(ivOf(header_, e));
  iv[11] ^= 1;
  return iv;
});
withIv('An IV derived over the text before its compression', (header_) => ivOf(header_, P), { zip: true });
withIv('An IV derived with the label of another kid', (header_, e) => prf(keyK({ label: ivLabel('newest') }), header_, '.', e));
withIv('An IV derived with a label without a kid', (header_, e) => prf(keyK({ label: ivLabel('') }), header_, '.', e));
withIv('An IV derived with the label of a later version', (header_, e) =>
  prf(keyK({ label: 'waxseal handle iv v2:active' }), header_, '.', e),
);
withIv('An IV derived without a label', (header_, e) => prf(keyK({ label: '' }), header_, '.', e));
withIv('An IV derived by the key of another entry of the ring', (header_, e) => ivOf(header_, e, keys.newest));
withIv('An IV derived by the key of another entry under the label of this one', (header_, e) =>
  derivedIv(header_, e, { seed: keys.newest.seed, label: ivLabel('active') }),
);
withIv('An IV derived without the outer header', (_header, e) => prf(K, e));
withIv('An IV derived without the dot between header and E', (header_, e) => prf(K, header_, e));
withIv('An IV derived over the unencoded header', (_header, e) => prf(K, outer('active'), '.', e));
withIv('An IV derived over the inner header in place of the outer', (_header, e) => prf(K, b64(inner('active')), '.', e));
withIv('An IV derived under a header without zip, for a header with zip', (_header, e) => ivOf(b64(outer('active')), e), { zip: true });
withIv('An IV derived over E in base64url', (header_, e) => prf(K, header_, '.', b64(e)));
withIv('An IV derived over the claims without the signature', (header_) => ivOf(header_, text()));
withIv('An IV derived over the signature without the claims', (header_) => ivOf(header_, SIGNATURE));
withIv('An IV derived over E without its last byte', (header_, e) => ivOf(header_, e.subarray(0, -1)));
withIv('An IV derived over E and a zero byte', (header_, e) => ivOf(header_, join(e, Buffer.alloc(1))));
withIv('An IV from the last 12 bytes of the HMAC', (header_, e) =>
  createHmac('sha256', K)
    .update(join(header_, '.', e))
    .digest()
    .subarray(-12),
);
withIv('An IV from HMAC-SHA-512', (header_, e) =>
  createHmac('sha512', K)
    .update(join(header_, '.', e))
    .digest()
    .subarray(0, 12),
);
withIv('An IV from a hash without a key', (header_, e) =>
  createHash('sha256')
    .update(join(header_, '.', e))
    .digest()
    .subarray(0, 12),
);
withIv('An IV from HMAC with the private key itself', (header_, e) => prf(keys.active.seed, header_, '.', e));
withIv('An IV from HKDF with a salt', (header_, e) => prf(keyK({ salt: 'active' }), header_, '.', e));
withIv('An IV derived from the member d as text', (header_, e) => prf(keyK({ ikm: b64(keys.active.seed) }), header_, '.', e));
withIv('An IV derived from the private key as PKCS #8', (header_, e) =>
  prf(keyK({ ikm: keys.active.signing.export({ format: 'der', type: 'pkcs8' }) }), header_, '.', e),
);
withIv('An IV derived from the scalar into which Ed25519 hashes the private key', (header_, e) =>
  prf(keyK({ ikm: createHash('sha512').update(keys.active.seed).digest().subarray(0, 32) }), header_, '.', e),
);
withIv('An IV derived from the AES secret', (header_, e) => prf(keyK({ ikm: keys.active.secret }), header_, '.', e));
withIv('An IV derived from the public key', (header_, e) => prf(keyK({ ikm: fromB64(keys.active.x) }), header_, '.', e));
withIv(
  'Made by an inspector: an authentic signature under an IV that the inspector chose, which an inspector ring opens',
  anyIv('an inspector'),
);
withIv('Made by an inspector: signature and IV by the inspector’s own pair', (header_, e) => ivOf(header_, e, keys.inspectorsOwn), {
  signature: sign(text(), keys.inspectorsOwn),
});
withIv(
  'Made by an inspector: the claims of an authentic handle, compressed, under the IV of that handle',
  () => ivOf(b64(outer('active')), P),
  {
    zip: true,
  },
);
bad(
  6,
  'Made by an inspector: the IV of an authentic handle for other claims',
  seal(text({ exp: NOW + 2 * DAY }), { signature: SIGNATURE, iv: ivOf(b64(outer('active')), P) }),
);
{
  const itsIv = (header_) => ivOf(header_, deflate(P));
  withIv('The claims of an authentic handle, deflated differently, under the IV of that handle', itsIv, { zip: true, deflated: stored });
  withIv('The claims of an authentic handle, deflated in two blocks, under the IV of that handle', itsIv, {
    zip: true,
    deflated: (data) => stored(data, 200),
  });
  withIv('The claims of an authentic handle, deflated differently, under an IV that is not derived', anyIv('deflated otherwise'), {
    zip: true,
    deflated: stored,
  });
}
withIv('An IV that is not derived, and a signature of zeros', anyIv('no signature'), { signature: Buffer.alloc(64) });
bad(6, 'An IV that is not derived, over a bomb', jwe(dense(0x41, 10_000), { zip: true, iv: anyIv('a bomb') }));
bad(6, 'An IV that is not derived, over bytes that do not inflate', jwe(Buffer.from([7, 0, 0]), { zip: true, iv: anyIv('no DEFLATE') }));
bad(6, 'An IV that is not derived, over one byte', jwe(Buffer.from([0]), { iv: anyIv('one byte') }));
bad(6, 'An IV that is not derived, over invalid claims', seal('{}', { iv: anyIv('no claims') }));
bad(6, 'An IV that is not derived, over the claims without a signature', jwe(text(), { iv: anyIv('claims alone') }));
bad(
  6,
  'An IV that is not derived, of another audience and caller, and expired',
  seal(text({ aud: 'x', sub: BOB, exp: NOW }), { iv: anyIv('foreign') }),
  { audience: AUDIENCE, subject: ALICE },
);
bad(6, 'An IV that is not derived, under a retired key', seal(text(), { key: keys.retired, iv: anyIv('retired') }));

// Step 7: inflation. Each handle has the derived IV. If it has claims, it also has the right signature.
const inflating = (name, e, call) => bad(7, name, jwe(e, { zip: true }), call);
const ROOM = Math.floor(((LIMIT - b64(outer('active', true)).length - '..'.length - 16 - '.'.length - '.'.length - 22) * 3) / 4);
const deflated = deflate(P);
const TOO_LONG = signed(claimsOf(MAX_P + 1 - 64));
inflating('The strongest bomb that 8,192 characters hold: 6 MB', dense(0x41, (ROOM - dense(0x41, 0).length) * 4));
inflating('The strongest bomb that 8,192 characters hold, for an inspector', dense(0x41, (ROOM - dense(0x41, 0).length) * 4), INSPECTED);
inflating(
  'A bomb that inflates to 1 MiB, and would inflate to 1 GiB if it were inflated twice',
  denseAgain(dense(0, Math.ceil(2 ** 30 / 258))),
);
inflating('65,537 bytes of one letter', deflate(Buffer.alloc(MAX_P + 1, 'A')));
inflating('IV, signature and claims are right, but E inflates to 65,537 bytes', deflate(TOO_LONG));
inflating('Signature and claims are right, but E inflates to 65,537 bytes, for an inspector', deflate(TOO_LONG), INSPECTED);
bad(7, 'IV, signature and claims are right, but E has 65,537 bytes, not compressed', jwe(TOO_LONG), { maxLength: 90_000 });
bad(7, 'E has 65,537 bytes, not compressed, for an inspector', jwe(TOO_LONG), { maxLength: 90_000, ...INSPECTED });
inflating('Bytes that are not compressed', P);
inflating('Bytes that are not compressed, for an inspector', P, INSPECTED);
inflating('Compressed with the header and the check of zlib', join(Buffer.from([0x78, 0x9c]), deflated, adler32(P)));
inflating('Compressed with the header of gzip', join(Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]), deflated));

/** Computes the checksum of RFC 1950 §8. */
function adler32(data) {
  let [a, b] = [1, 0];
  for (const byte of data) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return Buffer.from([b >> 8, b & 255, a >> 8, a & 255]);
}
inflating('A stream cut by its last byte', deflated.subarray(0, -1));
inflating('A stream cut in the middle', deflated.subarray(0, deflated.length >> 1));
inflating('A stream cut in the middle, for an inspector', deflated.subarray(0, deflated.length >> 1), INSPECTED);
inflating(
  'A stream without a last block',
  (() => {
    const block = stored(P);
    block[0] = 0;
    return block;
  })(),
);
inflating('A block of the reserved type', Buffer.from([7, 0, 0]));
inflating('A stored block whose two lengths disagree', Buffer.from([1, 3, 0, 0xfc, 0xfe, 65, 65, 65]));
inflating(
  'A copy of bytes from before the beginning',
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

// Step 8: the signature, for inspectors. A replica does not verify signatures. It refuses the handles of another pair
// because of their IV.
const wrongly = (name, signature, claims = text()) => bad(8, name, seal(claims, { signature }), INSPECTED);
/** Adds a vector whose signature is valid, but covers another inner header. */
const under = (name, header_, key) => wrongly(name, sign(text(), key, header_));
const I = inner('active');
/** Adds a vector whose signature is valid, but covers other bytes. */
const over = (name, ...data) => wrongly(name, signBytes(null, join(...data), keys.active.signing));
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
under('Signed by another pair of the ring, under the kid of that pair', inner('newest'), keys.newest);
under('Signed by another pair of the ring, under the kid of the handle', I, keys.newest);
bad(
  8,
  'Encrypted by another pair of the ring than the pair that signed',
  seal(text(), { key: keys.newest, signature: SIGNATURE }),
  INSPECTED,
);
under('Made by an inspector: the right secret, around a signature by the inspector’s own key', I, keys.inspectorsOwn);
bad(
  8,
  'Made by an inspector: the right secret, compressed, around a signature by the inspector’s own key',
  seal(text(), { signature: sign(text(), keys.inspectorsOwn), zip: true }),
  INSPECTED,
);
bad(
  8,
  'Made by an inspector: the right secret, around a signature and an IV by the inspector’s own key',
  seal(text(), { signature: sign(text(), keys.inspectorsOwn), iv: (header_, e) => ivOf(header_, e, keys.inspectorsOwn) }),
  INSPECTED,
);
wrongly('A signature of zeros under the derived IV, for an inspector, who does not check the IV', Buffer.alloc(64));
wrongly('One bit of the signature flipped', fromB64(flipped(b64(SIGNATURE))));
wrongly(
  'One bit of the second half of the signature flipped',
  join(SIGNATURE.subarray(0, 32), Buffer.from([SIGNATURE[32] ^ 1]), SIGNATURE.subarray(33)),
);
wrongly('The halves of the signature exchanged', join(SIGNATURE.subarray(32), SIGNATURE.subarray(0, 32)));
wrongly(
  'S + L in place of S: a second signature that a careless verifier accepts',
  (() => {
    const s = BigInt(`0x${Buffer.from(SIGNATURE.subarray(32)).reverse().toString('hex')}`) + L;
    return join(SIGNATURE.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse());
  })(),
);
wrongly('R of small order and S of zero', join(Buffer.from([1]), Buffer.alloc(63)));
wrongly('The signature of other claims', sign(text({ st: 'another' })));
wrongly('The claims changed after signing', SIGNATURE, text({ exp: NOW + DAY + 1 }));
wrongly('The claims replaced after signing by invalid claims', SIGNATURE, '{}');
over('Signed over the claims without the inner header', text());
over('Signed over the claims without the dot before them', b64(I), text());
over('Signed over the unencoded inner header', I, '.', text());
over('Signed over the claims in base64url, as if b64 were absent', b64(I), '.', b64(text()));
over('Signed over the outer header', b64(outer('active')), '.', text());
over(
  'Signed over a hash of the input',
  createHash('sha512')
    .update(join(b64(I), '.', text()))
    .digest(),
);
under('Signed under alg EdDSA, the older name that includes Ed25519', respell(I, 'Ed25519', 'EdDSA'));
under('Signed under alg none', respell(I, 'Ed25519', 'none'));
under('Signed without b64 and crit', respell(I, '"b64":false,"crit":["b64"],', ''));
under('Signed with b64 true', respell(I, 'false', 'true'));
under('Signed without crit', respell(I, '"crit":["b64"],', ''));
under('Signed with crit before b64', respell(I, '"b64":false,"crit":["b64"]', '"crit":["b64"],"b64":false'));
under('Signed without a kid', respell(I, '"kid":"active",', ''));
under('Signed under the kid of another entry', inner('newest'));
under('Signed under a kid that differs in case', inner('Active'));
under('Signed under typ JWT', respell(I, 'handle+jws', 'JWT'));
under('Signed under the typ of the outer header', respell(I, 'handle+jws', 'handle'));
under('Signed under the typ of a later version', respell(I, 'handle+jws', 'handle2+jws'));
under('Signed without a typ', respell(I, ',"typ":"handle+jws"', ''));
under('Signed under a header with white space', respell(I, ':', ': '));
under('Signed under the header of the previous format', '{"alg":"Ed25519","typ":"handle+jwt"}');
wrongly('The signature of the token of the previous format', fromB64(OLD_TOKEN.split('.')[2]));
wrongly(
  'HMAC-SHA-512 with the public key: 64 bytes, as a signature has',
  createHmac('sha512', fromB64(keys.active.x))
    .update(join(b64(I), '.', text()))
    .digest(),
);
wrongly(
  'HMAC-SHA-512 with the PEM of the public key',
  createHmac('sha512', createPublicKey(keys.active.signing).export({ format: 'pem', type: 'spki' }))
    .update(join(b64(respell(I, 'Ed25519', 'HS512')), '.', text()))
    .digest(),
);
wrongly(
  'HMAC-SHA-512 with the AES secret',
  createHmac('sha512', keys.active.secret)
    .update(join(b64(I), '.', text()))
    .digest(),
);
wrongly('Signed with the AES secret as the private key', signBytes(null, join(b64(I), '.', text()), privateKey(keys.active.secret)));

/**
 * Bytes that are not a signature followed by claims. Each vector has the derived IV. An inspector finds no valid
 * signature in these bytes, and a replica finds no claims.
 */
const SHAPES = {
  'P of one byte': Buffer.from([0x7b]),
  'P of 63 bytes': SIGNATURE.subarray(0, 63),
  'The claims alone': text(),
  'The claims before the signature': join(text(), SIGNATURE),
  'The signature in base64url before the claims': join(b64(SIGNATURE), text()),
  'A dot between signature and claims': join(SIGNATURE, '.', text()),
  'A signature with an additional byte before the claims': join(SIGNATURE, Buffer.alloc(1), text()),
  'A signature of 63 bytes before the claims': join(SIGNATURE.subarray(0, 63), text()),
  'A compact JWS, its payload in base64url': `${b64(I)}.${b64(text())}.${b64(SIGNATURE)}`,
  'A compact JWS with its payload detached': `${b64(I)}..${b64(SIGNATURE)}`,
  'The token of the previous format': OLD_TOKEN,
  'A handle in a handle': FRESH,
  'Compressed bytes, without zip': deflated,
};
for (const [name, p] of Object.entries(SHAPES)) {
  bad(8, `${name}, for an inspector`, jwe(p), INSPECTED);
  bad(9, name, jwe(p));
}
for (const [name, p] of Object.entries({
  'Compressed: nothing at all': Buffer.alloc(0),
  'Compressed: P of 63 bytes': SIGNATURE.subarray(0, 63),
  'Compressed twice': deflated,
  'A stream of 64 KiB that would inflate again, to 60 MB': dense(0, 4 * 60_000),
})) {
  const e = name.startsWith('A stream') ? denseAgain(p) : deflate(p);
  bad(8, `${name}, for an inspector`, jwe(e, { zip: true }), INSPECTED);
  bad(9, name, jwe(e, { zip: true }));
}

// Step 9: the claims.
for (const claim of ['jti', 'kind', 'rev', 'iat', 'exp', 'st']) badClaims(`No ${claim}`, text({ [claim]: undefined }));
for (const claim of ['jti', 'kind', 'rev', 'iat', 'exp', 'prv', 'sub', 'aud', 'scp']) badClaims(`${claim} is null`, spelled(claim, 'null'));
for (const claim of ['jti', 'kind', 'prv', 'sub', 'aud', 'scp'])
  badClaims(`${claim} is a number`, spelled(claim, '17', claim === 'prv' ? { rev: 2 } : {}));
for (const claim of ['jti', 'kind', 'rev', 'iat', 'exp', 'sub', 'aud'])
  badClaims(`${claim} is an array of its value`, spelled(claim, JSON.stringify([{ ...BASE, sub: ALICE, aud: AUDIENCE }[claim]])));
for (const claim of ['rev', 'iat', 'exp']) {
  const value = BASE[claim];
  // A revision other than 1 needs prv. Without prv, the claims would be refused because prv is missing.
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
badClaims('exp is 2^32 seconds too late, which a 32-bit number does not show', text({ exp: NOW + DAY + 2 ** 32 }));
badClaims('exp equals iat', text({ iat: NOW, exp: NOW }));
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
badClaims('kind with a line break at its end', text({ kind: 'research@1\n' }));
badClaims('A first revision with prv', text({ prv: PRV }));
badClaims('A second revision without prv', text({ rev: 2 }));
badClaims('A second revision whose prv is null', text({ rev: 2, prv: null }));
badClaims('prv of 15 characters', text({ rev: 2, prv: PRV.slice(1) }));
badClaims('prv of 17 characters', text({ rev: 2, prv: `${PRV}A` }));
badClaims('prv of 12 characters, as in the previous format', text({ rev: 2, prv: PRV.slice(4) }));
badClaims('prv in hexadecimal', text({ rev: 2, prv: fromB64(PRV).toString('hex') }));
badClaims('prv with a character outside the alphabet', text({ rev: 2, prv: `${PRV.slice(1)}+` }));
badClaims('prv with a line break at its end', text({ rev: 2, prv: `${PRV}\n` }));
badClaims('sub that is empty', text({ sub: '' }));
badClaims('sub of 21 characters', text({ sub: ALICE.slice(1) }));
badClaims('sub of 23 characters', text({ sub: `A${ALICE}` }));
badClaims('sub in a spelling that is not canonical', text({ sub: uncanonical(ALICE) }));
badClaims('sub in the clear', text({ sub: 'alice@issuer.example' }));
badClaims('sub with a line break at its end', text({ sub: `${ALICE}\n` }));
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
badClaims('scp with a line break at the end of a right', text({ scp: ['read\n'] }));
badClaims('scp with null among its rights', text({ scp: ['read', null] }));
badClaims('scp with an array among its rights', text({ scp: [['read']] }));
badClaims('scp with a wildcard', text({ scp: ['*'] }));
for (const claim of ['iss', 'nbf', 'x', '', 'JTI', 'St', 'constructor', 'toString', 'hasOwnProperty', 'prototype']) {
  badClaims(`An unknown claim: ${claim === '' ? 'the empty name' : claim}`, plus(`${JSON.stringify(claim)}:1`));
}
badClaims('An unknown claim: __proto__, an object', plus('"__proto__":{}'));
badClaims('An unknown claim: __proto__, null', plus('"__proto__":null'));
badClaims('An unknown claim: __proto__, a number', plus('"__proto__":1'));
badClaims(
  'An unknown claim: __proto__, from which the missing claim could be inherited',
  respell(text(), '"st":', '"__proto__":{"st":1},"__proto__x":').replace(/,"__proto__x":.*$/, '}'),
);
badClaims('An unknown claim that is null', plus('"x":null'));
badClaims('An unknown claim that is an array index, at its canonical place', respell(text(), '{', '{"0":1,'));

// Step 9, the text of the claims.
badClaims('A text that is not JSON in place of the claims', 'hello');
badClaims('The token of the previous format in place of the claims, signed', OLD_TOKEN);
badClaims('Nothing after the signature: P of 64 bytes', '');
badClaims('One byte after the signature: P of 65 bytes', '1');
badClaims('An open brace after the signature: P of 65 bytes', '{');
badClaims('Claims signed twice: P in place of the claims', P);
badClaims('An array around the claims', `[${text()}]`);
badClaims('An array of the claims’ values', JSON.stringify(Object.values(BASE)));
badClaims('The claims as a JSON string', JSON.stringify(text()));
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
badClaims('A surplus comma', respell(text(), '}}', '},}'));
badClaims('A comment', respell(text(), '{', '{/**/'));
badClaims('Single quotes', text().replaceAll('"', "'"));
badClaims('The claims without their last brace', text().slice(0, -1));
badClaims('exp twice', plus(`"exp":${NOW + DAY}`));
badClaims('exp twice, with two values', plus(`"exp":${NOW + 2 * DAY}`));
badClaims('sub twice', plus(`"sub":"${BOB}"`, { sub: ALICE }));
badClaims('st twice', respell(text(), '{', '{"st":1,'));
badClaims('A claim twice, once with an escape in its name', plus(`"\\u0065xp":${NOW + DAY}`));
badClaims('A member of the state twice', respell(text(), '"depth":2', '"depth":1,"depth":2'));
badClaims('__proto__ twice in the state', spelled('st', '{"__proto__":1,"__proto__":1}'));
badClaims('An unnecessary escape in a name', respell(text(), '"jti"', '"\\u006ati"'));
badClaims('An unnecessary escape in a value', respell(text(), 'research@1', 'rese\\u0061rch@1'));
badClaims('An escaped slash', spelled('st', '"\\/"'));
badClaims('A control character with a long escape, although it has a short one', spelled('st', '"\\u000a"'));
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
  ['2^53 + 1, which is not a double', '9007199254740993'],
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

// Step 9 for inspectors: the claims are signed by the right pair.
const badForInspector = (name, payload, options) => badClaims(`${name}, for an inspector`, payload, options, INSPECTED);
badForInspector('Nothing after the signature: P of 64 bytes', '');
badForInspector('One byte after the signature: P of 65 bytes', '1');
badForInspector('A text that is not JSON in place of the claims', 'hello');
badForInspector('No st', text({ st: undefined }));
badForInspector('An unknown claim', plus('"x":1'));
badForInspector('A space before the claims', ` ${text()}`);
badForInspector('exp twice', plus(`"exp":${NOW + DAY}`));
badForInspector('Names that are array indices after others', spelled('st', '{"a":1,"0":2}'));
badForInspector('A first revision with prv', text({ prv: PRV }));
badForInspector('exp is 30 days and a second after iat', text({ iat: NOW, exp: NOW + MONTH + 1 }));
badForInspector('Nesting 129 deep, one too many', spelled('st', nested(128)));
badForInspector('A byte that UTF-8 never has, compressed', bytesIn(0xff), { zip: true });

// Step 10: issued in the future, or before the earliest time that the deployment accepts.
const tooSoon = (name, handle, call) => bad(10, name, handle, { ...rejected('issued_in_future'), ...call });
const tooEarly = (name, handle, notBefore, call) => bad(10, name, handle, { ...rejected('issued_too_early'), notBefore, ...call });
tooSoon('iat is 61 seconds ahead', seal(text({ iat: NOW + 61 })));
tooSoon('iat is an hour ahead', seal(text({ iat: NOW + 3600 })));
tooSoon('iat and exp in the year 9999', seal(text({ iat: YEAR_9999 - 1, exp: YEAR_9999 })));
tooSoon('iat ahead, for another audience and another caller', seal(text({ iat: NOW + 61, aud: 'x', sub: BOB })), {
  audience: AUDIENCE,
  subject: ALICE,
});
tooSoon('iat ahead, of another kind, attenuated', seal(text({ iat: NOW + 61, kind: 'basket@1', scp: ['x'] })));
tooEarly('iat is a second before the earliest time that the deployment accepts', FRESH, NOW - 59);
tooEarly('iat is long before the earliest time that the deployment accepts', seal(text({ iat: NOW - 20 * DAY })), NOW - DAY);
tooEarly('iat is now, and the earliest time that the deployment accepts is an hour ahead', seal(text({ iat: NOW })), NOW + 3600);
tooEarly('iat is 0, and the earliest time that the deployment accepts is 1', seal(text({ iat: 0, exp: DAY })), 1, { now: 60 });
tooEarly(
  'iat too early, for another audience and another caller, revoked and expired',
  seal(text({ aud: 'x', sub: ALICE, exp: NOW })),
  NOW,
  {
    ring: 'revoking',
    audience: AUDIENCE,
    subject: BOB,
  },
);

// Step 11: the audience.
const FOR_US = seal(text({ aud: AUDIENCE }));
bad(11, 'For an audience, opened by a deployment without a name', FOR_US);
bad(11, 'For no audience, opened by a deployment with a name', FRESH, { audience: AUDIENCE });
bad(11, 'For another audience', FOR_US, { audience: 'https://mcp.example/staging' });
bad(11, 'For an audience that differs in case', FOR_US, { audience: AUDIENCE.toUpperCase() });
bad(11, 'For an audience that differs by a slash at the end', FOR_US, { audience: `${AUDIENCE}/` });
bad(11, 'For an audience that is a prefix of the deployment’s name', seal(text({ aud: AUDIENCE.slice(0, -1) })), { audience: AUDIENCE });
bad(11, 'For an audience that differs in Unicode normal form', seal(text({ aud: 'é' })), { audience: 'e\u0301' });
bad(11, 'For another audience, of another caller, and expired', seal(text({ aud: 'x', sub: BOB, exp: NOW })), {
  audience: AUDIENCE,
  subject: ALICE,
});

// Step 12: the subject.
const FOR_ALICE = seal(text({ sub: ALICE }));
bad(12, 'A handle of a caller, passed by an anonymous caller', FOR_ALICE);
bad(12, 'A bearer handle, passed by an authenticated caller', FRESH, { subject: ALICE });
bad(12, 'Another caller’s handle', FOR_ALICE, { subject: BOB });
bad(12, 'The handle of a caller with the same name at another issuer', FOR_ALICE, {
  subject: b64(createHash('sha256').update('waxseal:sub:["https://other.example","alice"]').digest().subarray(0, 16)),
});
bad(12, 'The handle of a caller whose sub differs in case', FOR_ALICE, { subject: ALICE.slice(0, 21).toLowerCase() + ALICE[21] });
bad(12, 'Another caller’s handle, which has expired', seal(text({ sub: BOB, exp: NOW })), { subject: ALICE });
bad(12, 'Another caller’s handle, of another kind, attenuated', seal(text({ sub: BOB, kind: 'basket@1', scp: ['x'] })), { subject: ALICE });
bad(12, 'Another caller’s handle, of a task that the ring revokes', seal(text({ sub: BOB })), { ring: 'revoking', subject: ALICE });

// Step 13: revoked.
const revoked = (name, members, call) => bad(13, name, seal(text(members)), { ring: 'revoking', ...call });
const ALICES = { jti: 'not-revoked-here', sub: ALICE };
revoked('A task that the ring revokes', {});
revoked('A later revision of a task that the ring revokes', { rev: 2, prv: PRV });
revoked('A task that the ring revokes, in the last second of the revocation', { exp: NOW + 2 * DAY }, { now: NOW + DAY - 1 });
revoked('A task that the ring revokes, of a caller whom the ring does not revoke', { sub: BOB }, { subject: BOB });
revoked('A caller whom the ring revokes', ALICES, { subject: ALICE });
revoked(
  'A caller whom the ring revokes, in the last second of the revocation',
  { ...ALICES, exp: NOW + 2 * DAY },
  {
    subject: ALICE,
    now: NOW + DAY - 1,
  },
);
revoked('A task and its caller, both revoked by the ring', { sub: ALICE }, { subject: ALICE });
revoked('A task that the ring revokes, issued after the revocation was written', { iat: NOW + 60, exp: NOW + DAY });
revoked(
  'A task that the ring revokes, expired, of another kind, attenuated, with an invalid state',
  { exp: NOW, kind: 'basket@1', scp: ['x'] },
  {
    stateMustBe: 'never',
  },
);

// Step 14: expired.
bad(14, 'exp is now', seal(text({ exp: NOW })));
bad(14, 'exp was a second ago', seal(text({ exp: NOW - 1 })));
bad(14, 'exp is long past, and the key still opens handles', FRESH, { now: NOW + 100 * DAY });
bad(14, 'Expired, though iat is within the skew', seal(text({ iat: NOW + 30, exp: NOW + 31 })), { now: NOW + 31 });
bad(14, 'Expired, with the right caller and audience', seal(text({ sub: ALICE, aud: AUDIENCE, exp: NOW })), {
  subject: ALICE,
  audience: AUDIENCE,
});
bad(14, 'Expired, of another kind, attenuated, with an invalid state', seal(text({ exp: NOW, kind: 'basket@1', scp: ['x'] })), {
  stateMustBe: 'never',
});
bad(14, 'Expired, sealed by a key that is retired', seal(text({ iat: NOW - 40 * DAY, exp: NOW - 10 * DAY }), { key: keys.retired }));

// Step 15: the kind.
bad(15, 'Another kind', seal(text({ kind: 'basket@1' })));
bad(15, 'Another version of the kind', seal(text({ kind: 'research@2' })));
bad(15, 'A version that begins with the accepted version', seal(text({ kind: 'research@10' })));
bad(15, 'A name that begins with the accepted name', seal(text({ kind: 'research2@1' })));
bad(15, 'A call that accepts no kind', FRESH, { kinds: [] });
bad(15, 'None of the kinds that the call accepts', seal(text({ kind: 'c@1' })), { kinds: ['a@1', 'b@1', 'c@2'] });
bad(15, 'Another kind, attenuated, with an invalid state', seal(text({ kind: 'basket@1', scp: ['x'] })), { stateMustBe: 'never' });

// Step 16: the rights.
bad(16, 'Attenuated to another right', seal(text({ scp: ['write'] })));
bad(16, 'Attenuated, for a call whose list of rights is empty', seal(text({ scp: ['read'] })), { needs: [] });
bad(16, 'A right that differs in case', seal(text({ scp: ['Read'] })));
bad(16, 'A right that begins with the needed right', seal(text({ scp: ['read.all'] })));
bad(16, 'A right that is a prefix of the needed right', seal(text({ scp: ['rea'] })));
bad(16, 'Attenuated, without either of the two rights that suffice for the call', seal(text({ scp: ['a', 'b'] })), { needs: ['c', 'd'] });
bad(16, 'Attenuated to another right, with an invalid state', seal(text({ scp: ['write'] })), { stateMustBe: 'never' });

// Step 17: the state.
bad(17, 'Text, for a kind whose state must be an object', seal(text({ st: 'text' })), { stateMustBe: 'object' });
bad(17, 'An array, for a kind whose state must be an object', seal(text({ st: [] })), { stateMustBe: 'object' });
bad(17, 'null, for a kind whose state must be an object', seal(text({ st: null })), { stateMustBe: 'object' });
bad(17, 'An object, for a kind whose state must be text', FRESH, { stateMustBe: 'string' });
bad(17, 'A number, for a kind whose state must be text', seal(text({ st: 17 })), { stateMustBe: 'string' });
bad(17, 'A kind for which no state is valid', FRESH, { stateMustBe: 'never' });
bad(17, 'A compressed state that is invalid for its kind, attenuated to the needed right', seal(text({ scp: ['read'] }), { zip: true }), {
  stateMustBe: 'never',
});

// ------------------------------------------------------------------------------------------------- output

/** Writes each member on a line of its own, so that a diff shows a change. A nested value stays on one line. */
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
    process.stderr.write(`${name} differs from the output of make.mjs\n`);
    process.exitCode = 1;
  }
}
