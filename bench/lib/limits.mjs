/** A rate limit that no run reaches. The limiter still counts, as it does by default. Requests a minute. */
export const NEVER_REACHED = 100_000_000;
