import { randomBytes } from 'node:crypto';
import type { CallToolResult } from '@modelcontextprotocol/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateRing, parseRing, type Ring, toText } from '../../../../src/keys/index.ts';
import { type Caller, callTool, type Tool, toolset } from '../../../../src/kit/index.ts';
import { researchTools } from '../../../../src/research/index.ts';
import { systemClock } from '../../../../src/server/index.ts';
import { callAs, type ProtectedServer, startProtected, startTask } from '../../../support/authorization-calls.ts';
import { type AuthorizationServer, startAuthorizationServer } from '../../../support/authorization-server.ts';
import { ringFile } from '../../../support/folders.ts';
import type { Answer } from '../../../support/mcp.ts';
import { type RunningServer, startServer } from '../../../support/program.ts';
import { until } from '../../../support/wait.ts';

const rejected = { isError: true, structuredContent: { error: { code: 'rejected' } } };

/** The tools that take a handle, with their other arguments. */
const takers: [tool: string, args: Record<string, unknown>][] = [
  ['get_task_status', {}],
  ['record_findings', { findings: ['seals of lead'] }],
  ['complete_research_task', { findings: ['seals of lead'] }],
  ['cancel_research_task', {}],
];

describe('the handle of an authenticated caller', () => {
  let authorizationServer: AuthorizationServer;
  let replicas: [ProtectedServer, RunningServer];
  let anonymous: RunningServer;
  let audience: string;
  let alice: string;
  let bob: string;
  let handle: string;

  beforeAll(async () => {
    const { path } = await ringFile();
    authorizationServer = await startAuthorizationServer();
    const first = await startProtected(authorizationServer, path);
    audience = first.audience;
    const authorization = ['--auth-issuer', authorizationServer.issuer, '--auth-audience', audience];
    const [second, without] = await Promise.all([startServer(['--keys', path, ...authorization]), startServer(['--keys', path])]);
    replicas = [first, second];
    anonymous = without;
    alice = await authorizationServer.tokenFor('alice', { resource: audience });
    bob = await authorizationServer.tokenFor('bob', { resource: audience });
    handle = await startTask(alice, first.url);
  });
  afterAll(async () => {
    await Promise.all([...replicas.map((replica) => replica.kill()), anonymous.kill(), authorizationServer.stop()]);
  });

  test.each([0, 1] as const)('opens for its caller at replica %i', async (which) => {
    const answer = await callAs(alice, replicas[which].url, 'get_task_status', { handle });
    expect(answer.structuredContent).toMatchObject({ handle, status: 'running' });
  });

  test('opens for its caller with a new token, which another client has obtained', async () => {
    const renewed = await authorizationServer.tokenFor('alice', { resource: audience });
    expect(renewed).not.toBe(alice);
    const recorded = await callAs(renewed, replicas[1].url, 'record_findings', { handle, findings: ['seals of lead'] });
    expect(recorded.structuredContent).toMatchObject({ status: 'running', handle_info: { revision: 2 } });
    // The next handle came from a call with the new token. A call with the old token can use it.
    const next = recorded.structuredContent.handle;
    expect(await callAs(alice, replicas[0].url, 'get_task_status', { handle: next })).not.toHaveProperty('isError', true);
  });

  test.each(takers)('is rejected by %s for another caller', async (tool, args) => {
    expect(await callAs(bob, replicas[0].url, tool, { handle, ...args })).toMatchObject(rejected);
  });

  test('is rejected for another caller in every later revision', async () => {
    const recorded = await callAs(alice, replicas[0].url, 'record_findings', { handle, findings: ['seals of lead'] });
    expect(await callAs(bob, replicas[1].url, 'get_task_status', { handle: recorded.structuredContent.handle })).toMatchObject(rejected);
  });

  test.each(takers)('is rejected by %s for another caller, with the same answer as a random handle', async (tool, args) => {
    const garbage = garbageLike(handle);
    expect(garbage).toHaveLength(handle.length);
    const [theirs, nobodys] = await Promise.all([
      callAs(bob, replicas[0].url, tool, { handle, ...args }),
      callAs(bob, replicas[0].url, tool, { handle: garbage, ...args }),
    ]);
    expect(theirs).toEqual(nobodys);
  });

  test('is rejected for another caller, and the reason is only in the log', async () => {
    const [replica] = replicas;
    const before = replica.printed.stdout.length;
    const answer = await callAs(bob, replica.url, 'get_task_status', { handle });
    await until('the refusal was logged', () => replica.printed.stdout.slice(before).includes('"code":"rejected","reason":"subject"'));
    expect(JSON.stringify(answer)).not.toMatch(/subject|caller|alice|bob|another/i);
  });

  test.each(takers)('is rejected by %s at a replica without authorization', async (tool, args) => {
    expect(await callAs(undefined, anonymous.url, tool, { handle, ...args })).toMatchObject(rejected);
    // A replica without authorization ignores a token.
    expect(await callAs(alice, anonymous.url, tool, { handle, ...args })).toMatchObject(rejected);
  });

  test.each(takers)('is rejected by %s at a replica with authorization if it was issued to an anonymous caller', async (tool, args) => {
    const loose = await startTask(undefined, anonymous.url);
    for (const token of [alice, bob])
      expect(await callAs(token, replicas[0].url, tool, { handle: loose, ...args })).toMatchObject(rejected);
  });

  test('is rejected with one text by replicas with different configurations', async () => {
    const loose = await startTask(undefined, anonymous.url);
    const texts = await Promise.all([
      callAs(bob, replicas[0].url, 'get_task_status', { handle }),
      callAs(alice, replicas[1].url, 'get_task_status', { handle: loose }),
      callAs(undefined, anonymous.url, 'get_task_status', { handle }),
      callAs(undefined, anonymous.url, 'get_task_status', { handle: garbageLike(handle) }),
    ]);
    expect(new Set(texts.map((answer) => JSON.stringify([answer.content, answer.structuredContent]))).size).toBe(1);
  });
});

