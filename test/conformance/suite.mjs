/** Runs MCP's conformance suite as a program, and reads its results. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const SUITE = dirname(require.resolve('@modelcontextprotocol/conformance/package.json'));
const PRELOAD = new URL('suite-on-node-20.mjs', import.meta.url).href;

const { parse } = createRequire(join(SUITE, 'package.json'))('yaml');

/** The longest time for one run, in milliseconds. A run usually takes some seconds. */
const PATIENCE_MS = 300_000;

/**
 * Runs the scenarios that a revision requires of a server, and those that the suite does not score.
 *
 * @param way the way to serve, which selects the expected failures
 * @param folder the folder for the suite's results
 * @returns the result:
 *
 * - `accepted`: whether the suite exited without an error
 * - `required` and `notScored`: the scenarios with their checks, which are empty if a scenario did not run. A scenario
 *   in `notScored` also has a `reason`.
 * - `expected`: the names of the expected failures
 */
export async function runSuite(way, revision, url, folder) {
  const { server, not_scored } = parse(readFileSync(join(SUITE, 'requirements', `${revision}.yaml`), 'utf8'));
  const expected = [way, revision].flatMap(failuresOf).filter((scenario) => server.includes(scenario));
  mkdirSync(folder, { recursive: true });
  const baseline = join(folder, 'expected-failures.json');
  // The suite reads this file as YAML. All JSON is also YAML.
  writeFileSync(baseline, JSON.stringify({ server: expected }));
  const args = ['server', '--url', url, '--requirements', revision, '--output-dir', folder];
  const accepted = await succeeds([...args, '--expected-failures', baseline]);
  const checks = checksIn(folder);
  const resultOf = (scenario) => ({ scenario, checks: checks.get(scenario) ?? [] });
  return {
    accepted,
    required: server.map(resultOf),
    notScored: not_scored.filter(({ leg }) => leg === 'server').map(({ scenario, reason }) => ({ ...resultOf(scenario), reason })),
    expected,
  };
}

/** Reads a file of expected failures. @param name a way to serve, or a revision */
function failuresOf(name) {
  const file = fileURLToPath(new URL(`expected-failures-${name}.yaml`, import.meta.url));
  return existsSync(file) ? parse(readFileSync(file, 'utf8')).server : [];
}

/** The suite gets only PATH, so that no proxy setting of the user reaches it. */
function succeeds(args) {
  const { PATH = '' } = process.env;
  const node = ['--import', PRELOAD, join(SUITE, 'dist', 'index.js'), ...args];
  const options = { env: { PATH }, timeout: PATIENCE_MS, maxBuffer: Number.POSITIVE_INFINITY };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, node, options, (error) => {
      process.off('exit', kill);
      resolve(error === null);
    });
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
  });
}

/** The suite writes the checks to `server-<scenario>-<time>/checks.json`. */
function checksIn(folder) {
  const checks = new Map();
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const [, scenario] = /^server-(.+)-\d{4}-\d\d-\d\dT[^/]*$/.exec(name) ?? [];
    const file = join(folder, name, 'checks.json');
    if (scenario !== undefined && existsSync(file)) checks.set(scenario, JSON.parse(readFileSync(file, 'utf8')));
  }
  return checks;
}
