/**
 * Makes one case: a real handle in which a maker has changed one layer, and the expectations that `open` gets with this
 * handle. A maker is anyone, an inspector, or a signer, who has the private keys. As in the specification, P is the
 * plaintext, and E the bytes to encrypt.
 */

import { createHash, createHmac, sign } from 'node:crypto';
import {
  decode,
  deflated,
  derivedIv,
  encode,
  encrypted,
  IV_LENGTH,
  innerHeader,
  ivKeyFrom,
  MAX_PLAINTEXT,
  outerHeader,
  SIGNATURE_LENGTH,
} from './codec.mjs';
import { KINDS, NOW, REVOCATIONS } from './corpus.mjs';
import { Forge, MAKERS } from './forge.mjs';
import { hostileValue, mutateBytes, mutateText, NO_HANDLES, nested, respell } from './mutate.mjs';
import { Random } from './random.mjs';
import { PROCEDURES } from './steps.mjs';

/**
 * @returns a case, which depends only on the seed and the number: the arguments of `open`, and what was made with a
 *   private key (`minted` and `signed`)
 */
export function makeCase({ samples, pairs }, seed, number) {
  const random = new Random(seed, number, 0xca5e);
  const sample = pickSample(random, samples);
  const { name: layer, make, makers } = random.weighted(LAYERS);
  const forge = new Forge(random.pick(makers), { random, sample, samples, pairs });
  const { handle, expected = {} } = make(forge);
  const call = { ...fittingCall(sample), ...expected };
  // Some cases also change the expectations, to test the later steps in more ways.
  if (make !== expectations && random.chance(0.1)) Object.assign(call, expectations(forge).expected);
  const { maker, minted, signed } = forge;
  return { procedure: random.pick(PROCEDURES), layer, maker, sample: sample.name, handle, minted, signed, call, random };
}

/** Long states are rare, because they cost the most and show little more. */
function pickSample(random, samples) {
  for (;;) {
    const sample = random.pick(samples);
    if ((sample.apart.text.length < 1_000 || random.chance(0.1)) && (sample.opens || random.chance(0.1))) return sample;
  }
}

/** The expectations with which the sample opens, if its key may open handles and nothing is revoked. */
function fittingCall({ apart }) {
  const { aud, sub, scp } = apart.claims;
  return { now: NOW, audience: aud, subject: sub, kinds: KINDS, needs: scp?.slice(0, 1) ?? ['read'], revocations: true };
}

function wholeText({ random, sample, samples }) {
  if (random.chance(0.05)) return { handle: random.pick(NO_HANDLES) };
  return { handle: mutateText(random, sample.handle, random.pick(samples).handle) };
}

function onePart({ random, sample, samples }) {
  const parts = [...sample.apart.parts];
  const others = random.pick(samples).apart.parts;
  const index = random.weighted([
    [2, 0],
    [1, 1],
    [3, 2],
    [3, 3],
    [3, 4],
  ]);
  parts[index] = random.chance(0.3)
    ? others[random.chance(0.8) ? index : random.below(5)]
    : mutateText(random, parts[index], others[index]);
  if (random.chance(0.05)) parts[random.below(5)] = '';
  return { handle: parts.join('.') };
}

/** Changes the outer header. A maker with keys then seals the data anew, so that only the header is wrong. */
function outerHeaderText(forge) {
  const { random, maker, sample, pairs } = forge;
  const { parts, header, data } = sample.apart;
  const changed = random.pick(HEADERS)(random, header, pairs);
  const text = typeof changed === 'string' ? changed : JSON.stringify(changed);
  if (maker === 'anyone') return { handle: [encode(text), ...parts.slice(1)].join('.') };
  const named = pairs.find(({ kid }) => text === outerHeader(kid, false) || text === outerHeader(kid, true));
  return { handle: forge.seal(data, undefined, { header: text, pair: random.chance(0.7) ? named : undefined }) };
}

