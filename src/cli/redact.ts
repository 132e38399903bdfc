import { Command } from 'commander';
import { createRedactor } from '../scan/index.ts';
import { findLogs, totalSize } from './io/log-input.ts';
import { write } from './io/output.ts';
import { showProgress } from './io/progress.ts';

const MORE = `
Each handle becomes [handle FINGERPRINT], the name that "waxseal audit", "waxseal inspect" and the server's log know it
by. What begins as a handle and is none, since it was cut, changed, or its dots are written as %2E or \\u002e, becomes
[handle, cut]. All other bytes stay as they are, whatever their encoding; several files come out one after the other.
Not recognized: the end of a handle whose beginning is missing, the lines after the first of one that was wrapped (in
mails, also as quoted-printable), what follows a foreign character in one, and handles within other encodings
(compressed, UTF-16 and base64 text; the first two are refused).

Examples:
  waxseal redact server.log > for-the-vendor.log
  tail -f server.log | waxseal redact

Exit codes: 0 good, 2 wrong use (a file that cannot be read). How many were replaced is told on standard error.`;

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
      try {
        for (const { chunks } of logs) {
          // One a log: a handle does not go on in the next file.
          const redactor = createRedactor();
          for await (const chunk of chunks) {
            await write(Buffer.from(await redactor.push(chunk.toString('latin1')), 'latin1'));
            progress.advance(chunk.length, `${replaced.handles + redactor.count.handles} handles`);
          }
          await write(Buffer.from(await redactor.end(), 'latin1'));
          replaced.handles += redactor.count.handles;
          replaced.cut += redactor.count.cut;
        }
      } finally {
        progress.end();
      }
      process.stderr.write(
        `waxseal: replaced ${replaced.handles} ${replaced.handles === 1 ? 'handle' : 'handles'}, and ${replaced.cut} that were cut.\n`,
      );
    });
}
