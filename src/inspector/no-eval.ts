/**
 * Keeps zod from testing whether the page can compile code: the browser would report a violation of the page's Content
 * Security Policy. Import this module before all others.
 */
import * as z from 'zod';

z.config({ jitless: true });