const withMember = (member, value) => (_random, header) => header.replace('}', `,"${member}":${value}}`);
const HEADERS = [
  (random, header) => mutateBytes(random, Buffer.from(header)).toString('latin1'),
  (random, header) => respell(random, header),
  (random, header) => ({
    ...JSON.parse(header),
    alg: random.pick(['none', 'A256GCMKW', 'RSA-OAEP', 'PBES2-HS256+A128KW', 'ECDH-ES', 'Dir', '', null, ['dir']]),
  }),
  (random, header) => ({ ...JSON.parse(header), enc: random.pick(['A128GCM', 'A128CBC-HS256', 'A256CBC-HS512', 'a256gcm', '', null]) }),
  (random, header) => ({
    ...JSON.parse(header),
    typ: random.pick(['Handle', 'handle2', 'handle+jws', 'JWT', 'application/handle', '', null]),
  }),
  // The header of the format before version 1.
  (_random, header) => header.replace('"typ":"handle"', '"cty":"JWT"'),
  (random, header) => ({ ...JSON.parse(header), zip: random.pick(['DEF', 'def', 'GZ', '', null, true]) }),
  (random, header) =>
    JSON.stringify({
      ...JSON.parse(header),
      kid: random.pick(['', 'a'.repeat(33), 'a'.repeat(4_000), '../A', 'A"', 'é', '__proto__', 'A\0', '*', null, 7, ['A']]),
    }),
  (_random, header) => header.replace(',"zip":"DEF"', ''),
  // The header names another entry of the ring, or an entry of no ring.
  (random, header, pairs) =>
    outerHeader(random.pick([...pairs.map(({ kid }) => kid), 'nobody', '__proto__', 'constructor']), header.includes('zip')),
  withMember('crit', '["exp"]'),
  withMember('b64', 'false'),
  withMember('jwk', '{"kty":"oct","k":"AAAA"}'),
  withMember('jku', '"https://example.com/keys"'),
  withMember('p2c', '2147483647'),
  withMember('kid', '"A"'),
  withMember('alg', '"none"'),
  withMember('epk', '{}'),
  (_random, header) => header.replace(/"alg":"dir","enc":"A256GCM"/, '"enc":"A256GCM","alg":"dir"'),
  (random, header) => `${header}${random.pick([' ', '\0', '}', header, 'A'.repeat(200)])}`,
  (random) => random.pick(['{}', '[]', 'null', '""', '0', '[', 'true', '{"kid":"A"}']),
];

/** Changes only the IV: flips one bit, or takes a random IV, which inspectors accept, or derives it in another way. */
function ivBytes(forge) {
  const { random, maker, sample, samples } = forge;
  const { header, data, compressed, parts } = sample.apart;
  const almost = decode(parts[2]);
  almost[random.below(IV_LENGTH)] ^= 1 << random.below(8);
  const isAlmost = random.chance(0.4);
  if (maker === 'anyone') {
    const iv = isAlmost ? encode(almost) : random.pick(samples).apart.parts[2];
    return { handle: [parts[0], '', iv, ...parts.slice(3)].join('.') };
  }
  if (isAlmost) return { handle: encrypted(data, sample.pair, { header, iv: almost }) };
  if (maker === 'inspector') return { handle: forge.seal(data, compressed) };
  return { handle: encrypted(data, sample.pair, { header, iv: otherDerivation(random, sample) }) };
}

/** The IV of an implementation whose author misread section 2 of the specification. */
function otherDerivation(random, { pair, apart }) {
  const { header, data, compressed, plaintext, signature, text } = apart;
  const { kid, ivKey } = pair;
  const hmac = (key, ...message) =>
    createHmac('sha256', key)
      .update(Buffer.concat(message.map((part) => Buffer.from(part))))
      .digest();
  const outer = encode(header);
  return Buffer.from(
    random
      .pick([
        // These IVs are derived from other bytes than E (the bytes to encrypt), with another header, with no header or
        // another separator, or without a key.
        () => derivedIv(header, compressed ? plaintext : deflated(plaintext), pair),
        () => derivedIv(header, text, pair),
        () => derivedIv(header, signature, pair),
        () => derivedIv(outerHeader(kid, !compressed), data, pair),
        () => hmac(ivKey, header, '.', data),
        () => hmac(ivKey, outer, data),
        () => hmac(ivKey, data),
        () => hmac(ivKey, outer, '..', data),
        () => hmac(ivKey, encode(innerHeader(kid)), '.', data),
        () => createHash('sha256').update(`${outer}.`).update(data).digest(),
        // These IVs are derived with another key.
        () => hmac(pair.private, outer, '.', data),
        () => hmac(ivKeyFrom(pair.private, ''), outer, '.', data),
        () => hmac(ivKeyFrom(pair.private, `${kid}\0`), outer, '.', data),
        () => hmac(ivKeyFrom(Buffer.from(encode(pair.private)), kid), outer, '.', data),
        () => hmac(ivKeyFrom(pair.secret, kid), outer, '.', data),
        // The last 12 bytes of the HMAC, not the first.
        () => hmac(ivKey, outer, '.', data).subarray(-IV_LENGTH),
      ])()
      .subarray(0, IV_LENGTH),
  );
}

