/** What the wallet says itself: its own tool, and its refusals. */
import { utc } from '../handle/index.ts';
import { endOf, type HeldTask, type Holdings, isOver, newest } from './holdings.ts';

/** The tool that the wallet adds to a server's. */
export const LIST_TOOL = 'list_held_handles';

/** Its entry in `tools/list`: the same for every server, and short, since models read it. */
export const listDefinition = {
  name: LIST_TOOL,
  description: 'Lists your tasks on this server: alias, kind, status, revision, expiry.',
  inputSchema: { type: 'object', properties: {}, additionalProperties: false },
  annotations: { readOnlyHint: true, openWorldHint: false },
} as const;

/** More than these would flood the model's context; the newest are listed. */
const LISTED = 50;

export type RefusalCode = 'unknown_alias' | 'expired' | 'invalid_arguments';

/** The wallet answers in the server's place. */
export class WalletRefusal extends Error {
  readonly code: RefusalCode;
  /** @param code stable, for programs @param message what the model reads */
  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** A result of `tools/call`, as either era wants it. */
export interface ToolResult {
  readonly content: readonly { readonly type: 'text'; readonly text: string }[];
  readonly structuredContent: Readonly<Record<string, unknown>>;
  readonly isError?: true;
}

/** What {@link LIST_TOOL} answers: what is held of the server and has not expired, the newest first. */
export function listHeld({ tasks }: Holdings, now: number): ToolResult {
  const current = tasks.filter((task) => !isOver(task, now)).reverse();
  const held = current.slice(0, LISTED).map((task) => ({
    alias: task.alias,
    ...(task.kind !== undefined && { kind: task.kind }),
    ...(task.status !== undefined && { status: task.status }),
    ...(task.rights !== undefined && { rights: task.rights }),
    ...(task.id !== undefined && { revision: newest(task)?.revision, expires_at: utc(endOf(task)) }),
  }));
  const older = current.length - held.length;
  const lines = [
    ...current.slice(0, LISTED).map(lineOf),
    ...(older > 0 ? [`and ${older} older`] : []),
    ...(current.length === 0 ? ['No task is held.'] : []),
  ];
  return { content: [{ type: 'text', text: lines.join('\n') }], structuredContent: { held, ...(older > 0 && { older }) } };
}

/** A task on one line: what the model needs to know it again. */
export function lineOf(task: HeldTask): string {
  const marks = [
    task.kind,
    task.status,
    task.rights && `rights ${task.rights.join(' ')}`,
    task.id !== undefined && `revision ${newest(task)?.revision}, expires ${utc(endOf(task))}`,
  ].filter(Boolean);
  return marks.length === 0 ? task.alias : `${task.alias}: ${marks.join(', ')}`;
}

/** A refusal as an execution error, which a model can act on. */
export function refusedCall({ code, message }: WalletRefusal): ToolResult {
  return { content: [{ type: 'text', text: message }], structuredContent: { error: { code, message } }, isError: true };
}
