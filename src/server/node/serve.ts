import cluster from 'node:cluster';
import { type CallRecord, type Listing, type ServerIdentity, type Tool, type Toolset, toolset } from '../../kit/index.ts';
import { type ServerFactory, toolServer } from '../app/endpoint.ts';
import { type Flags, readConfig, readStdioConfig } from '../config/config.ts';
import { ignoredVariables } from '../config/environment.ts';
import type { Config, StdioConfig } from '../config/settings.ts';
import { failureOf } from './failure.ts';
import { createLog, type Log } from './log.ts';
import type { Running, Starting } from './running.ts';
import { startHttp, startHttpWorkers } from './start.ts';
import { startStdio } from './stdio/start.ts';
import { countOf } from './workers/count.ts';
import { placeOfThisProcess } from './workers/orders.ts';
import { obeyPrimary } from './workers/worker.ts';

/** The longest time for a stop, in milliseconds. After it, the process ends, even with unanswered requests. */
const GRACE_MS = 15_000;

/** What depends on the transport. */
interface Transport<C extends StdioConfig> {
  read(flags: Flags, env: NodeJS.ProcessEnv): C;
  /** Warnings about environment variables. */
  notes(env: NodeJS.ProcessEnv): readonly string[];
  readonly log: 'stdout' | 'stderr';
  start(config: C, log: Log, server: ServerFactory): Promise<Running | Starting>;
}

/** The transport over HTTP, for {@link run}. */
export const overHttp: Transport<Config> = { read: readConfig, notes: ignoredVariables, log: 'stdout', start: startProcesses };

/**
 * The transport over standard input and output, for {@link run}. MCP uses standard output, so the log goes to standard
 * error.
 */
export const overStdio: Transport<StdioConfig> = { read: readStdioConfig, notes: ignoredVariables, log: 'stderr', start: startStdio };

/**
 * Runs a server in this process until a signal stops it. The promise resolves when the server has started.
 *
 * @param flags the settings from the command line. The others come from environment variables.
 * @param serverFor makes the server factory for a value of `--tools`
 * @throws {ConfigError} `invalid_configuration`: a setting is wrong or unsafe
 * @throws {RingError} `invalid_ring`: the ring is not valid
 *
 * @example
 * ```ts
 * import { overHttp, run, type ServerFactory } from 'waxseal/server';
 *
 * const start = (server: ServerFactory) => run(overHttp, { port: '8080' }, () => server);
 * ```
 */
export async function run<C extends StdioConfig>(
  { read, notes, log: stream, start }: Transport<C>,
  flags: Flags,
  serverFor: (list: Listing) => ServerFactory,
): Promise<Running> {
  const config = read(flags, process.env);
  const place = placeOfThisProcess();
  const log = await createLog(config.logLevel, process[stream], place?.number);
  if (place === undefined) for (const note of notes(process.env)) log.warn(note);
  const starting = start(config, log, serverFor(config.tools));
  if (place !== undefined) return obeyPrimary(starting, log, (why) => stopAndExit(starting, log, why));
  obeySignals(starting, log);
  const running = await starting;
  if ('serving' in running) await running.serving;
  return running;
}

/** Starts the server in this process or in workers. A worker starts the server in its own process. */
async function startProcesses(config: Config, log: Log, server: ServerFactory): Promise<Running | Starting> {
  const workers = countOf(config.workers);
  const place = placeOfThisProcess();
  if (place !== undefined) return startHttp({ ...config, port: place.port }, log, server, { workers });
  if (workers > 1 && cluster.isWorker) {
    log.warn('--workers is ignored: this process is already a worker in a cluster that another program started');
  }
  if (workers === 1 || cluster.isWorker) return startHttp(config, log, server);
  return startHttpWorkers(config, log, workers, async (why) => {
    log.fatal(why);
    await log.drain();
    process.exit(1);
  });
}

/**
 * Makes a server obey signals, even while it starts. On SIGHUP, the server reads its ring again. On SIGTERM and SIGINT,
 * it answers the requests in flight, and ends with exit code 0. A second such signal ends the process at once.
 */
function obeySignals(starting: Promise<Running>, log: Log): void {
  let stopping = false;
  const stop = async (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1);
    stopping = true;
    await stopAndExit(starting, log, signal);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // On Windows, Node emits SIGHUP when the console closes. Reading the ring then does no harm.
  process.on('SIGHUP', async () => (await starting).reload());
}

