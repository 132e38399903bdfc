import { ConfigError } from '../app/config-error.ts';
import { isLoopbackAddress, LOOPBACK_NAMES } from '../app/loopback.ts';
import type { LoadedRing } from './ring.ts';
import type { Config } from './settings.ts';

/**
 * Refuses to serve beyond this machine what is safe only on it.
 *
 * @throws {ConfigError} saying what to do
 */
export function requireSafeExposure(
  { host, allowAnonymous, authIssuer }: Config,
  { ring, source }: Pick<LoadedRing, 'ring' | 'source'>,
): void {
  if (isLoopbackAddress(host)) return;
  const problems: string[] = [];
  if (ring.development) {
    problems.push(
      `--host ${host} reaches beyond this machine, and ${source} is a development ring that this server generated for itself. ` +
        'Make a ring for your deployment, give it to every replica, and name it: waxseal keys generate --out ring.jwks; waxseal serve --keys ring.jwks',
    );
  }
  if (!allowAnonymous && authIssuer === undefined) {
    problems.push(
      `--host ${host} reaches beyond this machine, and no authorization is configured: anyone who reaches the port could use it. ` +
        'Set --auth-issuer and --auth-audience, or --allow-anonymous if that is what you want, or listen on --host 127.0.0.1.',
    );
  }
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
}

/** Which Host and Origin names a configuration serves. Web pages of other sites are refused wherever it listens. */
export function allowedNames({ host, allowedHosts, allowedOrigins }: Config): {
  allowedHosts?: readonly string[] | undefined;
  allowedOrigins: readonly string[];
} {
  return {
    allowedHosts: allowedHosts ?? (isLoopbackAddress(host) ? [...new Set([...LOOPBACK_NAMES, host])] : undefined),
    allowedOrigins: allowedOrigins ?? allowedHosts ?? LOOPBACK_NAMES,
  };
}
