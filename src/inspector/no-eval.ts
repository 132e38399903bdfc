/** This module is imported first. It keeps zod from testing whether it may compile code, because the page's policy would report that. */
import * as z from 'zod';

z.config({ jitless: true });
