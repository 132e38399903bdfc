/** One case: a real handle, changed at a layer chosen at random, and what a call expects of it. */
import { decode, decrypted, deflated, encode, encrypted, INNER_HEADER, inflated, outerHeader, signed } from './codec.mjs';
import { KINDS, NOW } from './corpus.mjs';
import { hostileValue, mutateBytes, mutateText, NO_HANDLES, nested, respell } from './mutate.mjs';
import { Random } from './random.mjs';

/** @returns what `open` is given, a function of seed and number alone */
export function makeCase({ samples, pairs }, seed, number) {
  const random = new Random(seed, number, 0xca5e);
  const sample = pickSample(random, samples);
  const layer = random.weighted(LAYERS);
  const context = { random, sample, samples, pairs };
  const { handle, expected = {} } = layer(context);
  const call = { ...fittingCall(sample), ...expected };
  // A change of what is expected on top of any other reaches the later steps by other ways.
  if (layer !== expectations && random.chance(0.1)) Object.assign(call, expectations(context).expected);
  return { layer: layer.name, sample: sample.name, handle, call, random };
}

/** Long states cost most, and show little that short ones do not; what no key opens dies early, whatever is inside. */
function pickSample(random, samples) {
  for (;;) {
    const sample = random.pick(samples);
    const opens = !['gone', 'revoked', 'stranger'].includes(sample.pair.name);
    if ((apart(sample).jws.length < 1_500 || random.chance(0.1)) && (opens || random.chance(0.1))) return sample;
  }
}

/** Read once a sample: taking it apart costs more than most mutations. */
function apart(sample) {
  sample.apart ??= (() => {
    const parts = sample.handle.split('.');
    const header = decode(parts[0]).toString();
    const plaintext = decrypted(parts, sample.pair);
    const compressed = header.includes('zip');
    const jws = (compressed ? inflated(plaintext).bytes : plaintext).toString();
    const [, payload, signature] = jws.split('.');
    const text = decode(payload).toString();
    return { parts, header, plaintext, compressed, jws, payload, signature, text, claims: JSON.parse(text) };
  })();
  return sample.apart;
}

/** The call for which the sample opens, where its key does. */
function fittingCall(sample) {
  const { aud, sub, scp } = apart(sample).claims;
  return { now: NOW, audience: aud, subject: sub, kinds: KINDS, needs: scp?.slice(0, 1) ?? ['read'] };
}

function wholeString({ random, sample, samples }) {
  if (random.chance(0.05)) return { handle: random.pick(NO_HANDLES) };
  return { handle: mutateText(random, sample.handle, random.pick(samples).handle) };
}

