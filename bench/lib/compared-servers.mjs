/** The servers that the benches compare, each with its name and the arguments with which Node starts it. */
import { fileURLToPath } from 'node:url';
import { NEVER_REACHED } from './limits.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** Returns `waxseal serve`, with a rate limit that is never reached. */
export function waxseal(ringFile, name = 'waxseal') {
  const settings = ['--port', '0', '--keys', ringFile, '--rate-limit', String(NEVER_REACHED)];
  return { name, args: [path('../../dist/cli/main.js'), 'serve', ...settings] };
}

/** The SDK's recipe, which keeps tasks in a `Map`. */
export const recipeWithMap = { name: 'recipe, Map', args: [path('../servers/recipe.mjs'), 'map'] };

/** Returns the SDK's recipe, which keeps tasks in Redis. @param url the URL of Redis */
export function recipeWithRedis(url) {
  return { name: 'recipe, Redis', args: [path('../servers/recipe.mjs'), url] };
}

/** Waxseal's server without sealing, which keeps tasks in a `Map`. */
export const unsealed = { name: 'unsealed, Map', args: [path('../servers/unsealed.mjs')] };
