import { beforeAll, it } from 'vitest';
import { expectUnderstood, FORMS, isSimple } from './forms.ts';
import { newStories, type Stories } from './stories.ts';

let stories: Stories;
beforeAll(async () => {
  stories = await newStories();
});

// Hundreds of forms combine two unusual parts, so `npm test` leaves them to `npm run test:interop`.
it.each(FORMS.filter((form) => !isSimple(form)))('the audit understands a log of this form: %s; %s; %s', (...form) =>
  expectUnderstood(stories, form),
);
