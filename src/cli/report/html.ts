import { writeFile } from 'node:fs/promises';
import type { AuditReport } from '../../audit/index.ts';
import { readInspectorPage } from '../../server/node/inspect-page.ts';
import { UsageError } from '../io/output.ts';
import { jsonLines } from './json.ts';

/** Where the page has room for a report. */
const ROOM = '<script type="application/json" id="embedded-report">';

/** The longest report that goes into a page, in characters: a browser takes it whole. */
const LONGEST = 128 * 1_048_576;

/**
 * Writes the inspector page with a report in it: self-contained, under the policy of the page, without handles or keys.
 *
 * @throws {UsageError} where the file cannot be written, or the report is too long for a page
 */
export async function writeReportPage(path: string, report: AuditReport): Promise<void> {
  const { html } = await readInspectorPage();
  const lines: string[] = [];
  let length = 0;
  for (const line of jsonLines(report)) {
    // Whatever a log says, no element ends or begins in it.
    const safe = line.replaceAll('<', '\\u003c');
    lines.push(safe);
    length += safe.length;
    if (length > LONGEST) throw new UsageError('the report is too long for a page. Audit the log in parts, or use --json.');
  }
  try {
    await writeFile(
      path,
      html.replace(ROOM, () => `${ROOM}${lines.join('\n')}`),
    );
  } catch (error) {
    throw new UsageError(`cannot write ${path}: ${(error as NodeJS.ErrnoException).code}.`);
  }
}
