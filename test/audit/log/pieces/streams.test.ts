import { describe, expect, it } from 'vitest';
import { ALL_READ, auditOf, newLoggedWorld } from '../../support.ts';

describe('the report', () => {
  it('counts streams as not understood if their events are mixed and do not name their stream, or if the end is missing', async () => {
    const { call } = await newLoggedWorld();
    const { handle } = await call('start_research_task', { topic: 'x' });
    const event = (partial_json: string, more = {}) =>
      JSON.stringify({ ...more, index: 1, delta: { type: 'input_json_delta', partial_json } });
    const pieces = JSON.stringify({ handle }).match(/.{1,3}/g) ?? [];
    const mixed = pieces.flatMap((piece) => [event(piece), event(piece)]);
    expect(await auditOf(mixed.join('\n'))).toMatchObject({ read: { handles: 0 }, unread: { incomplete: 1 } });
    const named = pieces.flatMap((piece) => [event(piece, { request_id: 'a' }), event(piece, { request_id: 'b' })]);
    const two = await auditOf(named.join('\n'));
    expect(two).toMatchObject({ read: { handles: 1, mentions: 2 }, unopened: [{ seen: 2 }], unread: { ...ALL_READ, unopened: 1 } });
    const cut = pieces.slice(0, -20).map((piece) => event(piece));
    expect((await auditOf(cut.join('\n'))).unread.incomplete).toBe(1);
  });
});
