import { beforeAll, describe, expect, it } from 'vitest';
import { isComplete } from '../../../src/audit/index.ts';
import { auditOf, kindsOf, NOW } from '../support.ts';
import { iso, json, type Message, type Messages, newMessages, pino, written } from './support.ts';

let logged: Messages['logged'];
let clean: Messages['clean'];
let replay: Messages['replay'];
beforeAll(async () => {
  ({ logged, clean, replay } = await newMessages());
});

const audited = (log: string) => auditOf(log, { ring: logged.world.ring });
const http = (at: number) => new Date((NOW + at) * 1000).toUTCString();
/** Writes a time as Python's logging does, without a zone. */
const python = (at: number) => iso(at).replace('T', ' ').replace('.000Z', ',123');

describe('the time of a line', () => {
  it.each<[string, (message: Message, at: number) => string]>([
    ['a bound of a range', (message, at) => `${python(at)} rpc since=2026-01-01T00:00:00Z ${json(message)}`],
    ['a header', (message, at) => `${python(at)} DEBUG mcp > if-modified-since: ${http(-40)} ${json(message)}`],
    ['a deadline in words', (message, at) => `${python(at)} token valid until 2027-01-01T00:00:00Z ${json(message)}`],
    ['a named deadline', (message, at) => `${iso(at)} lease_expires=${iso(9000 - at)} ${json(message)}`],
    ['a deadline with a name of JSON', (message, at) => `${iso(at)} {"expires_at":"${iso(9000 - at)}", ${json(message)}`],
  ])('is the date at the beginning of the line, even if the line has another date: %s', async (_name, line) => {
    expect(kindsOf(await audited(written(replay, line)))).toEqual(['medium replay']);
    expect(kindsOf(await audited(written(clean, line)))).toEqual([]);
  });

  it('is the date directly before the message, even if a long text stands before the date', async () => {
    const long = (message: Message, at: number) => `${'word '.repeat(200)}${iso(at)} ${json(message)}`;
    const report = await audited(written(replay, long));
    expect([kindsOf(report), report.tasks[0]?.first.time]).toEqual([['medium replay'], NOW + 10]);
    const other = await audited(written(clean, (message, at) => `${'word '.repeat(200)} until ${iso(at)} ${json(message)}`));
    expect(other.tasks[0]?.first.time).toBe(undefined);
  });

  it('is unknown if the line does not begin with a date, even if one of its words is a date', async () => {
    const last = (before: string) => audited(`${written(clean, pino)}${before} ${json(replay.at(-1))}\n`);
    for (const before of ['since=2026-01-01T00:00:00Z rpc', 'token created 2026-01-01T00:00:00Z, used', `if-modified-since: ${http(-40)}`])
      expect(kindsOf(await last(before)), before).toEqual(['medium replay']);
    const untimed = written(clean, (message, at) => `token valid until ${iso(9000 + at)} ${json(message)}`);
    const report = await audited(untimed);
    expect([kindsOf(report), isComplete(report), report.tasks[0]?.first.time]).toEqual([[], true, undefined]);
  });

  it.each<[string, (at: number) => string]>([
    ['grep', (at) => `gateway.log:12:${iso(at)} INFO`],
    ['grep without line numbers', (at) => `gateway.log:${iso(at)} INFO`],
    ['journald', (at) => `Jul 28 12:00:00 host app[42]: ${iso(at)} INFO`],
    ['logfmt after syslog', (at) => `Jul 28 12:00:00 host app: time=${iso(at)} level=info`],
  ])('is the time that the logging program wrote, even after a prefix of another program: %s', async (_name, before) => {
    const report = await audited(written(replay, (message, at) => `${before(at)} ${json(message)}`));
    expect([kindsOf(report), report.tasks[0]?.first.time]).toEqual([['medium replay'], NOW + 10]);
  });
});
