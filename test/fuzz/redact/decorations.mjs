/**
 * Decorations: changes that programs make to text on its way into a log, a mail, a document or a terminal. Plain
 * JavaScript, because test/fuzz/redact.mjs runs it without Vitest.
 */

const pieces = (text, size) => text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
const folded = (text, size) =>
  text
    .split('\n')
    .flatMap((line) => (line === '' ? [''] : pieces(line, size)))
    .join('\n');
const eachLine = (text, write) => text.split('\n').map(write).join('\n');
const json = (text) => JSON.stringify(text);
const between = (text, size, separator) => pieces(text, size).join(separator);
/** Returns a function that folds a text, and then changes each line with `write`. */
const foldedInto = (write) => (text, size) => eachLine(folded(text, size), write);

const TIME = '2026-11-27T08:00:00.123456789Z';

/** These decorations add text before, after or between lines. */
const LINES = [
  { name: 'folded', apply: folded },
  { name: 'lines of Windows', apply: (text, size) => folded(text, size).replace(/\r?\n/g, '\r\n') },
  { name: 'quoted in mail', apply: foldedInto((line) => `> ${line}`) },
  { name: 'quoted twice', apply: foldedInto((line) => `>> ${line}`) },
  { name: 'indented', apply: foldedInto((line) => `        ${line}`) },
  { name: 'indented by tabs', apply: foldedInto((line) => `\t\t${line}`) },
  { name: 'in a comment', apply: foldedInto((line) => `// ${line}`) },
  { name: 'in a comment with stars', apply: (text, size) => `/*\n${eachLine(folded(text, size), (line) => ` * ${line}`)}\n */` },
  { name: 'in a script’s comment', apply: foldedInto((line) => `# ${line}`) },
  { name: 'in a row of a table', apply: foldedInto((line) => `| ${line} |`) },
  { name: 'framed', apply: foldedInto((line) => `│ ${line} │`) },
  { name: 'added in a patch', apply: foldedInto((line) => `+${line}`) },
  { name: 'removed in a patch', apply: foldedInto((line) => `-${line}`) },
  { name: 'with numbers of lines', apply: foldedInto((line, at) => `${String(at + 1).padStart(6)}\t${line}`) },
  { name: 'found by grep', apply: foldedInto((line, at) => `logs/server.log:${at + 1}:${line}`) },
  {
    name: 'blamed by git',
    apply: foldedInto((line, at) => `4b5a16c2 (Anna Example 2026-11-27 08:00:00 +0000 ${String(at + 1).padStart(3)}) ${line}`),
  },
  { name: 'quoted-printable', apply: (text, size) => between(text.replace(/=/g, '=3D'), Math.max(4, size), '=\n') },
  { name: 'continued in a shell', apply: (text, size) => between(text, size, '\\\n') },
  { name: 'put together by a program', apply: (text, size) => pieces(text, size).map(json).join(' +\n    ') },
  { name: 'in literals side by side', apply: (text, size) => `(${pieces(text, size).map(json).join('\n  ')})` },
  {
    name: 'in a list',
    apply: (text, size) =>
      `[\n${pieces(text, size)
        .map((piece) => `  ${json(piece)}`)
        .join(',\n')}\n]`,
  },
  { name: 'a folded block of YAML', apply: (text, size) => `text: >-\n${eachLine(folded(text, size), (line) => `  ${line}`)}` },
  { name: 'of docker compose', apply: foldedInto((line) => `web-1  | ${line}`) },
  { name: 'of docker compose with times', apply: foldedInto((line) => `web-1  | ${TIME} ${line}`) },
  { name: 'of journald', apply: foldedInto((line) => `Nov 27 08:00:00 host waxseal[4711]: ${line}`) },
  { name: 'of kubectl', apply: foldedInto((line) => `[pod/web-7d9f8c6b5-x2x4z/web] ${line}`) },
  { name: 'of syslog', apply: foldedInto((line) => `<14>1 ${TIME} host app 42 - - ${line}`) },
  { name: 'of a logger', apply: foldedInto((line) => `2026-11-27 08:00:00,123 INFO  [main] com.example.Mcp - ${line}`) },
  {
    name: 'of a container runtime (CRI)',
    apply: (text, size) =>
      eachLine(text, (line) => {
        const parts = pieces(line, size);
        return parts.map((part, at) => `${TIME} stdout ${at === parts.length - 1 ? 'F' : 'P'} ${part}`).join('\n');
      }),
  },
  {
    name: 'of docker’s json-file',
    apply: (text, size) =>
      eachLine(text, (line) => {
        const parts = pieces(`${line}\n`, Math.max(size, 24));
        return parts.map((log) => json({ log, stream: 'stdout', time: TIME })).join('\n');
      }),
  },
];

