/**
 * Makes the suite run on Node 20, with `node --import`. The suite imports `globSync` from `fs`, which Node has since
 * version 22. Only the command `tier-check` calls `globSync`, and the tests do not run this command.
 */
import * as fs from 'node:fs';
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

if (isMainThread && !('globSync' in fs)) register(import.meta.url);

const FS = "data:text/javascript,export * from 'node:fs'; export { default } from 'node:fs'; export const globSync = undefined;";

/** A module resolution hook. */
export async function resolve(specifier, context, next) {
  return specifier === 'fs' ? { url: FS, shortCircuit: true } : next(specifier, context);
}
