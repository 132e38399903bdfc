import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { succeeds } from '../../../src/handle/index.ts';
import { createTool, defineKind, endTool, oneOf, readTool, updateTool } from '../../../src/kit/index.ts';
import { callerNamed, codeOf, fieldsOf, infoOf, inspect, NOW, newWorld, siblingOf, textOf, type World } from '../support.ts';

const lifetime = 3600;
const schema = z.strictObject({ items: z.array(z.string()) });
const plain = { name: 'basket', version: 1, schema, lifetime };

describe('defineKind', () => {
  it.each([
    ['', /"@1" is not a kind/],
    ['Basket', /"Basket@1" is not a kind; expected something like "basket@1"/],
    ['1basket', /not a kind/],
    ['a basket', /not a kind/],
    ['basket@1', /not a kind/],
    ['basket\n', /not a kind/],
    ['b'.repeat(33), /not a kind/],
    ['waxseal-request-state', /the kit reserves names that begin with "waxseal-"/],
  ])('refuses the name %j', (name, wording) => {
    expect(() => defineKind({ ...plain, name })).toThrow(wording);
  });

  it.each([0, -1, 1.5, 1_000_000, Number.NaN])('refuses the version %d', (version) => {
    expect(() => defineKind({ ...plain, version })).toThrow(/the version of basket must be a whole number from 1 to 999999/);
  });

  it.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 30 * 86_400 + 1])('refuses the lifetime %d', (outOfBounds) => {
    expect(() => defineKind({ ...plain, lifetime: outOfBounds })).toThrow('lifetime must be 1 to 2592000 whole seconds');
  });

  it.each([0, 2047, 4000.5, Number.NaN])('refuses the maxLength %d', (maxLength) => {
    expect(() => defineKind({ ...plain, maxLength })).toThrow('maxLength must be at least 2048 characters');
  });

  it.each([
    ['dates', z.strictObject({ at: z.date() })],
    ['maps', z.map(z.string(), z.string())],
    ['sets', z.strictObject({ tags: z.set(z.string()) })],
    ['large integers', z.bigint()],
    ['transforms', z.string().transform((text) => text.length)],
    ['instances', z.instanceof(URL)],
    ['undefined', z.undefined()],
  ])('refuses a schema whose values JSON cannot represent: %s', (_name, unwritable) => {
    expect(() => defineKind<unknown, 'basket'>({ name: 'basket', version: 1, lifetime, schema: unwritable })).toThrow(
      'the state of basket@1 must be JSON',
    );
  });

  it.each([{ type: 'object' }, undefined])('refuses a schema that zod did not make: %j', (schema) => {
    expect(() => defineKind({ ...plain, schema: schema as never })).toThrow('the schema of basket@1 must be a zod schema');
  });

  it('refuses an unknown member of the declaration or of the migration', () => {
    const migrate = (old: { items: string[] }) => old;
    const migration = { from: defineKind(plain), migrate };
    const misspelt = { ...plain, version: 2, migrations: migration } as never;
    expect(() => defineKind(misspelt)).toThrow('defineKind: the declaration cannot have migrations; it can have name, version, schema,');
    const surplus = { ...migration, to: 2 } as never;
    expect(() => defineKind({ ...plain, version: 2, migration: surplus })).toThrow(
      'defineKind: the migration cannot have to; it can have from',
    );
  });

  it('refuses a value that is no declaration, a version that is no number, and a migration without its kind', () => {
    const declared = (declaration: unknown) => () => defineKind(declaration as never);
    const expected = 'defineKind: expected a declaration: { name, version, schema, lifetime }';
    for (const value of [undefined, null, 'basket']) expect(declared(value)).toThrow(expected);
    for (const version of ['1', undefined, 1.5, 0]) {
      expect(declared({ ...plain, version })).toThrow('defineKind: the version of basket must be a whole number from 1');
    }
    const migrate = (old: { items: string[] }) => old;
    for (const migration of [migrate, { migrate }, { from: 'basket@1', migrate }, null]) {
      expect(declared({ ...plain, version: 2, migration })).toThrow(
        'defineKind: the migration of basket@2 must be { from, migrate }, where from is the kind of the previous version',
      );
    }
  });

  it('refuses anything but kinds in oneOf', () => {
    const kind = defineKind(plain);
    for (const kinds of [[[kind]], ['basket'], [undefined], [oneOf(kind)]]) {
      expect(() => oneOf(...(kinds as never[]))).toThrow('oneOf: expected kinds, for example oneOf(basket, order)');
    }
  });

  it('refuses a migration without a function', () => {
    const migration = { from: defineKind(plain) } as never;
    expect(() => defineKind({ ...plain, version: 2, migration })).toThrow('the migration of basket@2 must have a function migrate');
  });

  it('refuses a migration from another kind, from the same version, or from a later version', () => {
    const migrate = (old: { items: string[] }) => old;
    const first = defineKind(plain);
    const second = defineKind({ ...plain, version: 2, migration: { from: first, migrate } });
    expect(() => defineKind({ ...plain, name: 'order', version: 2, migration: { from: first, migrate } })).toThrow(
      'order@2 cannot migrate from basket@1. A migration comes from an earlier version of the same kind.',
    );
    for (const version of [1, 2]) {
      expect(() => defineKind({ ...plain, version, migration: { from: second, migrate } })).toThrow(/cannot migrate from basket@2/);
    }
  });
});

