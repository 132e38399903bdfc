/** Runs the conformance suite of MCP as a program, and reads what a revision requires and which checks passed. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const SUITE = dirname(require.resolve('@modelcontextprotocol/conformance/package.json'));
const PRELOAD = new URL('suite-on-node-20.mjs', import.meta.url).href;

/** The YAML parser of the suite. */
const { parse } = createRequire(join(SUITE, 'package.json'))('yaml');

/** The longest time that one run may take, in milliseconds. Usually a run takes some seconds. */
const PATIENCE_MS = 300_000;

/**
 * Runs every scenario that a revision requires of a server, and the scenarios that the suite runs without scoring.
 *
 * @param way the way to serve, which selects expected failures
 * @param folder the folder to which the suite writes its results
 * @returns `accepted`: whether the suite exited without an error; `required` and `notScored`: the scenarios with their checks,
 *   which are empty if a scenario did not run; a scenario in `notScored` also has a `reason`; and `expected`: the names of the
 *   scenarios that are expected to fail
 */
export async function runSuite(way, revision, url, folder) {
  const { server, not_scored } = parse(readFileSync(join(SUITE, 'requirements', `${revision}.yaml`), 'utf8'));
  const expected = [way, revision].flatMap(failuresOf).filter((scenario) => server.includes(scenario));
  mkdirSync(folder, { recursive: true });
  const baseline = join(folder, 'expected-failures.json');
  // The suite reads YAML, and every JSON document is a YAML document.
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

/** Returns the scenarios that a file lists as expected failures. @param name a way to serve, or a revision */
function failuresOf(name) {
  const file = fileURLToPath(new URL(`expected-failures-${name}.yaml`, import.meta.url));
  return existsSync(file) ? parse(readFileSync(file, 'utf8')).server : [];
}

/** Runs the suite. The suite gets only PATH, so that no proxy setting or other variable of the user reaches it. */
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

/** Reads the checks of each scenario. The suite writes them to `server-<scenario>-<time>/checks.json`. */
function checksIn(folder) {
  const checks = new Map();
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const [, scenario] = /^server-(.+)-\d{4}-\d\d-\d\dT[^/]*$/.exec(name) ?? [];
    const file = join(folder, name, 'checks.json');
    if (scenario !== undefined && existsSync(file)) checks.set(scenario, JSON.parse(readFileSync(file, 'utf8')));
  }
  return checks;
}