function ciphertextBytes({ random, sample, samples }) {
  const parts = [...sample.apart.parts];
  const others = random.pick(samples).apart.parts;
  const index = random.weighted([
    [2, 2],
    [5, 3],
    [3, 4],
  ]);
  const bytes = decode(parts[index]);
  // Flipped bits keep the length, so the grammar still holds. Other changes test the checks of lengths.
  const changed = random.chance(0.6) ? Buffer.from(bytes) : mutateBytes(random, bytes, decode(others[index]));
  if (changed.length > 0) changed[random.below(changed.length)] ^= 1 << random.below(8);
  parts[index] = encode(changed);
  return { handle: parts.join('.') };
}

/** Changes E, the bytes to encrypt. */
function encryptedBytes(forge) {
  const { random, sample, samples, pairs } = forge;
  const { data, compressed } = sample.apart;
  const other = random.pick(samples).apart;
  const said = random.chance(0.9) ? compressed : !compressed;
  const seal = (bytes, zip = said, how = {}) => ({ handle: forge.seal(bytes, zip, how) });
  return random.weighted([
    [4, () => seal(mutateBytes(random, data, other.data))],
    [2, () => seal(other.data)],
    // The bytes do not change. They are sealed again, with the sample's pair or with any pair of the ring.
    [2, () => seal(data, compressed)],
    [2, () => seal(data, compressed, { pair: random.pick(pairs) })],
    // This handle has about the maximum length.
    [1, () => seal(filledUp(forge, bytesIn(DEFAULT_MAX_LENGTH + random.pick([-1, 0, 1, 2]), sample)), false)],
    // P is not compressed, and as long as its limit, or one byte longer. A higher `maxLength` lets a reader get to P.
    [1, () => ({ ...seal(filledUp(forge, MAX_PLAINTEXT + random.pick([0, 1])), false), expected: { maxLength: 100_000 } })],
  ])();
}

/** The specification's default limit for a handle, in characters. */
const DEFAULT_MAX_LENGTH = 8_192;

/** Returns how many bytes of ciphertext fit into a handle of a given length in characters. */
function bytesIn(length, { pair }) {
  return Math.floor(((length - encode(outerHeader(pair.kid, false)).length - '..'.length - 16 - '..'.length - 22) * 3) / 4);
}

function deflateStream(forge) {
  const { random, sample, samples } = forge;
  const { plaintext } = sample.apart;
  const stream = deflated(plaintext, random.pick([0, 1, 9]));
  const seal = (data, compressed = true) => ({ handle: forge.seal(data, compressed) });
  return random.pick([
    () => seal(mutateBytes(random, stream, deflated(random.pick(samples).apart.plaintext))),
    () => seal(stream.subarray(0, stream.length - random.few(20))),
    () => seal(Buffer.concat([stream, random.bytes(random.few(20))])),
    () => seal(Buffer.concat([stream, stream])),
    // The stream is valid, but compressed in another way than by Waxseal.
    () => seal(stream),
    // The stream is compressed, but the header denies it.
    () => seal(stream, false),
    () => seal(plaintext),
    // The stream inflates to about the limit, or far beyond it.
    () => seal(deflated(Buffer.alloc(MAX_PLAINTEXT + random.pick([-1, 0, 1, 40_000]), '.'))),
    () => seal(deflated(filledUp(forge, MAX_PLAINTEXT + random.pick([-1, 0, 1])))),
    () => seal(BOMB),
    () => seal(deflated(random.bytes(random.few(300)))),
    () => seal(random.bytes(random.few(300))),
    // The stream has many empty blocks, and no end.
    () => seal(Buffer.alloc(random.few(3_000), random.pick([Buffer.from([0, 0, 0, 0xff, 0xff]), Buffer.from([2, 0])]))),
  ])();
}

