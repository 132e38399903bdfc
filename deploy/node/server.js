import { serve } from 'waxseal/server';
import { tools } from './tools.js';

// The environment configures the server: PORT, WAXSEAL_KEYS or WAXSEAL_KEYS_FILE, WAXSEAL_AUTH_ISSUER and others.
await serve(tools, { name: 'counter', version: '1.0.0' });
