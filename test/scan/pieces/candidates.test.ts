import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { leakIn, placesOfSecret, twinOf } from '../../fuzz/redact/leaks.mjs';
import { newHandle, redacted } from '../support.ts';

const handle = newHandle(200);

describe('redact', () => {
  it.each([
    [
      'events printed by Python',
      (p: string) =>
        `2026-11-27 08:00:00,123 DEBUG stream: RawContentBlockDeltaEvent(delta=InputJSONDelta(partial_json='${p}', type='input_json_delta'), index=1, type='content_block_delta')\n`,
    ],
    ['events of a server', (p: string) => `event: delta\ndata: ${JSON.stringify({ index: 1, delta: { partial_json: p } })}\n\n`],
    ['numbered members', (p: string, at: number) => `"chunk_${at}":"${p}",`],
    ['cookies', (p: string, at: number) => `h.${at}=${p}; `],
    ['members with an index', (p: string, at: number) => `{"i":${at},"text":"${p}"},`],
    ['values of any name, after the beginning of the handle', (p: string) => `a='${p}' `],
  ])('reports the lines of a handle that is split into values of 12 to 23 characters: %s', async (_name, write) => {
    for (const size of [12, 16, 20]) {
      const log = (one: string) => `first line\n${(one.match(new RegExp(`.{1,${size}}`, 'g')) ?? []).map(write).join('')}\nlast line\n`;
      const [text, places] = [log(handle), placesOfSecret(log(handle), log(twinOf(handle)))];
      for (const chunk of [text.length, 100])
        expect(leakIn({ text, places, ...(await redacted(text, chunk)) }), `${size} ${chunk}`).toBeUndefined();
    }
  });

  it('reports a piece that looks like a word, on a line after another piece', async () => {
    // The redactor cannot tell such a piece from a word if no other piece is near.
    const [piece, next] = ['NTwS4bhOnnvM4EmWOxKyC9-PbwZXKyDlgRCUtYQ4B_LMJiqqR90PjgFSdDs7', 'frestcgteXcomDQ90q9'];
    for (const prefix of ['# ', 'app[4711]: ', '4b5a16c2 (Anna Example) ']) {
      const text = `first line\n${prefix}${piece}\n${prefix}${next}\n${prefix}words and words\nlast line\n`;
      for (const chunk of [text.length, 9]) expect((await redacted(text, chunk)).lines, `${prefix}, ${chunk}`).toEqual([2, 3]);
    }
    expect((await redacted(`first line\n# ${next}\nlast line\n`)).lines).toEqual([]);
  });

  it('reports no line of short records that each have a random id under the same name', async () => {
    const id = (at: number) => createHash('sha256').update(`${at}`).digest('base64url').slice(0, 21);
    const write = [
      (at: number) => JSON.stringify({ at, reqId: id(at), msg: 'done' }),
      (at: number) => `level=info reqId=${id(at)} msg=done`,
      (at: number) => `Call(request_id='${id(at)}', ok=True)`,
    ];
    for (const one of write) {
      const text = `${Array.from({ length: 50 }, (_, at) => one(at)).join('\n')}\n`;
      expect(await redacted(text)).toMatchObject({ out: text, cut: 0, suspects: 0 });
    }
  });
});
