/** Lines that a container runtime split in two or more, since they were long: they are put together again. */

/** The container runtime interface marks a part with `P`, and the last one, or a whole line, with `F`. */
const CRI = /^\S{20,40} (std(?:out|err)) ([FP]) /;
const CRI_PART = / std(?:out|err) P /;

/** Docker's files have a line break at the end of a line, and none at the end of a part. */
const DOCKER = /^(\{"log":"(?:[^"\\]|\\.)*)(","stream":"(std(?:out|err))"[^\n]*)$/;
const DOCKER_PART = /(?:[^n]|[^\\]n)","stream":"std(?:out|err)"/;

/** A line, or the parts of one. */
interface Part {
  /** What is a line by itself together with `after`, and goes on before that. */
  readonly before: string;
  readonly after: string;
  /** What it has to add to a part before it. */
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
 * Puts lines together that were split. Empty lines behind each stand for those that it had been, so that lines are
 * counted as they were.
 *
 * @param text whole lines, each with its line break
 * @param isLast whether nothing follows
 * @returns the lines, and what may go on behind the text
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
