/** Reads the tables in `bench/results/`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { resultsFolder } from './report.mjs';

/**
 * @param name the name of the bench
 * @param title the beginning of the table's heading
 * @returns `rows`, a map from the first cell of a row to a map of the other cells by their column; and `machine`, the
 *   line below the table
 * @throws {Error} if there is no such table
 */
export function kept(name, title) {
  const [, section] = readFileSync(join(resultsFolder(false), `${name}.md`), 'utf8').split(`### ${title}`);
  if (section === undefined) throw new Error(`bench/results/${name}.md has no table "${title}": run npm run bench:${name}`);
  const [header, , ...lines] = section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(0, rowsIn(section))
    .map(cellsOf);
  const rows = new Map(lines.map(([first, ...cells]) => [first, new Map(cells.map((cell, at) => [header[at + 1], cell]))]));
  return { rows, machine: section.split('\n').find((line) => line.includes(', Node ')) };
}

function rowsIn(section) {
  return /(?:^\|.*\n)+/m.exec(section)[0].split('\n').length - 1;
}

function cellsOf(line) {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}
