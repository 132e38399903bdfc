/** Scopes that a tool demands beside those that the deployment demands of all (MCP 2026-07-28, basic/authorization, "Scope Challenge Handling"). */
import type { ScopeChallengeHandler } from '@modelcontextprotocol/server';
import type { Toolset } from '../define/lookup.ts';

/** A request for which scopes may be lacking, and who makes it. */
export type Challenged = Parameters<ScopeChallengeHandler>[0];

/** What a `tools/call` lacks; undefined where it lacks nothing. A tool that is called through `call_tool` demands the same. */
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
