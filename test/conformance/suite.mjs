/** The protocol's own suite, run as a program: what a revision requires, and how a server did. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const SUITE = dirname(require.resolve('@modelcontextprotocol/conformance/package.json'));
const PRELOAD = new URL('suite-on-node-20.mjs', import.meta.url).href;

/** The YAML that the suite itself reads its files with. */
const { parse } = createRequire(join(SUITE, 'package.json'))('yaml');

/** How long one run may take. Milliseconds; it takes seconds. */
const PATIENCE_MS = 300_000;

/**
 * Runs all that a revision requires of a server, and what it runs beside that without scoring.
 *
 * @param way which of the ways to the server, for what it cannot do
 * @param folder where the suite may write its results
 * @returns `accepted`: the suite's own verdict; `required`, `notScored`: scenarios, each with its checks (none where it
 *   did not run) and, for the latter, the reason; `expected`: names of scenarios that are expected to fail
 */
export async function runSuite(way, revision, url, folder) {
  const { server, not_scored } = parse(readFileSync(join(SUITE, 'requirements', `${revision}.yaml`), 'utf8'));
  const expected = [way, revision].flatMap(failuresOf).filter((scenario) => server.includes(scenario));
  mkdirSync(folder, { recursive: true });
  const baseline = join(folder, 'expected-failures.json');
  // JSON is YAML.
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

/** Scenarios that cannot pass on a way to the server, or in a revision; its file says why. */
function failuresOf(name) {
  const file = fileURLToPath(new URL(`expected-failures-${name}.yaml`, import.meta.url));
  return existsSync(file) ? parse(readFileSync(file, 'utf8')).server : [];
}

/** Of our environment the suite sees only PATH: no proxy, and nothing else of this machine. */
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

/** The suite writes `server-<scenario>-<time>/checks.json`. */
function checksIn(folder) {
  const checks = new Map();
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const [, scenario] = /^server-(.+)-\d{4}-\d\d-\d\dT[^/]*$/.exec(name) ?? [];
    const file = join(folder, name, 'checks.json');
    if (scenario !== undefined && existsSync(file)) checks.set(scenario, JSON.parse(readFileSync(file, 'utf8')));
  }
  return checks;
}
