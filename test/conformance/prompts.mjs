/** Registers prompts. One asks the user first. The suite prescribes names, keys and contents. */
import { acceptedContent, completable, inputRequired } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { IMAGE } from './samples.mjs';

const says = (...contents) => ({ messages: contents.map((content) => ({ role: 'user', content })) });
const text = (words) => ({ type: 'text', text: words });

const CITIES = ['Paris', 'Park City', 'Lima'];
const city = completable(z.string(), (typed) => CITIES.filter((name) => name.toLowerCase().startsWith(typed.toLowerCase())));

const context = z.object({ context: z.string() });

/** @param codec seals each `requestState` */
export function registerPrompts(server, codec) {
  server.registerPrompt('test_simple_prompt', { description: 'A prompt.' }, async () => says(text('This is a simple prompt for testing.')));
  server.registerPrompt(
    'test_prompt_with_arguments',
    { description: 'A prompt with arguments.', argsSchema: z.object({ arg1: city, arg2: z.string() }) },
    async ({ arg1, arg2 }) => says(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  );
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'A prompt with a resource in it.', argsSchema: z.object({ resourceUri: z.string() }) },
    async ({ resourceUri: uri }) =>
      says(
        { type: 'resource', resource: { uri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' } },
        text('Please process the embedded resource above.'),
      ),
  );
  server.registerPrompt('test_prompt_with_image', { description: 'A prompt with an image in it.' }, async () =>
    says({ type: 'image', data: IMAGE, mimeType: 'image/png' }, text('Please analyze the image above.')),
  );
  server.registerPrompt('test_input_required_result_prompt', { description: 'A prompt that asks first.' }, async (ctx) => {
    const answer = acceptedContent(ctx.mcpReq.inputResponses, 'user_context', context);
    if (ctx.mcpReq.requestState() === 'asked' && answer !== undefined) return says(text(`Context: ${answer.context}`));
    const user_context = inputRequired.elicit({ message: 'What context should the prompt use?', requestedSchema: context });
    return inputRequired({ inputRequests: { user_context }, requestState: await codec.mint('asked', ctx) });
  });
}
