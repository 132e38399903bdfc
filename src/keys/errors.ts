/**
 * The error for an unusable key ring. The message names the wrong entry and member, and quotes no value that may be
 * secret.
 */
export class RingError extends Error {
  readonly code = 'invalid_ring';
  override get name(): string {
    return 'RingError';
  }
}