function onePart({ random, sample, samples }) {
  const parts = [...apart(sample).parts];
  const others = apart(random.pick(samples)).parts;
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

function outerHeaderText({ random, sample, pairs }) {
  const { parts, header, plaintext } = apart(sample);
  const changed = random.pick(HEADERS)(random, header, pairs);
  const encoded = typeof changed === 'string' ? changed : JSON.stringify(changed);
  // Half of them with a tag that fits the new header: then only the header itself can be what is refused.
  if (random.chance(0.5))
    return {
      handle: encrypted(plaintext, random.chance(0.8) ? sample.pair : random.pick(pairs), { header: encoded, iv: random.bytes(12) }),
    };
  return { handle: [encode(encoded), ...parts.slice(1)].join('.') };
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
  (random, header) => ({ ...JSON.parse(header), cty: random.pick(['jwt', 'JWE', 'JWT2', '', null]) }),
  (random, header) => ({ ...JSON.parse(header), zip: random.pick(['DEF', 'def', 'GZ', '', null, true]) }),
  (random, header) =>
    JSON.stringify({
      ...JSON.parse(header),
      kid: random.pick(['', 'a'.repeat(33), 'a'.repeat(4_000), '../A', 'A"', 'é', '__proto__', 'A\0', '*', null, 7, ['A']]),
    }),
  (_random, header) => header.replace(',"zip":"DEF"', ''),
  // Another entry of the ring, or one that is in none.
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

function ciphertextBytes({ random, sample, samples }) {
  const parts = [...apart(sample).parts];
  const others = apart(random.pick(samples)).parts;
  const index = random.weighted([
    [2, 2],
    [5, 3],
    [3, 4],
  ]);
  const bytes = decode(parts[index]);
  // Flips keep the length, and so pass the grammar; the others show what becomes of lengths.
  const changed = random.chance(0.6) ? Buffer.from(bytes) : mutateBytes(random, bytes, decode(others[index]));
  if (changed.length > 0) changed[random.below(changed.length)] ^= 1 << random.below(8);
  parts[index] = encode(changed);
  return { handle: parts.join('.') };
}

/** Encrypted anew with the right key, so that what is refused is what is inside. */
function resealed({ random, sample }, plaintext, compressed) {
  return { handle: encrypted(plaintext, sample.pair, { header: outerHeader(sample.pair.kid, compressed), iv: random.bytes(12) }) };
}

/** The same for an inner text, compressed or not. */
function resealedText(context, jws) {
  // Compressing costs more than all the rest, and most of what is wrong with a text is wrong compressed or not.
  const compressed = context.random.chance(0.1);
  return resealed(context, compressed ? deflated(jws) : Buffer.from(jws), compressed);
}

function innerHeader(context) {
  const { random, sample } = context;
  const { payload, signature } = apart(sample);
  const text = random.pick(INNER_HEADERS)(random, decode(INNER_HEADER).toString());
  const header = random.chance(0.1) ? mutateText(random, INNER_HEADER, payload) : encode(text);
  return resealedText(context, `${header}.${payload}.${signature}`);
}

const INNER_HEADERS = [
  (random, header) => respell(random, header),
  (random, header) => mutateBytes(random, Buffer.from(header)),
  (random, header) => header.replace('Ed25519', random.pick(['none', 'HS256', 'EdDSA', 'ES256', 'ed25519', ''])),
  (random, header) =>
    header.replace('handle+jwt', random.pick(['JWT', 'at+jwt', 'handle2+jwt', 'HANDLE+JWT', 'application/handle+jwt', ''])),
  withMember('crit', '["b64"]'),
  withMember('jwk', '{"kty":"OKP","crv":"Ed25519","x":"AAAA"}'),
  withMember('kid', '"A"'),
  () => '{}',
];

function jwsText(context) {
  const { random, sample, samples } = context;
  const { jws, payload, signature } = apart(sample);
  const other = apart(random.pick(samples));
  return random.pick([
    () => resealedText(context, mutateText(random, jws, other.jws)),
    () => resealedText(context, `${INNER_HEADER}.${mutateText(random, payload, other.payload)}.${signature}`),
    () => resealedText(context, mutateBytes(random, Buffer.from(jws))),
    () =>
      resealedText(
        context,
        random.pick([
          '',
          '.',
          '..',
          INNER_HEADER,
          `${INNER_HEADER}..`,
          `${INNER_HEADER}..${signature}`,
          `${INNER_HEADER}.${payload}.`,
          `\ufeff${jws}`,
          `${jws}\n`,
          `${jws}=`,
        ]),
      ),
    // A handle in a handle: nested once too often.
    () => resealedText(context, random.pick([sample.handle, random.pick(samples).handle, `${sample.handle}.${signature}`])),
  ])();
}

function signatureBytes(context) {
  const { random, sample, samples, pairs } = context;
  const { payload, signature, text } = apart(sample);
  const bytes = decode(signature);
  const by = (changed) => resealedText(context, `${INNER_HEADER}.${payload}.${encode(changed)}`);
  return random.pick([
    () => by(mutateBytes(random, bytes)),
    () => by(Buffer.concat([bytes.subarray(0, 32), random.bytes(32)])),
    () => by(Buffer.concat([random.bytes(32), bytes.subarray(32)])),
    () => by(Buffer.alloc(64, random.pick([0, 0xff]))),
    () => by(addOrder(bytes)),
    () => by(decode(apart(random.pick(samples)).signature)),
    // By another pair of the same ring: each half is good, and they do not belong together.
    () => resealedText(context, signed(text, random.pick(pairs))),
    () => resealedText(context, `${INNER_HEADER}.${encode(JSON.stringify({ ...apart(sample).claims, rev: 7 }))}.${signature}`),
  ])();
}

/** S + L is the other solution of the same equation; RFC 8032 has verifiers refuse it, else signatures are malleable. */
function addOrder(signature) {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + order;
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse()]);
}

function deflateStream(context) {
  const { random, sample, samples } = context;
  const { jws } = apart(sample);
  const stream = deflated(jws, random.pick([0, 1, 9]));
  return random.pick([
    () => resealed(context, mutateBytes(random, stream, deflated(apart(random.pick(samples)).jws)), true),
    () => resealed(context, stream.subarray(0, stream.length - random.few(20)), true),
    () => resealed(context, Buffer.concat([stream, random.bytes(random.few(20))]), true),
    () => resealed(context, Buffer.concat([stream, stream]), true),
    // Compressed otherwise than we do, which is as good.
    () => resealed(context, stream, true),
    // Said to be what it is not.
    () => resealed(context, stream, false),
    () => resealed(context, Buffer.from(jws), true),
    // To the limit, to one beyond, and far beyond.
    () => resealed(context, deflated(Buffer.alloc(random.pick([65_535, 65_536, 65_537, 100_000]), '.')), true),
    () => resealed(context, BOMB, true),
    () => resealed(context, deflated(random.bytes(random.few(300))), true),
    () => resealed(context, random.bytes(random.few(300)), true),
    // Blocks without an end or without content, as many as fit.
    () => resealed(context, Buffer.alloc(random.few(3_000), random.pick([Buffer.from([0, 0, 0, 0xff, 0xff]), Buffer.from([2, 0])])), true),
  ])();
}

