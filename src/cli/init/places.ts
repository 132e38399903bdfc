/** The places that can host a project, each with its files from `deploy/`, packages and commands. */

export interface Place {
  /** How the help of `waxseal init` describes the place. */
  readonly title: string;
  /** The files: for each path in the project, a path in `deploy/`. */
  readonly files: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  /** The packages, with versions, that the project needs besides `waxseal` and `zod`. */
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  /** Shell commands that start the project, after `cd` and `npm install`. */
  readonly start: readonly string[];
  /** The URL of the started server. Absent if the commands start none. */
  readonly url?: string;
  /** Commands or instructions that deploy the project. */
  readonly deploy: readonly string[];
}

/** The files of every project. */
export const PROJECT_FILES = { 'tools.js': 'project/tools.js', '.gitignore': 'project/gitignore' };

const RING = 'npx waxseal keys generate --out ring.jwks';

/** Puts the ring's text into a command's environment. */
const withRing = (command: string) => `WAXSEAL_KEYS="$(cat ring.jwks)" ${command}`;

const node: Place = {
  title: 'Node, as a process of its own',
  files: { 'server.js': 'node/server.js' },
  scripts: { start: 'node server.js' },
  start: ['node server.js'],
  url: 'http://127.0.0.1:3000/mcp',
  deploy: [RING, 'WAXSEAL_KEYS_FILE=ring.jwks WAXSEAL_HOST=0.0.0.0 WAXSEAL_ALLOW_ANONYMOUS=true node server.js'],
};

/** The places. Their names are the values of `--for`. */
export const PLACES: Readonly<Record<string, Place>> = {
  node,
  docker: {
    ...node,
    title: 'a container, or three containers behind nginx',
    files: {
      ...node.files,
      Dockerfile: 'docker/Dockerfile',
      '.dockerignore': 'docker/dockerignore',
      'compose.yaml': 'docker/compose.yaml',
      'nginx.conf': 'docker/nginx.conf',
    },
    deploy: [RING, withRing('docker compose up --build --wait')],
  },
  worker: {
    title: 'Cloudflare Workers',
    files: { 'worker.js': 'worker/worker.js', 'wrangler.jsonc': 'worker/wrangler.jsonc' },
    scripts: { dev: 'wrangler dev', deploy: 'wrangler deploy' },
    devDependencies: { wrangler: '^4.86.0' },
    start: [RING, `(umask 077; echo "WAXSEAL_KEYS='$(cat ring.jwks)'" > .dev.vars)`, 'npx wrangler dev'],
    url: 'http://127.0.0.1:8787/mcp',
    deploy: ['npx wrangler secret put WAXSEAL_KEYS < ring.jwks', 'npx wrangler deploy'],
  },
  next: {
    title: 'Next, at /api/mcp',
    files: {
      'server.js': 'next/server.js',
      'app/api/mcp/route.js': 'next/app/api/mcp/route.js',
      'app/.well-known/oauth-protected-resource/[[...path]]/route.js': 'next/app/.well-known/oauth-protected-resource/[[...path]]/route.js',
    },
    scripts: { dev: 'next dev', build: 'next build', start: 'next start' },
    dependencies: { next: '^16.0.0', react: '^19.0.0', 'react-dom': '^19.0.0' },
    start: [RING, 'npx next build', withRing('npx next start')],
    url: 'http://127.0.0.1:3000/api/mcp',
    deploy: ['where you deploy the project, set the variable WAXSEAL_KEYS to the text of ring.jwks'],
  },
  lambda: {
    title: 'AWS Lambda, behind a function URL',
    files: { 'lambda.js': 'lambda/lambda.js' },
    scripts: { build: 'esbuild lambda.js --bundle --minify --platform=node --target=node20 --format=esm --outfile=dist/lambda.mjs' },
    dependencies: { hono: '^4.13.0' },
    devDependencies: { esbuild: '^0.28.0' },
    start: ['npm run build'],
    deploy: [RING, 'upload dist/lambda.mjs with the handler lambda.handler, and set the variable WAXSEAL_KEYS to the text of ring.jwks'],
  },
  deno: {
    title: 'Deno',
    files: { 'server.js': 'fetch/server.js' },
    scripts: { start: 'deno serve --allow-env --allow-net --host 127.0.0.1 server.js' },
    devDependencies: { deno: '^2.0.0' },
    start: [RING, withRing('npx deno serve --allow-env --allow-net --host 127.0.0.1 server.js')],
    url: 'http://127.0.0.1:8000/mcp',
    deploy: ['where you deploy the project, set the variable WAXSEAL_KEYS to the text of ring.jwks'],
  },
  bun: {
    title: 'Bun',
    files: { 'server.js': 'fetch/server.js' },
    scripts: { start: 'bun run server.js' },
    devDependencies: { bun: '^1.4.0' },
    start: [RING, withRing('npx bun run server.js')],
    url: 'http://127.0.0.1:3000/mcp',
    deploy: ['where you deploy the project, set the variable WAXSEAL_KEYS to the text of ring.jwks'],
  },
};
