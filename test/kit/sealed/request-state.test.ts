import { beforeEach, describe, expect, it } from 'vitest';
import { generateRing, parseDocument, revoke, toDocument, toText } from '../../../src/keys/index.ts';
import { InvalidRequestState } from '../../../src/kit/index.ts';
import { asked, stateFor, tools, yes } from '../asking.ts';
import { callerNamed, codeOf, FORMS, fieldsOf, inspect, NOW, newWorld, ringOf, sealed, siblingOf, textOf, type World } from '../support.ts';

let world: World;
let handle: string;
let args: Record<string, unknown>;
let requestState: string;
beforeEach(async () => {
  world = await newWorld({ tools });
  ({ handle, args, requestState } = await asked(world));
});

/** Checks that a call gets the fixed error, and returns the reason in the log. */
async function refused(given: unknown, incoming: object, where = world, tool = 'add'): Promise<string | undefined> {
  const before = where.records.length;
  const error = await where.call(tool, given, { ...FORMS, answers: yes, ...incoming }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof InvalidRequestState)) throw new Error(`expected an InvalidRequestState, and got ${error}`);
  const { code, message, data } = error;
  expect({ code, message, data }).toEqual({
    code: -32_602,
    message: 'Invalid or expired requestState',
    data: { reason: 'invalid_request_state' },
  });
  const records = where.records.slice(before);
  expect(records).toEqual([expect.objectContaining({ tool, outcome: 'error', code: 'invalid_request_state' })]);
  expect(JSON.stringify(records)).not.toMatch(/tell-tale|defect|eyJ/);
  return records[0]?.reason;
}

it('only the OAuth client that was asked can answer, but every client of the caller can use the task', async () => {
  const principal = { issuer: 'https://issuer.example', subject: 'alice' };
  const [desk, phone] = [
    { principal, client: 'desk' },
    { principal, client: 'phone' },
  ];
  const own = fieldsOf(await world.call('create', {}, desk)).handle;
  const given = { handle: own, sku: 'x' };
  const state = await stateFor(world, 'add', given, desk);
  for (const other of [phone, { principal }]) {
    await expect(world.call('add', given, { ...FORMS, ...other, requestState: state, answers: yes })).rejects.toThrow(InvalidRequestState);
  }
  expect(codeOf(await world.call('add', given, { ...FORMS, ...desk, requestState: state, answers: yes }))).toBeUndefined();
  expect(await stateFor(world, 'add', given, phone)).toMatch(/^eyJ/);
});

describe('a requestState', () => {
  it('opens only for the caller who was asked, authenticated or anonymous', async () => {
    const [alice, bob] = [callerNamed('alice'), callerNamed('bob')];
    const hers = fieldsOf(await world.call('create', {}, alice)).handle;
    const state = await stateFor(world, 'add', { handle: hers, sku: 1 }, alice);
    for (const caller of [bob, {}, { principal: { issuer: 'https://other.example', subject: 'alice' } }]) {
      expect(await refused({ handle: hers, sku: 1 }, { ...caller, requestState: state })).toBe('subject');
    }
    expect(await refused(args, { ...alice, requestState })).toBe('subject');
    expect(codeOf(await world.call('add', { handle: hers, sku: 1 }, { ...alice, requestState: state }))).toBeUndefined();
  });

  it('opens only in the deployment that sealed it', async () => {
    const here = await siblingOf(world, { tools, audience: 'here' });
    const there = await siblingOf(world, { tools, audience: 'there' });
    const given = { ...args, handle: fieldsOf(await here.call('create', {})).handle };
    const state = await stateFor(here, 'add', given);
    for (const where of [world, there]) expect(await refused(given, { requestState: state }, where)).toBe('audience');
    expect(await refused(args, { requestState }, here)).toBe('audience');
  });

  it('opens only for the tool that asked', async () => {
    expect(await refused(args, { requestState }, world, 'add_too')).toBe('request');
    expect(await refused(args, { requestState: await stateFor(world, 'add_too', args) })).toBe('request');
  });

  it('opens only if the call has the same arguments as the call that asked, also within nested values', async () => {
    const reordered = { sku: { b: [{ d: 3, c: 2 }], a: 1 }, handle };
    expect(codeOf(await world.call('add', reordered, { ...FORMS, requestState }))).toBeUndefined();
    const others: unknown[] = [
      { a: 1, b: [{ c: 2, d: 4 }] },
      { a: 1, b: [{ c: 2, d: '3' }] },
      { a: 1, b: [{ c: 2 }] },
      { a: 1, b: [{ c: 2, d: 3 }, null] },
      { a: 1, b: { 0: { c: 2, d: 3 } } },
      { a: 1, b: [{ c: 2, d: 3 }], e: null },
      JSON.parse('{"a":1,"b":[{"c":2,"d":3}],"__proto__":{"e":1}}'),
      JSON.parse('{"a":1,"b":[{"c":2,"d":3,"__proto__":null}]}'),
      JSON.parse('{"a":1,"b":[{"c":2,"d":3}],"constructor":1}'),
      JSON.stringify(args['sku']),
    ];
    for (const sku of others) expect(await refused({ handle, sku }, { requestState })).toBe('request');
    expect(await refused({ ...args, note: null }, { requestState })).toBe('request');
    const fork = fieldsOf(await world.call('add', args, { ...FORMS, requestState })).handle;
    expect(await refused({ ...args, handle: fork }, { requestState })).toBe('request');
  });

  it('opens only with the arguments of the call that asked, even if these contain __proto__ or lone surrogates', async () => {
    const [one, two] = ['{"__proto__":{"n":1}}', '{"__proto__":{"n":2}}'].map((text) => JSON.parse(text) as unknown);
    const state = await stateFor(world, 'add', { handle, sku: one });
    expect(await refused({ handle, sku: two }, { requestState: state })).toBe('request');
    expect(await refused({ handle, sku: {} }, { requestState: state })).toBe('request');
    expect(codeOf(await world.call('add', { handle, sku: one }, { ...FORMS, requestState: state }))).toBeUndefined();
    const surrogate = await stateFor(world, 'add', { handle, sku: '\ud800' });
    expect(await refused({ handle, sku: '\ud801' }, { requestState: surrogate })).toBe('request');
  });

  it('opens only for ten minutes', async () => {
    world.now = NOW + 599;
    expect(codeOf(await world.call('add', args, { ...FORMS, requestState }))).toBeUndefined();
    world.now = NOW + 600;
    expect(await refused(args, { requestState })).toBe('expired');
  });

  it('does not open if it was issued more than a minute ahead of the clock', async () => {
    world.now = NOW + 100;
    const ahead = await stateFor(world, 'add', args);
    world.now = NOW + 40;
    expect(codeOf(await world.call('add', args, { ...FORMS, requestState: ahead }))).toBeUndefined();
    world.now = NOW + 39;
    expect(await refused(args, { requestState: ahead })).toBe('issued_in_future');
  });

  it('does not open if it was issued before the environment’s notBefore', async () => {
    const strict = await siblingOf(world, { tools, notBefore: NOW + 1 });
    expect(await refused(args, { requestState }, strict)).toBe('issued_too_early');
  });

  it('opens only with the ring that sealed it, and only until its key is revoked', async () => {
    const { pairs } = parseDocument(toText(await generateRing(NOW)));
    world.ring = await ringOf(toDocument(pairs));
    const given = { ...args, handle: fieldsOf(await world.call('create', {})).handle };
    const state = await stateFor(world, 'add', given);
    world.ring = await ringOf(toDocument(revoke(pairs, pairs[0]?.secret.kid ?? '', NOW)));
    expect(await refused(given, { requestState: state })).toBe('unknown_key');
    world.ring = await ringOf(await generateRing(NOW));
    expect(await refused(given, { requestState: state })).toBe('unknown_key');
  });
});

