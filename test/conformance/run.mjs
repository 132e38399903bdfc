/**
 * The protocol's own suite against a server that is built on the kit. Run `npm run build` first, then:
 *
 *     node test/conformance/run.mjs
 *
 * Ends with 1 where a required scenario fails that is not expected to, or one passes that is. Speaks with nobody beyond
 * this machine, and leaves nothing behind.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conclude, say } from '../soak/report.mjs';
import { startFixture } from './fixture.mjs';
import { runSuite } from './suite.mjs';

const REVISIONS = ['2026-07-28', '2025-11-25'];

const WORDS = { SUCCESS: 'passed', FAILURE: 'failed', WARNING: 'warned', SKIPPED: 'skipped' };

const folder = mkdtempSync(join(tmpdir(), 'waxseal-conformance-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const counts = [];
const failures = [];
const fixture = await startFixture(folder);
for (const revision of REVISIONS) {
  say(`${revision}: running`);
  const outcome = await runSuite(revision, fixture.url, join(folder, revision));
  counts.push(tell(revision, outcome));
  failures.push(...wrongWith(revision, outcome));
}
await fixture.stop();
conclude(failures, counts.join('; '));

/** The suite's rule where it is given expected failures, held to everywhere: a warning is no pass. */
function failed({ checks }) {
  return checks.length === 0 || checks.some(({ status }) => status === 'FAILURE' || status === 'WARNING');
}

function tell(revision, { required, notScored, expected }) {
  const passed = required.filter((result) => !failed(result)).length;
  const count = `${revision}: ${passed} of ${required.length} required scenarios pass`;
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

/** What does not hold, and why. */
function wrongWith(revision, { accepted, required, expected }) {
  const unexpected = required.filter((result) => failed(result) && !expected.includes(result.scenario));
  const stale = required.filter((result) => !failed(result) && expected.includes(result.scenario));
  const wrong = [
    ...unexpected.flatMap(({ scenario, checks }) => complaints(checks).map((complaint) => `${revision}: ${scenario}: ${complaint}`)),
    ...stale.map(({ scenario }) => `${revision}: ${scenario}: is expected to fail, and passes`),
  ];
  return accepted || wrong.length > 0 ? wrong : [`${revision}: the suite's exit code says that not all is good`];
}

function complaints(checks) {
  if (checks.length === 0) return ['did not run'];
  const bad = checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING');
  return bad.map(({ id, errorMessage, details }) => `${id}: ${errorMessage ?? details?.message}`);
}
