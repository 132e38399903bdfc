import { expect } from 'vitest';
import { ConfigError, readConfig } from '../../../src/server/index.ts';

type Flags = Parameters<typeof readConfig>[0];
type Env = Parameters<typeof readConfig>[1];

/** Returns the error message for a wrong configuration. */
export function refusalOf(flags: Flags, env: Env = {}): string {
  try {
    readConfig(flags, env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error('the configuration was accepted');
}