const first = defineKind({ name: 'basket', version: 1, schema: z.strictObject({ items: z.array(z.string()) }), lifetime });
const second = defineKind({
  name: 'basket',
  version: 2,
  schema: z.strictObject({ lines: z.array(z.strictObject({ sku: z.string(), count: z.int() })) }),
  lifetime,
  migration: { from: first, migrate: ({ items }) => ({ lines: items.map((sku) => ({ sku, count: 1 })) }) },
});
const third = defineKind({
  name: 'basket',
  version: 3,
  schema: z.strictObject({ lines: z.array(z.strictObject({ sku: z.string().max(10), count: z.int() })), note: z.string() }),
  lifetime,
  migration: { from: second, migrate: ({ lines }) => ({ lines, note: 'migrated' }) },
});

const toolsOfFirst = [
  createTool(first, 'create', { description: 'Creates.', inputSchema: { items: z.array(z.string()) } }, ({ items }) => ({
    state: { items },
    text: 'Created.',
  })),
  readTool(first, 'show', { description: 'Shows.' }, ({ items }) => ({ text: items.join() })),
];
const toolsOfThird = [
  createTool(third, 'create', { description: 'Creates.' }, () => ({ state: { lines: [], note: '' }, text: 'Created.' })),
  readTool(third, 'show', { description: 'Shows.', outputSchema: { note: z.string(), skus: z.array(z.string()) } }, ({ lines, note }) => ({
    structuredContent: { note, skus: lines.map(({ sku }) => sku) },
    text: note,
  })),
  updateTool(third, 'add', { description: 'Adds.', inputSchema: { sku: z.string() } }, ({ lines, note }, { sku }) => ({
    state: { lines: [...lines, { sku, count: 1 }], note },
    text: 'Added.',
  })),
  endTool(third, 'check_out', { description: 'Ends.' }, (state) => ({ state: { ...state, note: 'over' }, text: 'Over.' })),
];

/** Makes servers of version 1 and version 3 with one ring, and a handle of version 1. */
async function deployments(items: string[] = ['tea']): Promise<{ old: World; fresh: World; handle: string }> {
  const old = await newWorld({ tools: toolsOfFirst });
  const fresh = await siblingOf(old, { tools: toolsOfThird });
  return { old, fresh, handle: fieldsOf(await old.call('create', { items })).handle };
}

describe('a handle of an earlier version', () => {
  it('is migrated through every version by a new server, and a tool that reads does not replace it', async () => {
    const { fresh, handle } = await deployments();
    const shown = await fresh.call('show', { handle });
    expect(fieldsOf(shown)).toMatchObject({ handle, note: 'migrated', skus: ['tea'], handle_info: { kind: 'basket@1', revision: 1 } });
  });

  it.each(['add', 'check_out'])('is followed by a handle of the new version if a tool changes the task: %s', async (tool) => {
    const { fresh, handle } = await deployments();
    const next = await fresh.call(tool, tool === 'add' ? { handle, sku: 'milk' } : { handle });
    expect(infoOf(next)).toMatchObject({ kind: 'basket@3', revision: 2 });
    const [before, after] = [await inspect(fresh, handle), await inspect(fresh, fieldsOf(next).handle)];
    expect(await succeeds(after, before)).toBe(true);
    expect(after.claims.exp).toBe(before.claims.exp);
    expect(fieldsOf(await fresh.call('show', { handle: fieldsOf(next).handle }))['skus']).toContain('tea');
  });

  it('is rejected if the migrated state is invalid, and the reason is only in the log', async () => {
    const { fresh, handle } = await deployments(['longer than ten']);
    const result = await fresh.call('show', { handle });
    expect([codeOf(result), textOf(result)]).toEqual([
      'rejected',
      'This handle is not valid here. Compare it with the last answer, and pass that handle again, exactly. Only if that is refused as well, start a new task with create.',
    ]);
    expect(fresh.records).toMatchObject([{ code: 'rejected', reason: 'state' }]);
  });

  it('is rejected if the migration throws', async () => {
    const broken = defineKind({ ...plain, version: 2, migration: { from: first, migrate: () => JSON.parse('{') as { items: string[] } } });
    const { old, handle } = await deployments();
    const world = await siblingOf(old, { tools: [readTool(broken, 'show', { description: '' }, () => ({ text: 'x' }))] });
    expect(codeOf(await world.call('show', { handle }))).toBe('rejected');
    expect(world.records).toMatchObject([{ reason: 'state' }]);
    expect(JSON.stringify(world.records)).not.toContain('tea');
  });

  it('is of the wrong kind if no migration was declared', async () => {
    const { old, handle } = await deployments();
    const abrupt = defineKind({ ...plain, version: 2 });
    const world = await siblingOf(old, { tools: [readTool(abrupt, 'show', { description: '' }, () => ({ text: 'x' }))] });
    const result = await world.call('show', { handle });
    expect(codeOf(result)).toBe('wrong_kind');
    expect(textOf(result)).toContain('of kind basket@1; basket@2 is needed');
  });

  it('keeps its rights, and gets no others', async () => {
    const { old, fresh, handle } = await deployments();
    const readOnly = fieldsOf(await old.call('delegate_task', { handle })).handle;
    expect(fieldsOf(await fresh.call('show', { handle: readOnly }))['note']).toBe('migrated');
    for (const tool of ['add', 'check_out']) {
      expect(codeOf(await fresh.call(tool, { handle: readOnly, ...(tool === 'add' && { sku: 'x' }) }))).toBe('forbidden');
    }
  });
});

