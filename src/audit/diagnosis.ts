/**
 * Verifies a handle with `handle/open.ts`, and tells which steps the handle passed and why it failed. This module makes no
 * check of its own.
 */
import {
  authenticate,
  type Claims,
  fingerprint,
  HandleError,
  type HandleParts,
  HandleRejected,
  open,
  type RejectionReason,
  readParts,
  type StepName,
  stepOf,
  utc,
  VERIFICATION_STEPS,
} from '../handle/index.ts';
import { isRevoked, keyStateAt, openingKey, type Ring } from '../keys/index.ts';

/**
 * The expectations of a server. An undefined member is not judged. For `audience` and `subject`, null stands for a
 * deployment or a caller without a name.
 */
export interface Expected {
  /** The ring. Without it nothing is opened. */
  readonly ring?: Ring | undefined;
  /** Seconds since 1970. */
  readonly now: number;
  /** Seconds since 1970. */
  readonly notBefore?: number | undefined;
  readonly audience?: string | null | undefined;
  /** As in the claim `sub`. */
  readonly subject?: string | null | undefined;
  readonly kinds?: readonly string[] | undefined;
  readonly needs?: readonly string[] | undefined;
  /** In characters. */
  readonly maxLength: number;
}

/** The outcome of one step. */
export interface StepOutcome {
  readonly outcome: 'passed' | 'failed' | 'not judged' | 'not reached';
  /** Why the step failed or was not judged. */
  readonly note?: string;
}

export interface Diagnosis {
  /** The outcomes of all steps of verification, in their order. */
  readonly steps: readonly StepOutcome[];
  /** The number of the step that failed; absent if no step failed. */
  readonly failedAt?: number;
  /** The answer of the verifier at this step. */
  readonly code?: HandleError['code'];
  readonly reason?: RejectionReason;
  /** The parts that anyone can see, if the text has the form of a handle. */
  readonly parts?: HandleParts;
  readonly fingerprint?: string;
  /** The authentic claims: one pair of the ring sealed and signed them. They may be expired, or belong to another caller. */
  readonly claims?: Claims;
}

/** The knowledge about a handle before a step failed. */
type Seen = Pick<Diagnosis, 'parts' | 'fingerprint' | 'claims'>;

/**
 * Diagnoses a handle. No handle makes it throw.
 *
 * @example
 * ```ts
 * import { diagnose } from 'waxseal/audit';
 * import { DEFAULT_MAX_LENGTH, systemClock } from 'waxseal/handle';
 * import type { Ring } from 'waxseal/keys';
 *
 * async function failureOf(handle: string, ring: Ring): Promise<string | undefined> {
 *   const { steps } = await diagnose(handle, { ring, now: systemClock(), maxLength: DEFAULT_MAX_LENGTH });
 *   return steps.find(({ outcome }) => outcome === 'failed')?.note;
 * }
 * ```
 */
export async function diagnose(handle: string, expected: Expected): Promise<Diagnosis> {
  const { ring, now, maxLength } = expected;
  let seen: Seen = {};
  try {
    seen = { parts: readParts(handle, maxLength), fingerprint: await fingerprint(handle) };
    if (ring === undefined) return { ...seen, steps: withoutRing() };
    const findKey = (kid: string) => openingKey(ring, kid, now);
    const { claims } = await authenticate(handle, findKey, maxLength);
    seen = { ...seen, claims };
    // A member that is not judged expects the handle's own value.
    const { aud, sub, kind, scp } = claims;
    await open(handle, {
      findKey,
      now,
      notBefore: expected.notBefore,
      audience: expected.audience === undefined ? aud : (expected.audience ?? undefined),
      subject: expected.subject === undefined ? sub : (expected.subject ?? undefined),
      kinds: new Map((expected.kinds ?? [kind]).map((name) => [name, (state: unknown) => state])),
      needs: expected.needs ?? scp ?? [],
      isRevoked: (about) => isRevoked(ring.revocations, about, now),
      maxLength,
    });
    return { ...seen, steps: VERIFICATION_STEPS.map(({ name }) => withoutFailure(name, expected)) };
  } catch (error) {
    if (!(error instanceof HandleError)) throw error;
    const failedAt = stepOf(error)?.number ?? 0;
    const steps = VERIFICATION_STEPS.map(({ number, name }): StepOutcome => {
      if (number < failedAt) return withoutFailure(name, expected);
      return number > failedAt ? { outcome: 'not reached' } : { outcome: 'failed', note: noteOn(error, seen, expected) };
    });
    return { ...seen, steps, failedAt, code: error.code, ...(error instanceof HandleRejected && { reason: error.reason }) };
  }
}

