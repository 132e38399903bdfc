/**
 * Preloaded into the suite (`node --import`): lets it run on Node 20. Its one bundle imports `globSync` from `fs`,
 * which came with Node 22; only its `tier-check` command calls it, and that is not what is run here.
 */
import * as fs from 'node:fs';
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

if (isMainThread && !('globSync' in fs)) register(import.meta.url);

const FS = "data:text/javascript,export * from 'node:fs'; export { default } from 'node:fs'; export const globSync = undefined;";

/** A module resolution hook; Node runs it on a thread of its own. */
export async function resolve(specifier, context, next) {
  return specifier === 'fs' ? { url: FS, shortCircuit: true } : next(specifier, context);
}
