import { describe, expect, it } from 'vitest';
import { newHandle, redacted } from '../support.ts';

const handle = newHandle(200);

describe('redact, given a handle as an array,', () => {
  it.each([
    ['the message of journald', (bytes: Buffer) => JSON.stringify({ MESSAGE: [...bytes] })],
    ['a buffer of Node.js', (bytes: Buffer) => JSON.stringify({ data: bytes })],
    ['a buffer of Node.js on many lines', (bytes: Buffer) => JSON.stringify({ data: bytes }, null, 2)],
    ['a buffer of Node.js in JSON in JSON', (bytes: Buffer) => JSON.stringify(JSON.stringify({ data: bytes }, null, 2))],
    ['a Uint8Array', (bytes: Buffer) => JSON.stringify(new Uint8Array(bytes))],
    ['a slice of Go', (bytes: Buffer) => `[${bytes.join(' ')}]`],
  ])('reports the lines of an array of bytes: %s', async (_name, write) => {
    const text = `first line\n${write(Buffer.from(`\u001b[32m${handle}`))}\nlast line\n`;
    for (const chunk of [text.length, 1, 100]) {
      const { out, suspects, lines: reported } = await redacted(text, chunk);
      expect(out).toBe(text);
      expect(reported[0]).toBeGreaterThan(1);
      // In an array with one number on each line, each character of the handle has its own line.
      if (text.split('\n').length > 10) expect(suspects).toBe(handle.length);
      else expect(reported).toEqual([2]);
    }
  });

  it.each([
    ['a list of YAML', (bytes: Buffer) => `data:\n${[...bytes].map((byte) => `  - ${byte}\n`).join('')}`],
    ['strings', (bytes: Buffer) => JSON.stringify([...bytes].map(String))],
    ['OTLP', (bytes: Buffer) => JSON.stringify({ values: [...bytes].map((byte) => ({ intValue: String(byte) })) })],
    ['PHP', (bytes: Buffer) => `array(9) {\n${[...bytes].map((byte, at) => `  [${at}]=>\n  int(${byte})\n`).join('')}}`],
    ['XML', (bytes: Buffer) => `<d>${[...bytes].map((byte) => `<b>${byte}</b>`).join('')}</d>`],
    ['a vector of Rust', (bytes: Buffer) => `[${[...bytes].map((byte) => `${byte}u8`).join(', ')}]`],
    ['an object as Node.js shows it', (bytes: Buffer) => `{ ${[...bytes].map((byte, at) => `${at}: ${byte}`).join(', ')} }`],
    [
      'od',
      (bytes: Buffer) =>
        (bytes.toString('latin1').match(/[\s\S]{1,16}/g) ?? [])
          .map((row, at) => `${(at * 16).toString(8).padStart(7, '0')}${[...row].map((c) => String(c.charCodeAt(0)).padStart(4)).join('')}`)
          .join('\n'),
    ],
    ['characters', (bytes: Buffer) => JSON.stringify([...bytes.toString('latin1')])],
    ['characters in an object', (bytes: Buffer) => JSON.stringify({ ...[...bytes.toString('latin1')] })],
    ['characters in an object on many lines', (bytes: Buffer) => JSON.stringify({ ...[...bytes.toString('latin1')] }, null, 2)],
    ['characters in an object in JSON', (bytes: Buffer) => JSON.stringify(JSON.stringify({ ...[...bytes.toString('latin1')] }, null, 2))],
    ['characters in PHP', (bytes: Buffer) => [...bytes.toString('latin1')].map((c, at) => `    [${at}] => ${c}`).join('\n')],
    [
      'characters with their types in PHP',
      (bytes: Buffer) => [...bytes.toString('latin1')].map((c, at) => `  [${at}]=>\n  string(1) "${c}"`).join('\n'),
    ],
    [
      'od -c',
      (bytes: Buffer) =>
        (bytes.toString('latin1').match(/[\s\S]{1,16}/g) ?? [])
          .map((row, at) => `${(at * 16).toString(8).padStart(7, '0')}${[...row].map((c) => c.padStart(4)).join('')}`)
          .join('\n'),
    ],
    ['characters between bars', (bytes: Buffer) => [...bytes.toString('latin1')].join('|')],
    ['gdb', (bytes: Buffer) => `{${[...bytes].map((byte) => `${byte} '${String.fromCharCode(byte)}'`).join(', ')}}`],
    ['gdb with indexes', (bytes: Buffer) => `{${[...bytes].map((byte, at) => `[${at}] = ${byte}`).join(', ')}}`],
    ['lldb', (bytes: Buffer) => [...bytes.toString('latin1')].map((c, at) => `  [${at}] = '${c}'`).join('\n')],
    ['Lua', (bytes: Buffer) => `{${[...bytes.toString('latin1')].map((c, at) => `[${at + 1}] = "${c}"`).join(', ')}}`],
    ['OCaml', (bytes: Buffer) => `[${[...bytes.toString('latin1')].map((c) => `'${c}'`).join('; ')}]`],
    ['F#', (bytes: Buffer) => `[|${[...bytes].map((byte) => `${byte}uy`).join('; ')}|]`],
    ['Lisp', (bytes: Buffer) => `(${[...bytes.toString('latin1')].map((c) => `#\\${c}`).join(' ')})`],
    ['Visual Basic', (bytes: Buffer) => [...bytes].map((byte) => `Chr(${byte})`).join(' & ')],
    ['a series of pandas', (bytes: Buffer) => [...bytes].map((byte, at) => `${String(at).padEnd(6)}${byte}`).join('\n')],
    [
      'keys in a recording of a terminal',
      (bytes: Buffer) => [...bytes.toString('latin1')].map((c, at) => `[${at}.25, "o", "${c}"]`).join('\n'),
    ],
    [
      'a trace of system calls',
      (bytes: Buffer) => [...bytes.toString('latin1')].map((c) => `${`read(0, "${c}", 1)`.padEnd(39)} = 1`).join('\n'),
    ],
    [
      'R',
      (bytes: Buffer) =>
        (bytes.toString('latin1').match(/[\s\S]{1,19}/g) ?? [])
          .map((row, at) => `${`[${at * 19 + 1}]`.padStart(6)} ${[...row].map((c) => `"${c}"`).join(' ')}`)
          .join('\n'),
    ],
  ])('reports the lines of an array in another notation: %s', async (_name, write) => {
    const written = write(Buffer.from(`{"h":"${handle}`));
    const text = `first line\n${written}\nlast line\n`;
    for (const chunk of [text.length, 100]) {
      const { out, suspects, lines: reported } = await redacted(text, chunk);
      expect(out).toBe(text);
      expect(reported[0]).toBeGreaterThan(1);
      // The first 20 lines may show the text before the handle.
      expect(suspects).toBeGreaterThanOrEqual(Math.max(1, written.split('\n').length - 20));
    }
  });

  it('counts each line of a long array once', async () => {
    const bytes = [...Buffer.from(newHandle(6_000))].join(',\n');
    for (const chunk of [bytes.length, 5_000]) {
      const { suspects, lines } = await redacted(`${'a line of words\n'.repeat(20)}[${bytes}]\n`, chunk);
      expect(suspects, `${chunk}`).toBeLessThanOrEqual(bytes.split('\n').length);
      expect(new Set(lines).size).toBe(lines.length);
    }
  });
});
