/**
 * Writes a moment in ISO 8601, in UTC, to the second.
 *
 * @param seconds whole seconds since 1970
 *
 * @example
 * ```ts
 * import { utc } from 'waxseal/handle';
 *
 * utc(1_785_240_000); // 2026-07-28T12:00:00Z
 * ```
 */
export function utc(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

/**
 * Returns the time of the system clock, in whole seconds since 1970.
 *
 * @example
 * ```ts
 * import { systemClock } from 'waxseal/handle';
 *
 * const now = systemClock();
 * ```
 */
export function systemClock(): number {
  return Math.floor(Date.now() / 1000);
}
