/** The server: MCP over HTTP, over stdio, and as a web-standard fetch handler. */
export { systemClock } from './clock.ts';
export { type Config, ConfigError, readConfig, readSettings, readStdioConfig, type StdioConfig } from './config.ts';
export { researchServer, type ServerFactory, toolServer } from './factory.ts';
export { createFetchHandler, type FetchHandler, type FetchHandlerOptions } from './fetch.ts';
export { type HttpServerOptions, httpServer } from './http.ts';
export { identity, VERSION } from './identity.ts';
export { createLog, type Log, logCall } from './log.ts';
export { serve, serveStdio } from './serve.ts';
export { LOG_LEVELS, type LogLevel, SETTINGS, type Setting } from './settings.ts';
export { obeySignals } from './signals.ts';
export { type Running, startHttp, startStdio } from './start.ts';
export { type StdioServer, stdioServer } from './stdio.ts';
export { workOnThisThread } from './this-thread.ts';
