/** Makes handles of a given length: valid ones, and ones that fail at each step, which `seal` refuses to make. */
import { deflated, derivedIv, encode, encrypted, outerHeader, pairFrom, signed } from '../test/fuzz/codec.mjs';
import { Random } from '../test/fuzz/random.mjs';

/** 2026-07-28, noon. */
export const NOW = 1_785_240_000;

/** The pair of keys that makes all handles here: from a fixed text, so that handles are the same in each run. */
export const pair = pairFrom('waxseal bench', { kid: 'bench-01', iat: NOW, nbf: NOW, exp: NOW + 31_536_000 });

/** The number of bytes in the claims if signature and claims have one byte less than the limit. `text` may add that byte. */
const MOST_CLAIMS = 65_536 - 64 - 1;

const random = new Random(1, 2, 3);
const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_'];
const letters = Array.from({ length: 40_000 }, () => random.pick(LETTERS)).join('');

const claims = ({ jti = 'AAECAwQFBgcICQoL', iat = NOW, exp = NOW + 86_400, kind = 'research@1', more = '' }) =>
  `"jti":"${jti}","kind":"${kind}","rev":1,"iat":${iat},"exp":${exp}${more}`;
const task = (results, own) => `{${claims(own)},"st":{"topic":"t","depth":2,"status":"running","results":[${results}]}}`;

/**
 * Claims, by the content of their state. `fill(units, filler)` makes that many different units, which do not compress, and
 * that many equal ones, which compress to almost nothing. `filler` is the length of an equal unit, or 0 if the content has none.
 */
export const FULL_OF = {
  text: { filler: 1, fill: (units, filler, own) => task(`"${letters.slice(0, units)}${'a'.repeat(filler)}"`, own) },
  // Of all research tasks of one length, this one has the most to parse, to validate and to write again.
  members: { filler: 4, fill: (units, filler, own) => task(['"a"', ...codes(units), ...new Array(filler).fill('"a"')].join(','), own) },
  // A research task does not allow these members.
  numbers: {
    filler: 2,
    fill: (units, filler, own) =>
      task(
        ['0', ...Array.from(letters.slice(0, units), (letter) => LETTERS.indexOf(letter) % 10), ...new Array(filler).fill('7')].join(','),
        own,
      ),
  },
  // As many lists as fit, nested as little as possible: the check of the depth must read every character.
  lists: {
    filler: 4,
    fill: (units, filler, own) =>
      task(
        [
          '[0]',
          ...Array.from(letters.slice(0, units), (letter) => `[${LETTERS.indexOf(letter) % 10}]`),
          ...new Array(filler).fill('[7]'),
        ].join(','),
        own,
      ),
  },
  unknownClaims: {
    filler: 0,
    fill: (units, _filler, own) =>
      `{${claims(own)}${codes(units)
        .map((code) => `,${code}:0`)
        .join('')},"st":0}`,
  },
  wrongRights: {
    filler: 4,
    fill: (units, filler, own) => `{${claims(own)},"scp":[${['"!"', ...codes(units), ...new Array(filler).fill('"!"')].join(',')}],"st":0}`,
  },
  depth: {
    filler: 2,
    fill: (units, filler, own) => `{${claims(own)},"st":["${letters.slice(0, units)}",${'['.repeat(filler + 1)}${']'.repeat(filler + 1)}]}`,
  },
};

function codes(count) {
  return Array.from({ length: count }, (_, index) => `"${letters.slice(index * 2, index * 2 + 2)}${index.toString(36)}"`);
}

/**
 * Makes the longest handle of at most `length` characters. A compressed one is filled so that it inflates to the limit,
 * which makes it as expensive as possible.
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
  // In the shortest handles, even equal members do not reach the limit of inflation.
  const share = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0].find((candidate) => make(candidate)(0).length <= length);
  return longest(length, make(share));
}

const same = (value) => value;
const TOO_LONG = { length: Number.POSITIVE_INFINITY };

/** Encrypts any bytes, under the IV derived from them or under a changed one. */
export function sealed(data, compressed, { header = same, iv = same } = {}) {
  const text = header(outerHeader(pair.kid, compressed));
  return encrypted(data, pair, { header: text, iv: iv(derivedIv(text, data, pair)) });
}

/** A holder of the AES secret without the private key must use another IV. This one differs from the derived IV in one bit. */
export function withBitFlipped(at) {
  return (bytes) => Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ 1 : byte)));
}

/** Finds the longest result of `make` within a length, by bisection. Returns undefined if even the shortest result is too long. */
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

/** Changes a character so that the text stays canonical but decodes to other bytes. */
function changed(text, at = 0) {
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
}

/** Changes the first character of a handle's tag. Everything that anyone can check without a key stays right. */
export function withBadTag(handle) {
  return changed(handle, handle.lastIndexOf('.') + 1);
}

/** Makes a handle that names another key. Everything else that anyone can check without a key is right. */
export function withUnknownKid(handle) {
  const [header, ...rest] = handle.split('.');
  return [encode(Buffer.from(header, 'base64url').toString().replace(pair.kid, 'nobody-1')), ...rest].join('.');
}
