/** Tells the role of a handle in a span of a trace: a step of a program, with the input and the output of the step. */
import type { ObjectRead, Role } from './roles.ts';

/** The names of attributes for a tool, as in OpenTelemetry's semantic conventions for generative AI and MCP. */
const TOOL_INPUT = /(?:^|[._])(?:tool|toolCall|mcp)[._](?:[\w.]*[._])?(?:arguments|parameters|input|args)$|^mcp\.request\.argument\./;
const TOOL_OUTPUT = /(?:^|[._])(?:tool|toolCall|mcp)[._](?:[\w.]*[._])?(?:result|output|response)(?:\.content)?$/;

/** Matches the names of attributes for a message of a chat. Every step of an agent repeats the chat's earlier messages. */
const OF_CHAT = /(?:^|\.)(?:input_messages|output_messages|prompt|completion)[._]\d+[._]/;

/** The names of members and attributes for a step of any kind. */
const STEP_INPUT = /(?:^|[._])(?:input|inputs|spanInputs)(?:\.value)?$/;
const STEP_OUTPUT = /(?:^|[._])(?:output|outputs|spanOutputs)(?:\.value)?$/;

/** The longest name of an attribute, in characters. The patterns take long for longer names. */
const LONGEST_NAME = 200;

/** Returns the role of the handles in a member of a span. Undefined if the object does not tell. */
export function roleInSpan(member: string, object: ObjectRead): Role | undefined {
  const name = attributeOf(member, object);
  if (name.length > LONGEST_NAME) return undefined;
  if (OF_CHAT.test(name)) return 'mentioned';
  if (/[._]/.test(name)) {
    if (TOOL_INPUT.test(name)) return 'presented';
    if (TOOL_OUTPUT.test(name)) return 'issued';
  }
  return isToolStep(object) ? roleInStep(name) : undefined;
}

/** Returns the role of the handles in a member or an attribute of a step that is a tool. */
export function roleInStep(name: string): Role | undefined {
  if (STEP_INPUT.test(name)) return 'presented';
  return STEP_OUTPUT.test(name) ? 'issued' : undefined;
}

/** Returns the name of an attribute. In some traces, each attribute is an object of its own. */
export function attributeOf(member: string, object: ObjectRead): string {
  const name = member === 'value' ? (object.get('key') ?? object.get('name')) : member;
  return typeof name === 'string' ? name : member;
}

/**
 * Tells whether an object says that it is a step that calls a tool. The input of another step, such as a call of a
 * model, may be a whole chat with old handles.
 */
export function isToolStep(object: ObjectRead): boolean {
  return object.says(/(?:^|[._])(?:span[._]?(?:kind|type)|run_type)$/i, /^"?tool"?$/i);
}
