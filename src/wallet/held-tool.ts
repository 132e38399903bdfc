/** What the wallet says itself: its own tool, and its refusals. */
import { utc } from '../handle/index.ts';
import { endOf, type HeldTask, type Holdings, isOver, newest } from './holdings.ts';

/** The tool that the wallet adds to a server's. */
export const LIST_TOOL = 'list_held_handles';

/** Its entry in `tools/list`: the same for every server, and short, since models read it. */
export const listDefinition = {
  name: LIST_TOOL,
  description: 'Lists your tasks on this server: alias, kind, topic, status, revision, expiry.',
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
    ...(task.topic !== undefined && { topic: task.topic }),
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
    task.topic && JSON.stringify(task.topic),
    task.status,
    task.rights && `rights ${someRights(task.rights)}`,
    task.id !== undefined && `revision ${newest(task)?.revision}, expires ${utc(endOf(task))}`,
  ].filter(Boolean);
  return marks.length === 0 ? task.alias : `${task.alias}: ${marks.join(', ')}`;
}

/** How many rights a line names, and how much of each. */
const [RIGHTS, RIGHT_LENGTH] = [5, 40];

function someRights(rights: readonly string[]): string {
  const named = rights.slice(0, RIGHTS).map((right) => right.slice(0, RIGHT_LENGTH));
  return [...named, ...(rights.length > RIGHTS ? [`and ${rights.length - RIGHTS} more`] : [])].join(' ');
}

/** How many tasks a refusal tells, and in how many characters together. */
const [OFFERED, OFFER_LENGTH] = [10, 2_000];

/**
 * What there is instead of an alias that is not held: those that were probably meant, else all of the server, the newest
 * first. A model whose context was cut short finds its task by kind and topic.
 *
 * @param near the aliases that it may be a misspelling of
 */
export function offer({ tasks, lists_itself }: Holdings, near: readonly string[], now: number): string {
  const meant = tasks.filter(({ alias }) => near.includes(alias));
  const candidates = (near.length > 0 ? meant : tasks.filter((task) => !isOver(task, now))).toReversed();
  if (candidates.length === 0) return 'No task is held for this server: start a new one.';
  const lines: string[] = [];
  for (const task of candidates.slice(0, OFFERED)) {
    const line = lineOf(task);
    if ([...lines, line].join('\n').length > OFFER_LENGTH) break;
    lines.push(line);
  }
  const older = candidates.length - lines.length;
  const more = lists_itself ? `and ${older} older.` : `and ${older} older, which ${LIST_TOOL} tells.`;
  return [
    `${near.length > 0 ? 'Near it' : 'Held, the newest first'}: ${lines.join('\n')}`,
    ...(older > 0 ? [more] : []),
    'Pass the alias that is meant, as it stands here.',
  ].join('\n');
}

/** A refusal as an execution error, which a model can act on. */
export function refusedCall({ code, message }: WalletRefusal): ToolResult {
  return { content: [{ type: 'text', text: message }], structuredContent: { error: { code, message } }, isError: true };
}