/** 4 KiB that inflate to 4 MiB. A longer stream does not fit into a handle. */
const BOMB = deflated(Buffer.alloc(4 * 2 ** 20));

/** Makes a P in which only the length can be wrong. */
function filledUp(forge, length) {
  const textOf = (fill) => JSON.stringify({ ...forge.sample.apart.claims, kind: 'any@1', st: 'a'.repeat(fill) });
  const text = textOf(length - SIGNATURE_LENGTH - Buffer.byteLength(textOf(0)));
  return together(forge.sign(text), text);
}

const together = (...pieces) => Buffer.concat(pieces.map((piece) => Buffer.from(piece)));

/** Makes a handle around bytes in place of P. */
function sealedAround(forge, plaintext) {
  // Few handles are compressed: compression takes longer than all other work, and few wrong texts depend on it.
  const compressed = forge.random.chance(0.1);
  return { handle: forge.seal(compressed ? deflated(plaintext) : Buffer.from(plaintext), compressed) };
}

/** Replaces the signature and the claims by other bytes. */
function plaintextBytes(forge) {
  const { random, sample, samples } = forge;
  const { plaintext, signature, text } = sample.apart;
  const other = random.pick(samples);
  const empty = random.chance(0.5) ? signature : forge.sign('');
  return sealedAround(
    forge,
    random.pick([
      () => mutateBytes(random, plaintext, other.apart.plaintext),
      () => plaintext.subarray(0, random.pick([0, 1, 63, 64, 65, plaintext.length - 1])),
      () => other.apart.plaintext,
      () => random.bytes(random.pick([1, 63, 64, 65, 200])),
      // P has a signature without claims, two signatures before the claims, one after the claims, none, or a wrong one.
      () => empty,
      () => together(signature, signature, text),
      () => together(text, signature),
      () => text,
      () => together(signature, other.apart.text),
      // P has the signature as text, or is a whole JWS, or has an earlier format.
      () => `${encode(signature)}.${text}`,
      () => `${encode(innerHeader(sample.pair.kid))}..${encode(signature)}`,
      () => `${encode('{"alg":"Ed25519","typ":"handle+jwt"}')}.${encode(text)}.${encode(signature)}`,
      // P has more bytes before or after the claims, signed or not.
      () => together(forge.sign(`\ufeff${text}`), `\ufeff${text}`),
      () => together(forge.sign(`${text}\n`), `${text}\n`),
      () => together(signature, '\0', text),
      // P is itself a handle.
      () => sample.handle,
      () => together(forge.sign(other.handle), other.handle),
    ])(),
  );
}

function signatureBytes(forge) {
  const { random, maker, sample, samples, pairs } = forge;
  const { signature, text, claims } = sample.apart;
  const { kid, signing } = sample.pair;
  const by = (changed, over = text) => sealedAround(forge, together(changed, over));
  /** Signs another input, like an author who misread section 2. */
  const over = (...pieces) => (maker === 'signer' ? sign(null, together(...pieces), signing) : signature);
  return random.pick([
    () => by(mutateBytes(random, signature)),
    () => by(together(signature.subarray(0, 32), random.bytes(32))),
    () => by(together(random.bytes(32), signature.subarray(32))),
    () => by(Buffer.alloc(SIGNATURE_LENGTH, random.pick([0, 0xff]))),
    () => by(addOrder(signature)),
    () => by(random.pick(samples).apart.signature),
    // Any pair of the ring signs. The signature and the encryption are valid, but may be of different pairs.
    () => by(forge.sign(text, random.pick(pairs))),
    () => by(signature, JSON.stringify({ ...claims, rev: 7, prv: 'AAAAAAAAAAAAAAAA' })),
    () => by(over(text)),
    () => by(over(encode(innerHeader(kid)), '.', encode(text))),
    () => by(over(encode(innerHeader(random.pick(pairs).kid)), '.', text)),
    () => by(over(encode(outerHeader(kid, false)), '.', text)),
    () => by(over(innerHeader(kid), '.', text)),
    () => by(over(encode(innerHeader(kid)), text)),
    () => by(over(encode('{"alg":"Ed25519","typ":"handle+jwt"}'), '.', encode(text))),
    // A valid signature stays valid, whoever encrypts it.
    () => by(signature),
  ])();
}

