/**
 * Tools that ask the client a question before they answer (MCP 2026-07-28, basic/patterns/mrtr), written with the kit.
 * MCP's conformance suite prescribes the names, keys and wordings.
 */
import { acceptedContent, inputRequired, inputResponse } from '@modelcontextprotocol/server';
import { ask, canElicit, createTool, defineKind, ToolRefusal } from 'waxseal';
import * as z from 'zod';

/** A task that stores the client's answer. */
const interview = defineKind({ name: 'interview', version: 1, schema: z.strictObject({ said: z.unknown() }), lifetime: 600 });

const asking = (name, description, input, run) => createTool(interview, name, { description, inputSchema: input }, run);
const done = (text, said) => ({ state: { said }, text });

const named = z.object({ name: z.string() });
const colored = z.object({ color: z.string() });
const confirmed = z.object({ ok: z.boolean() });
const valued = z.object({ value: z.string() });

const form = (message, requestedSchema) => inputRequired.elicit({ message, requestedSchema });
const completion = (text, maxTokens) =>
  inputRequired.createMessage({ messages: [{ role: 'user', content: { type: 'text', text } }], maxTokens });

const sampled = (given, key) => {
  const response = inputResponse(given, key);
  return response.kind === 'sampling' ? response.result.content : undefined;
};
const listed = (given, key) => {
  const response = inputResponse(given, key);
  return response.kind === 'roots' ? response.roots : undefined;
};

/** Tools that ask once and remember nothing. Their questions have no `requestState`, so any client may answer. */
const oneRound = [
  asking('test_input_required_result_elicitation', 'Asks for a name.', {}, (_input, call) => {
    const answer = acceptedContent(call.answers, 'user_name', named);
    return answer === undefined ? ask({ user_name: form('What is your name?', named) }) : done(`Hello, ${answer.name}!`, answer);
  }),
  asking('test_input_required_result_sampling', 'Asks a model.', {}, (_input, call) => {
    const answer = sampled(call.answers, 'capital_question');
    if (answer === undefined) return ask({ capital_question: completion('What is the capital of France?', 100) });
    return done(`The model says: ${JSON.stringify(answer)}`, answer);
  }),
  asking('test_input_required_result_list_roots', 'Asks for roots.', {}, (_input, call) => {
    const roots = listed(call.answers, 'client_roots');
    if (roots === undefined) return ask({ client_roots: inputRequired.listRoots() });
    return done(`Roots: ${roots.map(({ uri }) => uri).join(', ')}`, roots);
  }),
  asking('test_missing_capability', 'Asks a model, and does not check that the client has one.', {}, (_input, call) => {
    const answer = sampled(call.answers, 'llm');
    return answer === undefined ? ask({ llm: completion('Say pong.', 16) }) : done('The client has a model.', answer);
  }),
];

/**
 * Tools with a `requestState`, which only this server can have sealed. The tools ignore answers without a
 * `requestState`.
 */
const remembering = [
  ...['test_input_required_result_request_state', 'test_input_required_result_tampered_state'].map((name) =>
    asking(name, 'Remembers that it asked.', {}, (_input, { answers, remembered }) => {
      const answer = acceptedContent(answers, 'confirm', confirmed);
      if (remembered === 'asked' && answer !== undefined) return done('state-ok', answer);
      return ask({ confirm: form('Please confirm', confirmed) }, 'asked');
    }),
  ),
  asking('test_input_required_result_multiple_inputs', 'Asks three things at once.', {}, (_input, { answers, remembered }) => {
    const name = acceptedContent(answers, 'user_name', named)?.name;
    const greeting = sampled(answers, 'greeting');
    const roots = listed(answers, 'client_roots');
    if (remembered === 'asked' && name && greeting && roots) return done(`Hello, ${name}: three answers.`, { name, greeting, roots });
    return ask(
      {
        user_name: form('What is your name?', named),
        greeting: completion('Generate a greeting', 50),
        client_roots: inputRequired.listRoots(),
      },
      'asked',
    );
  }),
  asking('test_input_required_result_multi_round', 'Asks twice, and remembers the first answer.', {}, (_input, { answers, remembered }) => {
    const name = remembered?.name ?? (remembered && acceptedContent(answers, 'step1', named)?.name);
    if (name === undefined) return ask({ step1: form('Step 1: What is your name?', named) }, {});
    const color = acceptedContent(answers, 'step2', colored)?.color;
    if (color === undefined) return ask({ step2: form('Step 2: What is your favorite color?', colored) }, { name });
    return done(`${name} likes ${color}.`, { name, color });
  }),
  asking('test_input_required_result_capabilities', 'Asks only for what the client can provide.', {}, (_input, call) => {
    const value = acceptedContent(call.answers, 'elicit_input', valued) ?? sampled(call.answers, 'sample_input');
    if (call.remembered === 'asked' && value !== undefined) return done('capabilities-ok', value);
    const requests = {
      ...(canElicit(call) && { elicit_input: form('A value, please', valued) }),
      ...(call.capabilities.sampling && { sample_input: completion('Sample request', 50) }),
    };
    if (Object.keys(requests).length === 0) throw new ToolRefusal('cannot_ask', 'This client supports neither elicitation nor sampling.');
    return ask(requests, 'asked');
  }),
];

/**
 * Makes a tool that asks the user. In the 2025 revisions, asking needs a session, so the tool refuses calls of these
 * revisions.
 */
const elicitation = (name, description, input, question) =>
  asking(name, description, input, (given, call) => {
    if (!canElicit(call)) throw new ToolRefusal('cannot_ask', 'This server cannot ask the user over this connection.');
    const response = inputResponse(call.answers, 'answer');
    if (response.kind !== 'elicit') return ask({ answer: inputRequired.elicit(question(given)) });
    const { action, content = {} } = response;
    return done(`Elicitation completed: action=${action}, content=${JSON.stringify(content)}`, { action, content });
  });

const object = (properties, required = []) => ({ type: 'object', properties, required });
const titled = (...titles) => titles.map((title, index) => ({ const: `value${index + 1}`, title }));

const midCall = [
  asking('test_sampling', 'Asks a model.', { prompt: z.string() }, ({ prompt }, call) => {
    if (!call.capabilities.sampling)
      throw new ToolRefusal('cannot_ask', 'This server cannot ask a model of the client over this connection.');
    const answer = sampled(call.answers, 'answer');
    return answer === undefined ? ask({ answer: completion(prompt, 100) }) : done(`LLM response: ${JSON.stringify(answer)}`, answer);
  }),
  elicitation('test_elicitation', 'Asks the user.', { message: z.string() }, ({ message }) => ({
    message,
    requestedSchema: object({ response: { type: 'string' } }, ['response']),
  })),
  elicitation('test_elicitation_sep1034_defaults', 'Asks with defaults.', {}, () => ({
    message: 'Please review the defaults',
    requestedSchema: object({
      name: { type: 'string', default: 'John Doe' },
      age: { type: 'integer', default: 30 },
      score: { type: 'number', default: 95.5 },
      status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
      verified: { type: 'boolean', default: true },
    }),
  })),
  elicitation('test_elicitation_sep1330_enums', 'Asks to choose.', {}, () => ({
    message: 'Please choose',
    requestedSchema: object({
      untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
      titledSingle: { type: 'string', oneOf: titled('First Option', 'Second Option', 'Third Option') },
      legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['Option One', 'Option Two', 'Option Three'] },
      untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
      titledMulti: { type: 'array', items: { anyOf: titled('First Choice', 'Second Choice', 'Third Choice') } },
    }),
  })),
];

export const askingTools = [...oneRound, ...remembering, ...midCall];
