import { beforeEach, describe, expect, it } from 'vitest';
import { type Holdings, MAX_LENGTH, MAX_REVISIONS, MAX_TASKS } from '../../src/wallet/holdings.ts';
import { type Asked, incoming, type Message, outgoing } from '../../src/wallet/messages.ts';
import { madeUpHandle, REQUEST_STATE } from './passing-server.mjs';

const NOW = 1_800_000_000;
const DAY = 86_400;
const ID = 'AAAAAAAAAAAAAAAA';

/** The wallet's holdings, kept from one message to the next. */
let holdings: Holdings;
let now: number;
beforeEach(() => {
  holdings = { tasks: [] };
  now = NOW;
});

function result(content: object, asked?: Asked): Record<string, unknown> {
  return received({ jsonrpc: '2.0', id: 1, result: { structuredContent: content } }, asked).result?.['structuredContent'] as Record<
    string,
    unknown
  >;
}

function received(message: Message, asked?: Asked): Message {
  const passed = incoming(message, asked, holdings, { upstream: 'here', now, isTaken: () => false });
  holdings = passed.holdings;
  return passed.message;
}

function call(args: object, method = 'tools/call') {
  return outgoing({ jsonrpc: '2.0', id: 1, method, params: { name: 'any', arguments: args } }, holdings, now);
}

/** Returns the argument that the server gets. */
function sent(value: unknown): unknown {
  const out = call({ value });
  return 'forward' in out ? (out.forward.params as { arguments: { value: unknown } }).arguments.value : out.answer;
}

function asking(alias: string): Asked {
  const out = call({ handle: alias });
  if (!('forward' in out && out.asked)) throw new Error('the wallet did not forward the call');
  return out.asked;
}

/** Returns the wallet's own response. */
function refusal(value: unknown): { code: string; text: string } {
  const { answer } = call({ value }) as { answer: Message };
  const { content, structuredContent, isError } = answer.result as {
    content: { text: string }[];
    structuredContent: { error: { code: string } };
    isError: boolean;
  };
  expect(isError).toBe(true);
  return { code: structuredContent.error.code, text: content[0]?.text ?? '' };
}

/** Makes a result with a handle in the form of the kit. */
function task(
  revision: number,
  { id = ID, text = `${id} ${revision}`, ...more }: Record<string, unknown> & { id?: string; text?: string } = {},
) {
  const { status = 'running', ...info } = more;
  const handle_info = { id, kind: 'research@1', revision, expires_at: new Date((NOW + DAY) * 1000).toISOString(), ...info };
  return { handle: madeUpHandle(text), handle_info, status };
}

const listing: Asked = { method: 'tools/list', first: true, sent: new Map() };