/**
 * Adds the group's order L to the number S of an Ed25519 signature. The equation of verification still holds. RFC 8032
 * demands that verifiers refuse the result: otherwise anyone could make a second valid signature.
 */
function addOrder(signature) {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + order;
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse()]);
}

/**
 * Makes a handle with the changed claims. In one handle of ten, even a signer keeps the sample's signature, which does
 * not fit these claims. Replicas must not notice, because they do not verify signatures.
 */
function sealedClaims(forge, changed) {
  const text = typeof changed === 'string' || Buffer.isBuffer(changed) ? changed : JSON.stringify(changed);
  const signature = forge.random.chance(0.1) ? forge.sample.apart.signature : forge.sign(text);
  return sealedAround(forge, together(signature, text));
}

function claimsText(forge) {
  const { random, sample } = forge;
  const { claims: own, text } = sample.apart;
  return sealedClaims(
    forge,
    random.weighted([
      [3, () => ({ ...own, [random.pick(NAMES)]: hostileValue(random) })],
      [3, () => plausible(random, own)],
      // Two errors at once show the order of the checks.
      [2, () => plausible(random, plausible(random, own))],
      [1, () => without(own, random.pick(NAMES))],
      [1, () => ({ ...own, [random.pick(['x', 'nbf', 'iss', 'constructor', 'toString', '', '0', 'ST', 'jti '])]: hostileValue(random) })],
      [2, () => respell(random, JSON.stringify(random.chance(0.5) ? own : { ...own, st: null }))],
      [1, () => mutateBytes(random, Buffer.from(text))],
      [1, () => hostileValue(random)],
    ])(),
  );
}

const NAMES = ['jti', 'kind', 'rev', 'iat', 'exp', 'prv', 'sub', 'aud', 'scp', 'st'];

/** Makes other plausible claims: on both sides of each limit, and for other calls. */
function plausible(random, own) {
  const iat = NOW + random.pick([-86_400, -1, 0, 59, 60, 61, 3_600]);
  return random.pick([
    () => ({ ...own, iat, exp: iat + random.pick([0, 1, 2_592_000, 2_592_001]) }),
    () => ({ ...own, iat: NOW - 100, exp: NOW + random.pick([-1, 0, 1]) }),
    () => ({ ...own, kind: random.pick(['research@3', 'basket@1', 'any@1', 'research@2']) }),
    () => ({ ...own, aud: random.pick(['elsewhere', own.aud ?? 'x', 'A'.repeat(256), `${own.aud} `]) }),
    () => ({ ...own, sub: `${random.pick(['B', 'C'])}${'A'.repeat(21)}` }),
    () => ({ ...own, jti: random.pick(REVOCATIONS.tasks).jti }),
    () => ({ ...own, sub: random.pick(REVOCATIONS.subjects).sub }),
    () => ({ ...own, scp: [random.pick(['read', 'write', 'a.b-c_d', 'A'.repeat(128)])] }),
    () => ({ ...own, rev: random.pick([1, 2, 2 ** 53 - 1, 2 ** 53]), prv: random.pick(['A'.repeat(16), 'A'.repeat(15), 'A'.repeat(12)]) }),
  ])();
}

function without(own, name) {
  const { [name]: _dropped, ...rest } = own;
  return rest;
}

function state(forge) {
  const { random, sample } = forge;
  const { claims: own } = sample.apart;
  return sealedClaims(
    forge,
    random.pick([
      () => ({ ...own, st: { ...Object(own.st), depth: random.pick([0, 1, 10, 11, '2']), results: random.pick([[], [1], null]) } }),
      () => ({ ...own, st: { ...Object(own.st), [random.pick(['x', 'topic', '__proto__x', ''])]: hostileValue(random) } }),
      () => ({ ...own, kind: random.pick(['research@1', 'research@2']), st: hostileValue(random) }),
      () => ({ ...own, kind: 'any@1', st: hostileValue(random) }),
      () => ({ ...own, kind: 'any@1', st: nested(random.pick([126, 127, 128]), random.chance(0.5)) }),
      () => respell(random, JSON.stringify({ ...own, kind: 'any@1', st: { a: [1, '\n', { b: null }], '': hostileValue(random) } })),
    ])(),
  );
}

