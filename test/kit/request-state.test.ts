/** Tests the exports and the size of the entry point `waxseal/request-state`. */
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { describe, expect, it } from 'vitest';
import * as door from '../../src/kit/request-state.ts';

const DOOR = fileURLToPath(new URL('../../src/kit/request-state.ts', import.meta.url));

/** The greatest allowed size of the bundle, in bytes. */
const MOST = 27_000;

/** Bundles the entry point for a platform, without the SDK, which its users have already. */
async function bundled(condition: 'node' | 'browser') {
  const build = await rolldown({
    input: DOOR,
    platform: condition,
    external: [/^node:/, /^@modelcontextprotocol\//],
    resolve: {
      alias: {
        '#platform': fileURLToPath(new URL(`../../src/handle/platform/${condition === 'node' ? 'node' : 'web'}.ts`, import.meta.url)),
      },
    },
  });
  try {
    return (await build.generate({ format: 'esm', minify: true })).output;
  } finally {
    await build.close();
  }
}

describe('waxseal/request-state', () => {
  it.each(['browser', 'node'] as const)(
    'makes a bundle that is smaller than 27 KB and imports no other package: for the platform %s',
    async (condition) => {
      const [chunk, ...others] = await bundled(condition);
      expect(others).toEqual([]);
      expect(Buffer.byteLength(chunk.code)).toBeLessThan(MOST);
      expect(chunk.imports.filter((name) => !name.startsWith('node:'))).toEqual([]);
      expect(chunk.moduleIds.filter((id) => /node_modules\/(?!jose\/)/.test(id))).toEqual([]);
    },
  );

  it('exports only the codec', () => {
    expect(Object.keys(door)).toEqual(['createRequestStateCodec']);
  });
});
