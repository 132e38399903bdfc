import { beforeAll, it } from 'vitest';
import { expectUnderstood, FORMS, isSimple } from './forms.ts';
import { newStories, type Stories } from './stories.ts';

let stories: Stories;
beforeAll(async () => {
  stories = await newStories();
});

it.each(FORMS.filter(isSimple))('the audit understands a log of this form: %s; %s; %s', (...form) => expectUnderstood(stories, form));
