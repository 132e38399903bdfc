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

  it.each<[string, (piece: string) => object]>([
    ['chunk', (chunk) => ({ chunk })],
    ['text_chunk', (text_chunk) => ({ text_chunk })],
    ['partial', (partial) => ({ partial })],
    ['partialOutput', (partialOutput) => ({ partialOutput })],
    ['delta_text', (delta_text) => ({ delta_text })],
  ])('finds a handle in the pieces of a stream: %s', async (_form, record) => {
    const { call, world } = await newLoggedWorld();
    const { handle } = await call('start_research_task', { topic: 'x' });
    for (const size of [7, 60]) {
      const pieces = `Here it is: ${handle} – all done.`.match(new RegExp(`.{1,${size}}`, 'g')) ?? [];
      const log = pieces.map((piece) => `${JSON.stringify(record(piece))}\n`).join('');
      expect(await auditOf(log, { ring: world.ring })).toMatchObject({ read: { handles: 1 }, unread: ALL_READ });
    }
  });

  it('puts the body of a request together that a proxy logged in chunks, and knows that the request presented the handle', async () => {
    const { call, present, lines, world } = await newLoggedWorld();
    present((await call('start_research_task', { topic: 'x' })).handle);
    const body = JSON.stringify(JSON.parse(lines.at(-1) ?? '').message);
    const log = (body.match(/.{1,100}/g) ?? []).map((chunk) => `${JSON.stringify({ msg: 'a part of the body', chunk })}\n`).join('');
    const { tasks, unread } = await auditOf(log, { ring: world.ring });
    expect(unread).toEqual(ALL_READ);
    expect(tasks).toMatchObject([{ revisions: [{ presented: 1 }] }]);
  });
});
