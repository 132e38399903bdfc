import { Command } from 'commander';
import { createRedactor, type RedactionCount } from '../scan/index.ts';
import { counted, printable } from '../scan/words.ts';
import { findLogs, totalSize } from './io/log-input.ts';
import { write } from './io/output.ts';
import { showProgress } from './io/progress.ts';

/** So many lines are named. */
const MOST_NAMED = 20;

const MORE = `
Each handle becomes [handle FINGERPRINT], the name that "waxseal audit", "waxseal inspect" and the server's log know it
by, also where line breaks, prefixes of lines, escapes, markup, colours or invisible characters broke it into pieces.
What is left of a handle that was cut or changed becomes [handle, cut]: its beginning, or its end without the beginning.
All other bytes stay as they are, whatever their encoding; several files come out one after the other.

What may be a piece of a handle, and may be another secret in base64url, stays. Its lines are told on standard error, and
the exit code is 3: look at these lines before the log leaves the house. Pieces of fewer than 8 characters among other
text are not recognized, nor are handles within other encodings (compressed, UTF-16 and base64 text; the first two are
refused).

Examples:
  waxseal redact server.log > for-the-vendor.log
  tail -f server.log | waxseal redact

Exit codes: 0 good, 2 wrong use (a file that cannot be read), 3 lines may still hold pieces of handles. How many handles
were replaced is told on standard error.`;

/** `waxseal redact`: a log without its handles. */
export function redactCommand(): Command {
  return new Command('redact')
    .description('copy logs to standard output with fingerprints in place of handles')
    .argument('[files...]', 'what to read; standard input where none is named, or for -')
    .addHelpText('after', MORE)
    .action(async (files: string[]) => {
      const logs = await findLogs(files, 'redact');
      const progress = showProgress(totalSize(logs), true);
      const replaced = { handles: 0, cut: 0 };
      const suspects: string[] = [];
      try {
        for (const { name, chunks } of logs) {
          // One a log: a handle does not go on in the next file.
          const redactor = createRedactor();
          for await (const chunk of chunks) {
            await write(Buffer.from(await redactor.push(chunk.toString('latin1')), 'latin1'));
            progress.advance(chunk.length, `${replaced.handles + redactor.count.handles} handles`);
          }
          await write(Buffer.from(await redactor.end(), 'latin1'));
          replaced.handles += redactor.count.handles;
          replaced.cut += redactor.count.cut;
          if (redactor.count.suspects > 0) suspects.push(suspectLines(redactor.count, logs.length > 1 ? name : undefined));
        }
      } finally {
        progress.end();
      }
      process.stderr.write(
        `waxseal: replaced ${replaced.handles} ${replaced.handles === 1 ? 'handle' : 'handles'}, and ${replaced.cut} that were cut.\n`,
      );
      for (const told of suspects) process.stderr.write(`waxseal: ${printable(told)}\n`);
      if (suspects.length > 0) process.exitCode = 3;
    });
}

/** `3 lines may hold pieces of handles: 12, 40, 41`. @param name of the log, where there are several */
function suspectLines({ suspects, lines }: RedactionCount, name: string | undefined): string {
  const numbers = `${lines.slice(0, MOST_NAMED).join(', ')}${suspects > MOST_NAMED ? ', …' : ''}`;
  const where = name === undefined ? '' : ` of ${JSON.stringify(name)}`;
  return `${counted(suspects, 'line')}${where} may hold pieces of handles: ${numbers}`;
}
