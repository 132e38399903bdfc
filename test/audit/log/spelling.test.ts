import { beforeAll, describe, expect, it } from 'vitest';
import { unquoted } from '../../../src/audit/log/spelling.ts';
import { auditOf, newStartedTask, type StartedTask } from '../support.ts';

let logged: StartedTask['logged'];
let request: string;
beforeAll(async () => {
  const task = await newStartedTask();
  logged = task.logged;
  request = JSON.stringify({ method: 'tools/call', params: { name: 'x', arguments: { handle: task.first.handle, note: 'a "b"' } } });
});

describe('a request in a line', () => {
  it.each<[string, (text: string) => string]>([
    ['escaped, as in logfmt', (text) => `level=info body=${JSON.stringify(text)} status=200`],
    ['escaped twice', (text) => `msg=${JSON.stringify(JSON.stringify(text))}`],
    ['doubled, as in CSV', (text) => `2026-07-28,"${text.replaceAll('"', '""')}",200`],
    ['doubled, after another field with JSON', (text) => `2026-07-28,"{""level"": ""info""}","${text.replaceAll('"', '""')}"`],
    ['hexadecimal, as nginx writes them', (text) => `::1 "POST /mcp" 200 "${text.replaceAll('\\', '\\x5C').replaceAll('"', '\\x22')}" "x"`],
    ['entities, as in HTML', (text) => `<td>${text.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}</td>`],
    ['numbered entities', (text) => `<td>${text.replaceAll('"', '&#34;')}</td>`],
  ])('is understood if its quotation marks are %s', async (_name, write) => {
    const { tasks, unread } = await auditOf(`${write(request)}\n`, { ring: logged.world.ring });
    expect(tasks[0]?.revisions).toMatchObject([{ seen: 1, presented: 1 }]);
    expect(unread.broken + unread.incomplete).toBe(0);
  });
});

it('string literals are read in the notations of JSON, JavaScript and Python', () => {
  const spellings = ['caf\\u00e9', 'caf\\xe9', 'caf\\u{e9}', 'café'];
  expect(spellings.map(unquoted)).toEqual(Array(4).fill('café'));
  expect(unquoted(String.raw`a\nb\t\"c\"\\ \u{1F9A6} \u{ffffff}`)).toBe('a\nb\t"c"\\ 🦦 ');
});