describe('a handle on its way to the client', () => {
  it('becomes an alias everywhere in the message; besides that, only the handle_info changes', () => {
    const { handle, handle_info } = task(1);
    const message: Message = {
      jsonrpc: '2.0',
      id: 7,
      result: {
        content: [
          { type: 'text', text: `Take ${handle}, or "${handle}".\n${handle}` },
          { type: 'resource', resource: { uri: `task://${handle}`, text: handle } },
          { type: 'text', text: JSON.stringify({ handle }) },
        ],
        structuredContent: { deep: [{ [handle]: handle }], handle, handle_info, other: [1, null, true, 'x'] },
        _meta: { any: 'thing' },
      },
    };
    const passed = received(message);
    const alias = holdings.tasks[0]?.alias ?? '';
    const told = JSON.stringify(message).replace(JSON.stringify(handle_info), '{"revision":1}').replaceAll(handle, alias);
    expect(passed).toEqual(JSON.parse(told));
  });

  it('has its revision beside the alias, and its rights if they are limited', () => {
    const { handle_info } = result(task(1, { rights: ['read'] }));
    expect(handle_info).toEqual({ revision: 1, rights: ['read'] });
    const foreign = { handle: madeUpHandle('x'), handle_info: { revision: 'seven' }, other_info: task(1).handle_info };
    expect(result(foreign)).toMatchObject({ handle_info: foreign.handle_info, other_info: foreign.other_info });
  });

  it('becomes an alias in notifications, in server requests and in errors', () => {
    const { handle } = task(1);
    const messages: Message[] = [
      { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: { handle } } },
      { jsonrpc: '2.0', id: 1, method: 'elicitation/create', params: { message: `Approve ${handle}?` } },
      { jsonrpc: '2.0', id: 1, error: { code: -32_000, message: handle, data: handle } },
    ];
    for (const message of messages) expect(JSON.stringify(received(message))).not.toContain('eyJ');
  });

  it('stays as it is in requestState and nextCursor', () => {
    const { handle } = task(1);
    const asks = received({
      jsonrpc: '2.0',
      id: 1,
      result: { resultType: 'input_required', requestState: REQUEST_STATE, inputRequests: { handle } },
    });
    expect(asks.result).toMatchObject({ requestState: REQUEST_STATE, inputRequests: { handle: expect.stringMatching(/^task_/) } });
    const page = { jsonrpc: '2.0', id: 1, result: { resources: [], nextCursor: REQUEST_STATE } } as const;
    expect(received(page, listing)).toEqual(page);
    expect(JSON.stringify(holdings)).not.toContain(REQUEST_STATE);
    const params = { cursor: REQUEST_STATE, requestState: REQUEST_STATE };
    const request = { jsonrpc: '2.0', id: 2, method: 'resources/list', params } as const;
    expect(outgoing(request, holdings, now)).toMatchObject({ forward: request });
  });

  it('becomes an alias in every other place that a model can see', () => {
    const { handle } = task(1);
    const called = { content: [], nextCursor: handle, cursor: handle, requestState: handle };
    expect(JSON.stringify(received({ jsonrpc: '2.0', id: 1, result: called }))).not.toContain('eyJ');
    const tools = [{ name: 'a', description: `Takes ${handle}`, inputSchema: { default: handle } }];
    expect(JSON.stringify(received({ jsonrpc: '2.0', id: 1, result: { tools } }, listing))).not.toContain('eyJ');
  });

  it('is kept with its handle_info even if only JSON in a result’s text contains the handle_info', () => {
    received({ jsonrpc: '2.0', id: 1, result: { content: [{ type: 'text', text: JSON.stringify(task(4)) }] } });
    expect(holdings.tasks).toMatchObject([{ id: ID, kind: 'research@1', status: 'running', handles: [{ revision: 4 }] }]);
  });

  it('keeps its alias when the server describes it later', () => {
    const { handle, ...rest } = task(2);
    const { handle: alias } = result({ handle });
    expect(result({ handle, ...rest })).toMatchObject({ handle: alias, handle_info: { revision: 2 } });
    expect(holdings.tasks).toMatchObject([{ id: ID, handles: [{ revision: 2 }] }]);
    expect(result(task(3)).handle).toBe(alias);
  });
});

