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

const stateSchema = z.strictObject({ q: z.string(), p: z.unknown() });

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
 * @param query what is listed, any JSON: the cursor opens on the same query only
 * @throws {StateTooLarge} @throws {ToolRefusal} `unavailable`, where the server has no key that mints
 */
export async function sealCursor(position: unknown, query: unknown, environment: Environment, { principal }: Caller = {}): Promise<string> {
  const now = environment.now();
  const key = keyToMint(environment, now);
  const subject = principal && (await subjectClaim(principal));
  requireNotRevoked(environment, now, { sub: subject });
  const { audience, maxLength } = environment;
  const birth = { kind: KIND, state: { q: await digestOf(query), p: position }, now, lifetime: LIFETIME, audience, subject };
  return (await issue(birth, key, { ...(maxLength !== undefined && { maxLength }) })).handle;
}

/**
 * Opens a cursor that a client sent: for the same caller, in the same deployment, on the same query, within the hour.
 *
 * @throws {InvalidCursor} invalid params, whatever is wrong with it
 */
export async function openCursor(cursor: unknown, query: unknown, environment: Environment, { principal }: Caller = {}): Promise<unknown> {
  try {
    const { state } = await openSealed(environment, cursor, {
      now: environment.now(),
      subject: principal && (await subjectClaim(principal)),
      kinds: new Map([[KIND, (value: unknown) => stateSchema.parse(value)]]),
      needs: [],
    });
    if (state.q === (await digestOf(query))) return state.p;
  } catch (error) {
    if (!(error instanceof HandleError)) throw error;
  }
  throw new InvalidCursor();
}
