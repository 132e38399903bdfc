import { failureOf } from '../../server/node/failure.ts';

/** The command was used wrongly; the message says how it is used. */
export class UsageError extends Error {}

/** Says what went wrong, and sets the exit code: 1 for what is not valid or failed, 2 for wrong use. */
export function exitWith(error: unknown): void {
  const { message, exitCode } = error instanceof UsageError ? { message: error.message, exitCode: 2 } : failureOf(error);
  process.stderr.write(`waxseal: ${message}\n`);
  process.exitCode = exitCode;
}
