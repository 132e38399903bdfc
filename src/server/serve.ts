import { type ServerIdentity, type Tool, toolset } from '../kit/index.ts';
import { readConfig } from './config.ts';
import { type ServerFactory, toolServer } from './factory.ts';
import { failureOf } from './failure.ts';
import { createLog } from './log.ts';
import { obeySignals } from './signals.ts';
import { type Running, startHttp } from './start.ts';

/**
 * A whole program: serves tools over HTTP at `POST /mcp` until it is told to stop, configured by the environment as
 * `waxseal serve` is (`PORT`, `WAXSEAL_KEYS_FILE`, …; README, Configuration). What keeps it from starting is said on
 * standard error, and the exit code is 1, or 2 where the configuration is wrong.
 *
 * @param tools the tools, or what makes a server object of the author's own (which lists them as its author says:
 *   `WAXSEAL_TOOLS` is for tools alone)
 * @param identity how the server introduces itself to clients; not needed beside a factory
 */
export function serve(tools: readonly Tool[], identity: ServerIdentity): Promise<Running | undefined>;
export function serve(factory: ServerFactory): Promise<Running | undefined>;
export async function serve(served: readonly Tool[] | ServerFactory, identity?: ServerIdentity): Promise<Running | undefined> {
  try {
    const config = readConfig({}, process.env);
    const factory = typeof served === 'function' ? served : toolServer(toolset(served, { list: config.tools }), identity as ServerIdentity);
    const log = await createLog(config.logLevel, process.stdout);
    const starting = startHttp(config, log, factory);
    await obeySignals(starting, log);
    return await starting;
  } catch (error) {
    const { message, exitCode } = failureOf(error);
    process.stderr.write(`${message}\n`);
    process.exitCode = exitCode;
    return undefined;
  }
}
