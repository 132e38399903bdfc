/**
 * The error for an unusable key ring. The message names the entry and the member at fault, and quotes no value that may
 * be secret.
 */
export class RingError extends Error {
  readonly code = 'invalid_ring';
  override get name(): string {
    return 'RingError';
  }
}
