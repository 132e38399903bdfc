import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';

/** What needs more than this repository (an authorization server, Python, a registry of packages) or many processes, and takes its time: `npm run test:interop`. */
const INTEROP = [
  'test/server/app/authorization/*.test.ts',
  'test/server/node/{connections/{close,drain},mcp-route-cancel}.test.ts',
  'test/server/node/metrics/metrics.test.ts',
  'test/server/node/workers/primary.test.ts',
  'test/server/config/{exposure,ring,ring-watch}.test.ts',
  'test/wallet/upstream/{http-upstream,bounded-fetch}.test.ts',
  'test/examples/*.test.ts',
  'test/telemetry/*.test.ts',
  'test/interop/*.test.ts',
  'test/cli/{wallet,wallet-proxy,health,revoke}.test.ts',
  'test/audit/log/read-log.test.ts',
  'test/scan/redact-time.test.ts',
  'test/desktop/*.test.ts',
  'test/package.test.ts',
];

/** What is run a second time on Web Crypto and compression streams: all that depends on a platform's cryptography. `handle/platform` tests both by itself. */
const PORTABLE = ['test/handle/*.test.ts', 'test/vectors/vectors.test.ts', 'test/keys/*.test.ts'];

/** What starts other runtimes, which are installed for it: `npm run test:runtimes`. */
const RUNTIMES = 'test/runtimes/*.test.ts';

/** What needs a browser: `npm run test:browser`. */
const BROWSER = 'test/browser/*.test.ts';

const source = (file: string) => fileURLToPath(new URL(`src/${file}`, import.meta.url));

export default defineConfig({
  // `#platform` and `#schemas` in package.json are the source here, and not what was built of it.
  ssr: { resolve: { conditions: ['waxseal-source', 'node', 'development'] } },
  test: {
    // Most of these tests wait for processes that they started, so one worker a core is not too many.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Processes are spawned and thousands of handles are made; the limit is for what hangs, not for what is slow.
    testTimeout: 90_000,
    hookTimeout: 90_000,
    setupFiles: 'test/support/setup.ts',
    projects: [
      {
        extends: true,
        test: {
          name: 'main',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...INTEROP, BROWSER, RUNTIMES],
          // A third of the time would go into loading the same modules again for each file.
          isolate: false,
        },
      },
      {
        extends: true,
        resolve: { alias: { '#platform': source('handle/platform/web.ts'), '#schemas': source('handle/platform/interpreting.ts') } },
        test: { name: 'web', include: PORTABLE, isolate: false },
      },
      { extends: true, test: { name: 'interop', include: INTEROP } },
      { extends: true, test: { name: 'runtimes', include: [RUNTIMES] } },
      { extends: true, test: { name: 'browser', include: [BROWSER] } },
    ],
  },
});
