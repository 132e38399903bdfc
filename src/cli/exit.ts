import { RingError } from '../keys/index.ts';
import { ConfigError } from '../server/config.ts';

/** The command was used wrongly; the message says how it is used. */
export class UsageError extends Error {}

/** Says what went wrong, and sets the exit code: 1 for what is not valid or failed, 2 for wrong use. */
export function exitWith(error: unknown): void {
  const expected = error instanceof RingError || error instanceof ConfigError || error instanceof UsageError;
  process.stderr.write(`waxseal: ${expected ? error.message : describe(error)}\n`);
  process.exitCode = error instanceof ConfigError || error instanceof UsageError ? 2 : 1;
}

function describe(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return 'the port is taken. Choose another with --port, e.g. --port 3001, or 0 for a free one.';
  if (code === 'EACCES') return 'no permission to listen there. Choose a port above 1023 with --port.';
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return 'this machine has no such address. Choose another with --host, e.g. --host 127.0.0.1.';
  return message ?? String(error);
}
