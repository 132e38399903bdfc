import type { ElicitResult } from '@modelcontextprotocol/client';
import { beforeAll, describe, expect, it } from 'vitest';
import { ringFile } from '../support/folders.ts';
import { type Connected, connect, type Served, startScript } from './support.ts';

const SCRIPT = 'examples/approval/server.mjs';

let keys: string;
let server: Served;
let clerk: Connected;
beforeAll(async () => {
  keys = (await ringFile()).path;
  server = await startScript(SCRIPT, keys);
  clerk = await connect(server.url);
});

/** A person at a client. `asked` collects the questions. */
function person(name: string, approve: boolean, reason = ''): { asked: string[]; answer: (message: string) => ElicitResult } {
  const asked: string[] = [];
  return {
    asked,
    answer: (message) => {
      asked.push(message);
      return { action: 'accept', content: message.startsWith('Approve') ? { name, approve } : { reason } };
    },
  };
}

async function submitted(title = 'Two monitors', amount = 600): Promise<string> {
  const { handle } = await clerk.call('draft_request', { title, amount });
  return (await clerk.call('submit_request', { handle })).handle;
}

describe('a request', () => {
  it('can be drafted, revised and submitted; two people then approve it in their own clients', async () => {
    const drafted = await clerk.call('draft_request', { title: 'Two monitors', amount: 900 });
    const revised = await clerk.call('revise_request', { handle: drafted.handle, amount: 600 });
    const { handle } = await clerk.call('submit_request', { handle: revised.handle });
    const [ada, ben] = [person('Ada', true), person('Ben', true)];
    const once = await (await connect(server.url, ada.answer)).call('decide_request', { handle });
    expect(once.fields).toMatchObject({ status: 'submitted', handle_info: { revision: 4 } });
    const twice = await (await connect(server.url, ben.answer)).call('decide_request', { handle: once.handle });
    expect(twice.fields).toMatchObject({ status: 'approved', handle_info: { revision: 5 } });
    expect([ada.asked, ben.asked]).toEqual([['Approve €600 for "Two monitors"?'], ['Approve €600 for "Two monitors"?']]);
    expect((await clerk.call('show_request', { handle: twice.handle })).fields).toMatchObject({
      decisions: [
        { by: 'Ada', approves: true },
        { by: 'Ben', approves: true },
      ],
    });
  });

  it('is rejected by one person, who is asked for the reason in a second round', async () => {
    const cy = person('Cy', false, 'One is enough.');
    const { fields, text } = await (await connect(server.url, cy.answer)).call('decide_request', { handle: await submitted() });
    expect(fields).toMatchObject({ status: 'rejected' });
    expect(text).toContain('- Cy rejected: One is enough.');
    expect(cy.asked).toEqual(['Approve €600 for "Two monitors"?', 'Cy, why should "Two monitors" not be approved?']);
  });

  it('is not decided by a person twice, by a person who declines to answer, or by a model alone', async () => {
    const ada = await connect(server.url, person('Ada', true).answer);
    const { handle } = await ada.call('decide_request', { handle: await submitted() });
    for (const name of ['ada', 'Ada ', ' ADA\u00a0', 'Ａda']) {
      const again = await connect(server.url, person(name, true).answer);
      expect((await again.call('decide_request', { handle })).code).toBe('already_decided');
    }
    expect((await (await connect(server.url, () => ({ action: 'decline' }))).call('decide_request', { handle })).code).toBe('not_decided');
    expect((await clerk.call('decide_request', { handle })).code).toBe('cannot_ask');
  });

  it('refuses steps in the wrong order', async () => {
    const { handle } = await clerk.call('draft_request', { title: 'A chair', amount: 200 });
    expect((await clerk.call('decide_request', { handle })).code).toBe('wrong_step');
    expect((await clerk.call('revise_request', { handle: await submitted(), amount: 1 })).code).toBe('wrong_step');
  });

  it('can be delegated to an auditor, who can only read it', async () => {
    const { handle } = await clerk.call('delegate_task', { handle: await submitted(), rights: ['read'], expires_in: 3600 });
    const auditor = await connect(server.url, person('Eve', true).answer);
    expect((await auditor.call('show_request', { handle })).fields).toMatchObject({
      status: 'submitted',
      handle_info: { rights: ['read'] },
    });
    expect((await auditor.call('decide_request', { handle })).code).toBe('forbidden');
  });
});

