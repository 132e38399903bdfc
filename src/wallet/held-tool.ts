/** The tool that the wallet adds to a server's tools, and the errors with which the wallet refuses calls. */
import { utc } from '../handle/index.ts';
import { endOf, type HeldTask, type Holdings, isOver, newest } from './holdings.ts';

export const LIST_TOOL = 'list_held_handles';

/** The tool's definition in `tools/list`: the same for every server, and short, because models read it. */
export const listDefinition = {
  name: LIST_TOOL,
  description: 'Lists your tasks on this server: alias, kind, topic, status, revision, expiry.',
  inputSchema: { type: 'object', properties: {}, additionalProperties: false },
  annotations: { readOnlyHint: true, openWorldHint: false },
} as const;

/** The maximum number of tasks to list. A longer list would fill the model's context. */
const LISTED = 50;

/** The codes of {@link WalletRefusal}. */
export type RefusalCode = 'unknown_alias' | 'expired' | 'invalid_arguments';

/** The error for a call that the wallet refuses, and does not send to the server. */
export class WalletRefusal extends Error {
  readonly code: RefusalCode;
  /** @param message the text for the model */
  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** A result of `tools/call` for all revisions of MCP. */
export interface ToolResult {
  readonly content: readonly { readonly type: 'text'; readonly text: string }[];
  readonly structuredContent: Readonly<Record<string, unknown>>;
  readonly isError?: true;
}

/** The result of {@link LIST_TOOL}: the server's unexpired tasks, the newest first. */
export function listHeld({ tasks }: Holdings, now: number): ToolResult {
  const current = tasks.filter((task) => !isOver(task, now)).reverse();
  const held = current.slice(0, LISTED).map((task) => ({
    alias: task.alias,
    ...(task.kind !== undefined && { kind: task.kind }),
    ...(task.topic !== undefined && { topic: task.topic }),
    ...(task.status !== undefined && { status: task.status }),
    ...(task.rights !== undefined && { rights: task.rights }),
    ...(task.id !== undefined && { revision: newest(task)?.revision, expires_at: utc(endOf(task)) }),
  }));
  const older = current.length - held.length;
  const lines = [
    ...current.slice(0, LISTED).map(lineOf),
    ...(older > 0 ? [`and ${older} older`] : []),
    ...(current.length === 0 ? ['The wallet holds no task of this server.'] : []),
  ];
  return { content: [{ type: 'text', text: lines.join('\n') }], structuredContent: { held, ...(older > 0 && { older }) } };
}

/** Describes a task on one line, for the model to recognize. */
export function lineOf(task: HeldTask): string {
  const marks = [
    task.kind,
    task.topic && JSON.stringify(task.topic),
    task.status,
    task.rights && `rights ${someRights(task.rights)}`,
    task.id !== undefined && `revision ${newest(task)?.revision}, expires ${utc(endOf(task))}`,
  ].filter(Boolean);
  return marks.length === 0 ? task.alias : `${task.alias}: ${marks.join(', ')}`;
}

/** The maximum number of rights on a line, and of characters of each right. */
const [RIGHTS, RIGHT_LENGTH] = [5, 40];

function someRights(rights: readonly string[]): string {
  const named = rights.slice(0, RIGHTS).map((right) => right.slice(0, RIGHT_LENGTH));
  return [...named, ...(rights.length > RIGHTS ? [`and ${rights.length - RIGHTS} more`] : [])].join(' ');
}

/** The maximum number of tasks in a refusal, and of characters in their list. */
const [OFFERED, OFFER_LENGTH] = [10, 2_000];

/**
 * Lists the tasks that an unknown alias may mean, the newest first: those with similar aliases, or else all unexpired
 * tasks. A model that lost part of its context recognizes its task by kind and topic.
 *
 * @param near the held aliases similar to the unknown one
 */
export function offer({ tasks, lists_itself }: Holdings, near: readonly string[], now: number): string {
  const meant = tasks.filter(({ alias }) => near.includes(alias));
  const candidates = (near.length > 0 ? meant : tasks.filter((task) => !isOver(task, now))).toReversed();
  if (candidates.length === 0) return 'The wallet holds no task of this server: start a new one.';
  const lines: string[] = [];
  for (const task of candidates.slice(0, OFFERED)) {
    const line = lineOf(task);
    if ([...lines, line].join('\n').length > OFFER_LENGTH) break;
    lines.push(line);
  }
  const older = candidates.length - lines.length;
  const more = lists_itself ? `and ${older} older.` : `and ${older} older: use ${LIST_TOOL} to see them.`;
  return [
    `${near.length > 0 ? 'Similar aliases' : 'Your tasks, the newest first'}: ${lines.join('\n')}`,
    ...(older > 0 ? [more] : []),
    'Pass the alias of your task, exactly as written here.',
  ].join('\n');
}

/** Turns a refusal into a tool execution error, because models read such errors and act on them. */
export function refusedCall({ code, message }: WalletRefusal): ToolResult {
  return { content: [{ type: 'text', text: message }], structuredContent: { error: { code, message } }, isError: true };
}