/** These decorations write some characters in another way. */
const ESCAPES = [
  { name: 'in JSON', apply: (text) => `{"level":30,"msg":${json(text)},"ok":true}` },
  { name: 'in a Go program’s JSON', apply: (text) => json(text).replace(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`) },
  { name: 'in a URL', apply: (text) => `GET /x?q=${encodeURIComponent(text)}&y=1` },
  {
    name: 'in HTML',
    apply: (text) =>
      `<p>${text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;').replace(/\n/g, '<br/>')}</p>`,
  },
  { name: 'folded in JSON', apply: (text, size) => json(folded(text, size)) },
  { name: 'folded in a URL', apply: (text, size) => `q=${encodeURIComponent(folded(text, size))}` },
  { name: 'folded in HTML', apply: (text, size) => folded(text, size).replace(/\n/g, '&#10;') },
];

/** These decorations add invisible characters. */
const UNSEEN = [
  { name: 'coloured', apply: (text, size) => between(text, size, '\u001b[0;32m') },
  { name: 'of all colours', apply: (text) => [...text].map((c, at) => `\u001b[38;5;${at % 256}m${c}`).join('') },
  { name: 'with places to break', apply: (text, size) => between(text, size, '\u200b') },
  { name: 'with soft hyphens', apply: (text, size) => between(text, size, '\u00ad') },
  { name: 'with places to break, as HTML', apply: (text, size) => between(text, size, '<wbr>') },
];

/** These decorations write every character as its number. */
const NUMBERED = [
  ['percent signs', (code) => `%${code}`],
  ['percent signs that are escaped', (code) => `%25${code}`],
  ['percent signs of JavaScript’s escape()', (code) => `%u00${code}`],
  ['escapes of JSON', (code) => `\\u00${code}`],
  ['escapes of JSON in JSON in JSON', (code) => `\\\\\\\\u00${code}`],
  ['escapes with braces', (code) => `\\u{${code}}`],
  ['escapes of Perl', (code) => `\\x{${code}}`],
  ['escapes of Python', (code) => `\\U000000${code}`],
  ['octal escapes', (code) => `\\${Number.parseInt(code, 16).toString(8).padStart(3, '0')}`],
  ['escapes of a shell', (code) => `\\x${code}`],
  ['entities of HTML', (code) => `&#x${code};`],
  ['decimal entities of HTML', (code) => `&#${Number.parseInt(code, 16)};`],
  ['entities that are escaped', (code) => `&amp;#${Number.parseInt(code, 16)};`],
  ['entities without their ends', (code) => `&#${Number.parseInt(code, 16)}`],
  ['quoted-printable', (code) => `=${code.toUpperCase()}`],
  ['quoted-printable in small letters', (code) => `=${code}`],
].map(([name, write]) => ({
  name: `each character in ${name}`,
  apply: (text) => text.replace(/[ -~]/g, (c) => write(c.charCodeAt(0).toString(16).padStart(2, '0'))),
}));

/** @type {readonly { name: string, apply(text: string, size: number): string }[]} */
export const DECORATIONS = [...LINES, ...ESCAPES, ...UNSEEN];

/** These decorations encode a whole text. No other decoration follows them. */
export const ENCODINGS = NUMBERED;
