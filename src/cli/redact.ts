import { Command } from 'commander';
import type { RedactionCount } from '../scan/index.ts';
import { counted, printable } from '../scan/words.ts';
import { createByteRedactor } from './io/byte-redactor.ts';
import { findLogs, totalSize } from './io/log-input.ts';
import { write } from './io/output.ts';
import { withPauses } from './io/pauses.ts';
import { showProgress } from './io/progress.ts';

const MORE = `
Each handle becomes [handle FINGERPRINT], with the fingerprint that "waxseal audit", "waxseal inspect" and the server's log
show. Line breaks, line prefixes, escapes, markup, colours or invisible characters may split a handle. A handle that was
cut or changed becomes [handle, cut]. Base64 with a handle in it is removed whole. All other bytes stay, in any encoding.
Several files are written one after the other.

Some text may be a piece of a handle, or another secret in base64url, such as a key. It stays in place. The command prints
the numbers of the lines with such text on standard error, and exits with code 3. Look at these lines before you give the
log away. They include lines with compressed data, and with handles in arrays of bytes.

The command does not recognize handles in hexadecimal, or pieces of fewer than 8 characters among other text. It refuses
compressed and UTF-16 files.

Examples:
  waxseal redact transcript.jsonl > for-the-vendor.log
  tail -f gateway.log | waxseal redact
  sed '12d;40,45d' gateway.log | waxseal redact > for-the-vendor.log

Exit codes: 0 good, 2 wrong use, or a file cannot be read, 3 some lines may still contain pieces of handles, or other
secrets in base64url. The number of replaced handles goes to standard error.`;

export function redactCommand(): Command {
  return new Command('redact')
    .description('copy logs to standard output, with fingerprints in place of handles')
    .argument('[files...]', 'the logs; without any, or for -, standard input is read')
    .addHelpText('after', MORE)
    .action(async (files: string[]) => {
      const logs = await findLogs(files, 'redact');
      const progress = showProgress(totalSize(logs), true);
      const replaced = { handles: 0, cut: 0 };
      const suspects: string[] = [];
      try {
        for (const { name, chunks } of logs) {
          // Each log has its own redactor, because no handle continues in the next file.
          const redactor = createByteRedactor();
          for await (const chunk of withPauses(chunks)) {
            await writeAll(await (chunk === undefined ? redactor.flush() : redactor.push(chunk)));
            progress.advance(chunk?.length ?? 0, `${replaced.handles + redactor.count.handles} handles`);
          }
          await writeAll(await redactor.end());
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

async function writeAll(parts: readonly Buffer[]): Promise<void> {
  for (const bytes of parts) await write(bytes);
}

/**
 * Makes the message about suspicious lines, for example: `5 lines stay unchanged, but may hold pieces of handles, or
 * other secrets in base64url such as keys. Line numbers: 12, 40-43`. A key looks like a piece of a ciphertext, so the
 * command cannot tell which of them it found.
 *
 * @param name the log's name, if there are several
 */
function suspectLines({ suspects, lines }: RedactionCount, name: string | undefined): string {
  const numbers = `${inRanges(lines).join(', ')}${suspects > lines.length ? ', …' : ''}`;
  const where = name === undefined ? '' : ` of ${JSON.stringify(name)}`;
  const stays = suspects === 1 ? 'stays' : 'stay';
  return `${counted(suspects, 'line')}${where} ${stays} unchanged, but may hold pieces of handles, or other secrets in base64url such as keys. Line numbers: ${numbers}`;
}

/** Writes ascending numbers as ranges, for example `12` and `40-43`. */
function inRanges(numbers: readonly number[]): string[] {
  const starts = numbers.flatMap((number, at) => (number - 1 === numbers[at - 1] ? [] : [at]));
  return starts.map((at, place) => {
    const [first, last] = [numbers[at], numbers[(starts[place + 1] ?? numbers.length) - 1]];
    return first === last ? `${first}` : `${first}-${last}`;
  });
}
