import { type Listing, type ServerIdentity, type Tool, type Toolset, toolset } from '../../kit/index.ts';
import { type ServerFactory, toolServer } from '../app/factory.ts';
import { readConfig, readStdioConfig } from '../config/config.ts';
import { failureOf } from './failure.ts';
import { createLog } from './log.ts';
import { obeySignals } from './signals.ts';
import { type Running, startHttp, startStdio } from './start.ts';

/**
 * A whole program: serves tools over HTTP at `POST /mcp` until it is told to stop, configured by the environment as
 * `waxseal serve` is (`PORT`, `WAXSEAL_KEYS_FILE`, …; README, Configuration). What keeps it from starting is said on
 * standard error, and the exit code is 1, or 2 where the configuration is wrong.
 *
 * @param served tools; or a toolset, or a factory of server objects, which list their tools as their author says
 *   (`WAXSEAL_TOOLS` is for tools alone)
 * @param identity how the server introduces itself to clients; not needed beside a factory
 */
export function serve(served: readonly Tool[] | Toolset, identity: ServerIdentity): Promise<Running | undefined>;
export function serve(served: ServerFactory): Promise<Running | undefined>;
export function serve(served: readonly Tool[] | Toolset | ServerFactory, identity?: ServerIdentity): Promise<Running | undefined> {
  return run(async () => {
    const config = readConfig({}, process.env);
    const log = await createLog(config.logLevel, process.stdout);
    const starting = startHttp(config, log, factoryOf(served, config.tools, identity));
    await obeySignals(starting, log);
    return starting;
  });
}

/** The same over standard input and output, for hosts that start the program themselves. Logs go to standard error. */
export function serveStdio(served: readonly Tool[] | Toolset, identity: ServerIdentity): Promise<Running | undefined>;
export function serveStdio(served: ServerFactory): Promise<Running | undefined>;
export function serveStdio(served: readonly Tool[] | Toolset | ServerFactory, identity?: ServerIdentity): Promise<Running | undefined> {
  return run(async () => {
    const config = readStdioConfig({}, process.env);
    const log = await createLog(config.logLevel, process.stderr);
    const starting = startStdio(config, log, factoryOf(served, config.tools, identity));
    await obeySignals(starting, log);
    return starting;
  });
}

function factoryOf(served: readonly Tool[] | Toolset | ServerFactory, list: Listing, identity?: ServerIdentity): ServerFactory {
  if (typeof served === 'function') return served;
  if (identity === undefined) throw new TypeError('serve: say how the server introduces itself: { name, version }');
  return toolServer('byName' in served ? served : toolset(served, { list }), identity);
}

async function run(start: () => Promise<Running>): Promise<Running | undefined> {
  try {
    return await start();
  } catch (error) {
    const { message, exitCode } = failureOf(error);
    process.stderr.write(`${message}\n`);
    process.exitCode = exitCode;
    return undefined;
  }
}