function expectations({ random, sample }) {
  const { claims: own } = sample.apart;
  const expected = random.pick([
    () => ({
      now: random.pick([
        own.exp - 1,
        own.exp,
        own.exp + 1,
        own.iat - 60,
        own.iat - 61,
        sample.pair.nbf - 1,
        sample.pair.exp,
        sample.pair.exp + 30 * 86_400 - 1,
        sample.pair.exp + 30 * 86_400,
      ]),
    }),
    () => ({ now: random.pick([0, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, NOW + 0.5]) }),
    // `now` is in the last second of a revocation, or in the first after it.
    () => ({ now: random.pick([NOW - 1, REVOCATIONS.subjects[0].until - 1, REVOCATIONS.subjects[0].until]) }),
    () => ({ revocations: false }),
    () => ({ notBefore: random.pick([own.iat - 1, own.iat, own.iat + 1, NOW, 0, Number.NaN, Number.POSITIVE_INFINITY]) }),
    () => ({ audience: random.pick([undefined, '', 'elsewhere', 'undefined', `${own.aud}/`, String(own.aud).toUpperCase()]) }),
    () => ({ subject: random.pick([undefined, '', 'undefined', own.aud, 'BAECAwQFBgcICQoLDA0ODw']) }),
    () => ({ kinds: random.pick([new Map(), new Map([['basket@1', (value) => value]]), new Map([['any@1', KINDS.get('research@1')]])]) }),
    // If a reader of the state fails in any way, the state is invalid.
    () => ({ kinds: new Map([...KINDS.keys()].map((kind) => [kind, random.pick(FAILING_READERS)])) }),
    () => ({ needs: random.pick([[], ['write'], ['__proto__'], ['']]) }),
    () => ({ maxLength: random.pick([0, 1, sample.handle.length - 1, sample.handle.length, 1e9, Number.NaN]) }),
  ])();
  return { handle: sample.handle, expected };
}

const fail = (thrown) => () => {
  throw thrown;
};
const FAILING_READERS = [
  fail(new Error('a reader')),
  fail(undefined),
  fail('text'),
  fail(Object.assign(new Error(), { code: 'expired' })),
  JSON.parse,
];

function untouched({ sample }) {
  return { handle: sample.handle };
}

const [ANYONE, INSPECTOR, SIGNER] = MAKERS;
/**
 * The layers of a handle, from outside to inside. Each has a weight, a name, a function that changes the layer, and the
 * makers that can change it. Some lists name the signer several times, so that it is chosen more often: with a private
 * key, a maker reaches more code of the verifier.
 */
const LAYERS = [
  [20, 'text', wholeText, [ANYONE]],
  [14, 'part', onePart, [ANYONE]],
  [14, 'header', outerHeaderText, MAKERS],
  [8, 'iv', ivBytes, MAKERS],
  [8, 'ciphertext', ciphertextBytes, [ANYONE]],
  [6, 'E', encryptedBytes, [INSPECTOR, SIGNER]],
  [3, 'stream', deflateStream, [INSPECTOR, SIGNER, SIGNER]],
  [6, 'P', plaintextBytes, [INSPECTOR, SIGNER]],
  [5, 'signature', signatureBytes, [INSPECTOR, SIGNER]],
  [12, 'claims', claimsText, [INSPECTOR, SIGNER, SIGNER, SIGNER]],
  [6, 'state', state, [INSPECTOR, SIGNER, SIGNER, SIGNER]],
  [9, 'expected', expectations, [ANYONE]],
  [2, 'untouched', untouched, [ANYONE]],
].map(([weight, name, make, makers]) => [weight, { name, make, makers }]);
export const LAYER_NAMES = LAYERS.map(([, { name }]) => name);
