/** Joins the parts of long lines that a container runtime split. */

/**
 * A line of the container runtime interface (CRI). `P` marks a part of a longer line, and `F` the last part or a whole
 * line.
 */
const CRI = /^\S{20,40} (std(?:out|err)) ([FP]) /;
const CRI_PART = / std(?:out|err) P /;

/** A line of Docker's log files. Its text ends with a line break if the line is whole. */
const DOCKER = /^(\{"log":"(?:[^"\\]|\\.)*)(","stream":"(std(?:out|err))"[^\n]*)$/;
const DOCKER_PART = /(?:[^n]|[^\\]n)","stream":"std(?:out|err)"/;

/** A line or a part of a line. */
interface Part {
  /** The beginning of the line, up to the end of its text. The texts of later parts are appended here. */
  readonly before: string;
  /** The line after its text. */
  readonly after: string;
  /** The text that this part adds to the previous part. */
  readonly more: string;
  readonly stream: string;
  readonly goesOn: boolean;
}

function partOf(line: string): Part | undefined {
  const [lead, stream = '', mark] = CRI.exec(line) ?? [];
  if (lead !== undefined) return { before: line, after: '', more: line.slice(lead.length), stream, goesOn: mark === 'P' };
  const [all, before = '', after = '', name = ''] = DOCKER.exec(line) ?? [];
  if (all === undefined) return undefined;
  return { before, after, more: before.slice('{"log":"'.length), stream: name, goesOn: !before.endsWith('\\n') };
}

/**
 * Joins lines that were split. Empty lines after each joined line stand for its parts, so that later lines keep their
 * numbers.
 *
 * @param text whole lines, each with its line break
 * @param isLast whether no text will follow
 * @returns the joined lines, and the last lines if more parts may follow them
 */
export function joinParts(text: string, isLast: boolean): { readonly text: string; readonly rest: string } {
  if (!(CRI_PART.test(text) || (text.includes('","stream":"std') && DOCKER_PART.test(text)))) return { text, rest: '' };
  const lines = text.split('\n');
  lines.pop();
  const joined: string[] = [];
  let open: Part | undefined;
  let since = 0;
  const closeBefore = (at: number) => {
    if (open !== undefined) joined.push(open.before + open.after, ...Array.from({ length: at - since - 1 }, () => ''));
    open = undefined;
  };
  for (const [at, line] of lines.entries()) {
    const part = partOf(line);
    if (open !== undefined && part?.stream === open.stream) {
      open = { ...open, before: open.before + part.more };
      if (!part.goesOn) closeBefore(at + 1);
      continue;
    }
    closeBefore(at);
    if (part?.goesOn) [open, since] = [part, at];
    else joined.push(line);
  }
  const rest = open === undefined || isLast ? '' : `${lines.slice(since).join('\n')}\n`;
  if (isLast) closeBefore(lines.length);
  return { text: joined.map((line) => `${line}\n`).join(''), rest };
}
