/** The tool that the wallet adds to a server's tools, and the errors with which the wallet itself refuses calls. */
import { utc } from '../handle/index.ts';
import { endOf, type HeldTask, type Holdings, isOver, newest } from './holdings.ts';

/** The name of the tool that the wallet adds to a server's tools. */
export const LIST_TOOL = 'list_held_handles';

/** The tool's definition in `tools/list`. It is the same for every server, and it is short, because models read it. */
export const listDefinition = {
  name: LIST_TOOL,
  description: 'Lists your tasks on this server: alias, kind, topic, status, revision, expiry.',
  inputSchema: { type: 'object', properties: {}, additionalProperties: false },
  annotations: { readOnlyHint: true, openWorldHint: false },
} as const;

/** The maximum number of tasks that the tool lists. It lists the newest tasks, because a longer list would fill the model's context. */
const LISTED = 50;

/** The codes of {@link WalletRefusal}. */
export type RefusalCode = 'unknown_alias' | 'expired' | 'invalid_arguments';

/** Thrown if the wallet itself refuses a call. The wallet does not send such a call to the server. */
export class WalletRefusal extends Error {
  readonly code: RefusalCode;
  /**
   * @param code the stable code for programs
   * @param message the text for the model
   */
  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** A result of `tools/call` that is valid in all revisions of MCP. */
export interface ToolResult {
  readonly content: readonly { readonly type: 'text'; readonly text: string }[];
  readonly structuredContent: Readonly<Record<string, unknown>>;
  readonly isError?: true;
}

/** Returns the result of {@link LIST_TOOL}: the tasks of the server that have not expired, the newest first. */
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

/** Describes a task on one line, so that a model recognizes it. */
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

/** The maximum number of rights that one line names, and of characters that it shows of each right. */
const [RIGHTS, RIGHT_LENGTH] = [5, 40];

function someRights(rights: readonly string[]): string {
  const named = rights.slice(0, RIGHTS).map((right) => right.slice(0, RIGHT_LENGTH));
  return [...named, ...(rights.length > RIGHTS ? [`and ${rights.length - RIGHTS} more`] : [])].join(' ');
}

/** The maximum number of tasks that a refusal lists, and of characters in its list. */
const [OFFERED, OFFER_LENGTH] = [10, 2_000];

/**
 * Lists the tasks that a model may have meant by an unknown alias, the newest task first. These are the tasks with a similar
 * alias; if no alias is similar, all tasks of the server that have not expired. A model that has lost part of its context
 * recognizes its task by kind and topic.
 *
 * @param near the held aliases that are similar to the unknown one
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

/** Turns a refusal into a tool execution error, because the model reads such errors and can act on them. */
export function refusedCall({ code, message }: WalletRefusal): ToolResult {
  return { content: [{ type: 'text', text: message }], structuredContent: { error: { code, message } }, isError: true };
}
