import { RingError } from '../../keys/errors.ts';
import { ConfigError } from '../app/config-error.ts';

/** Why a program ended. */
export interface Failure {
  /** The reason, for standard error. */
  readonly message: string;
  /** 2 for a wrong setting, otherwise 1. */
  readonly exitCode: 1 | 2;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof ConfigError) return { message: error.message, exitCode: 2 };
  return { message: error instanceof RingError ? error.message : describe(error), exitCode: 1 };
}

function describe(error: unknown): string {
  const { code, message, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') return `port ${port} is taken. Choose another port with PORT (or --port of waxseal serve); 0 is a free port.`;
  if (code === 'EACCES') return `no permission to listen on port ${port}. Choose a port above 1023 with PORT (or --port of waxseal serve).`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return 'this machine does not have this address. Choose another address with WAXSEAL_HOST (or --host of waxseal serve), e.g. 127.0.0.1.';
  }
  return message ?? String(error);
}
