/**
 * Keeps zod from testing whether it may compile code, because the browser would report the test as a breach of the page's
 * policy. Import this module before all others.
 */
import * as z from 'zod';

z.config({ jitless: true });
