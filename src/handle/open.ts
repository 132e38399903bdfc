import { CLOCK_SKEW, type Claims, parseClaims } from './claims.ts';
import { HandleExpired, HandleForbids, HandleOfWrongKind, HandleRejected } from './errors.ts';
import { type ProtectedHeader, splitHandle } from './format.ts';
import { openLayers } from './jwe.ts';
import type { FindKey } from './keys.ts';

/** Validates the state of one kind, and migrates it where it is of an earlier version. Throws on any other state. */
export type ReadState<State = unknown> = (state: unknown) => State;

/** What a handle must fit to be opened for one call. */
export interface Expectations<State = unknown> {
  readonly findKey: FindKey;
  /** Seconds since 1970. */
  readonly now: number;
  /** What was issued before this moment is rejected. Seconds since 1970. Absent: nothing is, for that reason. */
  readonly notBefore?: number | undefined;
  /** The deployment's audience. Absent: only handles without one open. */
  readonly audience?: string | undefined;
  /** The caller, as `subjectClaim` writes it. Absent: only bearer handles open. */
  readonly subject?: string | undefined;
  /** Whether an operator has revoked a handle's task or its caller. Absent: neither is revoked. */
  readonly isRevoked?: ((claims: Claims) => boolean) | undefined;
  /** The kinds (`name@version`) that the call takes, each with its reader. */
  readonly kinds: ReadonlyMap<string, ReadState<State>>;
  /** Where the handle is attenuated: the rights of which its `scp` must have one. */
  readonly needs: readonly string[];
  /** In characters. Default: 8,192. */
  readonly maxLength?: number | undefined;
}

/** An authentic handle's claims, and which key sealed them. */
export interface AuthenticHandle {
  readonly header: ProtectedHeader;
  readonly claims: Claims;
}

/** A handle that fits the call. */
export interface OpenHandle<State = unknown> extends AuthenticHandle {
  /** The handle as it came. */
  readonly handle: string;
  /** The validated, migrated state. */
  readonly state: State;
}

/**
 * Opens a handle for one call. The lines below are the order of verification: cheapest and least revealing
 * first, stop at the first failure. `exp` comes after `aud` and `sub`, so that only the handle's own caller
 * learns that it has expired.
 *
 * @throws {HandleError} and nothing else, unless `findKey` or a function of the key throws
 */
export async function open<State>(handle: unknown, expected: Expectations<State>): Promise<OpenHandle<State>> {
  const { header, claims } = await authenticate(handle, expected.findKey, expected.maxLength);

  // Conditions for acceptance are stated positively, so that a value that compares to nothing is refused.
  if (!(claims.iat <= expected.now + CLOCK_SKEW)) throw new HandleRejected('issued_in_future');
  if (!(claims.iat >= (expected.notBefore ?? 0))) throw new HandleRejected('issued_too_early');
  if (!(claims.aud === expected.audience)) throw new HandleRejected('audience');
  if (!(claims.sub === expected.subject)) throw new HandleRejected('subject');
  if (expected.isRevoked?.(claims)) throw new HandleRejected('revoked');
  if (!(expected.now < claims.exp)) throw new HandleExpired(claims.exp);

  const readState = expected.kinds.get(claims.kind);
  if (readState === undefined) throw new HandleOfWrongKind(claims.kind, [...expected.kinds.keys()]);

  const allowed = claims.scp === undefined || claims.scp.some((right) => expected.needs.includes(right));
  if (!allowed) throw new HandleForbids(expected.needs);

  const state = orReject('state', () => readState(claims.st));
  return { handle: handle as string, header, claims, state };
}

/**
 * The first half of {@link open}: that a handle was made by one pair of the ring, and is well formed within. Says nothing about whose it is or whether it has expired; for inspection.
 *
 * @param maxLength in characters
 * @throws {HandleMalformed | HandleRejected}
 */
export async function authenticate(handle: unknown, findKey: FindKey, maxLength?: number): Promise<AuthenticHandle> {
  const parts = splitHandle(handle, maxLength);
  const key = findKey(parts.header.kid);
  if (key === undefined) throw new HandleRejected('unknown_key');

  const text = await openLayers(parts, key);
  const claims = orReject('claims', () => parseClaims(text));
  if (claims === undefined) throw new HandleRejected('claims');
  return { header: parts.header, claims };
}

function orReject<T>(reason: 'claims' | 'state', read: () => T): T {
  try {
    return read();
  } catch {
    throw new HandleRejected(reason);
  }
}
