import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { emptyFolder, ringFile } from '../support/folders.ts';
import { MODERN } from '../support/mcp.ts';

const guide = readFileSync('docs/request-state.md', 'utf8');
const [, server = ''] = /```js\n([\s\S]*?)```/.exec(guide) ?? [];

type Fetch = (request: Request) => Promise<Response>;

/** Two replicas of the guide's server, in a project with this package. */
let replicas: Fetch[];
beforeAll(async () => {
  vi.stubEnv('WAXSEAL_KEYS', readFileSync((await ringFile()).path, 'utf8'));
  const project = emptyFolder();
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(resolve('.'), join(project, 'node_modules/waxseal'));
  for (const name of ['@modelcontextprotocol', 'zod']) symlinkSync(resolve('node_modules', name), join(project, 'node_modules', name));
  replicas = await Promise.all(
    ['one', 'two'].map(async (name) => {
      const file = join(project, `${name}.mjs`);
      writeFileSync(file, server);
      const { default: handler } = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as { default: { fetch: Fetch } };
      return handler.fetch;
    }),
  );
});
afterAll(() => {
  vi.unstubAllEnvs();
});

describe('the guide to request state', () => {
  it('shows a server that asks the user a question, and any replica can take the answer', async () => {
    const client = new Client(
      { name: 'waxseal-test', version: '1.0.0' },
      { versionNegotiation: { mode: { pin: MODERN } }, capabilities: { elicitation: { form: {} } } },
    );
    const asked: string[] = [];
    client.setRequestHandler('elicitation/create', async ({ params }) => {
      asked.push(params.message);
      return { action: 'accept', content: { reason: 'too late' } };
    });
    let sent = 0;
    const bodies: string[] = [];
    const fetch = async (url: string | URL, init?: RequestInit) => {
      bodies.push(String(init?.body));
      sent += 1;
      return (replicas[sent % 2] as Fetch)(new Request(url, init));
    };
    await client.connect(new StreamableHTTPClientTransport(new URL('http://localhost/mcp'), { fetch }));
    const { content } = await client.callTool({ name: 'cancel_order', arguments: { order: 'A-17' } });
    expect(content).toEqual([{ type: 'text', text: 'Cancelled for 450 cents: too late' }]);
    expect(asked).toEqual(['Why cancel A-17?']);
    // The client cannot read the state that it carries.
    const { params } = JSON.parse(bodies.at(-1) ?? '') as { params: { requestState: string } };
    expect(params.requestState).toMatch(/^ey/);
    expect(Buffer.from(params.requestState, 'base64url').toString('latin1')).not.toContain('fee');
    await client.close();
  });

  it('marks two lines that its server has, and states the size that test/kit/request-state.test.ts checks', () => {
    const changed = [...guide.matchAll(/^\+(.*)$/gm)].map(([, line]) => line);
    expect(changed).toHaveLength(2);
    for (const line of changed) expect(server).toContain(`${line}\n`);
    expect(guide).toContain('27 KB, bundled and minified');
    expect(readFileSync('test/kit/request-state.test.ts', 'utf8')).toContain('const MOST = 27_000');
  });
});
