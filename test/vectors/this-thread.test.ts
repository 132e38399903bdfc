/** The same vectors, opened with what a program of ours puts in the place of Web Crypto and of the streams around zlib. */
import { workOnThisThread } from '../../src/server/this-thread.ts';

workOnThisThread();
await import('./vectors.test.ts');
