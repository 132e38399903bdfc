import { beforeAll, describe, expect, it } from 'vitest';
import { type AuditReport, createAudit, type TaskReport } from '../../../src/audit/index.ts';
import { forkedIn, layOut, MOST_ROWS } from '../../../src/inspector/log/tree.ts';
import { parseRing } from '../../../src/keys/index.ts';
import { type Material, NOW, newLog, newMaterial } from '../../browser/material.ts';

let material: Material;
let report: AuditReport;

beforeAll(async () => {
  material = await newMaterial();
  const audit = createAudit({ ring: await parseRing(material.inspector) });
  await audit.read('log', [(await newLog(material)).text]);
  report = audit.report(NOW);
});

function taskWith(handles: number): TaskReport {
  const task = report.tasks.find(({ revisions }) => revisions.length === handles);
  if (task === undefined) throw new Error('the log has no such task');
  return task;
}

describe('the tree of a task', () => {
  it('has a row for each handle, below the handle that it replaces', () => {
    const { rows } = layOut(taskWith(6), forkedIn(taskWith(6), report.findings));
    expect(rows.map(({ revision }) => revision.revision)).toEqual([1, 2, 3, 3, 3, 4]);
    for (const [at, { parent, revision }] of rows.entries()) {
      if (parent === undefined) expect(revision.revision).toBe(1);
      else {
        expect(parent).toBeLessThan(at);
        expect(rows[parent]?.revision.fingerprint).toBe(revision.previous);
      }
    }
  });

  it('marks forks, and does not mark delegations as forks', () => {
    const { rows } = layOut(taskWith(6), forkedIn(taskWith(6), report.findings));
    expect(rows.filter(({ forked }) => forked).map(({ revision }) => revision.revision)).toEqual([3, 3]);
    expect(rows.filter(({ revision }) => revision.delegated).map(({ forked }) => forked)).toEqual([false]);
  });

  it('draws each branch in a lane (a column) of its own', () => {
    const { rows, lanes } = layOut(taskWith(6), forkedIn(taskWith(6), report.findings));
    expect(lanes).toBe(3);
    for (const [at, { parent, lane }] of rows.entries()) {
      if (parent === undefined) continue;
      const between = rows.slice(parent + 1, at);
      expect(between.filter((row) => row.lane === lane)).toEqual([]);
    }
  });

  it('begins with a gap if the log lacks the first revisions', () => {
    const [first] = layOut(taskWith(2), forkedIn(taskWith(2), report.findings)).rows;
    expect([first?.parent, first?.revision.previous_seen, typeof first?.revision.previous]).toEqual([undefined, false, 'string']);
  });

  it('is split into pages of a limited size', () => {
    const [revision] = taskWith(2).revisions;
    if (revision === undefined) throw new Error('a task has revisions');
    const revisions = Array.from({ length: MOST_ROWS + 7 }, (_, at) => ({
      ...revision,
      revision: at + 2,
      fingerprint: `f${at}`,
      previous: `f${at - 1}`,
      previous_seen: at > 0,
    }));
    const task = { ...taskWith(2), revisions };
    const [first, second] = [layOut(task, new Set()), layOut(task, new Set(), MOST_ROWS)];
    expect([first.rows.length, first.lanes, second.rows.length, second.lanes]).toEqual([MOST_ROWS, 1, 7, 1]);
    expect(second.rows.map(({ revision }) => revision)).toEqual(revisions.slice(MOST_ROWS));
  });
});