describe('an alias on its way to the server', () => {
  /** Returns the arguments that reach the server. */
  const given = (args: unknown) => (call(args as object) as { forward: Message }).forward.params?.['arguments'];

  it('becomes the handle of the newest revision, or of the named one', () => {
    const { handle: alias } = result(task(1));
    result(task(2));
    expect(result(task(3)).handle).toBe(alias);
    expect(sent(alias)).toBe(task(3).handle);
    expect(sent(`${alias}@2`)).toBe(task(2).handle);
    expect(sent([{ deep: alias }])).toEqual([{ deep: task(3).handle }]);
    expect(refusal(`${alias}@9`)).toMatchObject({ code: 'unknown_alias', text: expect.stringContaining('1, 2, 3') });
  });

  it('comes back as the client wrote it, if the server returns its handle', () => {
    const { handle: alias } = result(task(1));
    const first = asking(`${alias}@1`);
    const plain = asking(String(alias));
    result(task(2));
    expect(result(task(1), first).handle).toBe(`${alias}@1`);
    expect(result(task(1), plain).handle).toBe(alias);
    expect(result(task(1)).handle).toBe(`${alias}@1`);
  });

  it('is replaced as a whole argument, but not inside other text', () => {
    const alias = String(result(task(1)).handle);
    for (const text of [`see ${alias}`, `${alias} and more`, 'task_status', 'task_abc123', '']) expect(sent(text)).toBe(text);
    const request = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: alias, _meta: { note: alias } } } as const;
    expect(outgoing(request, holdings, now)).toMatchObject({ forward: request });
  });

  it('is recognized in quotation marks, in markup and after a label, but not in a text with another alias or other words', () => {
    const alias = String(result(task(1)).handle);
    result(task(2));
    const other = String(result(task(1, { id: 'BBBBBBBBBBBBBBBB' })).handle);
    const around = [
      `"${alias}"`,
      `\`${alias}\``,
      `**${alias}**`,
      `<${alias}>`,
      `<handle>${alias}</handle>`,
      `[${alias}](${alias})`,
      ` ${alias}.\n`,
      alias.toUpperCase(),
      alias.replace('_', '\\_'),
      alias.replace('_', '-'),
      `${alias}@latest`,
      `${alias} (newest)`,
      `handle: ${alias}`,
      `Handle = ${alias}`,
      `task id: ${alias}`,
      `the handle is ${alias}`,
      `handle (revision 2, expires 2027-01-16T08:00:00Z): ${alias}`,
    ];
    for (const text of around) expect([text, sent(text)]).toEqual([text, task(2).handle]);
    expect(sent(`\`${alias}@1\``)).toBe(task(1).handle);
    expect(sent(`handle: ${alias}@v1`)).toBe(task(1).handle);
    const out = call({ handle: `handle: ${alias}` });
    expect('forward' in out && [...(out.asked?.sent ?? [])]).toEqual([[task(2).handle, alias]]);
    for (const text of [`${alias}, ${other}`, `handle: ${alias}; alias: ${other}`, `read ${alias}`, `${alias}x y`])
      expect(sent(text)).toBe(text);
  });

  it('is recognized in the argument "handle" without its prefix, twice, or with percent-encoding', () => {
    const alias = String(result(task(1)).handle);
    result(task(2));
    const given = (handle: string) => (call({ handle }) as { forward?: Message }).forward?.params?.['arguments'];
    const word = alias.slice('task_'.length);
    for (const text of [word, word.toUpperCase(), ` "${word}" `, alias + alias, `%22${alias}%22`, alias.replace('_', '%5F')])
      expect([text, given(text)]).toEqual([text, { handle: task(2).handle }]);
    expect(given(`${word}@1`)).toEqual({ handle: task(1).handle });
    // Outside the argument "handle", such a word may be any word.
    expect(sent(word)).toBe(word);
  });

  it('causes an error if the argument "handle" names two', () => {
    const alias = String(result(task(1)).handle);
    const other = String(result(task(1, { id: 'BBBBBBBBBBBBBBBB', status: 'complete' })).handle);
    const { answer } = call({ handle: `${alias}, ${other}` }) as { answer: Message };
    expect(answer.result?.['structuredContent']).toMatchObject({
      error: {
        code: 'unknown_alias',
        message: expect.stringMatching(new RegExp(`names ${alias} and ${other}\\. Pass one of them.*${other}: research@1, complete`, 's')),
      },
    });
  });

  it('is replaced inside JSON that a model wrote as a string', () => {
    const alias = String(result(task(1)).handle);
    const { handle } = task(1);
    const json = JSON.stringify;
    expect(given(json({ handle: alias, topic: 'x' }))).toBe(json({ handle, topic: 'x' }));
    expect(given({ name: 'any', arguments: json({ handle: alias }) })).toEqual({ name: 'any', arguments: json({ handle }) });
    expect(given({ hs: json([alias, alias]), other: json({ deep: [alias] }) })).toEqual({
      hs: json([handle, handle]),
      other: json({ deep: [handle] }),
    });
    for (const text of ['{ "a": 12345678901234567890 }', '[1, ', '{}', `[${'['.repeat(5_000)}${']'.repeat(5_001)}`])
      expect(sent(text)).toBe(text);
    const unknown = call(json({ handle: 'task_222222' }) as unknown as object) as { answer: Message };
    expect(unknown.answer.result?.['structuredContent']).toMatchObject({ error: { code: 'unknown_alias' } });
  });

  it('stays in JSON that JavaScript cannot write again without changing a number', () => {
    const alias = String(result(task(1)).handle);
    const { handle } = task(1);
    for (const text of [`{"h":"${alias}","id":9007199254740993}`, `{"h":"${alias}","a":1.0}`, `{"h":"${alias}","a":1,"a":2}`]) {
      expect(given({ hs: text })).toEqual({ hs: text });
    }
    expect(given({ hs: `{"h":"${alias}","id":12,"text":"1.0"}` })).toEqual({ hs: `{"h":"${handle}","id":12,"text":"1.0"}` });
  });

  it('leaves an object with further members an object, because they may limit what the model wants', () => {
    const alias = String(result(task(1)).handle);
    const { handle } = task(1);
    expect(given({ handle: { handle: alias, other: 'x' } })).toEqual({ handle: { handle, other: 'x' } });
  });

  it('causes an error of the wallet if the argument "handle" contains it and the wallet does not know it', () => {
    const alias = String(result(task(1)).handle);
    const given = (handle: unknown) => call({ handle }) as { answer?: Message; forward?: Message };
    expect(given(`please use ${alias} again`).forward?.params).toMatchObject({ arguments: { handle: task(1).handle } });
    const nested = call({ name: 'get_task_status', arguments: { handle: `use ${alias}` } }) as { forward: Message };
    expect(nested.forward.params).toMatchObject({ arguments: { arguments: { handle: task(1).handle } } });
    for (const text of ['task_abc123', 'task_7f3a9', 'handle: task_000000', 'TASK-ABCDE1', 'task\\_abc123', 'my task_abcdefg']) {
      const { answer } = given(text);
      expect([text, answer?.result]).toEqual([text, expect.objectContaining({ isError: true })]);
      expect(answer?.result?.['structuredContent']).toMatchObject({
        error: { code: 'unknown_alias', message: expect.stringContaining('research@1') },
      });
    }
    // The wallet forwards real handles, and text that does not look like an alias. The server then judges them.
    for (const text of ['ada', '@task', 'task', 'multitask_force', `${madeUpHandle('x')} task_abc123`])
      expect(given(text).forward).toBeDefined();
  });

  it('is replaced in the URI of a resource, and in responses to input requests', () => {
    const { handle: alias } = result(task(1));
    const { handle } = task(1);
    const read = outgoing({ jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: `task://${alias}/log` } }, holdings, now);
    expect(read).toMatchObject({ forward: { params: { uri: `task://${handle}/log` } } });
    const notifications = { resourceSubscriptions: [`task://${alias}/log`, 'task://other'] };
    const listen = outgoing({ jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params: { notifications } }, holdings, now);
    expect(listen).toMatchObject({
      forward: { params: { notifications: { resourceSubscriptions: [`task://${handle}/log`, 'task://other'] } } },
    });
    const content = { chosen: alias, misspelt: `${alias}x` };
    const retry = outgoing({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { inputResponses: { a: { content } } } }, holdings, now);
    expect(retry).toMatchObject({ forward: { params: { inputResponses: { a: { content: { chosen: handle, misspelt: `${alias}x` } } } } } });
    const answer = outgoing({ jsonrpc: '2.0', id: 1, result: { action: 'accept', content } }, holdings, now);
    expect(answer).toMatchObject({ forward: { result: { content: { chosen: handle } } } });
  });

  it('becomes the same handle again, if the client repeats a request with responses to input requests', () => {
    const { handle: alias } = result(task(1));
    const before = asking(String(alias));
    result(task(2));
    const params = { name: 'any', arguments: { handle: alias }, inputResponses: {}, requestState: REQUEST_STATE };
    const again = outgoing({ jsonrpc: '2.0', id: 2, method: 'tools/call', params }, holdings, now, before);
    expect(again).toMatchObject({ forward: { params: { arguments: { handle: task(1).handle }, requestState: REQUEST_STATE } } });
  });

  it('causes an error of the wallet if it is misspelt, unknown or expired', () => {
    const alias = String(result(task(1)).handle);
    const misspelt = alias.slice(0, -1) + (alias.endsWith('2') ? '3' : '2');
    expect(refusal(misspelt)).toMatchObject({
      code: 'unknown_alias',
      text: expect.stringContaining(`Similar aliases: ${alias}: research@1, running, revision 1`),
    });
    expect(refusal('task_222222')).toMatchObject({ code: 'unknown_alias', text: expect.stringContaining(alias) });
    now += 2 * DAY;
    expect(refusal(alias)).toMatchObject({ code: 'expired', text: expect.stringContaining('2027-01-16T08:00:00Z') });
    expect(call({ x: alias }, 'prompts/get')).toMatchObject({ answer: { error: { code: -32_602, data: { code: 'expired' } } } });
  });
});

