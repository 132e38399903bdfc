import fc from 'fast-check';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { aliasFor, nearAliases, readAlias } from '../../src/wallet/alias.ts';

const free = () => false;
const aliases = fc.string().map((seed) => aliasFor(seed, free));
const place = fc.integer({ min: 0, max: 5 });
const character = fc.constantFrom(...'0123456789abcdefghijklmnopqrstuvwxyz');

function withCharacter(alias: string, index: number, replacement: string): string {
  const at = 'task_'.length + index;
  return alias.slice(0, at) + replacement + alias.slice(at + 1);
}

describe('an alias', () => {
  it('depends only on its seed, unless it is taken', () => {
    const first = aliasFor('seed', free);
    expect(first).toMatch(/^task_[2-9a-hjkmnp-z]{6}$/);
    expect(aliasFor('seed', free)).toBe(first);
    const second = aliasFor('seed', (alias) => alias === first);
    expect(readAlias(second)).toEqual({ alias: second });
    expect(second).not.toBe(first);
  });

  it('costs at most 10 tokens, with or without a revision', () => {
    for (let seed = 0; seed < 2_000; seed += 1) {
      const alias = aliasFor(String(seed), free);
      expect(encode(alias).length).toBeLessThanOrEqual(8);
      expect(encode(`${alias}@12`).length).toBeLessThanOrEqual(10);
    }
  });

  it('can name a revision', () => {
    fc.assert(
      fc.property(aliases, fc.integer({ min: 1, max: 999_999_999 }), (alias, revision) => {
        expect(readAlias(`${alias}@${revision}`)).toEqual({ alias, revision });
      }),
    );
    const alias = aliasFor('seed', free);
    for (const end of ['@', '@0', '@01', '@-1', '@x', '@1 ', ' ']) expect(readAlias(alias + end)).toBeUndefined();
  });

  it('never becomes another valid alias by one or two wrong or swapped characters', () => {
    fc.assert(
      fc.property(aliases, place, character, place, character, (alias, one, a, other, b) => {
        const wrong = withCharacter(withCharacter(alias, one, a), other, b);
        if (wrong !== alias) expect(readAlias(wrong)).toBeUndefined();
        const letters = [...alias.slice(5)];
        [letters[one], letters[other]] = [letters[other] ?? '', letters[one] ?? ''];
        const swapped = `task_${letters.join('')}`;
        if (swapped !== alias) expect(readAlias(swapped)).toBeUndefined();
      }),
    );
  });

  it('is found if it was mistyped', () => {
    const alias = aliasFor('seed', free);
    const others = ['a', 'b', 'c'].map((seed) => aliasFor(seed, free));
    const word = alias.slice(5);
    const mistyped = [
      alias.toUpperCase(),
      `task-${word}`,
      `"${alias}"`,
      alias.slice(0, -1),
      `${alias}x`,
      withCharacter(alias, 2, '0'),
      `${withCharacter(alias, 2, '0')}@3`,
    ];
    for (const text of mistyped) expect(nearAliases(text, [...others, alias]), text).toEqual([alias]);
    for (const text of ['task_status', 'task', 'see task_abcdef', 'task_000000', word])
      expect(nearAliases(text, [alias]), text).toEqual([]);
  });
});
