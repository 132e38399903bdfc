import { describe, expect, test } from 'vitest';
import { BOTH, inFormTaken, takenBy } from '../../../../src/server/app/request/negotiation.ts';

test.each<[accept: string | null, json: boolean, stream: boolean]>([
  [null, true, true],
  ['', true, true],
  ['*/*', true, true],
  ['application/json, text/event-stream', true, true],
  ['Application/JSON,TEXT/Event-Stream', true, true],
  ['application/json', true, false],
  ['application/*', true, false],
  ['text/event-stream', false, true],
  ['text/*;q=0.5', false, true],
  ['application/json;q=0, */*', false, true],
  ['*/*;q=0', false, false],
  ['*/*;q=0, application/json', true, false],
  ['application/json; charset=utf-8; q=0.1', true, false],
  ['application/json;q=0.000', false, false],
  ['text/html', false, false],
  ['application/jsonp, application/json-seq', false, false],
  ['json', false, false],
  ['nonsense, application/json', true, false],
  ['*', true, true],
])('the header Accept %j accepts JSON: %s; accepts an event stream: %s', (accept, json, stream) => {
  expect(takenBy(accept)).toMatchObject({ json, stream });
});

test.each<[accept: string | undefined, prefersJson: boolean]>([
  [undefined, true],
  ['', true],
  ['*/*', true],
  ['*', true],
  ['application/json, text/plain, */*', true],
  ['text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2', true],
  ['application/json, text/event-stream;q=0.5', true],
  ['application/json, text/event-stream', false],
  ['text/event-stream, */*', false],
  ['application/json;q=0.5, text/*', false],
  ['text/event-stream', false],
  ['application/json;q=0, */*', false],
])('the header Accept %j prefers JSON to an event stream: %s', (accept, prefersJson) => {
  expect(takenBy(accept).prefersJson).toBe(prefersJson);
});

describe('a response', () => {
  const onlyJson = takenBy('application/json');
  const events = (text: string) => new Response(text, { headers: { 'content-type': 'text/event-stream', 'x-kept': 'yes' } });
  const one =
    'event: message\nid: 1\ndata: \n\nevent: message\ndata: {"method":"notifications/progress"}\n\nevent: message\ndata: {"id":1,"result":{}}\n\n';

  test('becomes JSON without notifications if the client accepts no event stream', async () => {
    const answer = await inFormTaken(events(one), onlyJson, false);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.headers.get('x-kept')).toBe('yes');
    expect(await answer.json()).toEqual({ id: 1, result: {} });
  });

  test('becomes JSON if the client accepts everything and names no event stream', async () => {
    expect(await (await inFormTaken(events(one), takenBy('*/*'), false)).json()).toEqual({ id: 1, result: {} });
  });

  test('is an array if the request was an array of messages, even of one message', async () => {
    expect(await (await inFormTaken(events(one), onlyJson, true)).json()).toEqual([{ id: 1, result: {} }]);
  });

  test('becomes an event stream if the client accepts no JSON', async () => {
    const answer = await inFormTaken(Response.json({ id: 1, result: {} }), takenBy('text/event-stream'), false);
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    expect(await answer.text()).toBe('event: message\ndata: {"id":1,"result":{}}\n\n');
  });

  test('stays as it is if the client accepts its media type', async () => {
    const answer = events(one);
    expect(await inFormTaken(answer, takenBy(BOTH), false)).toBe(answer);
  });
});
