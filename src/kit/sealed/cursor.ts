/** Pagination cursors (MCP 2026-07-28, server/utilities/pagination), sealed in the format of handles. */
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { HandleError, issue, subjectClaim } from '../../handle/index.ts';
import type { Caller } from '../define/call.ts';
import type { Environment } from '../environment.ts';
import { keyToMint, openSealed, requireNotRevoked } from '../environment.ts';
import { digestOf } from '../values/json.ts';

const KIND = 'waxseal-cursor@1';

/** How long a cursor is valid: one hour, in seconds. */
const LIFETIME = 3600;

const stateSchema = z.strictObject({ l: z.string(), p: z.unknown() });

/** Names a list. A cursor opens only for the list for which it was sealed. */
export interface ListIdentity {
  /**
   * The name of the list, for example `resources/list` or the name of a tool. Give every list of a deployment its own
   * name.
   */
  readonly name: string;
  /**
   * What the client asks for, as any JSON value: for example filters and a sort order. The order of its members does
   * not matter. Absent: the whole list.
   */
  readonly query?: unknown;
}

/**
 * The error for a cursor that does not open: -32602 (invalid params), as MCP recommends. Its message does not tell the
 * cause.
 */
export class InvalidCursor extends ProtocolError {
  constructor() {
    super(ProtocolErrorCode.InvalidParams, 'Invalid cursor: start the list again, without a cursor.');
  }
}

/**
 * Seals the position at which the next page of a list begins. Return the result as `nextCursor`. The cursor opens for
 * one hour, in the same deployment, for the same caller and list.
 *
 * @param position the position, as any JSON value; for example the id of the last item on the page
 * @throws {TypeError} the list has no name
 * @throws {StateTooLarge} `state_too_large`: the cursor would be longer than the environment allows
 * @throws {ToolRefusal} `unavailable`: no key of the ring mints at this time, or the caller is revoked
 *
 * @example
 * ```ts
 * import { type Environment, sealCursor } from 'waxseal';
 *
 * async function firstPage(orders: readonly { id: string }[], environment: Environment) {
 *   const page = orders.slice(0, 50);
 *   return { page, nextCursor: await sealCursor(page.at(-1)?.id ?? null, { name: 'orders' }, environment) };
 * }
 * ```
 */
export async function sealCursor(
  position: unknown,
  list: ListIdentity,
  environment: Environment,
  { principal }: Caller = {},
): Promise<string> {
  const now = environment.now();
  const key = keyToMint(environment, now);
  const subject = principal && (await subjectClaim(principal));
  requireNotRevoked(environment, now, { sub: subject });
  const { audience, maxLength } = environment;
  const birth = { kind: KIND, state: { l: await digestOfList(list), p: position }, now, lifetime: LIFETIME, audience, subject };
  return (await issue(birth, key, { ...(maxLength !== undefined && { maxLength }) })).handle;
}

/**
 * Opens a cursor that {@link sealCursor} sealed.
 *
 * @param cursor the cursor, as the client sent it
 * @returns the position that was sealed
 * @throws {TypeError} the list has no name
 * @throws {InvalidCursor} -32602 (invalid params): the cursor has expired, was changed, or belongs to another caller,
 *   deployment or list
 *
 * @example
 * ```ts
 * import { type Environment, openCursor } from 'waxseal';
 *
 * async function nextPage(orders: readonly { id: string }[], cursor: string, environment: Environment) {
 *   const last = await openCursor(cursor, { name: 'orders' }, environment);
 *   const start = orders.findIndex(({ id }) => id === last) + 1;
 *   return orders.slice(start, start + 50);
 * }
 * ```
 */
export async function openCursor(
  cursor: unknown,
  list: ListIdentity,
  environment: Environment,
  { principal }: Caller = {},
): Promise<unknown> {
  try {
    const digest = await digestOfList(list);
    const { state } = await openSealed(environment, cursor, {
      now: environment.now(),
      subject: principal && (await subjectClaim(principal)),
      kinds: new Map([[KIND, (value: unknown) => stateSchema.parse(value)]]),
      needs: [],
    });
    if (state.l === digest) return state.p;
  } catch (error) {
    if (!(error instanceof HandleError)) throw error;
  }
  throw new InvalidCursor();
}

async function digestOfList({ name, query }: ListIdentity): Promise<string> {
  if (typeof name !== 'string' || name === '') throw new TypeError('cursor: the list has no name. Give { name, query }.');
  return digestOf({ name, query });
}
