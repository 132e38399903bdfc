import { describe, expect, it } from 'vitest';
import { waxseal } from './support.ts';

describe('headers of a wallet', () => {
  it.each([
    [['--header', 'secret'], /header 1 is not NAME: VALUE/],
    [['--header', 'bad name: secret'], /header 1 is not NAME: VALUE/],
    [['--header', 'x: secret\r\ny: z'], /header 1 is not NAME: VALUE/],
    [['--header', `Authorization: secret \${NOT_SET}`], /NOT_SET, which a header names, is not set/],
  ])('are refused where they are none, and their values are not shown: %j', async (args, wording) => {
    const { code, stderr } = await waxseal(['wallet', '--ephemeral', ...args, 'http://127.0.0.1:9/mcp']);
    expect(code).toBe(2);
    expect(stderr).toMatch(wording);
    expect(stderr).not.toContain('secret');
  });

  it('are for a URL', async () => {
    const { code, stderr } = await waxseal(['wallet', '--header', 'x: secret', '--', 'node']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--header is for a URL')]);
  });
});
