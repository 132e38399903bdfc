/**
 * The spelling of JSON-RPC messages. Some languages write an empty object as `[]`, and some write `null` for every member
 * that has no value. The SDK refuses such messages though their meaning is plain.
 */

type Members = Readonly<Record<string, unknown>>;

/** The members of `_meta` in which MCP 2026-07-28 describes the client. Those of `params` in `initialize` have the same content. */
const RESERVED = 'io.modelcontextprotocol/';
const [CLIENT, CAPABILITIES] = [`${RESERVED}clientInfo`, `${RESERVED}clientCapabilities`];

/**
 * Writes a message, or each message of a batch, as MCP spells it. A member that MCP defines as an object may be `[]`, and a
 * member that may be absent may be `null`. Arguments and other values of the user stay as they are.
 *
 * @param body the parsed body of a request, or the parsed line of an input
 * @returns the same value if it is spelled as MCP does, or is no message
 */
export function wellSpelled(body: unknown): unknown {
  if (!Array.isArray(body)) return message(body);
  const messages = body.map(message);
  return messages.some((one, at) => one !== body[at]) ? messages : body;
}

function message(given: unknown): unknown {
  if (!isMembers(given)) return given;
  const { method } = given;
  const isNotification = typeof method === 'string' && method.startsWith('notifications/');
  const spelled = withoutNull(given, (name) => name !== 'id' || isNotification);
  if (typeof method !== 'string' || spelled['params'] === undefined) return spelled;
  return withMember(spelled, 'params', paramsOf(method, spelled['params']));
}

function paramsOf(method: string, given: unknown): unknown {
  if (isEmptyList(given)) return {};
  if (!isMembers(given)) return given;
  const params = withMember(withoutNull(given), '_meta', metaOf(given['_meta']));
  if (method !== 'initialize') return params;
  const capabilities = capabilitiesOf(given['capabilities'] ?? {});
  return withMember(withMember(params, 'capabilities', capabilities), 'clientInfo', infoOf(given['clientInfo']));
}

function metaOf(given: unknown): unknown {
  if (isEmptyList(given)) return {};
  if (!isMembers(given)) return given;
  const meta = withoutNull(given, (name) => name === 'progressToken' || name.startsWith(RESERVED));
  return withMember(withMember(meta, CAPABILITIES, capabilitiesOf(meta[CAPABILITIES])), CLIENT, infoOf(meta[CLIENT]));
}

/** Each capability is an object. */
function capabilitiesOf(given: unknown): unknown {
  if (isEmptyList(given)) return {};
  if (!isMembers(given)) return given;
  const capabilities = withoutNull(given);
  if (!Object.values(capabilities).some(isEmptyList)) return capabilities;
  return Object.fromEntries(Object.entries(capabilities).map(([name, value]) => [name, isEmptyList(value) ? {} : value]));
}

function infoOf(given: unknown): unknown {
  return isMembers(given) ? withoutNull(given) : given;
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** Leaves out the members that are `null` and may be absent. */
function withoutNull(members: Members, mayBeAbsent: (name: string) => boolean = () => true): Members {
  const isAbsent = ([name, value]: [string, unknown]) => value === null && mayBeAbsent(name);
  const entries = Object.entries(members);
  return entries.some(isAbsent) ? Object.fromEntries(entries.filter((entry) => !isAbsent(entry))) : members;
}

/** Puts another value in the place of a member. If the value is undefined, `null` or the same, the members stay as they are. */
function withMember(members: Members, name: string, value: unknown): Members {
  return value === undefined || value === null || value === members[name] ? members : { ...members, [name]: value };
}
