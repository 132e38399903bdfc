import { describe, expect, it } from 'vitest';
import { waxseal } from './support.ts';

describe('--header of waxseal wallet', () => {
  it.each([
    [['--header', 'secret'], /header 1 must have the form NAME: VALUE/],
    [['--header', 'bad name: secret'], /header 1 must have the form NAME: VALUE/],
    [['--header', 'x: secret\r\ny: z'], /header 1 must have the form NAME: VALUE/],
    [['--header', `Authorization: secret \${NOT_SET}`], /a header uses the environment variable NOT_SET, which is not set/],
  ])('is refused, and the error does not print the value: %j', async (args, wording) => {
    const { code, stderr } = await waxseal(['wallet', '--ephemeral', ...args, 'http://127.0.0.1:9/mcp']);
    expect(code).toBe(2);
    expect(stderr).toMatch(wording);
    expect(stderr).not.toContain('secret');
  });

  it('works only with a URL', async () => {
    const { code, stderr } = await waxseal(['wallet', '--header', 'x: secret', '--', 'node']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--header works only with a URL')]);
  });
});
