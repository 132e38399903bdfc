/** The compared servers, each with its name and Node's arguments. */
import { fileURLToPath } from 'node:url';
import { NEVER_REACHED } from './limits.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** `waxseal serve`, with a rate limit that is never reached. */
export function waxseal(ringFile, name = 'waxseal') {
  const settings = ['--port', '0', '--keys', ringFile, '--rate-limit', String(NEVER_REACHED)];
  return { name, args: [path('../../dist/cli/main.js'), 'serve', ...settings] };
}

/** The SDK's recipe, with tasks in a `Map`. */
export const recipeWithMap = { name: 'recipe, Map', args: [path('../servers/recipe.mjs'), 'map'] };

/** The SDK's recipe, with tasks in Redis. @param url the URL of Redis */
export function recipeWithRedis(url) {
  return { name: 'recipe, Redis', args: [path('../servers/recipe.mjs'), url] };
}

/** Waxseal's server without sealing, with tasks in a `Map`. */
export const unsealed = { name: 'unsealed, Map', args: [path('../servers/unsealed.mjs')] };
