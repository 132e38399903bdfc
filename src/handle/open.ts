import { CLOCK_SKEW, type Claims, parseClaims } from './claims.ts';
import { HandleExpired, HandleForbids, HandleOfWrongKind, HandleRejected } from './errors.ts';
import { type ProtectedHeader, splitHandle } from './format.ts';
import { openLayers } from './jwe.ts';
import type { FindKey } from './keys.ts';

/** Validates a state of one kind, and migrates a state of an earlier version. It must throw if the state is invalid. */
export type ReadState<State = unknown> = (state: unknown) => State;

/** What a handle must fulfil before a call may use it. */
export interface Expectations<State = unknown> {
  /** Finds the key that the handle's `kid` names. */
  readonly findKey: FindKey;
  /** The present time. Seconds since 1970. */
  readonly now: number;
  /** The earliest accepted `iat`. Seconds since 1970. Absent: handles of any age are accepted. */
  readonly notBefore?: number | undefined;
  /** The name of this deployment. Absent: only handles without `aud` open. */
  readonly audience?: string | undefined;
  /** The caller: a value that `subjectClaim` returns. Absent: only bearer handles, which lack `sub`, open. */
  readonly subject?: string | undefined;
  /** Tells whether an operator revoked the handle's task or caller. Absent: nothing is revoked. */
  readonly isRevoked?: ((claims: Claims) => boolean) | undefined;
  /** The kinds that the call accepts, each `name@version`, with the function that reads its states. */
  readonly kinds: ReadonlyMap<string, ReadState<State>>;
  /**
   * The rights that permit the call. The handle must have at least one of them. A handle without `scp` has every right.
   */
  readonly needs: readonly string[];
  /** The longest handle to read, in characters. Default: 8,192. */
  readonly maxLength?: number | undefined;
}

/** The protected header and the claims of an authentic handle. */
export interface AuthenticHandle {
  readonly header: ProtectedHeader;
  readonly claims: Claims;
}

/** A handle that a call may use. */
export interface OpenHandle<State = unknown> extends AuthenticHandle {
  /** The handle as the caller passed it. */
  readonly handle: string;
  /** The state, validated and migrated. */
  readonly state: State;
}

/**
 * Opens a handle for one call. The code follows the order of verification (docs/handle-format.md, section 6): the
 * cheapest and least revealing checks first. The first failure ends the verification. The check of `exp`
 * comes after `aud` and `sub`, so that only the handle's own caller learns that it expired.
 *
 * @throws {HandleMalformed} `malformed`: the value is not spelled like a handle
 * @throws {HandleRejected} `rejected`: the handle is not valid here. Only the log may say why.
 * @throws {HandleExpired} `expired`: the handle's `exp` has passed
 * @throws {HandleOfWrongKind} `wrong_kind`: the call does not accept the handle's kind
 * @throws {HandleForbids} `forbidden`: the handle's `scp` has no right that permits the call
 * @throws {Error} whatever `findKey`, `isRevoked` or a function of the key throws
 *
 * @example
 * ```ts
 * import { open, systemClock } from 'waxseal/handle';
 * import { openingKey, type Ring } from 'waxseal/keys';
 *
 * async function countIn(handle: unknown, ring: Ring): Promise<number> {
 *   const now = systemClock();
 *   const { state } = await open<{ count: number }>(handle, {
 *     findKey: (kid) => openingKey(ring, kid, now),
 *     now,
 *     kinds: new Map([['counter@1', (state) => state as { count: number }]]), // validate it with your schema
 *     needs: ['read'],
 *   });
 *   return state.count;
 * }
 * ```
 */
export async function open<State>(handle: unknown, expected: Expectations<State>): Promise<OpenHandle<State>> {
  const { header, claims } = await authenticate(handle, expected.findKey, expected.maxLength);

  // Each condition says what is accepted, and `!` negates it. So NaN is refused: every comparison with NaN is false.
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
 * Checks that a key of the ring made a handle, and reads its claims. This is the first half of {@link open}. It checks
 * neither the caller nor the expiry: use it to inspect handles, never to serve a call.
 *
 * @param maxLength the longest handle to read, in characters. Default: 8,192
 * @throws {HandleMalformed} `malformed`: the value is not spelled like a handle
 * @throws {HandleRejected} `rejected`: no key of the ring made the handle, or its claims are invalid
 * @throws {Error} whatever `findKey` or a function of the key throws
 *
 * @example
 * ```ts
 * import { authenticate, systemClock } from 'waxseal/handle';
 * import { openingKey, parseRing } from 'waxseal/keys';
 *
 * async function claimsOf(handle: string, inspectorRing: string) {
 *   const ring = await parseRing(inspectorRing);
 *   const { claims } = await authenticate(handle, (kid) => openingKey(ring, kid, systemClock()));
 *   return claims;
 * }
 * ```
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
