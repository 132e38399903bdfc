/** The server: MCP over HTTP, over stdio, and as a web-standard fetch handler. */
export { type Config, ConfigError, readConfig, SETTINGS, type Setting } from './config.ts';
export { createFetchHandler, type FetchHandler, type FetchHandlerOptions } from './fetch.ts';
export { type HttpServerOptions, httpServer } from './http.ts';
export { identity, VERSION } from './identity.ts';
export { createLog, LOG_LEVELS, type LogLevel, logCall } from './log.ts';
export { type Running, startHttp, startStdio, systemClock } from './start.ts';
export { stdioServer } from './stdio.ts';
