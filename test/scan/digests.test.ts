import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newHandle, redacted } from './support.ts';

const algorithms = { 20: 'sha1', 32: 'sha256', 48: 'sha384', 64: 'sha512' } as const;

/** Makes eight digests without `+` and `/`. Only their length and their name tell that they are digests. */
const digests = (bytes: keyof typeof algorithms) =>
  Array.from({ length: 1_000 }, (_, at) => createHash(algorithms[bytes]).update(`${at}`).digest('base64'))
    .filter((digest) => !/[+/]/.test(digest))
    .slice(0, 8);

const FORMS: Readonly<Record<string, string[]>> = {
  'go.sum': digests(32).map((digest, at) => `github.com/a/b v1.0.${at} h1:${digest}\ngithub.com/a/b v1.0.${at}/go.mod h1:${digest}`),
  ...Object.fromEntries(
    ([20, 32, 48, 64] as const).map((bytes) => [
      `yarn.lock with ${algorithms[bytes]}`,
      digests(bytes).map((digest, at) => `a@^1.0.${at}:\n  integrity ${algorithms[bytes]}-${digest}\n  dependencies:\n    b "1"\n`),
    ]),
  ),
  'a page with Subresource Integrity': digests(48).map((digest) => `<script src="/a.js" integrity="sha384-${digest}"></script>`),
  'a content security policy': digests(32).map(
    (digest) => `content-security-policy: script-src 'sha256-${digest}' 'nonce-${digest.slice(0, 22)}==' 'self'; object-src 'none'`,
  ),
  'a configuration of WireGuard': digests(32).map((key) => `[Peer]\nPublicKey = ${key}\nAllowedIPs = 10.0.0.1/32`),
  'headers of HTTP': digests(32).map(
    (digest) => `Digest: SHA-256=${digest}\r\nDate: today\r\nx-amz-checksum-sha256: ${digest}\r\nVia: 1.1 a\r`,
  ),
};

describe('redact, given digests and keys in base64,', () => {
  it.each(Object.entries(FORMS))('leaves the text as it is, and reports no line: %s', async (_name, records) => {
    const text = `first line\n${records.join('\n')}\nlast line\n`;
    for (const chunk of [text.length, 1, 100]) expect(await redacted(text, chunk)).toMatchObject({ out: text, suspects: 0, cut: 0 });
  });

  it('reports a piece that is as long as a digest, if the equals sign after it marks a folded line', async () => {
    // Without "-", "_" and ".", the piece could be standard base64, as a digest is.
    const rest = newHandle(600).slice(150).replace(/[-_.]/g, 'k');
    for (const [first, second] of [
      [43, 17],
      [27, 17],
      [75, 75],
    ] as const) {
      const text = `first line\n${rest.slice(0, first)}=\n${rest.slice(first, first + second)}\nlast line\n`;
      for (let chunk = 1; chunk <= text.length; chunk += 1) expect((await redacted(text, chunk)).lines, `${first}, ${chunk}`).toContain(2);
    }
  });

  it('reports a piece in base64 behind the name of a digest', async () => {
    const rest = newHandle(600).slice(150).replace(/[-_.]/g, 'k');
    for (const length of [24, 30, 40, 60]) {
      const encoded = Buffer.from(rest.slice(0, length)).toString('base64');
      expect((await redacted(`first line\n"integrity": "sha512-${encoded}"\n`)).lines, `${length}`).toEqual([2]);
    }
  });

  it('reports a piece behind the name of a digest, if the piece is shorter or longer than the digest', async () => {
    const rest = newHandle(600).slice(150).replace(/[-_.]/g, 'k');
    for (const length of [43, 60, 87, 100])
      expect((await redacted(`first line\nsha512-${rest.slice(0, length)}\n`)).lines, `${length}`).toEqual([2]);
  });
});