/** The exit code is 1 if a request was left unanswered, otherwise 0. */
async function stopAndExit(starting: Promise<Running>, log: Log, why: string): Promise<void> {
  const end = async (code: number, level: 'info' | 'error', text: string) => {
    log[level](text);
    await log.drain();
    process.exit(code);
  };
  log.info(`${why}: answering requests in flight, then stopping`);
  setTimeout(() => end(1, 'error', `requests still in flight after ${GRACE_MS} ms; stopping without them`), GRACE_MS).unref();
  try {
    await (await starting).stop();
    await end(0, 'info', 'stopped');
  } catch (error) {
    await end(1, 'error', (error as Error).message);
  }
}

/**
 * Serves tools over HTTP at `POST /mcp` until a signal stops the process. Your program needs nothing else. The settings
 * are the environment variables of `waxseal serve` (`PORT`, `WAXSEAL_KEYS_FILE`, …; see
 * docs/reference/configuration.md).
 *
 * If the server cannot start, the reason goes to standard error. The exit code is then 2 for a wrong configuration,
 * otherwise 1.
 *
 * @param served tools, a toolset, or a factory of server objects. A toolset and a factory decide themselves which tools
 *   are listed, so `WAXSEAL_TOOLS` does not affect them.
 * @param identity the server's name and version for its clients; leave it out with a factory
 * @param options an observer of calls
 *
 * @example
 * ```ts
 * import { researchTools } from 'waxseal/research';
 * import { serve } from 'waxseal/server';
 *
 * await serve(researchTools, { name: 'research', version: '1.0.0' });
 * ```
 */
export function serve(served: readonly Tool[] | Toolset, identity: ServerIdentity, options?: ServeOptions): Promise<Running | undefined>;
export function serve(served: ServerFactory, options?: ServeOptions): Promise<Running | undefined>;
export function serve(served: Served, second?: ServerIdentity | ServeOptions, third?: ServeOptions): Promise<Running | undefined> {
  return orSay(run(overHttp, {}, (list) => factoryOf(served, list, second, third)));
}

/**
 * Serves tools over standard input and output, for MCP hosts that start the server. The log goes to standard error.
 *
 * @example
 * ```ts
 * import { researchTools } from 'waxseal/research';
 * import { serveStdio } from 'waxseal/server';
 *
 * await serveStdio(researchTools, { name: 'research', version: '1.0.0' });
 * ```
 */
export function serveStdio(
  served: readonly Tool[] | Toolset,
  identity: ServerIdentity,
  options?: ServeOptions,
): Promise<Running | undefined>;
export function serveStdio(served: ServerFactory, options?: ServeOptions): Promise<Running | undefined>;
export function serveStdio(served: Served, second?: ServerIdentity | ServeOptions, third?: ServeOptions): Promise<Running | undefined> {
  return orSay(run(overStdio, {}, (list) => factoryOf(served, list, second, third)));
}

/** Options for {@link serve} and {@link serveStdio}. */
export interface ServeOptions {
  /** Called at the end of each call of a tool. An error that it throws is ignored. */
  observe?(call: ObservedCall): void;
}

/** The facts about a call. They contain no handle, no argument, no state, and no error that could contain these. */
export type ObservedCall = Omit<CallRecord, 'defect'>;

type Served = readonly Tool[] | Toolset | ServerFactory;

function factoryOf(served: Served, list: Listing, second?: ServerIdentity | ServeOptions, third?: ServeOptions): ServerFactory {
  if (typeof served === 'function') return observed(served, second as ServeOptions | undefined);
  if (second === undefined || !('name' in second))
    throw new TypeError('serve: the second argument must name the server: { name, version }');
  return observed(toolServer('byName' in served ? served : toolset(served, { list }), second), third);
}

function observed(make: ServerFactory, { observe }: ServeOptions = {}): ServerFactory {
  if (observe === undefined) return make;
  return (environment) =>
    make({
      ...environment,
      onCall: (record) => {
        environment.onCall?.(record);
        const { defect: _mayHoldState, ...call } = record;
        return observe(call);
      },
    });
}

/** If the server cannot start, writes the reason to standard error, and sets the exit code. */
async function orSay(starting: Promise<Running>): Promise<Running | undefined> {
  try {
    return await starting;
  } catch (error) {
    const { message, exitCode } = failureOf(error);
    process.stderr.write(`${message}\n`);
    process.exitCode = exitCode;
    return undefined;
  }
}
