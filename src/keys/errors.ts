/** A key ring that cannot be used. The message names the entry and the member, never a value: values may be secret. */
export class RingError extends Error {
  readonly code = 'invalid_ring';
  override get name(): string {
    return 'RingError';
  }
}