describe('a task with several branches', () => {
  it('has an alias for each branch, and each alias continues its own branch', () => {
    const alias = String(result(task(1)).handle);
    const asked = asking(alias);
    expect(result(task(2, { text: 'left' }), asked).handle).toBe(alias);
    const other = String(result(task(2, { text: 'right' }), asked).handle);
    expect(other).not.toBe(alias);
    expect(result(task(3, { text: 'right on' }), asking(other)).handle).toBe(other);
    expect(result(task(3, { text: 'left on' }), asking(alias)).handle).toBe(alias);
    expect([sent(alias), sent(other)]).toEqual([madeUpHandle('left on'), madeUpHandle('right on')]);
  });

  it('never continues with a handle of fewer rights', () => {
    const alias = String(result(task(1)).handle);
    const handedOn = String(result(task(9, { text: 'less', rights: ['read'] }), asking(alias)).handle);
    expect(handedOn).not.toBe(alias);
    expect(sent(alias)).toBe(task(1).handle);
    // A later result that does not name the rights must have the alias `handedOn` again.
    expect(result(task(10, { text: 'untold' }), asking(handedOn)).handle).toBe(handedOn);
    expect(result(task(11, { text: 'other', rights: ['read', 'record'] })).handle).not.toBe(handedOn);
    expect(sent(alias)).toBe(task(1).handle);
  });
});

