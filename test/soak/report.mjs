/** Prints the reports of the soak tests. */

const began = performance.now();

/** Prints a line with the seconds since the script began. */
export function say(text) {
  process.stdout.write(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}\n`);
}

/** Prints rows of cells. All columns but the first are aligned to the right. */
export function table(title, rows) {
  const cells = rows.map((row) => row.map(String));
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const lines = cells.map((row) => row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join('  '));
  process.stdout.write(`\n${title}\n${lines.map((line) => `  ${line}\n`).join('')}\n`);
}

/** Prints the failures and the verdict, and exits. @param failures sentences about the conditions that do not hold */
export function conclude(failures, good) {
  for (const failure of failures) process.stdout.write(`  failed: ${failure}\n`);
  process.stdout.write(failures.length === 0 ? `GOOD: ${good}\n` : `FAILED: ${failures.length} conditions do not hold\n`);
  process.exit(failures.length === 0 ? 0 : 1);
}

/**
 * Returns a quantile of a list.
 *
 * @param list pairs of a value and a count, sorted by value
 * @param share the quantile, from 0 to 1
 */
export function quantile(list, share) {
  let left = share * list.reduce((sum, [, count]) => sum + count, 0);
  for (const [value, count] of list) {
    left -= count;
    if (left <= 0) return value;
  }
  return list.at(-1)?.[0] ?? 0;
}
