import { cleanUpAtEndOfFile } from './cleanup.ts';

cleanUpAtEndOfFile();
