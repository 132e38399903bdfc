import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as zod from 'zod';
import * as zod40 from 'zod-4.0';
import { defineKind } from '../../../src/kit/index.ts';

interface Tree {
  readonly name: string;
  readonly children: readonly Tree[];
}
/** Schemas of every sort, made with the given copy of zod. */
function schemasOf(z: typeof zod): Readonly<Record<string, zod.ZodType>> {
  const tree: zod.ZodType<Tree> = z.strictObject({ name: z.string(), children: z.lazy(() => z.array(tree)) });
  return {
    texts: z.array(z.string().min(1).max(20)),
    patterns: z.array(z.string().regex(/^[a-z]*$/i)),
    numbers: z.array(z.number()),
    whole: z.array(z.int().min(-5).max(5)),
    object: z.object({ a: z.string(), b: z.int().optional() }),
    strict: z.strictObject({ a: z.string(), b: z.nullable(z.int()), c: z.boolean().optional() }),
    loose: z.looseObject({ a: z.string() }),
    defaults: z.object({ a: z.string().default('none'), b: z.int().prefault(3), c: z.boolean().catch(false) }),
    record: z.record(z.string(), z.int()),
    'record of names': z.record(z.enum(['a', 'b']), z.int()),
    'partial record': z.partialRecord(z.enum(['a', 'b']), z.int()),
    tuple: z.tuple([z.string(), z.int()], z.boolean()),
    union: z.array(z.union([z.string(), z.int(), z.strictObject({ a: z.string() })])),
    discriminated: z.array(
      z.discriminatedUnion('kind', [z.object({ kind: z.literal('a'), a: z.string() }), z.object({ kind: z.literal('b'), b: z.int() })]),
    ),
    both: z.intersection(z.object({ a: z.string() }), z.object({ b: z.int() })),
    literals: z.array(z.literal(['a', 1, null, true])),
    refined: z.strictObject({ a: z.int(), b: z.int() }).refine(({ a, b }) => a <= b),
    'checked whole': z.array(z.string()).superRefine((list, ctx) => {
      if (new Set(list).size < list.length) ctx.addIssue({ code: 'custom', message: 'twice' });
    }),
    recursive: tree,
    formats: z.array(z.union([z.email(), z.uuid(), z.iso.datetime(), z.url()])),
    template: z.array(z.templateLiteral(['id-', z.int()])),
    anything: z.unknown(),
    json: z.json(),
  };
}

const SCHEMAS = schemasOf(zod);

/** The schemas of an author who uses an older copy of zod than the kit. */
const OLDER = schemasOf(zod40 as unknown as typeof zod);

/** There are few values, so that many random states match a schema. */
const leaf = fc.constantFrom<unknown>(
  '',
  'a',
  'b',
  'id-7',
  'a@example.com',
  '2026-07-28T12:00:00Z',
  0,
  1,
  -3,
  6,
  1.5,
  2 ** 60,
  true,
  false,
  null,
  '\ud800',
);
const { state } = fc.letrec<{ state: unknown }>((tie) => ({
  state: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    leaf,
    fc.array(tie('state'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'kind', 'name', 'children', '__proto__', 'constructor'), tie('state'), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ),
}));

/** Returns the result of `read` as JSON, or `refused` if it throws. */
const outcome = (read: () => unknown) => {
  try {
    return { given: JSON.stringify(read()) };
  } catch {
    return 'refused';
  }
};

describe('a state in a handle', () => {
  it.each([
    ...Object.entries(SCHEMAS).map(([name, schema]) => [name, schema, 2_000] as const),
    ...Object.entries(OLDER).map(([name, schema]) => [`${name}, made with another copy of zod`, schema, 300] as const),
  ])('is read exactly as its schema reads it: %s', (_name, schema, runs) => {
    const kind = defineKind({ name: 'any', version: 1, schema, lifetime: 60 });
    const read = kind.readers.get('any@1') as (state: unknown) => unknown;
    fc.assert(
      fc.property(state, (value) => {
        const carried = JSON.parse(JSON.stringify(value));
        expect(outcome(() => read(carried))).toEqual(outcome(() => schema.parse(JSON.parse(JSON.stringify(value)))));
      }),
      { numRuns: runs },
    );
  });

  it.each<[string, (z: typeof zod, older: typeof zod) => zod.ZodType, unknown]>([
    ['a check', (z, older) => z.string().check(older.core._maxLength(1) as never), '😀'],
    [
      'the schema of a property in a check',
      (z, older) => z.object({ code: z.string() }).check(z.property('code', older.string().max(1))),
      { code: '😀' },
    ],
    ['the schema of an element in a check', (z, older) => z.array(z.any()).check(z.property('0', older.string().max(1)) as never), ['😀']],
    ['a member', (z, older) => z.object({ code: older.string().max(1) }), { code: '😀' }],
    ['a lazy member', (z, older) => z.object({ code: z.lazy(() => older.string().max(1)) }), { code: '😀' }],
  ])('is read by another copy of zod if that copy made a part of its schema: %s', (_part, make, value) => {
    const schema = make(zod, zod40 as unknown as typeof zod);
    const kind = defineKind({ name: 'any', version: 1, schema, lifetime: 60 });
    expect(outcome(() => kind.readers.get('any@1')?.(value))).toEqual(outcome(() => schema.parse(value)));
    expect(outcome(() => kind.parse(value))).toEqual(outcome(() => schema.parse(value)));
  });

  it.each<[string, zod.ZodType, unknown]>([
    ['the wrong type', zod.string(), 7],
    ['too short', zod.string().min(1), ''],
    ['the wrong pattern', zod.string().regex(/^a/), 'b'],
    ['too large', zod.int().max(5), 6],
    ['no member of a union', zod.union([zod.int(), zod.strictObject({ a: zod.string() })]), 'b'],
    ['an unknown member', zod.strictObject({ a: zod.string() }), { a: 'a', b: 'b' }],
  ])('is refused at its first invalid member, even if it has many: %s', (_wrong, member, value) => {
    const kind = defineKind({ name: 'any', version: 1, schema: zod.strictObject({ list: zod.array(member) }), lifetime: 60 });
    const looked = new Set<string>();
    const list = new Proxy(new Array(30_000).fill(value), {
      get: (target, name) => {
        if (/^[0-9]+$/.test(String(name))) looked.add(String(name));
        return Reflect.get(target, name);
      },
    });
    expect(() => kind.readers.get('any@1')?.({ list })).toThrow('not a state of this kind');
    expect([...looked]).toEqual(['0']);
  });
});
