import { createHash, randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { fingerprint } from '../../src/handle/index.ts';
import { HANDLE_PREFIX, LONGEST_HANDLE } from '../../src/scan/find.ts';
import { createRedactor } from '../../src/scan/redact.ts';
import { fieldsOf, newWorld } from '../kit/support.ts';

let handle: string;
let name: string;
beforeAll(async () => {
  handle = fieldsOf(await (await newWorld()).call('start_research_task', { topic: 'lost luggage' })).handle;
  name = `[handle ${await fingerprint(handle)}]`;
});

async function redacted(...chunks: string[]): Promise<string> {
  const redactor = createRedactor();
  let out = '';
  for (const chunk of chunks) out += await redactor.push(chunk);
  return out + (await redactor.end());
}

describe('redact, given a whole handle,', () => {
  it.each([
    ['alone', (h: string) => h],
    ['twice', (h: string) => `${h} ${h}`],
    ['in JSON', (h: string) => JSON.stringify({ handle: h, handle_info: { revision: 1 } })],
    ['in JSON in JSON', (h: string) => JSON.stringify({ text: JSON.stringify({ text: `line\n${h}\nline` }) })],
    ['in a URL', (h: string) => `GET /x?handle=${encodeURIComponent(h)}&y=1`],
    ['at the end of a sentence', (h: string) => `Pass ${h}. Then wait.`],
    ['directly before another handle', (h: string) => `${h}${h}`],
    ['before an ellipsis', (h: string) => `${h}... and so on`],
    ['between bytes that are not text', (h: string) => `\u00ff\u0000${h}\u0080\u00fe`],
  ])('replaces the handle by its fingerprint, and leaves other text: %s', async (_name, write) => {
    expect(await redacted(write(handle))).toBe(write(handle).replaceAll(handle, name));
  });

  it('replaces the handle wherever a chunk ends', async () => {
    const text = `a ${handle}\\n${handle.slice(0, 200)}. ${handle}..b "${handle.replaceAll('.', '%2E')}" eyJhbGci`;
    const whole = await redacted(text);
    expect(whole).toBe(`a ${name}\\n[handle, cut]. ${name}..b "${name}" eyJhbGci`);
    for (let at = 0; at < text.length; at += 1) expect(await redacted(text.slice(0, at), text.slice(at)), String(at)).toBe(whole);
    expect(await redacted(...text)).toBe(whole);
  });

  it.each([
    ['dots escaped for a URL', (h: string) => `?h=${h.replaceAll('.', '%2E')}&x`, (name: string) => `?h=${name}&x`],
    ['dots escaped for a URL within a URL', (h: string) => `?u=${h.replaceAll('.', '%252e')}&x`, (name: string) => `?u=${name}&x`],
    ['dots escaped for JSON', (h: string) => `"${h.replaceAll('.', '\\u002e')}\\n"`, (name: string) => `"${name}\\n"`],
    ['every sign escaped', (h: string) => h.replace(/[._-]/g, (c) => `\\x${c.charCodeAt(0).toString(16)}`), (name: string) => name],
  ])('replaces the handle if some of its characters are escaped: %s', async (_name, write, expected) => {
    expect(await redacted(write(handle))).toBe(expected(name));
    expect(await redacted(...write(handle))).toBe(expected(name));
  });

  it.each(['whole', 'line by line', 'in chunks of 100 characters'])(
    'reports no line of calls and results with random ids, if the log comes %s',
    async (how) => {
      const world = await newWorld();
      let log = '';
      for (let call = 0; call < 20; call += 1) {
        const result = await world.call('start_research_task', { topic: `topic ${call}` });
        const { handle } = fieldsOf(result);
        const id = randomBytes(12).toString('base64url');
        log += `${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`;
        log += `${JSON.stringify({ id, session: randomBytes(16).toString('base64url'), params: { arguments: { handle } } })}\n`;
      }
      const chunks = how === 'whole' ? [log] : how === 'line by line' ? log.split(/(?<=\n)/) : (log.match(/[\s\S]{1,100}/g) ?? []);
      const redactor = createRedactor();
      let out = '';
      for (const chunk of chunks) out += await redactor.push(chunk);
      out += await redactor.end();
      expect(redactor.count).toEqual({ handles: 60, cut: 0, suspects: 0, lines: [] });
      expect(out.replaceAll(/\[handle [\w-]{16}\]/g, '')).toBe(log.replaceAll(/eyJ[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+/g, ''));
    },
  );

  it('returns a line as soon as it ends', async () => {
    const redactor = createRedactor();
    expect(await redactor.push(`one ${handle}\n`)).toBe(`one ${name}\n`);
    expect(await redactor.push('two ')).toBe('two ');
    expect(redactor.count).toMatchObject({ handles: 1, cut: 0 });
  });
});

describe('redact, given a damaged handle,', () => {
  it.each([
    ['cut by a logger', (h: string) => `${h.slice(0, 300)}…`, '[handle, cut]…'],
    ['cut in the middle of a text', (h: string) => `"${h.slice(0, 300)}... 300 more characters"`, '"[handle, cut]... 300 more characters"'],
    ['cut within the tag', (h: string) => `${h.slice(0, -3)}\n`, '[handle, cut]\n'],
    ['longer than it should be', (h: string) => `${h}AB\n`, '[handle, cut]\n'],
  ])('replaces a handle that is %s', async (_name, write, expected) => {
    expect(await redacted(write(handle))).toBe(expected);
    expect(await redacted(...write(handle))).toBe(expected);
  });

  it('replaces text that begins like a handle but is longer than any handle, and replaces the handle after it', async () => {
    const endless = `${HANDLE_PREFIX}${'A'.repeat(1000)}`;
    const more = Array.from({ length: 2 * Math.ceil(LONGEST_HANDLE / 1000) }, () => 'A'.repeat(1000));
    const redactor = createRedactor();
    let longest = 0;
    let out = '';
    for (const chunk of ['x ', endless, ...more, ...more, ` ${handle} end`]) {
      const said = await redactor.push(chunk);
      longest = Math.max(longest, said.length);
      out += said;
    }
    expect(out + (await redactor.end())).toBe(`x [handle, cut] ${name} end`);
    expect(longest).toBeLessThan(1000);
    expect(redactor.count).toMatchObject({ handles: 1, cut: 1 });
  });

  it('replaces a handle between long runs of base64url, and leaves these runs', async () => {
    const chunk = `${'A'.repeat(100_000)}\\n${handle}\\n`;
    const expected = `${'A'.repeat(100_000)}\\n${name}\\n`;
    expect(await redacted(...Array.from({ length: 20 }, () => chunk))).toBe(expected.repeat(20));
  });
});

describe('redact, given other text,', () => {
  it.each([
    ['an empty text', ''],
    ['a text that looks like parts of handles', 'eyJ eyJhbGciOiJkaXIi plain [handle, cut] text\r\n'],
    ['another token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl'],
    ['every byte', Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('')],
  ])('leaves the text as it is: %s', async (_name, text) => {
    expect(await redacted(text)).toBe(text);
    expect(await redacted(...text)).toBe(text);
  });

  it.each([
    ['a signed id', (id: string, tag: string) => `token=${id}.${tag} ok\n`],
    ['the id of a session in a cookie', (id: string, tag: string) => `Set-Cookie: sid=s%3A${id}.${tag}; Path=/\n`],
    [
      'the second part of a JWE in a cookie',
      (id: string, tag: string) => `Cookie: session.0=e30.e30.e30; session.1=${id.repeat(5)}.${tag}\n`,
    ],
    ['an id on the line before a handle', (id: string, tag: string) => `id: ${id}.${tag}\n${handle}\n`],
  ])('reports the line of text that looks like the end of a handle: %s', async (_name, write) => {
    const [id, tag] = [32, 16].map((length) => createHash('shake256', { outputLength: length }).update('').digest('base64url'));
    const text = write(id ?? '', tag ?? '').repeat(5);
    const redactor = createRedactor();
    expect((await redactor.push(text)) + (await redactor.end())).toBe(text.replaceAll(handle, name));
    expect(redactor.count).toMatchObject({ cut: 0, suspects: 5 });
  });

  it.each([
    ['the key of a session', (id: string) => `DEL session.${id} ok\nDEL session.${id} ok\n`],
    ['the name of a file', (id: string) => `GET /assets/index.${id}.js\n`],
  ])('leaves a random id of 16 bytes after a dot as it is: %s', async (_name, write) => {
    for (const last of 'AQgw') {
      const text = write(`x7Kf9ZqT2mVbRp4LwYc8s${last}`);
      expect(await redacted(text)).toBe(text);
    }
  });

  it('leaves redacted text as it is', async () => {
    const once = await redacted(`a ${handle} b ${handle.slice(0, 99)}`);
    expect(await redacted(once)).toBe(once);
  });
});
