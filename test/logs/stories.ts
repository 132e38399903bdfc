/**
 * The messages of a task that really ran, with three endings. In the first, the audit finds nothing. The second has a
 * replay, and the third has a fork.
 */
import type { Ring } from '../../src/keys/index.ts';
import { newLoggedWorld } from '../audit/support.ts';

/** One message between a client and a server. */
export interface Item {
  /** The time of the message, in seconds since 1970. */
  readonly time: number;
  readonly isRequest: boolean;
  /** The number of the call to which the message belongs. */
  readonly id: number;
  /** The message, in JSON-RPC. */
  readonly message: JsonRpc;
  /** The request of the call: the message itself, or the request that the message answers. */
  readonly request: JsonRpc;
}

export interface JsonRpc {
  readonly id: number;
  readonly params?: { readonly name: string; readonly arguments: Readonly<Record<string, unknown>> };
  readonly result?: {
    readonly content: readonly { readonly text: string }[];
    readonly structuredContent: Readonly<Record<string, unknown>>;
  };
}

export type StoryName = 'clean' | 'replay' | 'fork';

export interface Stories {
  readonly ring: Ring;
  readonly items: Readonly<Record<StoryName, readonly Item[]>>;
}

const FINDINGS = ['it was in "Lisbon", {or} so', 'C:\\bags\\1'];

export async function newStories(): Promise<Stories> {
  const logged = await newLoggedWorld();
  const { call, lines } = logged;
  const first = await call('start_research_task', { topic: "lost luggage, it's [gone]" });
  const second = await call('record_findings', { handle: first.handle, findings: FINDINGS });
  await call('get_task_status', { handle: second.handle });
  const clean = read(lines);
  await call('get_task_status', { handle: first.handle });
  const replay = read(lines);
  lines.length = clean.length;
  await call('record_findings', { handle: first.handle, findings: ['another'] });
  return { ring: logged.world.ring, items: { clean, replay, fork: read(lines) } };
}

function read(lines: readonly string[]): Item[] {
  const records = lines.map((line) => JSON.parse(line));
  return records.map(({ time, message }) => {
    const request = records.find((record) => record.message.id === message.id).message;
    return { time: time / 1000, isRequest: message === request, id: message.id, message, request };
  });
}
