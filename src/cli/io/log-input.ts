/** Reads logs of any size, chunk by chunk, from files and from standard input. */
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { UsageError } from './output.ts';

/** How many bytes to read from a file at a time. Larger chunks are not faster. */
const CHUNK = 262_144;

/** A file descriptor. */
const STANDARD_INPUT = 0;

export interface LogInput {
  /** The file as the user named it; `-` for standard input. */
  readonly name: string;
  /** The size in bytes; undefined for pipes. */
  readonly size: number | undefined;
  readonly chunks: AsyncIterable<Buffer>;
}

/**
 * Finds the named logs; standard input for `-`, or without names. All logs are found before the first is read, so that
 * a wrong name is reported at once.
 *
 * @param command the command's name, for the error's advice
 * @param decoded whether the caller decodes and unpacks logs. Otherwise a log that is not UTF-8 is refused.
 * @throws {UsageError} if a log cannot be read, or no log is named and standard input is a terminal. `chunks` also
 *   throws it if reading fails later.
 */
export async function findLogs(names: readonly string[], command: string, { decoded = false } = {}): Promise<LogInput[]> {
  const wanted = names.length === 0 ? ['-'] : names;
  if (wanted.includes('-') && process.stdin.isTTY) {
    throw new UsageError(`name a log, or pipe one: waxseal ${command} transcript.jsonl, or waxseal ${command} < transcript.jsonl`);
  }
  if (wanted.indexOf('-') !== wanted.lastIndexOf('-')) throw new UsageError('standard input can be read only once: name "-" only once.');
  const logs: LogInput[] = [];
  for (const name of wanted)
    logs.push(name === '-' ? { name, size: undefined, chunks: readable(name, decoded, standardInput) } : await findFile(name, decoded));
  return logs;
}

/** Returns the size of all logs in bytes; undefined if any size is unknown. */
export function totalSize(logs: readonly LogInput[]): number | undefined {
  return logs.reduce<number | undefined>((sum, { size }) => (sum === undefined || size === undefined ? undefined : sum + size), 0);
}

async function findFile(name: string, decoded: boolean): Promise<LogInput> {
  try {
    await access(name, constants.R_OK);
    const found = await stat(name);
    if (found.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    if (!found.isFile())
      return { name, size: undefined, chunks: readable(name, decoded, () => createReadStream(name, { highWaterMark: CHUNK })) };
    return { name, size: found.size, chunks: readable(name, decoded, () => chunksOf(name)) };
  } catch (error) {
    throw unreadable(name, error);
  }
}

function standardInput(): AsyncIterable<Buffer> {
  return fstatSync(STANDARD_INPUT).isFile() ? chunksOf(STANDARD_INPUT) : process.stdin;
}

/** Reads synchronously. A stream takes three times as long, because each of its reads waits for another thread. */
async function* chunksOf(file: string | number): AsyncGenerator<Buffer> {
  const descriptor = typeof file === 'string' ? openSync(file, 'r') : file;
  try {
    while (true) {
      const chunk = Buffer.allocUnsafeSlow(CHUNK);
      const length = readSync(descriptor, chunk);
      if (length === 0) return;
      yield chunk.subarray(0, length);
      // Lets other events happen, such as a closed output.
      await setImmediate();
    }
  } finally {
    if (typeof file === 'string') closeSync(descriptor);
  }
}

async function* readable(name: string, decoded: boolean, open: () => AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    const chunks = open();
    yield* decoded ? chunks : refusing(name, chunks);
  } catch (error) {
    throw error instanceof UsageError ? error : unreadable(name, error);
  }
}

/** How many bytes tell the encoding of a log. */
const BEGINNING = 4;

/**
 * Passes a log on, or refuses it by its first bytes. A pipe may deliver these bytes one at a time. After the end of a
 * line, the function does not wait for more bytes, because the next line may come much later.
 */
async function* refusing(name: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let beginning: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (beginning === undefined) {
      yield chunk;
      continue;
    }
    beginning = Buffer.concat([beginning, chunk]);
    if (beginning.length < BEGINNING && !beginning.includes('\n')) continue;
    refuseEncoded(name, beginning);
    yield beginning;
    beginning = undefined;
  }
  if (beginning === undefined || beginning.length === 0) return;
  refuseEncoded(name, beginning);
  yield beginning;
}

/** The first bytes, in hexadecimal, of files that are not text, and the command that makes text of such a file. */
const ENCODINGS = [
  { begins: /^(?:fffe|feff)/, is: 'UTF-16', command: 'iconv -f UTF-16 -t UTF-8' },
  // UTF-16 of Windows has no byte order mark, but every other byte of ASCII text is zero.
  { begins: /^(?!00)..00(?!00)..00/, is: 'UTF-16', command: 'iconv -f UTF-16LE -t UTF-8' },
  { begins: /^1f(?:8b|9d)/, is: 'compressed', command: 'gzip -dc' },
  // zlib data (RFC 1950) begins like this, but so does text that begins with x (78) and a letter of two bytes (da 80 to
  // da bf). The pattern leaves out such text.
  { begins: /^78(?:01|9c|da(?![89ab]))/, is: 'compressed', command: 'pigz -dc' },
  { begins: /^28b52ffd/, is: 'compressed', command: 'zstd -dc' },
  { begins: /^425a68/, is: 'compressed', command: 'bzip2 -dc' },
  { begins: /^fd377a58/, is: 'compressed', command: 'xz -dc' },
  { begins: /^04224d18/, is: 'compressed', command: 'lz4 -dc' },
  { begins: /^377abcaf/, is: 'compressed', command: '7z x -so' },
  { begins: /^504b0304/, is: 'compressed', command: 'unzip -p' },
];

/**
 * Refuses UTF-16 and compressed data. A command would find no handle there, and would wrongly say that there is none.
 *
 * @param chunk the first bytes of the log
 * @throws {UsageError} if the log is in UTF-16 or compressed
 */
export function refuseEncoded(name: string, chunk: Buffer): void {
  const beginning = chunk.toString('hex', 0, 4);
  const encoding = ENCODINGS.find(({ begins }) => begins.test(beginning));
  if (encoding === undefined) return;
  const source = name === '-' ? 'standard input' : JSON.stringify(name);
  throw new UsageError(`${source} is ${encoding.is}, and so no handle would be found in it. Pipe it through: ${encoding.command}`);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'no permission to read it',
  EISDIR: 'it is a folder; name the files in it',
};

/** The exit code is 2 (wrong use), because 1 means a finding in a log. */
function unreadable(name: string, error: unknown): UsageError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new UsageError(`cannot read ${JSON.stringify(name)}: ${REASONS[code] ?? message}.`);
}
