import { beforeAll, describe, expect, it } from 'vitest';
import { type AuditReport, createAudit, type LogPosition, type TaskReport } from '../../../src/audit/index.ts';
import { placesIn, timesOf } from '../../../src/inspector/log/times.ts';
import { parseRing } from '../../../src/keys/index.ts';
import { NOW, newLog, newMaterial } from '../../browser/material.ts';

let report: AuditReport;
let task: TaskReport;
let untimed: TaskReport;
beforeAll(async () => {
  const material = await newMaterial();
  const ring = await parseRing(material.inspector);
  const { text } = await newLog(material);
  const audit = createAudit({ ring });
  await audit.read('log', [text]);
  report = audit.report(NOW);
  const late = report.findings.find(({ type }) => type === 'replay');
  task = report.tasks.find(({ id }) => id === late?.task) as TaskReport;
  const withoutTime = ({ source, line }: LogPosition) => ({ source, line });
  const revisions = task.revisions.map((one) => ({ ...one, first: withoutTime(one.first), last: withoutTime(one.last) }));
  untimed = { ...task, revisions };
});

describe('the timeline of a task', () => {
  it('begins with the earliest time at which a handle was issued or logged, and ends with the latest of these times', () => {
    const known = task.revisions
      .flatMap(({ issued_at, first, last }) => [issued_at, first.time, last.time])
      .filter((time) => time !== undefined);
    const { axis, areSeen } = timesOf(task, report.findings);
    expect([axis, areSeen]).toEqual([{ start: Math.min(...known), end: Math.max(...known) }, true]);
  });

  it('has only the times in the handles if the log has no times', () => {
    const { axis, areSeen } = timesOf(untimed, []);
    expect(areSeen).toBe(false);
    expect(axis?.end).toBe(Math.max(...task.revisions.map(({ issued_at }) => issued_at ?? 0)));
    const unknown = untimed.revisions.map(({ issued_at: _, ...revision }) => revision);
    const nothing = timesOf({ ...untimed, revisions: unknown }, []);
    expect([nothing.axis, placesIn(nothing, unknown[0] as TaskReport['revisions'][number])]).toEqual([undefined, {}]);
  });

  it('marks a replay of a handle of this task, and no replay of another task', () => {
    const replay = report.findings.find(({ type }) => type === 'replay');
    const others = report.findings.filter(({ type }) => type !== 'replay');
    expect([...timesOf(task, report.findings).late]).toEqual([[replay?.fingerprints[0], replay?.where.time]]);
    expect(timesOf(task, others).late.size).toBe(0);
    expect(timesOf({ ...task, id: 'another' }, report.findings).late.size).toBe(0);
  });
});

describe('a revision on the timeline', () => {
  const revision = () => ({ ...(task.revisions[0] as TaskReport['revisions'][number]), issued_at: 100 });
  const at = (time: number) => ({ source: 'log', line: 1, time });

  it('is drawn to scale', () => {
    const times = { axis: { start: 100, end: 200 }, areSeen: true, late: new Map([[revision().fingerprint, 175]]) };
    const seen = { ...revision(), first: at(110), last: at(150), expires_at: 180 };
    expect(placesIn(times, seen)).toEqual({ issued: 0, first: 0.1, last: 0.5, expires: 0.8, late: 0.75 });
  });

  it('shows no expiry that is later than the end of the timeline, and is in the middle if the timeline is a single moment', () => {
    const seen = { ...revision(), first: at(100), last: at(100), expires_at: 180 };
    const moment = { axis: { start: 100, end: 100 }, areSeen: true, late: new Map() };
    expect(placesIn(moment, seen)).toEqual({ issued: 0.5, first: 0.5, last: 0.5 });
  });
});
