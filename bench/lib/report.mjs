/** Prints the results of a bench, and writes them to `bench/results/` as Markdown. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machine, say } from '../machine.mjs';

/** Results of quick runs are not reliable, and go to the folder for temporary files. */
export function resultsFolder(quick) {
  const folder = quick ? join(tmpdir(), 'waxseal-bench-results') : fileURLToPath(new URL('../results/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** @returns `line` and `table`, which print a part of the report, and `save`, which writes it to a file */
export function report(name, { quick }) {
  let kept = '';
  const line = (text = '') => {
    say(text);
    kept += `${text}\n`;
  };
  const table = (title, header, rows) => {
    line(`\n### ${title}\n`);
    for (const text of aligned([header, ...rows])) line(text);
    const load = loadavg().map((average) => average.toFixed(2));
    line(`\n${machine()}, load average ${load.join(', ')}${quick ? ' (a quick run: its figures are not reliable)' : ''}`);
  };
  const save = () => {
    const file = join(resultsFolder(quick), `${name}.md`);
    writeFileSync(file, kept.trimStart());
    say(`\nKept as ${quick ? file : `bench/results/${name}.md`}`);
  };
  return { line, table, save };
}

/** A Markdown table: the first column to the left, and figures to the right. */
function aligned([header, ...rows]) {
  const cells = [header, ...rows].map((row) => row.map(String));
  const widths = header.map((_, column) => Math.max(3, ...cells.map((row) => row[column].length)));
  const written = cells.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))),
  );
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [written[0], rule, ...written.slice(1)].map((row) => `| ${row.join(' | ')} |`);
}

/** Prints a line on standard error. */
export function progress(text) {
  process.stderr.write(`${text}\n`);
}
