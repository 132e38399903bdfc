/** The clock that everything runs by outside of tests: whole seconds since 1970. */
export function systemClock(): number {
  return Math.floor(Date.now() / 1000);
}
