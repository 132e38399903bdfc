/** Requests a minute that no run comes near: the limiter works as it does by default, and refuses nobody. */
export const NEVER_REACHED = 100_000_000;
