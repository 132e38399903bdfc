/**
 * Keeps zod from testing whether the page can compile code. The browser would report this test as a violation of the
 * page's Content Security Policy. Import this module before all others.
 */
import * as z from 'zod';

z.config({ jitless: true });
