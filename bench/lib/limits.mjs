/** No bench reaches this rate limit, in requests a minute. The limiter still counts every request. */
export const NEVER_REACHED = 100_000_000;
