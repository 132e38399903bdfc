import { writeFile } from 'node:fs/promises';
import type { AuditReport } from '../../audit/index.ts';
import { reasonUnwritten } from '../../node/files.ts';
import { readInspectorPage } from '../../server/node/inspect-page.ts';
import { UsageError } from '../io/output.ts';
import { jsonLines } from './json.ts';

/** The start tag of the element that holds the report. */
const ROOM = '<script type="application/json" id="embedded-report">';

/** The longest report for a page, in characters. A browser reads it all at once. */
const LONGEST = 128 * 1_048_576;

/**
 * Writes the inspector page with a report in it. The file stands alone, keeps the page's Content Security Policy, and
 * contains neither handles nor keys.
 *
 * @throws {UsageError} if the file cannot be written, or the report is too long for a page
 */
export async function writeReportPage(path: string, report: AuditReport): Promise<void> {
  const { html } = await readInspectorPage();
  const lines: string[] = [];
  let length = 0;
  for (const line of jsonLines(report)) {
    // Text from a log must not end the script element, or begin another.
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
    throw new UsageError(`cannot write ${path}: ${reasonUnwritten(path, error)}.`);
  }
}
