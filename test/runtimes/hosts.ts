/** The hosts, and how each starts a project of `waxseal init`. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/authorization-calls.ts';
import { atEndOfFile } from '../support/cleanup.ts';
import { COMMANDS, command, nodeOf, PROJECTS, versionOf, WAXSEAL } from './installed.ts';
import { type Command, running, type Served, serving } from './process.ts';

/** A server that runs on a host. */
export interface Hosted extends Served {
  readonly url: string;
}

/** The authorization server whose tokens a server demands. */
export interface Asking {
  readonly issuer: string;
}

/** A project and its configuration. */
interface Project {
  readonly folder: string;
  readonly port: number;
  /** The text of the key ring. */
  readonly ring: string;
  /** The issuer of the tokens, and the server's audience. */
  readonly authorization?: { readonly issuer: string; readonly audience: string } | undefined;
}

interface Host {
  /** The title in the report, with the versions that run. */
  readonly name: string;
  /** The value of `waxseal init --for`. */
  readonly place: string;
  readonly path: string;
  /** Present if the host needs a build, which does not see the key ring. */
  build?(project: Project): Promise<void>;
  start(project: Project): Omit<Command, 'cwd'>;
}

const NO_NEWS = { CI: '1', NEXT_TELEMETRY_DISABLED: '1', WRANGLER_SEND_METRICS: 'false', DENO_NO_UPDATE_CHECK: '1' };

const FRONT = fileURLToPath(new URL('lambda-front.mjs', import.meta.url));

const onNode = (major: number): Host => {
  const program = nodeOf(major);
  return {
    name: `Node ${execFileSync(program, ['--version'], { encoding: 'utf8' }).trim().slice(1)}`,
    place: 'node',
    path: '/mcp',
    start: ({ port, ring, authorization }) => ({
      program,
      args: ['server.js'],
      env: {
        ...{ PORT: String(port), WAXSEAL_KEYS: ring },
        ...(authorization && { WAXSEAL_AUTH_ISSUER: authorization.issuer, WAXSEAL_AUTH_AUDIENCE: authorization.audience }),
      },
      ready: /serves MCP at/,
    }),
  };
};

const onLambda = (format: 'esm' | 'cjs'): Host => ({
  name: `AWS Lambda (events of a function URL), ${format === 'esm' ? 'an ESM' : 'a CJS'} bundle by esbuild ${versionOf('esbuild')}, hono/aws-lambda ${versionOf('hono')}`,
  place: 'lambda',
  path: '/mcp',
  build: async ({ folder }) => {
    const { build } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).scripts;
    const script =
      format === 'esm' ? build : build.replace('--format=esm --outfile=dist/lambda.mjs', '--format=cjs --outfile=dist/lambda.cjs');
    await running('sh', ['-c', script], folder, { PATH: `${COMMANDS}:${process.env['PATH']}` });
  },
  start: ({ port, ring }) => ({
    program: process.execPath,
    args: [FRONT, format === 'esm' ? 'dist/lambda.mjs' : 'dist/lambda.cjs', String(port)],
    env: { WAXSEAL_KEYS: ring },
    ready: /takes events/,
  }),
});

export const HOSTS: readonly Host[] = [
  ...[20, 22, 24].map(onNode),
  {
    name: `Cloudflare Workers: workerd ${versionOf('workerd')}, by wrangler ${versionOf('wrangler')}`,
    place: 'worker',
    path: '/mcp',
    start: ({ folder, port, ring }) => {
      writeFileSync(join(folder, '.dev.vars'), `WAXSEAL_KEYS='${ring}'`, { mode: 0o600 });
      const args = ['dev', '--ip', '127.0.0.1', '--port', String(port), '--inspector-port', '0', '--show-interactive-dev-session=false'];
      return { program: command('wrangler'), args, env: NO_NEWS, ready: /Ready on/ };
    },
  },
  {
    name: `Deno ${versionOf('deno')}`,
    place: 'deno',
    path: '/mcp',
    start: ({ port, ring }) => ({
      program: command('deno'),
      args: ['serve', '--allow-env', '--allow-net', '--host', '127.0.0.1', '--port', String(port), 'server.js'],
      env: { ...NO_NEWS, WAXSEAL_KEYS: ring },
      ready: /Listening on/,
    }),
  },
  {
    name: `Bun ${versionOf('bun')}`,
    place: 'bun',
    path: '/mcp',
    start: ({ port, ring }) => ({
      program: command('bun'),
      args: ['run', 'server.js'],
      env: { ...NO_NEWS, WAXSEAL_KEYS: ring, PORT: String(port) },
      ready: /Started/,
    }),
  },
  {
    name: `Next ${versionOf('next')}`,
    place: 'next',
    path: '/api/mcp',
    build: ({ folder }) => running(command('next'), ['build'], folder, NO_NEWS),
    start: ({ port, ring }) => ({
      program: command('next'),
      args: ['start', '--hostname', '127.0.0.1', '--port', String(port)],
      env: { ...NO_NEWS, WAXSEAL_KEYS: ring },
      ready: /Ready in/,
    }),
  },
  onLambda('esm'),
  onLambda('cjs'),
];

/**
 * Writes a project with `waxseal init`, and starts it.
 *
 * @param asking if absent, the project starts as `waxseal init` wrote it
 */
export async function hosted({ place, path, build, start }: Host, asking?: Asking): Promise<Hosted> {
  mkdirSync(PROJECTS, { recursive: true });
  const folder = mkdtempSync(join(PROJECTS, `${place}-`));
  atEndOfFile(() => rmSync(folder, { recursive: true, force: true }));
  await running(process.execPath, [WAXSEAL, 'init', folder, '--for', place], PROJECTS);
  await running(process.execPath, [WAXSEAL, 'keys', 'generate', '--out', 'ring.jwks'], folder);
  const ring = readFileSync(join(folder, 'ring.jwks'), 'utf8');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}${path}`;
  const authorization = asking && { issuer: asking.issuer, audience: url };
  if (authorization !== undefined) askForTokens(folder, authorization);
  const project = { folder, port, ring, authorization };
  await build?.(project);
  return { url, ...(await serving({ cwd: folder, ...start(project) })) };
}

/**
 * Turns authorization on, as the comment in the project's files says. A project without this comment reads the settings
 * of authorization from its environment.
 */
function askForTokens(folder: string, authorization: NonNullable<Project['authorization']>): void {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.js'))) {
    const file = join(folder, name);
    const text = readFileSync(file, 'utf8');
    // A comment in the file contains `allowAnonymous: true`, too, so the pattern matches only a line with nothing else.
    const option = /^ +allowAnonymous: true,$/m;
    if (option.test(text)) writeFileSync(file, text.replace(option, `authorization: ${JSON.stringify(authorization)},`));
  }
}
