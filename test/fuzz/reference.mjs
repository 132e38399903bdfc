/**
 * A second verifier, written from docs/handle-format.md, sections 3, 4, 6 and 7. It tells at which step each procedure
 * must refuse a handle. It is simpler and slower than the real one, and the fuzzer compares both.
 */
import { decode, decrypted, derivedIv, encode, inflated, MAX_PLAINTEXT, outerHeader, SIGNATURE_LENGTH, signatureFits } from './codec.mjs';
import { OPENED } from './steps.mjs';

const GRAMMAR = /^[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{22}$/;
const LAST_SECOND = 253_402_300_799;
const THIRTY_DAYS = 2_592_000;
const MOST_DEPTH = 128;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Judges a handle.
 *
 * @param procedure `replica` or `inspector`. For an inspector, section 6 ends with step 9. But `open` makes the later
 *   checks, too, and so does this verifier.
 * @returns an object with these members:
 * - the number of the step that refuses the handle; 18 if it opens
 * - the reason, if the answer is `rejected`
 * - the claims, if they are authentic
 * - `or`: another step at which an implementation may refuse the handle
 */
export function judge(handle, { pairs, procedure }, call) {
  const { now, notBefore = 0, audience, subject, kinds, needs, maxLength = 8_192, isRevoked = () => false } = call;
  if (typeof handle !== 'string' || handle.length === 0 || !(handle.length <= maxLength)) return { step: 1, reason: 'length' };
  const parts = handle.split('.');
  if (!GRAMMAR.test(handle) || !parts.every(isCanonical)) return { step: 2, reason: 'grammar' };
  const header = decode(parts[0]).toString('latin1');
  const kid = /"kid":"([A-Za-z0-9_-]{1,32})"/.exec(header)?.[1];
  const compressed = header === outerHeader(kid, true);
  if (kid === undefined || !(compressed || header === outerHeader(kid, false))) return { step: 3, reason: 'header' };

  const pair = pairs.find((candidate) => candidate.kid === kid);
  if (pair === undefined || pair.revoked || !(now < pair.exp + THIRTY_DAYS)) return { step: 4, reason: 'unknown_key' };
  const data = decrypted(parts, pair);
  if (data === undefined) return { step: 5, reason: 'decryption' };
  if (procedure === 'replica' && !derivedIv(header, data, pair).equals(decode(parts[2]))) return { step: 6, reason: 'iv' };
  const plaintext = compressed ? inflated(data) : { bytes: data, surplus: 0 };
  if (plaintext === undefined || plaintext.bytes.length > MAX_PLAINTEXT) return { step: 7, reason: 'inflation' };
  // Bytes after the compressed stream SHOULD be refused, but some runtimes cannot notice them. `or` allows a refusal.
  const or = plaintext.surplus > 0 ? { step: 7, reason: 'inflation' } : undefined;

  const signature = plaintext.bytes.subarray(0, SIGNATURE_LENGTH);
  const text = plaintext.bytes.subarray(SIGNATURE_LENGTH);
  if (procedure === 'inspector' && !signatureFits(signature, text, pair)) return { step: 8, reason: 'signature', or };
  const claims = readClaims(text);
  if (claims === undefined) return { step: 9, reason: 'claims', or };

  const { iat, exp, aud, sub, kind, scp, st } = claims;
  const dies = (step, reason) => ({ step, reason, claims, or });
  if (!(iat <= now + 60)) return dies(10, 'issued_in_future');
  if (!(iat >= notBefore)) return dies(10, 'issued_too_early');
  if (aud !== audience) return dies(11, 'audience');
  if (sub !== subject) return dies(12, 'subject');
  if (isRevoked(claims)) return dies(13, 'revoked');
  if (!(now < exp)) return dies(14);
  if (!kinds.has(kind)) return dies(15);
  if (!(scp === undefined || needs.some((right) => scp.includes(right)))) return dies(16);
  try {
    kinds.get(kind)(st);
  } catch {
    return dies(17, 'state');
  }
  return dies(OPENED);
}

/** Tells whether a ring revokes the task or its caller now (section 7). */
export function revokes({ tasks = [], subjects = [] }, { jti, sub }, now) {
  return tasks.some((entry) => entry.jti === jti && now < entry.until) || subjects.some((entry) => entry.sub === sub && now < entry.until);
}

function isCanonical(part) {
  return encode(decode(part)) === part;
}

/** Reads the claims. Returns undefined if they are not canonical JSON, are too deep, or are not valid. */
export function readClaims(bytes) {
  try {
    const text = utf8.decode(bytes);
    const value = JSON.parse(text);
    return JSON.stringify(value) === text && depthOf(value) <= MOST_DEPTH && areClaims(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the depth. It works without recursion, because deep values would overflow the stack. */
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
  prv: isText(/^[A-Za-z0-9_-]{16}$/),
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
