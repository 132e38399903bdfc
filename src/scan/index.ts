/**
 * Finds handles in any text by their form, and replaces each handle by its fingerprint. This module needs no key, and
 * runs on every JavaScript runtime.
 */
export { type Base64Run, bytesOf, type Content, contentOf, findBase64, isMedium, latin1Of } from './base64.ts';
export { type FoundHandle, findHandles, HANDLE_PREFIX, isHandle, LONGEST_HANDLE } from './find.ts';
export { type BrokenHandle, brokenHandles, findBroken } from './read.ts';
export { createRedactor, type RedactionCount, type Redactor } from './redact.ts';
