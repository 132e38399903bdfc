import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { areClaims } from '../../src/handle/claims.ts';
import { KIND, MAX_LIFETIME, MAX_RIGHTS } from '../../src/handle/index.ts';

const seconds = z.int().min(0).max(253_402_300_799);
/** The rules of docs/handle-format.md about claims, as a schema. */
const schema = z
  .strictObject({
    jti: z.string().regex(/^[A-Za-z0-9_-]{16}$/),
    kind: z.string().regex(KIND),
    rev: z.int().min(1),
    iat: seconds,
    exp: seconds,
    prv: z
      .string()
      .regex(/^[A-Za-z0-9_-]{16}$/)
      .optional(),
    sub: z
      .string()
      .regex(/^[A-Za-z0-9_-]{21}[AQgw]$/)
      .optional(),
    aud: z
      .string()
      .regex(/^[\s\S]{1,256}$/)
      .optional(),
    scp: z
      .array(z.string().regex(/^[A-Za-z0-9_.-]{1,128}$/))
      .min(1)
      .max(MAX_RIGHTS)
      .optional(),
    st: z.custom((state) => state !== undefined),
  })
  .refine(({ rev, prv }) => (rev === 1) === (prv === undefined))
  .refine(({ iat, exp }) => iat < exp && exp - iat <= MAX_LIFETIME);

const good: Record<string, unknown> = {
  jti: 'AAAAAAAAAAAAAAAA',
  kind: 'research@1',
  rev: 2,
  iat: 1_785_240_000,
  exp: 1_785_240_600,
  prv: 'BBBBBBBBBBBBBBBB',
  sub: 'CCCCCCCCCCCCCCCCCCCCCA',
  aud: 'https://mcp.example.com/',
  scp: ['read', 'get_task_status'],
  st: { topic: 'wax' },
};
const NAMES = [...Object.keys(good), 'nbf', '__proto__', 'constructor', 'toString', ''];

/** Generates a value for a member: a right one, an almost right one, one of another member, or any other. */
const value = fc.oneof(
  fc.constantFrom(...Object.values(good), undefined, null, -0, 0, 1, 1.5, 253_402_300_799, 253_402_300_800, 2 ** 53, Number.NaN, '', 'A'),
  fc.constantFrom(
    1_785_240_000 + MAX_LIFETIME,
    1_785_240_001 + MAX_LIFETIME,
    'x'.repeat(256),
    'x'.repeat(257),
    '\n'.repeat(3),
    'CCCCCCCCCCCCCCCCCCCCCB',
  ),
  fc.constantFrom(
    'research@0',
    'research@1234567',
    'Research@1',
    'AAAAAAAAAAAAAAA\n',
    'AAAAAAAAAAAAAAAA\n',
    [],
    ['read', 7],
    ['read '],
    [['read']],
    [undefined],
  ),
  fc.array(fc.constantFrom('read', 'x', 'x'.repeat(128), 'x'.repeat(129)), { minLength: 63, maxLength: 66 }),
  fc.jsonValue(),
);

/** Claims with some members changed, added or missing. */
const nearly = fc
  .tuple(fc.array(fc.tuple(fc.constantFrom(...NAMES), value), { maxLength: 3 }), fc.array(fc.constantFrom(...NAMES), { maxLength: 2 }))
  .map(([changes, gone]) => {
    const claims = new Map([...Object.entries(good), ...changes]);
    for (const name of gone) claims.delete(name);
    // An assignment would lose a member __proto__.
    return Object.fromEntries(claims);
  });

const asSchema = (claims: unknown) => schema.safeParse(claims).success;

describe('a set of claims', () => {
  it('is accepted if and only if it matches the schema, which has the rules of the specification', () => {
    let [taken, refused] = [0, 0];
    fc.assert(
      fc.property(nearly, (claims) => {
        const expected = asSchema(claims);
        if (expected) taken += 1;
        else refused += 1;
        expect(areClaims(claims)).toBe(expected);
      }),
      { numRuns: 5_000 },
    );
    // Both answers must occur often, or the property proves little.
    expect(Math.min(taken, refused)).toBeGreaterThan(500);
  });

  it('must be an object', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => areClaims(json) === asSchema(json)),
      { numRuns: 500 },
    );
    for (const other of [null, undefined, 7, 'x', [good], Object.values(good), () => good]) expect(areClaims(other)).toBe(false);
  });

  it('can name as many rights as a handle can carry, and a longer list is refused unread', () => {
    expect(areClaims({ ...good, scp: Array.from({ length: MAX_RIGHTS }, (_, n) => `r${n}`) })).toBe(true);
    let read = 0;
    const endless = new Proxy(
      Array.from({ length: 1_000_000 }, () => 'x'),
      {
        get: (target, name) => {
          read += 1;
          return Reflect.get(target, name);
        },
      },
    );
    expect(areClaims({ ...good, scp: endless })).toBe(false);
    expect(read).toBeLessThan(5);
  });
});
