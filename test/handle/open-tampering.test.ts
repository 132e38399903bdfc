import { beforeAll, describe, expect, it } from 'vitest';
import { HandleError, open } from '../../src/handle/index.ts';
import { expecting, type Keys, newHandle, newKeys } from './support.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.';

let keys: Keys;
let handle: string;
beforeAll(async () => {
  keys = await newKeys();
  handle = await newHandle(keys);
});

/**
 * Counts the copies that open and those that are refused, and collects the codes. Any error other than a HandleError
 * fails the test.
 */
async function tally(copies: Iterable<string>): Promise<{ opened: number; refused: number; codes: Set<string> }> {
  const result = { opened: 0, refused: 0, codes: new Set<string>() };
  for (const copy of copies) {
    try {
      await open(copy, expecting(keys));
      result.opened += 1;
    } catch (error) {
      if (!(error instanceof HandleError)) throw error;
      result.refused += 1;
      result.codes.add(error.code);
    }
  }
  return result;
}

function* changes(): Generator<string> {
  for (let at = 0; at < handle.length; at += 1) {
    for (const character of ALPHABET) {
      if (character !== handle[at]) yield handle.slice(0, at) + character + handle.slice(at + 1);
    }
  }
}

function* deletions(): Generator<string> {
  for (let at = 0; at < handle.length; at += 1) yield handle.slice(0, at) + handle.slice(at + 1);
}

function* insertions(): Generator<string> {
  for (let at = 0; at <= handle.length; at += 1) {
    for (const character of ALPHABET) yield handle.slice(0, at) + character + handle.slice(at);
  }
}

/** Every text that joins five parts of `handle` and `other`, in any order. The two handles themselves are left out. */
function* mixtures(other: string): Generator<string> {
  const parts = [...new Set([...handle.split('.'), ...other.split('.')])];
  const choose = function* (chosen: string[]): Generator<string> {
    if (chosen.length === 5) yield chosen.join('.');
    else for (const part of parts) yield* choose([...chosen, part]);
  };
  for (const mixture of choose([])) if (mixture !== handle && mixture !== other) yield mixture;
}

describe('a handle', () => {
  it('opens if it is unchanged', async () => {
    expect(await tally([handle])).toMatchObject({ opened: 1, refused: 0 });
  });

  it('does not open if one character is changed, at any place', async () => {
    expect(await tally(changes())).toEqual({
      opened: 0,
      refused: handle.length * (ALPHABET.length - 1),
      codes: new Set(['malformed', 'rejected']),
    });
  });

  it('does not open if one character is missing, at any place', async () => {
    expect(await tally(deletions())).toMatchObject({ opened: 0, refused: handle.length });
  });

  it('does not open if one character is added, at any place', async () => {
    expect(await tally(insertions())).toMatchObject({ opened: 0, refused: (handle.length + 1) * ALPHABET.length });
  });

  it('does not open if any number of characters is missing at its beginning or at its end', async () => {
    const ends = Array.from({ length: handle.length }, (_, at) => [handle.slice(0, at), handle.slice(at + 1)]).flat();
    expect(await tally(ends)).toMatchObject({ opened: 0, refused: 2 * handle.length });
  });

  it('does not open with parts of another handle, in any order', async () => {
    // Both handles have the same header and the same empty part. Each has its own IV, ciphertext and tag. So 8
    // different parts fill 5 places.
    const other = await newHandle(keys);
    expect(await tally(mixtures(other))).toMatchObject({ opened: 0, refused: 8 ** 5 - 2 });
  });
});
