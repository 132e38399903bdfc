import cluster from 'node:cluster';
import { type CallRecord, type Listing, type ServerIdentity, type Tool, type Toolset, toolset } from '../../kit/index.ts';
import { type ServerFactory, toolServer } from '../app/endpoint.ts';
import { type Flags, passedOver, readConfig, readStdioConfig } from '../config/config.ts';
import type { Config, StdioConfig } from '../config/settings.ts';
import { failureOf } from './failure.ts';
import { createLog, type Log } from './log.ts';
import type { Running, Starting } from './running.ts';
import { startHttp, startHttpWorkers } from './start.ts';
import { startStdio } from './stdio/start.ts';
import { countOf } from './workers/count.ts';
import { placeOfThisProcess } from './workers/orders.ts';
import { obeyPrimary } from './workers/worker.ts';

/** How long requests in flight may take once a stop was asked for. Milliseconds. */
const GRACE_MS = 15_000;

/** A way to reach a server: how its configuration is read, which stream its log goes to, and how it starts. */
interface Transport<C extends StdioConfig> {
  read(flags: Flags, env: NodeJS.ProcessEnv): C;
  /** What is to be said of the environment. */
  notes(env: NodeJS.ProcessEnv): readonly string[];
  readonly log: 'stdout' | 'stderr';
  start(config: C, log: Log, server: ServerFactory): Promise<Running | Starting>;
}

export const overHttp: Transport<Config> = { read: readConfig, notes: passedOver, log: 'stdout', start: startProcesses };

/** Standard output is MCP's. */
export const overStdio: Transport<StdioConfig> = { read: readStdioConfig, notes: () => [], log: 'stderr', start: startStdio };

/**
 * Runs a server as the work of this process, until a signal stops it.
 *
 * @param flags what the command line says, by setting; the rest is in the environment
 * @param serverFor makes what is served, given how its tools are to be listed
 * @returns when the server has started
 * @throws {ConfigError} where a setting is wrong, or serving so would be unsafe @throws {RingError} where the ring is broken
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

/** Starts what serves over HTTP: this process alone, or as many as the configuration asks for, of which this may be one. */
async function startProcesses(config: Config, log: Log, server: ServerFactory): Promise<Running | Starting> {
  const workers = countOf(config.workers);
  const place = placeOfThisProcess();
  if (place !== undefined) return startHttp({ ...config, port: place.port }, log, server, { workers });
  if (workers > 1 && cluster.isWorker) {
    log.warn('--workers is passed over: this process is itself a worker, of a cluster that somebody else started');
  }
  if (workers === 1 || cluster.isWorker) return startHttp(config, log, server);
  return startHttpWorkers(config, log, workers, async (why) => {
    log.fatal(why);
    await log.drain();
    process.exit(1);
  });
}

/**
 * Has a server read its ring again on SIGHUP, and stops it on SIGTERM and SIGINT: requests in flight are answered,
 * then the process ends with 0. A second signal ends it at once. Heeds signals from now on, also those that come
 * before the server has started.
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
  // Where there is no such signal, nothing ever sends it.
  process.on('SIGHUP', async () => (await starting).reload());
}

/** Has a server answer what is in flight, and the process end: with 0, or with 1 where something had to be left unanswered. */
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
 * A whole program: serves tools over HTTP at `POST /mcp` until it is told to stop, configured by the environment as
 * `waxseal serve` is (`PORT`, `WAXSEAL_KEYS_FILE`, …; README, Configuration). What keeps it from starting is said on
 * standard error, and the exit code is 1, or 2 where the configuration is wrong.
 *
 * @param served tools; or a toolset, or a factory of server objects, which list their tools as their author says
 *   (`WAXSEAL_TOOLS` is for tools alone)
 * @param identity how the server introduces itself to clients; not needed beside a factory
 * @param options who is told of calls
 */
export function serve(served: readonly Tool[] | Toolset, identity: ServerIdentity, options?: ServeOptions): Promise<Running | undefined>;
export function serve(served: ServerFactory, options?: ServeOptions): Promise<Running | undefined>;
export function serve(served: Served, second?: ServerIdentity | ServeOptions, third?: ServeOptions): Promise<Running | undefined> {
  return orSay(run(overHttp, {}, (list) => factoryOf(served, list, second, third)));
}

/** The same over standard input and output, for hosts that start the program themselves. Logs go to standard error. */
export function serveStdio(
  served: readonly Tool[] | Toolset,
  identity: ServerIdentity,
  options?: ServeOptions,
): Promise<Running | undefined>;
export function serveStdio(served: ServerFactory, options?: ServeOptions): Promise<Running | undefined>;
export function serveStdio(served: Served, second?: ServerIdentity | ServeOptions, third?: ServeOptions): Promise<Running | undefined> {
  return orSay(run(overStdio, {}, (list) => factoryOf(served, list, second, third)));
}

export interface ServeOptions {
  /** Told of every call of the kit's tools when it has ended, as the log is. What it throws is ignored. */
  observe?(call: ObservedCall): void;
}

/** A call, for metrics and the like: no handle, no argument, no state, and no error that may hold some. */
export type ObservedCall = Omit<CallRecord, 'defect'>;

type Served = readonly Tool[] | Toolset | ServerFactory;

function factoryOf(served: Served, list: Listing, second?: ServerIdentity | ServeOptions, third?: ServeOptions): ServerFactory {
  if (typeof served === 'function') return observed(served, second as ServeOptions | undefined);
  if (second === undefined || !('name' in second)) throw new TypeError('serve: say how the server introduces itself: { name, version }');
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

/** Says on standard error what kept a server from starting, and has the process exit with its code. */
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
