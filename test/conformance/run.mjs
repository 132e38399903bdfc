/**
 * Runs MCP's conformance suite against servers built with the kit, one for each way to serve. Run `npm run build`
 * first, then:
 *
 *     node test/conformance/run.mjs
 *
 * The program exits with 1 if a required scenario fails unexpectedly, or an expected failure passes. It talks only to
 * this machine, and removes its files.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conclude, say } from '../soak/report.mjs';
import { startFixture } from './fixture.mjs';
import { runSuite } from './suite.mjs';

/**
 * The ways to serve, as in server.mjs, with their revisions. The bridge to stdio has no sessions, so it supports only
 * 2026-07-28.
 */
const WAYS = [
  { way: 'own', what: 'registerTools on an McpServer, by serve(factory)', revisions: ['2026-07-28', '2025-11-25'] },
  { way: 'tools', what: 'serve([tools])', revisions: ['2026-07-28', '2025-11-25'] },
  { way: 'fetch', what: 'createFetchHandler', revisions: ['2026-07-28', '2025-11-25'] },
  { way: 'stdio', what: 'serveStdio(factory), behind a bridge', revisions: ['2026-07-28'] },
];

const WORDS = { SUCCESS: 'passed', FAILURE: 'failed', WARNING: 'warned', SKIPPED: 'skipped' };

const folder = mkdtempSync(join(tmpdir(), 'waxseal-conformance-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const counts = [];
const failures = [];
for (const { way, what, revisions } of WAYS) {
  const fixture = await startFixture(way, folder);
  for (const revision of revisions) {
    const title = `${what}, ${revision}`;
    say(`${title}: running`);
    const outcome = await runSuite(way, revision, fixture.url, join(folder, way, revision));
    counts.push(tell(title, outcome));
    failures.push(...wrongWith(title, outcome));
  }
  await fixture.stop();
}
conclude(failures, counts.join('; '));

/** A warning counts as a failure, as in the suite's own check of expected failures. */
function failed({ checks }) {
  return checks.length === 0 || checks.some(({ status }) => status === 'FAILURE' || status === 'WARNING');
}

function tell(title, { required, notScored, expected }) {
  const passed = required.filter((result) => !failed(result)).length;
  const count = `${title}: ${passed} of ${required.length} required scenarios pass`;
  say(count);
  for (const { scenario } of required.filter(failed)) {
    say(`  fails${expected.includes(scenario) ? ' as expected' : ''}: ${scenario}`);
  }
  for (const { scenario, reason, checks } of notScored) {
    const tally = Object.entries(WORDS).map(([status, word]) => `${checks.filter((check) => check.status === status).length} ${word}`);
    say(`  not scored (${reason}): ${scenario}: checks ${tally.join(', ')}`);
  }
  return count;
}

/** Returns the unexpected results of a run. */
function wrongWith(title, { accepted, required, expected }) {
  const unexpected = required.filter((result) => failed(result) && !expected.includes(result.scenario));
  const stale = required.filter((result) => !failed(result) && expected.includes(result.scenario));
  const wrong = [
    ...unexpected.flatMap(({ scenario, checks }) => complaints(checks).map((complaint) => `${title}: ${scenario}: ${complaint}`)),
    ...stale.map(({ scenario }) => `${title}: ${scenario}: passes, but is expected to fail`),
  ];
  return accepted || wrong.length > 0 ? wrong : [`${title}: the suite exited with an error, although every scenario ended as expected`];
}

function complaints(checks) {
  if (checks.length === 0) return ['did not run'];
  const bad = checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING');
  return bad.map(({ id, errorMessage, details }) => `${id}: ${errorMessage ?? details?.message}`);
}