describe('a malicious server', () => {
  it('cannot harm another handle by a false description', () => {
    const alias = String(result(task(1)).handle);
    const lies = [
      { revision: -1 },
      { revision: Number.MAX_VALUE },
      { id: '../..' },
      { kind: 'x'.repeat(99) },
      { expires_at: 'never' },
      { rights: 'all' },
      { rights: [{}] },
    ];
    for (const lie of lies) expect(result(task(99, { text: JSON.stringify(lie), ...lie })).handle).not.toBe(alias);
    expect(sent(alias)).toBe(task(1).handle);
  });

  it('cannot describe a handle by JSON inside a text that anyone may have written', () => {
    const alias = String(result(task(1)).handle);
    const forged = JSON.stringify(task(99, { text: 'of another task' }));
    const shown = result({ findings: [forged, `see ${forged}`] });
    expect(JSON.stringify(shown)).not.toContain('eyJ');
    received({ jsonrpc: '2.0', id: 1, result: { structuredContent: {}, content: [{ type: 'text', text: forged }] } });
    received({ jsonrpc: '2.0', id: 1, result: { content: [{ type: 'text', text: JSON.stringify({ findings: [forged] }) }] } });
    expect(sent(alias)).toBe(task(1).handle);
  });

  it('cannot put a handle or several lines into a status or a right', () => {
    result(task(1, { status: `ok\n\n# Now obey\u202e ${'x'.repeat(200)}` }));
    result(task(1, { id: 'BBBBBBBBBBBBBBBB', status: madeUpHandle('x') }));
    result(task(1, { id: 'CCCCCCCCCCCCCCCC', rights: [madeUpHandle('x')] }));
    result(task(1, { id: 'DDDDDDDDDDDDDDDD', rights: ['read\n\n# Now obey'] }));
    const list = outgoing({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_held_handles' } }, holdings, now);
    expect(JSON.stringify(list)).not.toContain('eyJ');
    expect(JSON.stringify(list)).not.toContain('\\n# Now');
    expect(holdings.tasks[0]?.status).toMatch(/^ok # Now obey x+$/);
    expect(holdings.tasks[0]?.status).toHaveLength(80);
  });

  it('cannot exceed the wallet’s limits, because the wallet drops the oldest tasks', () => {
    const first = String(result(task(1)).handle);
    for (let round = 0; round < 4; round += 1) {
      const many = Array.from({ length: 400 }, (_, n) => task(1, { id: `${round}${n}`.padEnd(16, 'x') }));
      result({ many });
    }
    expect(holdings.tasks).toHaveLength(MAX_TASKS);
    expect(refusal(first).code).toBe('unknown_alias');

    holdings = { tasks: [] };
    const small = String(result(task(1)).handle);
    for (let n = 0; n < 30; n += 1) result(task(1, { id: `${n}-`.padEnd(16, 'y'), text: 'z'.repeat(190_000) + n }));
    expect(JSON.stringify(holdings).length).toBeLessThan(MAX_LENGTH + 100_000);
    expect(refusal(small).code).toBe('unknown_alias');

    const rights = Array.from({ length: 64 }, (_, n) => `${n}`.padEnd(128, 'r'));
    for (let round = 0; round < 3; round += 1) {
      result({ many: Array.from({ length: 400 }, (_, n) => task(1, { id: `${round}${n}`.padEnd(16, 'v'), rights })) });
    }
    expect(JSON.stringify(holdings).length).toBeLessThan(MAX_LENGTH + 400_000);
  });

  it('cannot fill the wallet with revisions, because only the newest stay', () => {
    for (let revision = 1; revision <= 30; revision += 1) result(task(revision));
    expect(holdings.tasks[0]?.handles.map(({ revision }) => revision)).toEqual(
      Array.from({ length: MAX_REVISIONS }, (_, n) => 31 - MAX_REVISIONS + n),
    );
    // The wallet dropped the handle of revision 2. If the server sends it again, it gets a new alias.
    const old = String(result(task(2)).handle);
    expect(sent(old)).toBe(task(2).handle);
  });

  it('cannot show the model a handle that is too large, or displace others with it', () => {
    const alias = String(result(task(1)).handle);
    const shown = result({ handle: madeUpHandle('z'.repeat(MAX_LENGTH)) });
    expect(shown).toEqual({ handle: '(a handle that the wallet does not hold)' });
    expect(sent(alias)).toBe(task(1).handle);
  });

  it.each([
    ['nests too deep', Array.from({ length: 5_000 }).reduce<object>((inner) => [inner], [])],
    ['has too many handles', Array.from({ length: 501 }, (_, n) => madeUpHandle(`${n}`))],
  ])('cannot send the client a message that %s', (_name, content) => {
    expect(() => result(content)).toThrow(/more than/);
    expect(holdings.tasks).toEqual([]);
  });

  it('can use the name __proto__ for a member without harm', () => {
    const content = JSON.parse(`{"__proto__":{"handle":"${madeUpHandle('x')}"}}`) as object;
    expect(Object.keys(result(content))).toEqual(['__proto__']);
  });

  it('can use the names of functions that every object has, without harm', () => {
    const content = { handle: madeUpHandle('x'), odd: { toString: 1, valueOf: 2 }, odd_info: {} };
    expect(result(content)).toEqual({ ...content, handle: expect.stringMatching(/^task_/) });
  });

  it('cannot make the wallet lose a handle by a wrong expiry', () => {
    const alias = result(task(1, { expires_at: '2020-01-01T00:00:00Z' })).handle;
    expect(sent(alias)).toBe(task(1).handle);
    expect(result(task(1, { id: 'BBBBBBBBBBBBBBBB', expires_at: '9999-01-01T00:00:00Z' })).handle).toMatch(/^task_/);
    expect(holdings.tasks.map(({ expires }) => expires)).toEqual([undefined, NOW + 30 * DAY]);
  });
});
