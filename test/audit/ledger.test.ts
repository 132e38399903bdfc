import { beforeAll, describe, expect, it } from 'vitest';
import { strayFindings } from '../../src/audit/findings.ts';
import { createLedger } from '../../src/audit/ledger.ts';
import { followLog, newSource } from '../../src/audit/order/order.ts';
import { findHandles } from '../../src/scan/index.ts';
import { kindsOf, type LoggedWorld, newStartedTask, type StartedTask } from './support.ts';

let first: StartedTask['first'];
let second: StartedTask['second'];
let found: StartedTask['found'];
beforeAll(async () => {
  ({ first, second, found } = await newStartedTask());
});

describe('the audit', () => {
  it('reports with high severity that some handles of a log were ignored, because the log has too many', async () => {
    const ledger = createLedger(undefined, 1);
    const positionOf = followLog(newSource('log', 0));
    const sightings = [first, second].flatMap(({ handle }) => [...findHandles(handle)]);
    await ledger.add(sightings.map((found, at) => ({ found, role: 'mentioned', position: positionOf({ line: at + 1, place: at }) })));
    expect(strayFindings(ledger)).toMatchObject([{ severity: 'high', type: 'incomplete', position: { line: 2 } }]);
  });

  it.each([
    ['id', { id: 'AAAAAAAAAAAAAAAA' }],
    ['kind', { kind: 'basket@1' }],
    ['revision', { revision: 7 }],
    ['revision, in another type', { revision: '2' }],
    ['expiry', { expires_at: '2030-01-01T00:00:00Z' }],
    ['rights', { rights: ['read'] }],
  ])('finds a description that contradicts its handle: %s', async (_name, lie) => {
    const more = ({ lines }: LoggedWorld) => lines.push(JSON.stringify({ handle: second.handle, handle_info: lie }));
    expect(kindsOf(await found(more))).toEqual(['medium contradicted_info']);
  });
});
