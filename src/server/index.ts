/** Serves MCP over HTTP, over standard input and output, and as a web-standard fetch handler. */

export { systemClock } from '../handle/index.ts';
export { ConfigError } from './app/config-error.ts';
export { type ServerFactory, toolServer } from './app/endpoint.ts';
export { createFetchHandler, type FetchHandler, type FetchHandlerOptions, type VerifiedCaller } from './app/fetch.ts';
export { readConfig, readStdioConfig } from './config/config.ts';
export { type Config, LOG_LEVELS, type LogLevel, SETTINGS, type Setting, type StdioConfig } from './config/settings.ts';
export { type HttpServerOptions, httpServer } from './node/http.ts';
export { createLog, type Log, logCall } from './node/log.ts';
export { type NodeHandler, toNodeHandler } from './node/node-handler.ts';
export type { Running } from './node/running.ts';
export { type ObservedCall, overHttp, overStdio, run, type ServeOptions, serve, serveStdio } from './node/serve.ts';
export { startHttp } from './node/start.ts';
export { startStdio } from './node/stdio/start.ts';
