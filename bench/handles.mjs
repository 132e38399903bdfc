/** Makes handles of a given length: valid ones, and ones that fail at a certain step, which `seal` refuses to make. */
import { deflated, derivedIv, encode, encrypted, outerHeader, pairFrom, signed } from '../test/fuzz/codec.mjs';
import { Random } from '../test/fuzz/random.mjs';

/** The time of the bench: noon of 2026-07-28 (UTC), in seconds since 1970. */
export const NOW = 1_785_240_000;

/** The keys of all handles here, from a fixed text, so that the handles are the same in each run. */
export const pair = pairFrom('waxseal bench', { kid: 'bench-01', iat: NOW, nbf: NOW, exp: NOW + 31_536_000 });

/** The maximum size of the claims, in bytes. One byte is spare, because the option `text` of `handleOf` can add one. */
const MOST_CLAIMS = 65_536 - 64 - 1;

const random = new Random(1, 2, 3);
const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_'];
const letters = Array.from({ length: 40_000 }, () => random.pick(LETTERS)).join('');

const claims = ({ jti = 'AAECAwQFBgcICQoL', iat = NOW, exp = NOW + 86_400, kind = 'research@1', more = '' }) =>
  `"jti":"${jti}","kind":"${kind}","rev":1,"iat":${iat},"exp":${exp}${more}`;
const task = (results, own) => `{${claims(own)},"st":{"topic":"t","depth":2,"status":"running","results":[${results}]}}`;

/**
 * What can fill the claims of a handle. `fill(units, count, own)` writes claims with `units` different parts, which do
 * not compress, and `count` equal parts, which compress to almost nothing. `own` replaces single claims. `filler` is
 * the size of an equal part in bytes; 0 if there are none.
 */
export const FULL_OF = {
  text: { filler: 1, fill: (units, count, own) => task(`"${letters.slice(0, units)}${'a'.repeat(count)}"`, own) },
  // Of research tasks of equal length, a task with many short texts takes longest to parse, to validate and to write.
  members: { filler: 4, fill: (units, count, own) => task(['"a"', ...codes(units), ...new Array(count).fill('"a"')].join(','), own) },
  // The results are numbers, which the schema of a research task refuses.
  numbers: {
    filler: 2,
    fill: (units, count, own) =>
      task(
        ['0', ...Array.from(letters.slice(0, units), (letter) => LETTERS.indexOf(letter) % 10), ...new Array(count).fill('7')].join(','),
        own,
      ),
  },
  // The results are lists, as many as fit, and no list contains another. The many brackets make the check of the
  // depth read every character.
  lists: {
    filler: 4,
    fill: (units, count, own) =>
      task(
        [
          '[0]',
          ...Array.from(letters.slice(0, units), (letter) => `[${LETTERS.indexOf(letter) % 10}]`),
          ...new Array(count).fill('[7]'),
        ].join(','),
        own,
      ),
  },
  unknownClaims: {
    filler: 0,
    fill: (units, _count, own) =>
      `{${claims(own)}${codes(units)
        .map((code) => `,${code}:0`)
        .join('')},"st":0}`,
  },
  wrongRights: {
    filler: 4,
    fill: (units, count, own) => `{${claims(own)},"scp":[${['"!"', ...codes(units), ...new Array(count).fill('"!"')].join(',')}],"st":0}`,
  },
  depth: {
    filler: 2,
    fill: (units, count, own) => `{${claims(own)},"st":["${letters.slice(0, units)}",${'['.repeat(count + 1)}${']'.repeat(count + 1)}]}`,
  },
};

function codes(count) {
  return Array.from({ length: count }, (_, index) => `"${letters.slice(index * 2, index * 2 + 2)}${index.toString(36)}"`);
}

/**
 * Makes the longest handle of at most `length` characters. Equal parts (see `FULL_OF`) fill a compressed handle until it
 * inflates to the limit, because such a handle costs most to read.
 *
 * @param text changes the claims before they are signed
 * @param plaintext changes the signature and the claims
 * @param data changes the bytes to encrypt, after compression
 * @param header changes the header
 * @param iv changes the IV
 */
export function handleOf(
  length,
  compressed,
  { full = 'members', own = {}, text = same, plaintext = same, data = same, header = same, iv = same } = {},
) {
  const { filler, fill } = FULL_OF[full];
  const make = (share) => (units) => {
    const bare = Buffer.byteLength(fill(units, 0, own));
    if (bare > MOST_CLAIMS) return TOO_LONG;
    const more = compressed && filler > 0 ? Math.max(0, Math.floor(((MOST_CLAIMS - bare) * share) / filler)) : 0;
    const inner = plaintext(signed(text(fill(units, more, own)), pair));
    return sealed(data(compressed ? deflated(inner) : inner), compressed, { header, iv });
  };
  // A short handle may have no room for all equal parts that inflate to the limit. It then gets as many as fit.
  const share = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0].find((candidate) => make(candidate)(0).length <= length);
  return longest(length, make(share));
}

const same = (value) => value;
const TOO_LONG = { length: Number.POSITIVE_INFINITY };

/** Encrypts any bytes, with the IV derived from them. @param options `header` and `iv` change the header and the IV */
export function sealed(data, compressed, { header = same, iv = same } = {}) {
  const text = header(outerHeader(pair.kid, compressed));
  return encrypted(data, pair, { header: text, iv: iv(derivedIv(text, data, pair)) });
}

/**
 * Flips a bit of one byte. Passed as the option `iv`, this function makes a forgery for which the forger needs the AES
 * secret, but no private key.
 */
export function withBitFlipped(at) {
  return (bytes) => Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ 1 : byte)));
}

/** Finds the longest result of `make` within a length, by bisection; undefined if even the shortest is too long. */
export function longest(length, make) {
  let found;
  for (let [low, high] = [0, 40_000]; low <= high; ) {
    const middle = (low + high) >> 1;
    const handle = make(middle);
    if (handle.length <= length) [found, low] = [handle, middle + 1];
    else high = middle - 1;
  }
  return found;
}

/** Changes a character of a base64url text, but not the last. So the text stays canonical, but stands for other bytes. */
function changed(text, at = 0) {
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
}

/** Changes the first character of the tag. Only a holder of the key can notice. */
export function withBadTag(handle) {
  return changed(handle, handle.lastIndexOf('.') + 1);
}

/** Names a key that is not in the ring. The handle still passes every check that needs no key. */
export function withUnknownKid(handle) {
  const [header, ...rest] = handle.split('.');
  return [encode(Buffer.from(header, 'base64url').toString().replace(pair.kid, 'nobody-1')), ...rest].join('.');
}
