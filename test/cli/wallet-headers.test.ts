import { describe, expect, it } from 'vitest';
import { serveFetch } from '../wallet/passing-server.mjs';
import { waxseal } from './support.ts';

describe('--header of waxseal wallet', () => {
  it.each([
    [['--header', 'secret'], /header 1 must have the form NAME: VALUE/],
    [['--header', 'bad name: secret'], /header 1 must have the form NAME: VALUE/],
    [['--header', 'x: secret\r\ny: z'], /header 1 must have the form NAME: VALUE/],
    [['--header', `Authorization: secret \${NOT_SET}`], /a header uses the environment variable NOT_SET, which is not set/],
    [
      ['--header', 'Authorization: Bearer $secret'],
      /header 1 contains a variable in a form that the wallet does not read\. Write: \$\{NAME\}/,
    ],
    [['--header', 'Authorization: Bearer {{secret}}'], /header 1 contains a variable in a form/],
    [['--header', `Authorization: Bearer \${input:secret}`], /header 1 contains a variable in a form/],
  ])('is refused, and the error does not print the value: %j', async (args, wording) => {
    const { code, stderr } = await waxseal(['wallet', '--ephemeral', ...args, 'http://127.0.0.1:9/mcp']);
    expect(code).toBe(2);
    expect(stderr).toMatch(wording);
    expect(stderr).not.toContain('secret');
  });

  it.each([
    [`Bearer \${env:TOKEN}`, { TOKEN: 'abc' }, 'Bearer abc'],
    [`Bearer \${TOKEN:-def}`, {}, 'Bearer def'],
    [`Bearer \${TOKEN:-def}`, { TOKEN: 'abc' }, 'Bearer abc'],
    [`\${TOKEN}`, { TOKEN: `a\${b} {{c}}` }, `a\${b} {{c}}`],
    ['pa$word1 costs $ 5', {}, 'pa$word1 costs $ 5'],
  ])('inserts environment variables: %s with %j', async (value, env, expected) => {
    const seen: unknown[] = [];
    const server = await serveFetch(async (request) => {
      seen.push(request.headers.get('x-key'));
      const { id } = (await request.json()) as { id: number };
      return Response.json({ jsonrpc: '2.0', id, result: {} });
    });
    const input = '{"jsonrpc":"2.0","id":1,"method":"ping"}\n';
    const { code } = await waxseal(['wallet', '--ephemeral', '--header', `X-Key: ${value}`, server.url], { input, env });
    await server.close();
    expect({ code, seen }).toEqual({ code: 0, seen: [expected] });
  });

  it('causes a warning if it uses an empty variable', async () => {
    const { code, stderr } = await waxseal(['wallet', '--ephemeral', '--header', `X-Key: \${TOKEN}`, 'http://127.0.0.1:9/mcp'], {
      env: { TOKEN: '' },
    });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'waxseal wallet: header 1 uses the environment variable TOKEN, which is empty.\n',
    });
  });

  it('works only with a URL', async () => {
    const { code, stderr } = await waxseal(['wallet', '--header', 'x: secret', '--', 'node']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--header works only with a URL')]);
  });
});
