/**
 * Checks the scopes that a single tool demands (MCP 2026-07-28, basic/authorization, "Scope Challenge Handling").
 * Scopes that the server demands of every caller are checked elsewhere, by the program that serves the tools.
 */
import type { ScopeChallengeHandler } from '@modelcontextprotocol/server';
import type { Toolset } from '../define/lookup.ts';

/** A request, and the authorization of its caller. */
export type Challenged = Parameters<ScopeChallengeHandler>[0];

/**
 * Returns the challenge for the scopes that the token of a `tools/call` lacks; undefined if it lacks none. A call
 * through `call_tool` needs the same scopes as a direct call.
 */
export function scopeChallengeIn(tools: Toolset, context: Challenged): ReturnType<ScopeChallengeHandler> {
  const { request } = context;
  if (request.method !== 'tools/call') return undefined;
  const called = (request.params ?? {}) as { name?: string; arguments?: { name?: string; arguments?: unknown } };
  const direct = tools.byName.get(called.name ?? '');
  if (direct !== undefined) return direct.scopeChallenge?.(context);
  if (!tools.finders.has(called.name ?? '')) return undefined;
  const { name = '', arguments: args } = called.arguments ?? {};
  return tools.byName
    .get(name)
    ?.scopeChallenge?.({ ...context, request: { ...request, params: { ...request.params, name, arguments: args } } });
}
