import { beforeAll, describe, expect, it } from 'vitest';
import { kindsOf, newReplayedTask, type ReplayedTask } from '../support.ts';

let audited: ReplayedTask['audited'];
let last: string;
let handle: string;
beforeAll(async () => {
  ({ audited, last, handle } = await newReplayedTask());
});

describe('a handle that was cut within its first characters', () => {
  const value = (text: string) => `${JSON.stringify({ arguments: { handle: text } })}\n`;

  it.each<[string, () => string]>([
    ['with dots', () => value(`${handle.slice(0, 12)}...${handle.slice(-8)}`)],
    ['with an ellipsis', () => value(`${handle.slice(0, 10)}…`)],
    ['with an ellipsis that is escaped', () => value(`${handle.slice(0, 10)}…`).replace('…', '\\u2026')],
    ['with a mask', () => `handle=${handle.slice(0, 8)}****\n`],
    ['at the end of a value', () => value(handle.slice(0, 14))],
    ['at the end of a line', () => `{"arguments":{"handle":"${handle.slice(0, 9)}\n`],
    [
      'with its rest in the next record of an unknown stream',
      () => {
        const at = last.indexOf(handle) + 7;
        return [last.slice(0, at), last.slice(at)].map((data) => `${JSON.stringify({ type: 'chunk', data })}\n`).join('');
      },
    ],
    [
      'at the end of its stream',
      () =>
        [`{"handle":"`, handle.slice(0, 7)]
          .map((piece) =>
            JSON.stringify({ type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: piece } }),
          )
          .join('\n'),
    ],
    ['at the end of a model’s words', () => JSON.stringify({ index: 0, delta: { type: 'text_delta', text: handle.slice(0, 7) } })],
  ])('is counted: %s', async (_name, line) => {
    const report = await audited(line());
    expect([kindsOf(report), report.unread.incomplete]).toEqual([[], 1]);
  });

  it('is counted if a hyphen breaks each of its lines', async () => {
    for (const width of [20, 31, 60]) {
      const report = await audited(`handle ${handle.match(new RegExp(`.{1,${width}}`, 'g'))?.join('-\n')}\n`);
      expect([kindsOf(report), report.unread.incomplete], String(width)).toEqual([[], 1]);
    }
  });

  it('is not confused with other tokens, whether these are cut or whole', async () => {
    const token = 'eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbm4ifQ.c2ln';
    const log = [token, `${token.slice(0, 14)}...`, `Bearer ${token.slice(0, 10)}...`, `see ${token.slice(0, 20)}…`].map(value).join('');
    expect((await audited(log)).unread.incomplete).toBe(0);
  });
});