/** The outcomes of all steps without a ring. A text with the form of a handle has passed every step whose refusal is `malformed`. */
function withoutRing(): StepOutcome[] {
  const note = 'There is no ring to open it with.';
  return VERIFICATION_STEPS.map(({ code }) => (code === 'malformed' ? { outcome: 'passed' } : { outcome: 'not judged', note }));
}

/** The outcome of a step that did not fail. */
function withoutFailure(step: StepName, { ring, audience, subject, kinds, needs }: Expected): StepOutcome {
  // A ring has private keys in all entries or in no entry.
  const mints = ring?.entries.some(({ minting }) => minting !== undefined) ?? false;
  const skipped: Partial<Record<StepName, string | false>> = {
    'Derived IV': !mints && 'An inspector ring cannot derive it; the signature is verified in its place.',
    Signature: mints && 'The derived IV was recognised in its place.',
    Audience: audience === undefined && 'No deployment is given.',
    Caller: subject === undefined && 'No caller is given.',
    Kind: kinds === undefined && 'No kinds are given.',
    Rights: needs === undefined && 'No rights are given.',
    State: 'A schema is code of the server, and not in this page.',
  };
  const note = skipped[step];
  return note ? { outcome: 'not judged', note } : { outcome: 'passed' };
}

function noteOn(error: HandleError, { parts, claims }: Seen, expected: Expected): string {
  if (!(error instanceof HandleRejected)) return error.message;
  const kid = parts?.header.kid ?? '';
  switch (error.reason) {
    case 'unknown_key':
      return noteOnKey(kid, expected);
    case 'decryption':
      return `Key "${kid}" does not open it: another key of that name sealed it, or it was changed since.`;
    case 'inflation':
      return 'What was encrypted is not what the format calls compressed, or is too long.';
    case 'iv':
      return 'Whoever sealed it had the secret, but not the signing key: the IV is not the derived one.';
    case 'signature':
      return `Whoever sealed it had the secret, but not the signing key of "${kid}": an inspector ring can do that.`;
    case 'claims':
      return 'It is signed by the ring, and its claims are not those of a handle.';
    case 'revoked':
      return 'The ring revokes its task or its caller.';
    case 'issued_in_future':
      return `It was issued at ${utc(claims?.iat ?? 0)}; at this moment it is ${utc(expected.now)}.`;
    case 'issued_too_early':
      return `It was issued at ${utc(claims?.iat ?? 0)}; nothing from before ${utc(expected.notBefore ?? 0)} is accepted.`;
    case 'audience':
      return `It is for ${quoted(claims?.aud, 'no deployment in particular')}; ${quoted(expected.audience, 'one for none')} was expected.`;
    case 'subject':
      return `It is for ${quoted(claims?.sub, 'whoever holds it')}; ${quoted(expected.subject, 'one for whoever holds it')} was expected.`;
    default:
      return error.message;
  }
}

function noteOnKey(kid: string, { ring, now }: Expected): string {
  const entry = ring?.entries.find((candidate) => candidate.kid === kid);
  return entry === undefined ? `The ring has no key "${kid}".` : `Key "${kid}" is ${keyStateAt(entry, now)}.`;
}

function quoted(value: string | null | undefined, otherwise: string): string {
  return value === undefined || value === null ? otherwise : JSON.stringify(value);
}
