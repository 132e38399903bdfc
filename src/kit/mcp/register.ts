import type { McpServer, StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import type { Toolset } from '../define/lookup.ts';
import { refusal } from '../define/refusal.ts';
import type { JsonSchema } from '../define/schema.ts';
import type { Environment } from '../environment.ts';
import { InvalidRequestState } from '../sealed/request-state.ts';
import { leaveStatesOf } from '../sealed/request-state-codec.ts';
import { answerCall } from './answer-call.ts';
import { definitionsIn } from './definitions.ts';
import { forgiving } from './forgiving.ts';
import { type Challenged, scopeChallengeIn } from './scopes.ts';
import { traced } from './traced.ts';

/**
 * The tools on the SDK's `McpServer`, beside tools, resources and prompts of its author's own, which are left alone.
 * Arguments are validated by the kit, so that every error is the kit's; the author's server checks nothing of them.
 * Tools that ask seal what they remember, and open it themselves. Where the author's own handlers ask, too, make the server
 * as `codec.protect(new McpServer(info, { requestState: { verify: codec.verify } }))`, of `createRequestStateCodec`: then a
 * state that is not good is answered with the protocol's error (-32602). Without it, and where only the tool can see that
 * the state is another call's, it is refused all the same, but as an execution error `invalid_request_state`, for the
 * SDK's `McpServer` makes results of what tools throw. The SDK's own codec there would refuse the kit's states.
 *
 * @throws {Error} where the server has a tool of the same name
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

/** A ready-made JSON Schema that lets everything pass: whoever validates is behind it. */
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
