/** The error for a key ring that cannot be used. The message names the wrong entry and member, but quotes no value that may be secret. */
export class RingError extends Error {
  readonly code = 'invalid_ring';
  override get name(): string {
    return 'RingError';
  }
}
