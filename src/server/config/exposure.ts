import { ConfigError } from '../app/config-error.ts';
import { isLoopbackAddress, LOOPBACK_NAMES } from '../app/loopback.ts';
import { type Names, originsOf, reachBeyond } from '../app/names.ts';
import type { LoadedRing } from './ring.ts';
import type { Config } from './settings.ts';

/**
 * Refuses a configuration with which other machines can reach the server, if at least one of these is true:
 *
 * - the ring is a development ring, which a server generates for itself
 * - no authorization server is configured, and anonymous callers are not allowed
 *
 * @throws {ConfigError} `invalid_configuration`: the message says what to set
 */
export function requireSafeExposure(
  config: Config,
  { ring, source, isDevelopment }: Pick<LoadedRing, 'ring' | 'source' | 'isDevelopment'>,
): void {
  const { allowAnonymous, authIssuer } = config;
  const exposed = exposureOf(config);
  if (exposed === undefined) return;
  const problems: string[] = [];
  if (ring.development || isDevelopment) {
    problems.push(
      `${exposed}, and ${source} is a development ring that this server generated for itself. ` +
        'Make a ring for your deployment, give it to every replica, and name it with --keys (WAXSEAL_KEYS_FILE): waxseal keys generate --out ring.jwks; waxseal serve --keys ring.jwks',
    );
  }
  if (!allowAnonymous && authIssuer === undefined) {
    problems.push(
      `${exposed}, and no authorization is configured: anyone who reaches the port could use the server. ` +
        'Set --auth-issuer and --auth-audience (WAXSEAL_AUTH_ISSUER, WAXSEAL_AUTH_AUDIENCE), or --allow-anonymous (WAXSEAL_ALLOW_ANONYMOUS=true) if that is what you want, ' +
        'or listen on --host 127.0.0.1 without --trust-proxy and without other names in --allowed-hosts.',
    );
  }
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
}

/**
 * Returns the start of an error text about the setting that lets other machines reach the server. Returns undefined if
 * no setting does.
 */
function exposureOf({ host, trustProxy, allowedHosts = [] }: Config): string | undefined {
  if (!isLoopbackAddress(host)) return `--host ${host} (WAXSEAL_HOST) reaches beyond this machine`;
  if (trustProxy !== undefined)
    return `--trust-proxy ${trustProxy.join(',')} (WAXSEAL_TRUST_PROXY) says that a proxy passes on requests from beyond this machine`;
  if (reachBeyond(allowedHosts))
    return `--allowed-hosts ${[allowedHosts].flat().join(',')} (WAXSEAL_ALLOWED_HOSTS) has a name that clients on other machines use`;
  return undefined;
}

/**
 * Returns the rules for admitting requests. Without `allowedOrigins` and `allowedHosts`, no web page may send requests
 * except those of this machine, even if the server listens on every address.
 */
export function admissionOf(config: Config): {
  allowedHosts?: Names | undefined;
  allowedOrigins: readonly string[];
  refuseForwarded: boolean;
} {
  const { host, allowedHosts, allowedOrigins, allowAnonymous, authIssuer } = config;
  return {
    allowedHosts: allowedHosts ?? (isLoopbackAddress(host) ? [...new Set([...LOOPBACK_NAMES, inHost(host)])] : undefined),
    allowedOrigins: originsOf({ allowedOrigins, allowedHosts }),
    // A tunnel can make a server public although it listens only on this machine. The operator may not want that.
    refuseForwarded: exposureOf(config) === undefined && !allowAnonymous && authIssuer === undefined,
  };
}

/** Spells an address as the header `Host` does. */
function inHost(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
