/** A key ring cannot be used. The message names the entry and the member. It never contains a value, because a value may be secret. */
export class RingError extends Error {
  readonly code = 'invalid_ring';
  override get name(): string {
    return 'RingError';
  }
}