describe('a handle of a newer version than the server knows', () => {
  it('is refused, and the model is told to pass it again in a minute', async () => {
    const { old, fresh } = await deployments();
    const { handle } = fieldsOf(await fresh.call('create', {}));
    const result = await old.call('show', { handle });
    expect([codeOf(result), textOf(result)]).toEqual([
      'newer_kind',
      'This handle is of kind basket@3, and this server reads basket up to version 1: a newer version is being deployed. ' +
        'Nothing is lost: pass the same handle again in a minute, unchanged.',
    ]);
    expect(codeOf(await fresh.call('show', { handle }))).toBeUndefined();
  });

  it('is reported as newer only to its own caller, and only until it expires', async () => {
    const { old, fresh } = await deployments();
    const { handle } = fieldsOf(await fresh.call('create', {}));
    const mallory = callerNamed('mallory');
    expect(codeOf(await old.call('show', { handle }, mallory))).toBe('rejected');
    old.now = NOW + lifetime;
    expect(codeOf(await old.call('show', { handle }))).toBe('expired');
  });
});

describe('a kind with a maxLength', () => {
  const short = defineKind({ name: 'note', version: 1, schema: z.strictObject({ text: z.string() }), lifetime, maxLength: 3000 });
  const tools = [
    createTool(short, 'create', { description: '' }, () => ({ state: { text: '' }, text: 'x' })),
    updateTool(short, 'write', { description: '', inputSchema: { text: z.string() } }, (_, { text }) => ({
      state: { text },
      text: 'x',
    })),
    endTool(short, 'end', { description: '', inputSchema: { text: z.string() } }, (_, { text }) => ({ state: { text }, text: 'x' })),
  ];

  it('limits the length of its handles, and reserves a part of this length for the tool that ends the task', async () => {
    const world = await newWorld({ tools });
    const { handle } = fieldsOf(await world.call('create', {}));
    const text = crypto.randomUUID().repeat(45);
    const result = await world.call('write', { handle, text });
    expect(codeOf(result)).toBe('state_too_large');
    expect(textOf(result)).toMatch(/^Too large: the next handle would have \d+ characters, and the limit is 1976\. Shorten text\./);
    const ended = await world.call('end', { handle, text });
    expect(codeOf(ended)).toBeUndefined();
    expect(fieldsOf(ended).handle.length).toBeLessThanOrEqual(3000);
    expect(textOf(await world.call('end', { handle, text: text.repeat(2) }))).toContain('the limit is 3000.');
  });

  it('does not raise the limit of the environment', async () => {
    const world = await newWorld({ tools, maxLength: 2500 });
    const { handle } = fieldsOf(await world.call('create', {}));
    expect(textOf(await world.call('end', { handle, text: 'x'.repeat(3000) }))).toContain('the limit is 2500.');
  });
});

describe('a state that is nested too deep for the call stack', () => {
  it('is refused as too large, and is no defect of the tool', async () => {
    const any = defineKind({ name: 'any', version: 1, schema: z.unknown(), lifetime });
    const create = createTool(any, 'create', { description: '', inputSchema: { what: z.unknown() } }, ({ what }) => ({
      state: what,
      text: 'x',
    }));
    const world = await newWorld({ tools: [create] });
    for (const depth of [200, 100_000]) {
      const what: unknown = JSON.parse('['.repeat(depth) + ']'.repeat(depth));
      expect(codeOf(await world.call('create', { what }))).toBe('state_too_large');
    }
  });
});
