/**
 * A second verifier, written from docs/handle-format.md, sections 3, 4, 6 and 7: at which step a handle must die.
 * Slower and plainer than the real one; it is what the real one is held against.
 */
import { decode, decrypted, encode, INNER_HEADER, inflated, outerHeader, signatureFits } from './codec.mjs';
import { OPENED } from './steps.mjs';

const GRAMMAR = /^[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{22}$/;
const LAST_SECOND = 253_402_300_799;
const THIRTY_DAYS = 2_592_000;
const MOST_DEPTH = 128;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * @returns the step (17: it opens), the claims once they are known to be signed, and whether implementations may
 * differ: `or`, steps at which this handle may die as well
 */
export function judge(handle, pairs, { now, notBefore = 0, audience, subject, kinds, needs, maxLength = 16_384 }) {
  if (typeof handle !== 'string' || handle.length === 0 || !(handle.length <= maxLength)) return { step: 1 };
  const parts = handle.split('.');
  // An empty header is against the grammar, and the program says that it is no header: `malformed` in any case.
  if (!GRAMMAR.test(handle) || !parts.every(isCanonical)) return { step: 2, or: parts[0] === '' ? [3] : [] };
  const header = decode(parts[0]).toString('latin1');
  const pair = { kid: /^\{"alg":"dir","enc":"A256GCM","kid":"([A-Za-z0-9_-]{1,32})"/.exec(header)?.[1] ?? '' };
  const compressed = header === outerHeader(pair.kid, true);
  if (pair.kid === '' || !(compressed || header === outerHeader(pair.kid, false))) return { step: 3 };

  const entry = pairs.find(({ kid }) => kid === pair.kid);
  if (entry === undefined || entry.revoked || !(now < entry.exp + THIRTY_DAYS)) return { step: 4 };
  const plaintext = decrypted(parts, entry);
  if (plaintext === undefined) return { step: 5 };
  const inner = compressed ? inflated(plaintext) : { bytes: plaintext, surplus: 0 };
  if (inner === undefined) return { step: 6 };
  // What follows the end of a DEFLATE stream SHOULD be refused, and not every runtime can tell that it is there.
  const or = inner.surplus > 0 ? [6] : [];

  const text = textOf(inner.bytes);
  const jws = text?.split('.') ?? [];
  const fits = jws.length === 3 && jws[0] === INNER_HEADER && jws[1] !== '' && jws[2].length === 86;
  if (!fits || !jws.slice(1).every(isCanonical)) return { step: 7, or };
  if (!signatureFits(text, entry)) return { step: 8, or };
  const claims = readClaims(decode(jws[1]));
  if (claims === undefined) return { step: 9, or };

  const { iat, exp, aud, sub, kind, scp, st } = claims;
  const dies = (step) => ({ step, claims, or });
  if (!(iat <= now + 60 && iat >= notBefore)) return dies(10);
  if (aud !== audience) return dies(11);
  if (sub !== subject) return dies(12);
  if (!(now < exp)) return dies(13);
  if (!kinds.has(kind)) return dies(14);
  if (!(scp === undefined || needs.some((right) => scp.includes(right)))) return dies(15);
  try {
    kinds.get(kind)(st);
  } catch {
    return dies(16);
  }
  return dies(OPENED);
}

function isCanonical(part) {
  return encode(decode(part)) === part;
}

function textOf(bytes) {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Claims from canonical JSON; undefined for anything else. */
export function readClaims(bytes) {
  try {
    const text = utf8.decode(bytes);
    const value = JSON.parse(text);
    return JSON.stringify(value) === text && depthOf(value) <= MOST_DEPTH && areClaims(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** How deep arrays and objects nest, level by level and not by recursion: what is measured may be deeper than the stack. */
function depthOf(value) {
  let depth = 0;
  for (let level = [value].filter(isNesting); level.length > 0; depth += 1) level = level.flatMap(Object.values).filter(isNesting);
  return depth;
}

function isNesting(value) {
  return typeof value === 'object' && value !== null;
}

const isText = (pattern) => (value) => typeof value === 'string' && pattern.test(value);
const isWhole = (from, to) => (value) => Number.isInteger(value) && value >= from && value <= to;
const RULES = {
  jti: isText(/^[A-Za-z0-9_-]{16}$/),
  kind: isText(/^[a-z][a-z0-9_-]{0,31}@[1-9][0-9]{0,5}$/),
  rev: isWhole(1, Number.MAX_SAFE_INTEGER),
  iat: isWhole(0, LAST_SECOND),
  exp: isWhole(0, LAST_SECOND),
  prv: isText(/^[A-Za-z0-9_-]{12}$/),
  sub: isText(/^[A-Za-z0-9_-]{21}[AQgw]$/),
  aud: (value) => typeof value === 'string' && value.length >= 1 && value.length <= 256,
  scp: (value) => Array.isArray(value) && value.length >= 1 && value.length <= 64 && value.every(isText(/^[A-Za-z0-9_.-]{1,128}$/)),
  st: () => true,
};

function areClaims(value) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const has = (name) => Object.hasOwn(value, name);
  return (
    Object.keys(value).every((name) => Object.hasOwn(RULES, name) && RULES[name](value[name])) &&
    ['jti', 'kind', 'rev', 'iat', 'exp', 'st'].every(has) &&
    has('prv') === value.rev > 1 &&
    value.iat < value.exp &&
    value.exp <= value.iat + THIRTY_DAYS
  );
}
