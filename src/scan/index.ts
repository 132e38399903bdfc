/** Handles in any text: found by their form alone, and replaced by their fingerprints. Needs no key, and runs anywhere. */
export { type FoundHandle, findHandles, HANDLE_PREFIX, isHandle, LONGEST_HANDLE } from './find.ts';
export { findBroken } from './read.ts';
export { createRedactor, type RedactionCount, type Redactor } from './redact.ts';
