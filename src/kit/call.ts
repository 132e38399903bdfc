import type { CallToolResult } from '@modelcontextprotocol/server';
import {
  type Claims,
  DEFAULT_MAX_LENGTH,
  fingerprint,
  HandleError,
  HandleRejected,
  issue,
  type OpenHandle,
  open,
  reissue,
  subjectClaim,
  utc,
} from '../handle/index.ts';
import { mintingKey, openingKey } from '../keys/index.ts';
import type { CallRecord, Environment } from './environment.ts';
import { explain } from './explain.ts';
import { readInput } from './input.ts';
import { type Caller, type Tool, ToolRefusal } from './tool.ts';
import type { Toolset } from './toolset.ts';

/** A handle in an answer. */
interface Carried {
  readonly handle: string;
  readonly claims: Claims;
}

/** A call under way: what its steps need. */
interface Call {
  readonly tool: Tool;
  readonly environment: Environment;
  /** One moment for the whole call. Seconds since 1970. */
  readonly now: number;
  readonly caller: Caller;
  readonly subject: string | undefined;
}

/**
 * Runs a tool: reads the arguments, opens the handle, lets the tool's function work, seals what it gives, and says it.
 * Whatever goes wrong becomes an execution error that a model can act on, and loses nothing: the given handle stays good.
 *
 * @param args as the client sent them
 * @throws {unknown} only what is a defect in the tool's own function
 */
export async function callTool(
  tools: Toolset,
  tool: Tool,
  args: unknown,
  environment: Environment,
  caller: Caller = {},
): Promise<CallToolResult> {
  const started = performance.now();
  const report = (told: Omit<CallRecord, 'tool' | 'ms'>) => {
    try {
      environment.onCall?.({ tool: tool.definition.name, ...told, ms: performance.now() - started });
    } catch {
      // An observer that fails must not cost the caller the answer.
    }
  };
  const given = handleIn(args);
  let opened: OpenHandle | undefined;
  let input: Record<string, unknown> = {};
  try {
    const subject = caller.principal && (await subjectClaim(caller.principal));
    const call: Call = { tool, environment, now: environment.now(), caller, subject };
    input = readInput(tool, args);
    if (tool.takesHandle) opened = await openFor(call, given);
    const { state, result, text } = await tool.run(opened?.state, input, caller);
    const carried = tool.issuesHandle ? await issueFor(call, opened, state) : (opened as OpenHandle);
    report({ outcome: 'ok', ...(await trace(carried)) });
    return answer(tool, carried, result, text);
  } catch (error) {
    const carried = opened ?? (isOfHandleLength(given, environment) ? { handle: given } : undefined);
    const traced = carried && (await trace(carried));
    if (!(error instanceof HandleError || error instanceof ToolRefusal)) {
      report({ outcome: 'error', code: 'internal_error', defect: error, ...traced });
      throw error;
    }
    report({ outcome: 'error', code: error.code, ...(error instanceof HandleRejected && { reason: error.reason }), ...traced });
    return {
      isError: true,
      content: [{ type: 'text', text: explain(error, { tool, tools, input }) }],
      structuredContent: { error: { code: error.code } },
    };
  }
}

/** What is longer is no handle, and not worth a digest. */
function isOfHandleLength(given: unknown, { maxLength = DEFAULT_MAX_LENGTH }: Environment): given is string {
  return typeof given === 'string' && given.length <= maxLength;
}

function handleIn(args: unknown): unknown {
  return typeof args === 'object' && args !== null && 'handle' in args ? args.handle : undefined;
}

function openFor({ tool, environment, now, subject }: Call, handle: unknown): Promise<OpenHandle> {
  const ring = environment.ring();
  const { name, annotations } = tool.definition;
  return open(handle, {
    findKey: (kid) => openingKey(ring, kid, now),
    now,
    notBefore: environment.notBefore,
    audience: environment.audience,
    subject,
    kinds: new Map([[tool.kind.id, (state: unknown) => tool.kind.schema.parse(state)]]),
    needs: annotations.readOnlyHint ? [name, 'read'] : [name],
    maxLength: environment.maxLength,
  });
}

/** Room that is left in every handle but a last one, so that a task can always be ended. Characters. */
const ROOM_TO_END = 1024;

function issueFor({ tool, environment, now, subject }: Call, opened: OpenHandle | undefined, state: unknown): Promise<Carried> {
  const { kind, ends } = tool;
  const key = mintingKey(environment.ring(), now);
  if (key === undefined) {
    throw new ToolRefusal(
      'unavailable',
      'This server cannot issue handles at the moment. Nothing is lost: try again later with the same arguments.',
    );
  }
  const { maxLength = DEFAULT_MAX_LENGTH, audience } = environment;
  // What JSON writes otherwise than it was, `undefined` in an array say, is found now and not when the handle comes back.
  const next = kind.schema.parse(JSON.parse(JSON.stringify(kind.schema.parse(state))));
  const options = { compress: kind.visible, maxLength: ends ? maxLength : maxLength - ROOM_TO_END };
  if (opened !== undefined) return reissue(opened, { kind: kind.id, state: next, now }, key, options);
  return issue({ kind: kind.id, state: next, now, lifetime: kind.lifetime, audience, subject }, key, options);
}

async function trace(carried: { handle: string; claims?: Claims }): Promise<Pick<CallRecord, 'task' | 'revision' | 'fingerprint'>> {
  const { handle, claims } = carried;
  return { ...(claims && { task: claims.jti, revision: claims.rev }), fingerprint: await fingerprint(handle) };
}

/** A new handle stands once in the structured content and once in the text; one that did not change only in the former. */
function answer(tool: Tool, { handle, claims }: Carried, result: object, text: string): CallToolResult {
  const expiresAt = utc(claims.exp);
  const handleInfo = { id: claims.jti, kind: claims.kind, revision: claims.rev, expires_at: expiresAt };
  const spoken = tool.issuesHandle ? `${text}\nhandle (revision ${claims.rev}, expires ${expiresAt}): ${handle}` : text;
  return { content: [{ type: 'text', text: spoken }], structuredContent: { ...result, handle, handle_info: handleInfo } };
}
