/** Imported first: zod must not try whether it may compile code, since the page's policy would report the attempt. */
import * as z from 'zod';

z.config({ jitless: true });
