/** The servers that are compared, as Node is to be started for each. */
import { fileURLToPath } from 'node:url';
import { NEVER_REACHED } from './limits.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** `waxseal serve`, as it is but for a limit of requests a minute that is never reached. */
export function waxseal(ringFile, name = 'waxseal') {
  const settings = ['--port', '0', '--keys', ringFile, '--rate-limit', String(NEVER_REACHED)];
  return { name, args: [path('../../dist/cli/main.js'), 'serve', ...settings] };
}

/** The SDK's recipe, with a `Map`. */
export const recipeWithMap = { name: 'recipe, Map', args: [path('../servers/recipe.mjs'), 'map'] };

/** The SDK's recipe, with Redis. */
export function recipeWithRedis(url) {
  return { name: 'recipe, Redis', args: [path('../servers/recipe.mjs'), url] };
}

/** Our stack without the seal, with a `Map`. */
export const unsealed = { name: 'unsealed, Map', args: [path('../servers/unsealed.mjs')] };
