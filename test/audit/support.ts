/** Logs of tasks that really run, in the formats of servers and proxies. */
import { type AuditReport, createAudit } from '../../src/audit/index.ts';
import { generatePair, parseRing, type Ring, toDocument, toText } from '../../src/keys/index.ts';
import type { Incoming } from '../../src/kit/index.ts';
import { fieldsOf, NOW, newWorld, type World } from '../kit/support.ts';

export { NOW };

/** The arguments of a call of `record_findings`. */
export const FINDINGS = { findings: ['it was in Lisbon'] };

/** The member `unread` of a report that understood everything. */
export const ALL_READ = { untold: 0, incomplete: 0, broken: 0, packed: 0, unordered: 0, unopened: 0 };

/** A server in a test, and the log of its messages. Each line of the log has one message and its time. */
export interface LoggedWorld {
  readonly world: World;
  readonly lines: string[];
  /**
   * Calls a tool, and logs the request and the result with additional members. The clock moves by a second after each
   * message.
   */
  call(name: string, args: unknown, more?: object, incoming?: Incoming): Promise<Record<string, unknown> & { handle: string }>;
  /** Logs a request that presents a handle, but no result of this request. */
  present(handle: string, more?: object): void;
  log(): string;
}

const META = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' };

/** @param era a client of 2026 sends `_meta` in every request; a client of 2025 does not, and can send batches */
export async function newLoggedWorld(era: 2025 | 2026 = 2026): Promise<LoggedWorld> {
  const world = await newWorld();
  const lines: string[] = [];
  let id = 0;
  const request = (name: string, args: unknown) => {
    const params = { name, arguments: args, ...(era === 2026 && { _meta: META }) };
    return { jsonrpc: '2.0', id: ++id, method: 'tools/call', params };
  };
  const log = (message: object, more: object = {}) => {
    lines.push(JSON.stringify({ level: 30, time: world.now * 1000, ...more, message }));
    world.now += 1;
  };
  return {
    world,
    lines,
    call: async (name, args, more, incoming) => {
      const asked = request(name, args);
      log(era === 2025 ? [asked] : asked, more);
      const result = await world.call(name, args, incoming);
      const answer = { jsonrpc: '2.0', id, result };
      log(era === 2025 ? [answer] : answer, more);
      return fieldsOf(result);
    },
    present: (handle, more) => log(request('get_task_status', { handle }), more),
    log: () => `${lines.join('\n')}\n`,
  };
}

/** Makes a ring whose keys are in no other ring. */
export async function otherRing(): Promise<Ring> {
  return parseRing(toText(toDocument([await generatePair({ iat: NOW, nbf: NOW, exp: NOW + 86_400 })])));
}

export async function auditOf(log: string | readonly string[], options: Parameters<typeof createAudit>[0] = {}): Promise<AuditReport> {
  const audit = createAudit(options);
  await audit.read('log', typeof log === 'string' ? [log] : log);
  return audit.report(NOW + 3600);
}

/** Returns the findings of a report, each as a text `severity type`. */
export function kindsOf({ findings }: AuditReport): string[] {
  return findings.map(({ severity, type }) => `${severity} ${type}`);
}

/** The log of a task with two calls, to which a test adds more events. */
export interface StartedTask {
  readonly logged: LoggedWorld;
  readonly first: { readonly handle: string };
  readonly second: { readonly handle: string };
  /** Returns a log of the two calls and, after them, further events. Later logs do not contain these events. */
  withMore(more: (world: LoggedWorld) => unknown): Promise<string>;
  /** Returns the report on a log of the two calls and, after them, further events. */
  found(more: (world: LoggedWorld) => unknown, options?: Parameters<typeof createAudit>[0]): Promise<AuditReport>;
}

export async function newStartedTask(): Promise<StartedTask> {
  const logged = await newLoggedWorld();
  const first = await logged.call('start_research_task', { topic: 'lost luggage' });
  const second = await logged.call('record_findings', { handle: first.handle, ...FINDINGS });
  const withMore = async (more: (world: LoggedWorld) => unknown) => {
    const before = logged.lines.length;
    const { now } = logged.world;
    await more(logged);
    const log = logged.log();
    logged.lines.length = before;
    logged.world.now = now;
    return log;
  };
  const found: StartedTask['found'] = async (more, options = {}) => auditOf(await withMore(more), { ring: logged.world.ring, ...options });
  return { logged, first, second, withMore, found };
}

/** A task whose log is followed by a line that presents the first handle again. */
export interface ReplayedTask {
  readonly handle: string;
  /** The line that presents the first handle again, with its line break. */
  readonly last: string;
  /**
   * Returns the report on the log of the task and the given parts after it. The audit gets bytes, as from the command
   * line.
   */
  audited(...parts: readonly (string | Uint8Array)[]): Promise<AuditReport>;
}

export async function newReplayedTask(): Promise<ReplayedTask> {
  const { logged, first } = await newStartedTask();
  const log = logged.log();
  logged.present(first.handle);
  const { ring } = logged.world;
  return {
    handle: first.handle,
    last: `${logged.lines.at(-1)}\n`,
    audited: (...parts) => auditOf(Buffer.concat([log, ...parts].map((part) => Buffer.from(part))).toString(), { ring }),
  };
}
