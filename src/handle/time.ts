/** A moment as people and programs read it: ISO 8601, UTC, to the second. `seconds` since 1970. */
export function utc(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

/** The clock that everything runs by outside of tests: whole seconds since 1970. */
export function systemClock(): number {
  return Math.floor(Date.now() / 1000);
}
