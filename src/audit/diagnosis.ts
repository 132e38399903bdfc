/** Tells which steps of verification a handle passes, and why it fails. All checks are those of `handle/open.ts`. */
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
import { describeOther } from './look-alikes.ts';

/** What a server would expect of the handle. An undefined member is not judged. */
export interface Expected {
  /** The ring. Without a ring, the handle is not opened. */
  readonly ring?: Ring | undefined;
  /** The time of the check, in seconds since 1970. */
  readonly now: number;
  /** The earliest accepted time of issue, in seconds since 1970. */
  readonly notBefore?: number | undefined;
  /** The name of the deployment. Null means that the deployment has no name. */
  readonly audience?: string | null | undefined;
  /** The caller, in the form of the claim `sub`. Null means an anonymous caller. */
  readonly subject?: string | null | undefined;
  readonly kinds?: readonly string[] | undefined;
  readonly needs?: readonly string[] | undefined;
  /** The longest handle that the server accepts, in characters. */
  readonly maxLength: number;
}

/** The outcome of one step. */
export interface StepOutcome {
  readonly outcome: 'passed' | 'failed' | 'not judged' | 'not reached';
  /** Why the step failed or was not judged. */
  readonly note?: string;
}

/** The result of {@link diagnose}. */
export interface Diagnosis {
  /** The outcome of each step of verification, in order. */
  readonly steps: readonly StepOutcome[];
  /** The number of the step that failed, from 1. Absent if no step failed. */
  readonly failedAt?: number;
  /** The error code of the step that failed. */
  readonly code?: HandleError['code'];
  readonly reason?: RejectionReason;
  /** What anybody can read without a key. Absent if the text does not have the form of a handle. */
  readonly parts?: HandleParts;
  readonly fingerprint?: string;
  /** The claims. Present once a key pair of the ring has proved them authentic, even if a later step failed. */
  readonly claims?: Claims;
}

/** What is known about a handle before a step fails. */
type Seen = Pick<Diagnosis, 'parts' | 'fingerprint' | 'claims'>;

/**
 * Tells which steps a handle passes. Throws no error, whatever the text is.
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
    // If a check is not to be judged, the handle's own value is expected, so that the check passes.
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
      if (number > failedAt) return { outcome: 'not reached' };
      const other = error.code === 'malformed' ? describeOther(handle) : undefined;
      return { outcome: 'failed', note: other ?? noteOn(error, seen, expected) };
    });
    return { ...seen, steps, failedAt, code: error.code, ...(error instanceof HandleRejected && { reason: error.reason }) };
  }
}

/**
 * Without a ring, only the steps with the error `malformed` are judged. A text with the form of a handle has passed
 * these steps.
 */
function withoutRing(): StepOutcome[] {
  const note = 'No ring is given, so the handle cannot be opened.';
  return VERIFICATION_STEPS.map(({ code }) => (code === 'malformed' ? { outcome: 'passed' } : { outcome: 'not judged', note }));
}

/** Returns the outcome of a step that did not fail. */
function withoutFailure(step: StepName, { ring, audience, subject, kinds, needs }: Expected): StepOutcome {
  // Either all entries of a ring have private keys, or none has.
  const mints = ring?.entries.some(({ minting }) => minting !== undefined) ?? false;
  const skipped: Partial<Record<StepName, string | false>> = {
    'Derived IV': !mints && 'An inspector ring cannot derive the IV. The signature is verified instead.',
    Signature: mints && 'The derived IV was recognised instead.',
    Audience: audience === undefined && 'No deployment is given.',
    Caller: subject === undefined && 'No caller is given.',
    Kind: kinds === undefined && 'No kinds are given.',
    Rights: needs === undefined && 'No rights are given.',
    State: 'Only the server has the schema of the state.',
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
      return `Key "${kid}" does not open the handle: another key with this name sealed the handle, or the handle was changed.`;
    case 'inflation':
      return 'The decrypted data is too long, or is not compressed data although the header says so.';
    case 'iv':
      return 'The IV is not the derived IV: whoever sealed the handle had the secret, but not the signing key.';
    case 'signature':
      return `The signature is wrong: whoever sealed the handle had the secret of key "${kid}", but not the signing key. Every inspector ring contains the secret.`;
    case 'claims':
      return 'A key of the ring signed the handle, but the claims are not those of a handle.';
    case 'revoked':
      return 'The ring revokes the task or the caller of the handle.';
    case 'issued_in_future':
      return `The handle was issued at ${utc(claims?.iat ?? 0)}, but the time now is ${utc(expected.now)}.`;
    case 'issued_too_early':
      return `The handle was issued at ${utc(claims?.iat ?? 0)}. No handle from before ${utc(expected.notBefore ?? 0)} is accepted.`;
    case 'audience':
      return `The handle is for ${quoted(claims?.aud, 'no particular deployment')}, but a handle for ${quoted(expected.audience, 'no particular deployment')} was expected.`;
    case 'subject':
      return `The handle is for ${quoted(claims?.sub, 'whoever holds it')}, but a handle for ${quoted(expected.subject, 'whoever holds it')} was expected.`;
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
