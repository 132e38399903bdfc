/** Reading logs: files and standard input, of any size, chunk by chunk. */
import { createReadStream } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { UsageError } from './output.ts';

/** How much is read of a file at a time: no more than keeps what is made of it young. Bytes. */
const CHUNK = 262_144;

/** A log to be read. */
export interface LogInput {
  /** The file as it was named, or `-`. */
  readonly name: string;
  /** Bytes; undefined where nobody knows. */
  readonly size: number | undefined;
  readonly chunks: AsyncIterable<Buffer>;
}

/**
 * The logs that were named, or else standard input; `-` is standard input, too. All of them are looked at before any is
 * read, so that a wrong name shows at once.
 *
 * @param decoded whether whoever reads them makes text of them; otherwise what is no UTF-8 is refused
 * @throws {UsageError} where one cannot be read, or none was named and nothing is piped; the former also while reading
 */
export async function findLogs(names: readonly string[], command: string, { decoded = false } = {}): Promise<LogInput[]> {
  const wanted = names.length === 0 ? ['-'] : names;
  if (wanted.includes('-') && process.stdin.isTTY) {
    throw new UsageError(`name a log, or pipe one: waxseal ${command} server.log, or waxseal ${command} < server.log`);
  }
  if (wanted.indexOf('-') !== wanted.lastIndexOf('-')) throw new UsageError('standard input can be read once: give - once.');
  const logs: LogInput[] = [];
  for (const name of wanted)
    logs.push(name === '-' ? { name, size: undefined, chunks: readable(name, decoded, process.stdin) } : await findFile(name, decoded));
  return logs;
}

/** Bytes in all logs; undefined where nobody knows of one. */
export function totalSize(logs: readonly LogInput[]): number | undefined {
  return logs.reduce<number | undefined>((sum, { size }) => (sum === undefined || size === undefined ? undefined : sum + size), 0);
}

async function findFile(name: string, decoded: boolean): Promise<LogInput> {
  try {
    await access(name, constants.R_OK);
    const found = await stat(name);
    if (found.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    return { name, size: found.isFile() ? found.size : undefined, chunks: readable(name, decoded) };
  } catch (error) {
    throw unreadable(name, error);
  }
}

async function* readable(name: string, decoded: boolean, stream?: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let isFirst = !decoded;
  try {
    for await (const chunk of stream ?? createReadStream(name, { highWaterMark: CHUNK })) {
      if (isFirst) refuseEncoded(name, chunk);
      isFirst = false;
      yield chunk;
    }
  } catch (error) {
    throw error instanceof UsageError ? error : unreadable(name, error);
  }
}

/** How files begin in which no handle would be found, and what makes a text of them. */
const ENCODINGS = [
  { begins: /^(?:fffe|feff)/, is: 'UTF-16', command: 'iconv -f UTF-16 -t UTF-8' },
  // What Windows writes without the mark: every other byte of plain English is zero.
  { begins: /^(?!00)..00(?!00)..00/, is: 'UTF-16', command: 'iconv -f UTF-16LE -t UTF-8' },
  { begins: /^1f8b/, is: 'compressed', command: 'gzip -dc' },
  { begins: /^28b52ffd/, is: 'compressed', command: 'zstd -dc' },
  { begins: /^425a68/, is: 'compressed', command: 'bzip2 -dc' },
  { begins: /^fd377a58/, is: 'compressed', command: 'xz -dc' },
  { begins: /^504b0304/, is: 'compressed', command: 'unzip -p' },
];

/** To find nothing, and say so, would be the worst answer. @throws {UsageError} where a log begins as what is no UTF-8 */
export function refuseEncoded(name: string, chunk: Buffer): void {
  const beginning = chunk.toString('hex', 0, 4);
  const encoding = ENCODINGS.find(({ begins }) => begins.test(beginning));
  if (encoding === undefined) return;
  const source = name === '-' ? 'standard input' : JSON.stringify(name);
  throw new UsageError(`${source} is ${encoding.is}, and no handle would be found in it. Pipe it through: ${encoding.command}`);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'no permission to read it',
  EISDIR: 'it is a folder',
};

/** A log that cannot be read is wrong use: 1 tells what is in logs, and nothing else. */
function unreadable(name: string, error: unknown): UsageError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new UsageError(`cannot read ${JSON.stringify(name)}: ${REASONS[code] ?? message}.`);
}
