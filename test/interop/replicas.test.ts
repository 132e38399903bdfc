import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { research } from '../support/findings.ts';
import { ringFile } from '../support/folders.ts';
import { type Answer, messageIn, toolCall } from '../support/mcp.ts';
import { type RunningServer, startServer } from '../support/program.ts';
import { until } from '../support/wait.ts';
import { ANSWERED_BY, roundRobin, type Switch } from './switch.ts';

const TASKS = 200;
/** The number of concurrent tasks. With several, a killed replica always interrupts a call. */
const AT_ONCE = 8;
/** The number of replicas that are killed and replaced, evenly over the run. */
const KILLS = 12;
/** The time limit of the run, in milliseconds. Starting fourteen processes can take most of a minute. */
const LIMIT = 180_000;

/** The outcome of one task: the last status, and the replicas and processes that answered. */
interface Outcome {
  readonly number: number;
  readonly last: Answer['structuredContent'];
  readonly places: ReadonlySet<string>;
  readonly pids: ReadonlySet<string>;
}

describe('while the two replicas behind a switch are killed again and again,', () => {
  const replicas: (RunningServer | undefined)[] = [];
  const outcomes: Outcome[] = [];
  let balancer: Switch;
  let rounds = 0;
  let kills = 0;

  beforeAll(async () => {
    const { path } = await ringFile();
    const start = () => startServer(['--keys', path]);
    replicas.push(...(await Promise.all([start(), start()])));
    balancer = await roundRobin(replicas);
    await Promise.all([runTasks(), killAndReplace(start)]);
  }, LIMIT);
  afterAll(() => balancer.close());

  test('every task ends completed or cancelled, as its client wanted', () => {
    expect(outcomes).toHaveLength(TASKS);
    for (const { number, last } of outcomes) expect(last.status, `task ${number}`).toBe(isCancelled(number) ? 'cancelled' : 'complete');
  });

  test('every task keeps its topic and all findings in order', () => {
    for (const { number, last } of outcomes) {
      expect(last).toMatchObject({ topic: topicOf(number), depth: research.depth });
      expect(last.results).toEqual(findingsOf(number));
    }
    expect(new Set(outcomes.map(({ last }) => last.handle_info.id)).size).toBe(TASKS);
  });

  test('some processes die during a call, which the switch then sends again', () => {
    expect(kills).toBe(KILLS);
    expect(balancer.resent()).toBeGreaterThanOrEqual(KILLS / 4);
  });

  test('the calls of a task reach both replicas and their replacements', () => {
    // Chance decides which replica gets a call. In at most 1 of 32 tasks, one replica gets all.
    expect(outcomes.filter(({ places }) => places.size === 2).length).toBeGreaterThan(TASKS / 2);
    expect(new Set(outcomes.flatMap(({ pids }) => [...pids])).size).toBeGreaterThan(KILLS / 2);
  });

  async function runTasks(): Promise<void> {
    let next = 0;
    const worker = async () => {
      for (let number = next++; number < TASKS; number = next++) {
        // Without this wait, the tasks would end before the first kill.
        const round = Math.floor((number * KILLS) / TASKS) + 1;
        await until(`round ${round} of killing began`, () => rounds >= round);
        outcomes.push(await runTask(number));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  /** Kills and replaces replicas. The replacement starts first, so that two replicas nearly always run. */
  async function killAndReplace(start: () => Promise<RunningServer>): Promise<void> {
    while (rounds < KILLS) {
      const replacement = await start();
      const place = rounds % replicas.length;
      const victim = replicas[place];
      if (victim === undefined) throw new Error(`no replica at ${place}`);
      rounds += 1;
      // Three replicas are killed during a call, the next three at a random moment, and so on. Each place gets both
      // sorts of kills.
      if (rounds % 6 < 3) await balancer.killUnderNextRequest(place);
      else victim.child.kill('SIGKILL');
      replicas[place] = replacement;
      expect(await victim.ended).toEqual({ code: null, signal: 'SIGKILL' });
      kills += 1;
    }
  }

  /** Each call passes the handle from the previous answer. */
  async function runTask(number: number): Promise<Outcome> {
    const places = new Set<string>();
    const pids = new Set<string>();
    const call = async (name: string, args: Record<string, unknown>): Promise<Answer['structuredContent']> => {
      const response = await fetch(balancer.url, { ...toolCall(name, args) });
      const text = await response.text();
      expect(response.status, text).toBe(200);
      const [place = '', pid = ''] = response.headers.get(ANSWERED_BY)?.split(' ') ?? [];
      places.add(place);
      pids.add(pid);
      const answer = messageIn(text).result as Answer;
      expect(answer.isError, text).not.toBe(true);
      return answer.structuredContent;
    };

    const findings = findingsOf(number);
    const started = await call('start_research_task', { topic: topicOf(number), depth: research.depth });
    const first = await call('record_findings', { handle: started.handle, findings: findings.slice(0, 2) });
    const seen = await call('get_task_status', { handle: first.handle });
    expect(seen).toMatchObject({ status: 'running', results: findings.slice(0, 2) });
    const ended = isCancelled(number)
      ? await call('record_findings', { handle: seen.handle, findings: findings.slice(2) }).then(({ handle }) =>
          call('cancel_research_task', { handle, reason: 'the question was answered elsewhere' }),
        )
      : await call('record_findings', { handle: seen.handle, findings: findings.slice(2, 4) }).then(({ handle }) =>
          call('complete_research_task', { handle, findings: findings.slice(4) }),
        );
    return { number, last: await call('get_task_status', { handle: ended.handle }), places, pids };
  }
});

function isCancelled(number: number): boolean {
  return number % 5 === 4;
}

function topicOf(number: number): string {
  return `${research.topic} (${number})`;
}

/** The findings of all tasks differ, so that the test notices a finding in the wrong task. */
function findingsOf(number: number): string[] {
  return research.findings.map((finding) => `${finding} [task ${number}]`);
}
