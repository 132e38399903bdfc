/** What programs do to a text on its way into a log, mail, document or terminal; each may be done to what another has done. */

export interface Decoration {
  readonly name: string;
  /** @param size how long a line or a piece is, in characters */
  readonly apply: (text: string, size: number) => string;
}

const pieces = (text: string, size: number) => text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
const folded = (text: string, size: number) =>
  text
    .split('\n')
    .flatMap((line) => (line === '' ? [''] : pieces(line, size)))
    .join('\n');
const eachLine = (text: string, write: (line: string, at: number) => string) => text.split('\n').map(write).join('\n');
const json = (text: string) => JSON.stringify(text);
const between = (text: string, size: number, separator: string) => pieces(text, size).join(separator);

const TIME = '2026-11-27T08:00:00.123456789Z';

/** Those that put something before, behind or between lines. */
const LINES: readonly Decoration[] = [
  { name: 'folded', apply: folded },
  { name: 'lines of Windows', apply: (text, size) => folded(text, size).replace(/\r?\n/g, '\r\n') },
  { name: 'quoted in mail', apply: (text, size) => eachLine(folded(text, size), (line) => `> ${line}`) },
  { name: 'quoted twice', apply: (text, size) => eachLine(folded(text, size), (line) => `>> ${line}`) },
  { name: 'indented', apply: (text, size) => eachLine(folded(text, size), (line) => `        ${line}`) },
  { name: 'in a comment', apply: (text, size) => eachLine(folded(text, size), (line) => `// ${line}`) },
  { name: 'in a comment with stars', apply: (text, size) => `/*\n${eachLine(folded(text, size), (line) => ` * ${line}`)}\n */` },
  { name: 'in a script’s comment', apply: (text, size) => eachLine(folded(text, size), (line) => `# ${line}`) },
  { name: 'in a row of a table', apply: (text, size) => eachLine(folded(text, size), (line) => `| ${line} |`) },
  { name: 'framed', apply: (text, size) => eachLine(folded(text, size), (line) => `│ ${line} │`) },
  { name: 'added in a patch', apply: (text, size) => eachLine(folded(text, size), (line) => `+${line}`) },
  { name: 'quoted-printable', apply: (text, size) => between(text.replace(/=/g, '=3D'), Math.max(4, size), '=\n') },
  { name: 'continued in a shell', apply: (text, size) => between(text, size, '\\\n') },
  { name: 'put together by a program', apply: (text, size) => pieces(text, size).map(json).join(' +\n    ') },
  { name: 'of docker compose', apply: (text, size) => eachLine(folded(text, size), (line) => `web-1  | ${line}`) },
  { name: 'of docker compose with times', apply: (text, size) => eachLine(folded(text, size), (line) => `web-1  | ${TIME} ${line}`) },
  {
    name: 'of a container runtime (CRI)',
    apply: (text, size) =>
      text
        .split('\n')
        .map((line) => {
          const parts = pieces(line, size);
          return parts.map((part, at) => `${TIME} stdout ${at === parts.length - 1 ? 'F' : 'P'} ${part}`).join('\n');
        })
        .join('\n'),
  },
  {
    name: 'of docker’s json-file',
    apply: (text, size) =>
      text
        .split('\n')
        .map((line) => {
          const parts = pieces(`${line}\n`, Math.max(size, 24));
          return parts.map((log) => JSON.stringify({ log, stream: 'stdout', time: TIME })).join('\n');
        })
        .join('\n'),
  },
];

/** Those that write characters otherwise. */
const ESCAPES: readonly Decoration[] = [
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

/** Those that put something into a line which nobody sees. */
const UNSEEN: readonly Decoration[] = [
  { name: 'coloured', apply: (text, size) => between(text, size, '\u001b[0;32m') },
  { name: 'of all colours', apply: (text) => [...text].map((c, at) => `\u001b[38;5;${at % 256}m${c}`).join('') },
  { name: 'with places to break', apply: (text, size) => between(text, size, '\u200b') },
  { name: 'with soft hyphens', apply: (text, size) => between(text, size, '\u00ad') },
  { name: 'with places to break, as HTML', apply: (text, size) => between(text, size, '<wbr>') },
];

export const DECORATIONS: readonly Decoration[] = [...LINES, ...ESCAPES, ...UNSEEN];
