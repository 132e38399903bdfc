/** The server: MCP over HTTP, over stdio, and as a web-standard fetch handler. */

export { systemClock } from '../handle/index.ts';
export { researchServer, type ServerFactory, toolServer } from './app/factory.ts';
export { createFetchHandler, type FetchHandler, type FetchHandlerOptions } from './app/fetch.ts';
export { identity, VERSION } from './app/identity.ts';
export { type Config, ConfigError, readConfig, readSettings, readStdioConfig, type StdioConfig } from './config/config.ts';
export { LOG_LEVELS, type LogLevel, SETTINGS, type Setting } from './config/settings.ts';
export { type HttpServerOptions, httpServer } from './node/http.ts';
export { createLog, type Log, logCall } from './node/log.ts';
export { serve, serveStdio } from './node/serve.ts';
export { obeySignals } from './node/signals.ts';
export { type Running, startHttp, startStdio } from './node/start.ts';
export { type StdioServer, stdioServer } from './node/stdio.ts';