/** 8 MiB in 8 KiB; more does not fit into a handle. */
const BOMB = deflated(Buffer.alloc(8 * 2 ** 20));

function claims(context) {
  const { random, sample } = context;
  const own = apart(sample).claims;
  const changed = random.weighted([
    [3, () => ({ ...own, [random.pick(NAMES)]: hostileValue(random) })],
    [3, () => plausible(random, own)],
    [1, () => without(own, random.pick(NAMES))],
    [1, () => ({ ...own, [random.pick(['x', 'nbf', 'iss', 'constructor', 'toString', '', '0', 'ST', 'jti '])]: hostileValue(random) })],
    [2, () => respell(random, JSON.stringify(random.chance(0.5) ? own : { ...own, st: null }))],
    [1, () => mutateBytes(random, Buffer.from(apart(sample).text))],
    [1, () => hostileValue(random)],
  ])();
  const payload = typeof changed === 'string' || Buffer.isBuffer(changed) ? changed : JSON.stringify(changed);
  return resealedText(context, signed(payload, sample.pair));
}

const NAMES = ['jti', 'kind', 'rev', 'iat', 'exp', 'prv', 'sub', 'aud', 'scp', 'st'];

/** Claims that are claims, and say something else: on both sides of each bound, and for other calls. */
function plausible(random, own) {
  const iat = NOW + random.pick([-86_400, -1, 0, 59, 60, 61, 3_600]);
  return random.pick([
    () => ({ ...own, iat, exp: iat + random.pick([0, 1, 2_592_000, 2_592_001]) }),
    () => ({ ...own, iat: NOW - 100, exp: NOW + random.pick([-1, 0, 1]) }),
    () => ({ ...own, kind: random.pick(['research@3', 'basket@1', 'any@1', 'research@2']) }),
    () => ({ ...own, aud: random.pick(['elsewhere', own.aud ?? 'x', 'A'.repeat(256), `${own.aud} `]) }),
    () => ({ ...own, sub: `${random.pick(['B', 'C'])}${'A'.repeat(21)}` }),
    () => ({ ...own, scp: [random.pick(['read', 'write', 'a.b-c_d', 'A'.repeat(128)])] }),
    () => ({ ...own, rev: random.pick([1, 2, 2 ** 53 - 1, 2 ** 53]), prv: random.pick(['AAAAAAAAAAAA', 'AAAAAAAAAAA']) }),
    () => ({ ...own, st: { ...Object(own.st), depth: random.pick([0, 1, 10, 11, '2']), results: random.pick([[], [1], null]) } }),
    () => ({ ...own, kind: 'research@1', st: hostileValue(random) }),
    () => ({ ...own, kind: 'any@1', st: hostileValue(random) }),
    () => ({ ...own, kind: 'any@1', st: nested(random.pick([126, 127, 128]), random.chance(0.5)) }),
  ])();
}

function without(own, name) {
  const { [name]: _dropped, ...rest } = own;
  return rest;
}

function expectations({ random, sample }) {
  const { claims: own } = apart(sample);
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
    () => ({ notBefore: random.pick([own.iat - 1, own.iat, own.iat + 1, NOW, 0, Number.NaN, Number.POSITIVE_INFINITY]) }),
    () => ({ audience: random.pick([undefined, '', 'elsewhere', 'undefined', `${own.aud}/`, String(own.aud).toUpperCase()]) }),
    () => ({ subject: random.pick([undefined, '', 'undefined', own.aud, 'BAECAwQFBgcICQoLDA0ODw']) }),
    () => ({ kinds: random.pick([new Map(), new Map([['basket@1', (state) => state]]), new Map([['any@1', KINDS.get('research@1')]])]) }),
    // Readers that fail in unusual ways are still only a state that does not fit.
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

const LAYERS = [
  [24, wholeString],
  [18, onePart],
  [16, outerHeaderText],
  [10, ciphertextBytes],
  [4, innerHeader],
  [6, jwsText],
  [4, signatureBytes],
  [3, deflateStream],
  [12, claims],
  [9, expectations],
  [2, untouched],
];
export const LAYER_NAMES = LAYERS.map(([, layer]) => layer.name);
