import { expect, it } from 'vitest';
import { createByteRedactor } from '../../src/cli/io/byte-redactor.ts';
import { HANDLE_PREFIX } from '../../src/scan/find.ts';
import { createRedactor } from '../../src/scan/redact.ts';
import { growsInProportion } from '../support/proportion.ts';

async function redacted(...chunks: string[]): Promise<string> {
  const redactor = createRedactor();
  let out = '';
  for (const chunk of chunks) out += await redactor.push(chunk);
  return out + (await redactor.end());
}

it('redact takes time in proportion to the length of any text', async () => {
  for (const filling of [
    HANDLE_PREFIX,
    `${HANDLE_PREFIX} `,
    `${HANDLE_PREFIX}AAAAAAAA..${'A'.repeat(16)}.`,
    '.',
    '\\',
    '%25',
    'A',
    'a\n',
    `.${'Aa'.repeat(11)}`,
  ]) {
    const chunk = filling.repeat(Math.ceil(65_536 / filling.length));
    const redact = (chunks: number) => redacted(HANDLE_PREFIX, ...Array.from({ length: chunks }, () => chunk));
    // The longer of the two texts is twice as long as the text that the redactor may hold back.
    expect(await growsInProportion(redact, 2), filling).toBe(true);
  }
});

it.each(['eyJ', '\n2026-11-27T08:00:00.123Z '])(
  'redact takes time in proportion to the length of a chunk that is full of %j',
  async (filling) => {
    const redact = async (count: number) => {
      const redactor = createByteRedactor();
      await redactor.push(Buffer.from(filling.repeat(count)));
      await redactor.end();
    };
    expect(await growsInProportion(redact, 4_000)).toBe(true);
  },
);

it('redact takes time in proportion to the number of lines that look like base64 but are not', async () => {
  const line = `${'bbbb/'.repeat(11)}aQz9xKw7v\n`;
  const redact = async (count: number) => {
    const redactor = createByteRedactor();
    await redactor.push(Buffer.from(`-----BEGIN CERTIFICATE-----\n${line.repeat(count)}=A\n\n${'the quick brown fox\n'.repeat(300)}`));
    await redactor.end();
  };
  expect(await growsInProportion(redact, 2_000)).toBe(true);
});

it('redact takes little time for many backslashes that follow base64 at the end of a chunk', async () => {
  const body = Buffer.from('{"topic":"lost luggage","depth":300}').toString('base64');
  const redact = (count: number) => redacted(`{"body":"${body}${'\\'.repeat(count)}"`, ', and so on');
  expect(await growsInProportion(redact, 4)).toBe(true);
});

it('redact takes time in proportion to the length of a path of equal words', async () => {
  expect(await growsInProportion((words) => redacted('Abcdefghijkl/'.repeat(words)), 1_500)).toBe(true);
});

it('redact takes time in proportion to the number of lines into which another program’s token is broken', async () => {
  const token = (lines: number) =>
    Array.from({ length: lines }, () => `${Buffer.from(crypto.getRandomValues(new Uint8Array(48))).toString('base64url')}\n`);
  expect(await growsInProportion((lines) => redacted(...token(lines)), 150)).toBe(true);
});

it.each(['\n', '\r\n', '\\r\\n'])(
  'redact takes time in proportion to the number of lines of an attachment with the line end %j',
  async (lineBreak) => {
    const attachment = (users: number) => {
      const text = Array.from({ length: users }, (_, user) => `user ${user}\n`).join('');
      return Buffer.from(text).toString('base64').match(/.{76}/g)?.join(lineBreak) ?? '';
    };
    expect(await growsInProportion((users) => redacted(attachment(users)), 2_000)).toBe(true);
  },
);

it.each([
  ['coloured text', (count: number) => '\u001b[38;5;1mA\u001b[38;5;2mb'.repeat(count)],
  ['text with colours under colours', (count: number) => '\u001b\u001b[1m[\u001b[1m1\u001b[1mm\u001b[1mA'.repeat(count)],
])('redact takes time in proportion to the number of rows of base64 that encode %s', async (_name, write) => {
  const rows = (count: number) => Buffer.from(write(count)).toString('base64').match(/.{76}/g)?.join('\n') ?? '';
  expect(await growsInProportion((count) => redacted(rows(count)), 1_500)).toBe(true);
  expect(await growsInProportion((count) => redacted(...rows(count).split(/(?<=\n)/)), 1_500)).toBe(true);
});
