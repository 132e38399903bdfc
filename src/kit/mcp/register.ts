import type { McpServer, StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import type { Toolset } from '../define/lookup.ts';
import type { Environment } from '../environment.ts';
import { InvalidRequestState } from '../sealed/request-state.ts';
import { leaveStatesOf } from '../sealed/request-state-codec.ts';
import { refusal } from '../values/refusal.ts';
import type { JsonSchema } from '../values/schema.ts';
import { answerCall } from './answer-call.ts';
import { definitionsIn } from './definitions.ts';
import { forgiving } from './forgiving.ts';
import { type Challenged, scopeChallengeIn } from './scopes.ts';
import { traced } from './traced.ts';

/**
 * Registers the tools on the SDK's `McpServer`. Other tools, resources and prompts of the server stay as they are. The
 * kit, and not the SDK, validates the arguments of the registered tools.
 *
 * The kit also seals and opens the `requestState` of the registered tools. If other handlers of the server ask
 * questions too, make the server with a codec from `createRequestStateCodec`:
 * `codec.protect(new McpServer(info, { requestState: { verify: codec.verify } }))`. The SDK's own codec would refuse
 * the states of the registered tools.
 *
 * A client whose state is refused usually gets the protocol error -32602. In two cases, it gets the tool execution
 * error `invalid_request_state` instead, because the SDK's `McpServer` turns every error of a tool into a result:
 *
 * - The server has no codec.
 * - Only the tool can see that the state belongs to a different call.
 *
 * @throws {Error} the server already has a tool with one of the names
 *
 * @example
 * ```ts
 * import { McpServer } from '@modelcontextprotocol/server';
 * import { registerTools, toolset } from 'waxseal';
 * import { researchTools } from 'waxseal/research';
 * import { serve } from 'waxseal/server';
 *
 * const tools = toolset(researchTools);
 *
 * await serve((environment) => {
 *   const server = new McpServer({ name: 'library', version: '1.0.0' });
 *   registerTools(server, tools, environment);
 *   return server;
 * });
 * ```
 */
export function registerTools(server: McpServer, tools: Toolset, environment: Environment): void {
  forgiving(traced(server.server, tools));
  leaveStatesOf([...tools.byName.keys(), ...tools.finders.keys()], server.server);
  for (const { name, title, description, inputSchema, outputSchema, annotations, _meta } of definitionsIn(tools, environment)) {
    const config = {
      ...(title !== undefined && { title }),
      description,
      inputSchema: asIs(inputSchema),
      ...(outputSchema !== undefined && { outputSchema: asIs(outputSchema) }),
      annotations,
      ...(_meta !== undefined && { _meta }),
      scopeChallenge: (context: Challenged) => scopeChallengeIn(tools, context),
    };
    server.registerTool(name, config, (args, ctx) =>
      answerCall(tools, name, args, environment, server.server, ctx).catch((error) => {
        if (error instanceof InvalidRequestState) return refusal({ code: 'invalid_request_state', text: error.message });
        throw error;
      }),
    );
  }
}

/** Wraps a JSON Schema for the SDK to list. The SDK does not validate with it. */
function asIs(schema: JsonSchema): StandardSchemaWithJSON<unknown, Record<string, unknown>> {
  const json = () => schema as Record<string, unknown>;
  return {
    '~standard': {
      version: 1,
      vendor: 'waxseal',
      validate: (value: unknown) => ({ value: value as Record<string, unknown> }),
      jsonSchema: { input: json, output: json },
    },
  };
}