describe('a caller who does not own a handle', () => {
  let ring: Ring;
  beforeAll(async () => {
    ring = await parseRing(toText(await generateRing(systemClock())));
  });
  const tools = toolset(researchTools);
  const call = (caller: Caller, name: string, args: object) =>
    callTool(tools, tools.byName.get(name) as Tool, args, { ring: () => ring, now: systemClock }, caller) as Promise<CallToolResult>;
  const handleOf = async (caller: Caller) => {
    const answer = (await call(caller, 'start_research_task', { topic: 'wax and seals' })) as unknown as Answer;
    return answer.structuredContent.handle;
  };
  const alice = { principal: { issuer: 'https://login.example', subject: 'alice' } };

  test.each<[string, Caller]>([
    ['the same subject of another issuer', { principal: { ...alice.principal, issuer: 'https://other.example' } }],
    ['the same subject of an issuer with an additional slash', { principal: { ...alice.principal, issuer: 'https://login.example/' } }],
    ['a subject that differs in case', { principal: { ...alice.principal, subject: 'Alice' } }],
    ['a subject with a space at its end', { principal: { ...alice.principal, subject: 'alice ' } }],
    ['the owner’s issuer and subject, split at another place', { principal: { issuer: 'https://login.exampl', subject: 'ealice' } }],
    ['issuer and subject swapped', { principal: { issuer: 'alice', subject: 'https://login.example' } }],
    ['an anonymous caller', {}],
  ])('is rejected: %s', async (_who, other) => {
    const handle = await handleOf(alice);
    expect(await call(alice, 'get_task_status', { handle })).not.toHaveProperty('isError', true);
    expect(await call(other, 'get_task_status', { handle })).toMatchObject(rejected);
    expect(await call(alice, 'get_task_status', { handle: await handleOf(other) })).toMatchObject(rejected);
  });
});

/** Makes a text in the form of a given handle, with an unknown `kid` and random parts. */
function garbageLike(handle: string): string {
  const [header = '', ...others] = handle.split('.');
  const members = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
  const kid = randomBytes(members.kid.length).toString('base64url').slice(0, members.kid.length);
  const chance = others.map((part) => randomBytes(Buffer.from(part, 'base64url').length).toString('base64url'));
  return [Buffer.from(JSON.stringify({ ...members, kid })).toString('base64url'), ...chance].join('.');
}
