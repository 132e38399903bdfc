/** Handles of a wanted length, good and bad at each step; bad inside too, so they are put together here and not by `seal`. */
import { deflated, derivedIv, encode, encrypted, outerHeader, pairFrom, signed } from '../test/fuzz/codec.mjs';
import { Random } from '../test/fuzz/random.mjs';

/** 2026-07-28, noon. */
export const NOW = 1_785_240_000;

export const pair = pairFrom('waxseal bench', { kid: 'bench-01', iat: NOW, nbf: NOW, exp: NOW + 31_536_000 });

/** Bytes of claims that, with their signature, are all that is inflated but one: room for what `text` may add. */
const MOST_CLAIMS = 65_536 - 64 - 1;

const random = new Random(1, 2, 3);
const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_'];
const letters = Array.from({ length: 40_000 }, () => random.pick(LETTERS)).join('');

const claims = ({ jti = 'AAECAwQFBgcICQoL', iat = NOW, exp = NOW + 86_400, kind = 'research@1', more = '' }) =>
  `"jti":"${jti}","kind":"${kind}","rev":1,"iat":${iat},"exp":${exp}${more}`;
const task = (results, own) => `{${claims(own)},"st":{"topic":"t","depth":2,"status":"running","results":[${results}]}}`;

/**
 * Claims by what they are full of. `fill(units, filler)`: so many different units, which do not compress, and so
 * many equal ones, which compress to nothing; `filler` is the length of one of the latter, 0 where there can be none.
 */
export const FULL_OF = {
  text: { filler: 1, fill: (units, filler, own) => task(`"${letters.slice(0, units)}${'a'.repeat(filler)}"`, own) },
  // More to parse, to validate and to write again in the same length than anything else that a research task can be.
  members: { filler: 4, fill: (units, filler, own) => task(['"a"', ...codes(units), ...new Array(filler).fill('"a"')].join(','), own) },
  // To a research task, wrong members.
  numbers: {
    filler: 2,
    fill: (units, filler, own) =>
      task(
        ['0', ...Array.from(letters.slice(0, units), (letter) => LETTERS.indexOf(letter) % 10), ...new Array(filler).fill('7')].join(','),
        own,
      ),
  },
  // As many lists as fit, as shallow as can be: whether they nest too deep is to be looked at character by character.
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
 * The longest handle of at most `length` characters; compressed ones are filled up so that they inflate to all that
 * is read, which makes them as dear as they can be.
 *
 * @param text what to do to the claims before they are signed @param plaintext what to do to them with their signature
 * @param data what to do to that once it is compressed @param header, iv what to do to those
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
  // In the shortest handles not even equal members fill all that is read.
  const share = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0].find((candidate) => make(candidate)(0).length <= length);
  return longest(length, make(share));
}

const same = (value) => value;
const TOO_LONG = { length: Number.POSITIVE_INFINITY };

/** Encrypts any bytes, under the IV that follows from them or what is made of it. */
export function sealed(data, compressed, { header = same, iv = same } = {}) {
  const text = header(outerHeader(pair.kid, compressed));
  return encrypted(data, pair, { header: text, iv: iv(derivedIv(text, data, pair)) });
}

/** Who has the AES secret, and not the private key, can take an IV from elsewhere: here one that is right but for a bit. */
export function withBitFlipped(at) {
  return (bytes) => Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ 1 : byte)));
}

/** The longest that `make` gives within a length, by bisection; undefined where its shortest is too long. */
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

/** Changes a character so that it stays canonical, and says something else. */
function changed(text, at = 0) {
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
}

/** A handle with its first tag character changed: right in all that is public. */
export function withBadTag(handle) {
  return changed(handle, handle.lastIndexOf('.') + 1);
}

/** A handle that names another key, and is right in all else that is public. */
export function withUnknownKid(handle) {
  const [header, ...rest] = handle.split('.');
  return [encode(Buffer.from(header, 'base64url').toString().replace(pair.kid, 'nobody-1')), ...rest].join('.');
}