describe('a requestState in the wrong place or of the wrong form', () => {
  it('gets the error for invalid states if it is not sealed', async () => {
    for (const junk of ['x', '', null, 7, {}, [], true, 'A'.repeat(20_000), 'v1.e30.AAAA']) {
      expect(await refused(args, { requestState: junk })).toBe('malformed');
    }
  });

  it('gets the error for invalid states if it is a handle, a cursor or a state of another form', async () => {
    expect(await refused(args, { requestState: handle })).toBe('wrong_kind');
    const { claims } = await inspect(world, requestState);
    const st = claims.st as Record<string, unknown>;
    for (const other of [null, {}, { ...st, m: 7 }, { ...st, extra: 1 }, { m: st['m'], t: st['t'], s: st['s'] }]) {
      expect(await refused(args, { requestState: await sealed(world, { ...claims, st: other }) })).toBe('state');
    }
    expect(await refused(args, { requestState: await sealed(world, { ...claims, scp: ['read'] }) })).toBe('forbidden');
    expect(await refused(args, { requestState: await sealed(world, { ...claims, kind: 'waxseal-cursor@1' }) })).toBe('wrong_kind');
    expect(await refused(args, { requestState: await sealed(world, { ...claims, st: { ...st, m: 'prompts/get' } }) })).toBe('request');
  });

  it('is refused as a handle', async () => {
    for (const tool of ['peek', 'delegate_task']) {
      const result = await world.call(tool, { handle: requestState }, FORMS);
      expect(codeOf(result)).toBe('wrong_kind');
      expect(textOf(result)).toContain('No tool of this server takes this handle.');
    }
    expect(codeOf(await world.call('peek', { handle: requestState }, callerNamed('mallory')))).toBe('rejected');
  });

  it('gets the error for invalid states if the arguments are nested too deep for the call stack', async () => {
    const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
    expect(await refused({ handle, sku: deep }, { requestState })).toBe('state_too_large');
    expect(codeOf(await world.call('add', { handle, sku: deep }, FORMS))).toBe('state_too_large');
  });

  it('is refused before the handle is opened, even if the task has expired', async () => {
    const { claims } = await inspect(world, handle);
    const late = await sealed(world, { ...claims, iat: NOW - 10, exp: NOW });
    expect(await refused({ ...args, handle: late }, { requestState })).toBe('request');
    const dying = { ...args, handle: await sealed(world, { ...claims, exp: NOW + 1 }) };
    const state = await stateFor(world, 'add', dying);
    world.now = NOW + 1;
    expect(codeOf(await world.call('add', dying, { ...FORMS, requestState: state }))).toBe('expired');
  });
});
