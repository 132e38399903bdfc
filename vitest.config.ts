import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';

/**
 * The tests that `npm run test:interop` runs. They take long, because they compare many cases, start many processes or need
 * an authorization server, Python or a package registry.
 */
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
  'test/scan/{redact-time,sieve/suspicious}.test.ts',
  'test/logs/combined.test.ts',
  'test/desktop/*.test.ts',
  'test/package.test.ts',
];

/**
 * The tests that depend on a platform's cryptography. The project `web` runs them a second time, on Web Crypto and
 * compression streams. The tests in `test/handle/platform/` are not listed, because each of them covers both platforms
 * itself.
 */
const PORTABLE = ['test/handle/*.test.ts', 'test/vectors/vectors.test.ts', 'test/keys/*.test.ts'];

/** The tests that start servers on other runtimes. `npm run test:runtimes` first installs these runtimes. */
const RUNTIMES = 'test/runtimes/*.test.ts';

/** The tests that need a browser: `npm run test:browser`. */
const BROWSER = 'test/browser/*.test.ts';

const source = (file: string) => fileURLToPath(new URL(`src/${file}`, import.meta.url));

export default defineConfig({
  // With the condition waxseal-source, `#platform` and `#schemas` in package.json name source files instead of built
  // files.
  ssr: { resolve: { conditions: ['waxseal-source', 'node', 'development'] } },
  test: {
    // Most of these tests wait for processes that they have started, so nearly one worker for each core is not too
    // many.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Some tests are slow, because they start processes or make thousands of handles. The limit only stops tests that
    // hang.
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
          // With isolation, every test file would load the same modules again, which takes a third of the time.
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
