/** Pagination cursors (MCP 2026-07-28, server/utilities/pagination), sealed in the format of handles. */
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { HandleError, issue, subjectClaim } from '../../handle/index.ts';
import type { Caller } from '../define/call.ts';
import { digestOf } from '../define/json.ts';
import type { Environment } from '../environment.ts';
import { keyToMint, openSealed, requireNotRevoked } from '../environment.ts';

const KIND = 'waxseal-cursor@1';

/** How long a client may take between two pages. Seconds (1 h). */
const LIFETIME = 3600;

const stateSchema = z.strictObject({ l: z.string(), p: z.unknown() });

/** What is listed. A cursor opens on the same list only, by name and by query. */
export interface ListIdentity {
  /** No other list of the deployment is named alike: `resources/list`, say, or what a tool lists. */
  readonly name: string;
  /** What of it was asked for, any JSON: filters, an order. The order of members does not count. Default: all of it. */
  readonly query?: unknown;
}

/** A cursor that is not good here; as MCP asks for, one answer for all of them. */
export class InvalidCursor extends ProtocolError {
  constructor() {
    super(ProtocolErrorCode.InvalidParams, 'Invalid cursor: start the list again, without a cursor.');
  }
}

/**
 * Seals where a list goes on, for `nextCursor`.
 *
 * @param position any JSON: the last item that was given, say
 * @param list the cursor opens on the same list only
 * @throws {TypeError} where the list has no name @throws {StateTooLarge} @throws {ToolRefusal} `unavailable`, where the server has no key that mints
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
 * Opens a cursor that a client sent: for the same caller, in the same deployment, on the same list, within the hour.
 *
 * @throws {TypeError} where the list has no name
 * @throws {InvalidCursor} invalid params, whatever is wrong with it
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
  if (typeof name !== 'string' || name === '') throw new TypeError('cursor: name the list that it is a place in, as { name, query }');
  return digestOf({ name, query });
}
