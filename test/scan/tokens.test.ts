import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { HANDLE_PREFIX } from '../../src/scan/index.ts';
import { newHandle, redacted } from './support.ts';

const handle = newHandle(200);

describe('redact, given other tokens,', () => {
  it.each([
    ['a JWE of another program', (jwe: string) => jwe],
    ['a JWE of another program in a cookie', (jwe: string) => `Cookie: __Secure-next-auth.session-token=${jwe}; theme=dark`],
    ['a JWE of another program in lines', (jwe: string) => `${jwe.match(/.{1,60}/g)?.join('\n')}\nnext words`],
  ])('leaves the text as it is, and reports no line: %s', async (_name, write) => {
    const parts = [12, 200, 16].map((length) =>
      createHash('sha512')
        .update(`${length}`)
        .digest()
        .toString('base64url')
        .repeat(4)
        .slice(0, Math.ceil((length * 4) / 3)),
    );
    const text = write(`eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..${parts.join('.')}`);
    expect(await redacted(text)).toEqual({ out: text, handles: 0, cut: 0, suspects: 0, lines: [] });
  });

  it.each([
    ['with a key id and a type', '{"alg":"dir","enc":"A256GCM","kid":"abc","typ":"JWT"}'],
    ['with a key id and no type', '{"alg":"dir","enc":"A256GCM","kid":"abc"}'],
  ])('leaves the JWE of another program as it is, and reports no line: a JWE %s', async (_name, header) => {
    const parts = [12, 150, 16].map((length) => createHash('shake256', { outputLength: length }).update('').digest('base64url'));
    const jwe = `${Buffer.from(header).toString('base64url')}..${parts.join('.')}`;
    for (const text of [`Authorization: Bearer ${jwe}\n`, `${jwe.match(/.{1,76}/g)?.join('\n')}\nnext words\n`]) {
      expect(await redacted(text)).toEqual({ out: text, handles: 0, cut: 0, suspects: 0, lines: [] });
    }
    // If the token was cut, the redactor reports its line.
    const cut = jwe.slice(0, 200);
    expect(await redacted(cut)).toMatchObject({ out: cut, cut: 0, suspects: 1 });
  });
});

describe('redact, given a damaged header,', () => {
  it('replaces a handle whose changed type looks like another token’s', async () => {
    const [header = '', ...rest] = handle.split('.');
    const changed = Buffer.from(header, 'base64url').toString().replace('"handle"', '"handme"');
    const text = [Buffer.from(changed).toString('base64url'), ...rest].join('.');
    expect((await redacted(text)).out).toBe('[handle, cut]');
  });

  it('replaces a handle whose header lost a line and therefore looks like another token’s', async () => {
    const text = `${HANDLE_PREFIX.slice(0, 44)}bGUifQ${handle.slice(handle.indexOf('..'))}`;
    expect((await redacted(text)).out).toBe('e[handle, cut]');
  });
});
