import { open, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditReport } from '../../audit/index.ts';
import { reasonUnwritten } from '../../node/files.ts';
import { readInspectorPage } from '../../server/node/inspect-page.ts';
import { UsageError } from '../io/output.ts';
import { jsonLines } from './json.ts';

/** The start tag of the element that holds the report. */
const ROOM = '<script type="application/json" id="embedded-report">';

/** The longest report for a page, in characters. A browser reads it all at once. */
const LONGEST = 128 * 1_048_576;

/** Every report page has this text among its first bytes. */
const TITLE = '<title>Waxseal inspector</title>';

/** The number of bytes at the beginning of a page that contain {@link TITLE}. */
const HEAD = 4_096;

/**
 * Checks the path of a page before the logs are read. Only an earlier page may be replaced. If the user forgets the
 * path after `--html`, the next argument is taken for the path. This is often a log, which the page would overwrite.
 *
 * @throws {UsageError} if the path is empty or a folder, or if another file is there
 */
export async function requirePagePath(path: string): Promise<void> {
  if (path === '') throw new UsageError('--html must name the file of the page, e.g. --html report.html');
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory())
    throw new UsageError(`cannot write ${path}: it is a folder. Name a file in it: --html ${join(path, 'report.html')}`);
  if (!found?.isFile() || found.size === 0 || (await headOf(path)).includes(TITLE)) return;
  throw new UsageError(`--html would replace ${path}, which is not an earlier report page. Name another file, e.g. --html report.html`);
}

/** Returns the first bytes of a file. An unreadable file has none, and so is no earlier page. */
async function headOf(path: string): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined);
  try {
    const { bytesRead, buffer } = (await file?.read(Buffer.alloc(HEAD), 0, HEAD, 0)) ?? { bytesRead: 0, buffer: Buffer.alloc(0) };
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file?.close();
  }
}

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
    if (length > LONGEST)
      throw new UsageError('the report is too long for a page. Audit the log in parts, or use --json instead of --html.');
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