describe('an old revision of a request', () => {
  const decide = async (handle: string, name: string, approve: boolean) =>
    (await connect(server.url, person(name, approve, 'Too dear.').answer)).call('decide_request', { handle });
  const shown = async (handle: string) => (await clerk.call('show_request', { handle })).fields;

  it('can be approved after a rejection: the request is forked, and both results are authentic', async () => {
    const handle = await submitted();
    const rejected = await decide(handle, 'Cy', false);
    const approved = await decide((await decide(handle, 'Ada', true)).handle, 'Ben', true);
    expect(await shown(rejected.handle)).toMatchObject({ status: 'rejected', decisions: [{ by: 'Cy' }] });
    expect(await shown(approved.handle)).toMatchObject({ status: 'approved', decisions: [{ by: 'Ada' }, { by: 'Ben' }] });
    // Both results have the same task id. A payment system can use this id to recognize them as one request.
    const [one, other] = [rejected, approved].map(({ fields }) => (fields['handle_info'] as { id: string }).id);
    expect(one).toBe(other);
  });

  it('can be approved twice, and does not change', async () => {
    const once = await decide(await submitted(), 'Ada', true);
    const ends = [await decide(once.handle, 'Ben', true), await decide(once.handle, 'Dan', true)];
    for (const { fields } of ends) expect(fields).toMatchObject({ status: 'approved' });
    expect(await shown(once.handle)).toMatchObject({ status: 'submitted', decisions: [{ by: 'Ada' }] });
  });

  it('can be changed again from the handle of its draft, although it was approved, and then needs two new approvals', async () => {
    const drafted = await clerk.call('draft_request', { title: 'Pens', amount: 10 });
    const { handle } = await clerk.call('submit_request', { handle: drafted.handle });
    const approved = await decide((await decide(handle, 'Ada', true)).handle, 'Ben', true);
    expect((await clerk.call('revise_request', { handle: approved.handle, amount: 9_000 })).code).toBe('wrong_step');
    const revised = await clerk.call('revise_request', { handle: drafted.handle, amount: 9_000 });
    const again = await clerk.call('submit_request', { handle: revised.handle });
    const dan = person('Dan', true);
    expect((await (await connect(server.url, dan.answer)).call('decide_request', { handle: again.handle })).fields).toMatchObject({
      status: 'submitted',
    });
    expect(dan.asked).toEqual(['Approve €9000 for "Pens"?']);
  });
});

describe('the state between a question and its answer', () => {
  it('opens only for the request that the question was about', async () => {
    const { client } = await connect(server.url, person('Ada', true).answer);
    const decide = (handle: string, more = {}) =>
      client.request(
        { method: 'tools/call', params: { name: 'decide_request', arguments: { handle }, ...more } },
        { allowInputRequired: true },
      );
    const [small, large] = [await submitted('Pens', 10), await submitted('A car', 100_000)];
    const { requestState } = (await decide(small)) as { requestState?: string };
    const inputResponses = { verdict: { action: 'accept', content: { name: 'Ada', approve: true } } };
    await expect(decide(large, { requestState, inputResponses })).rejects.toMatchObject({ code: -32602 });
    expect(await decide(small, { requestState, inputResponses })).toMatchObject({ structuredContent: { status: 'submitted' } });
    expect(await decide(large, { inputResponses })).toMatchObject({ resultType: 'input_required' });
  });
});

describe('a process', () => {
  it('can end while a person thinks, and another process takes the answer', async () => {
    const [first, second] = [await startScript(SCRIPT, keys), await startScript(SCRIPT, keys)];
    let url = first.url;
    const dan = person('Dan', false, 'Too dear.');
    const answer = async (message: string) => {
      if (url === first.url) await first.kill();
      url = second.url;
      return dan.answer(message);
    };
    const call = { name: 'decide_request', arguments: { handle: await submitted() } };
    const { fields } = await (await connect(() => url, answer)).call(call.name, call.arguments);
    expect(fields).toMatchObject({ status: 'rejected' });
    expect(dan.asked).toHaveLength(2);
  });
});

describe('a deployment of version 2', () => {
  it('opens handles of version 1, and keeps the decisions in them', async () => {
    const before = await startScript('test/examples/approval-v1.mjs', keys);
    const old = await connect(before.url);
    const open = await old.call('submit_request', { title: 'A desk', amount: 400 });
    const closed = await old.call('approve_request', { handle: open.handle, approver: 'Ada' });
    expect(open.fields['handle_info']).toMatchObject({ kind: 'request@1' });
    expect((await clerk.call('show_request', { handle: closed.handle })).fields).toMatchObject({
      status: 'approved',
      decisions: [{ by: 'Ada', approves: true }],
      handle_info: { kind: 'request@1' },
    });
    const decided = await (await connect(server.url, person('Ben', true).answer)).call('decide_request', { handle: open.handle });
    expect(decided.fields).toMatchObject({ status: 'submitted', handle_info: { kind: 'request@2', revision: 2 } });

    // During the deployment, a replica of version 1 can get a handle of version 2.
    const early = await old.call('show_request', { handle: decided.handle });
    expect([early.code, early.text]).toEqual(['newer_kind', expect.stringContaining('Nothing is lost')]);
  });
});
