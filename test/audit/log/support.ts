/** Logs of one task, written line by line in any way. */
import { type LoggedWorld, NOW, newStartedTask } from '../support.ts';

export type Message = Readonly<Record<string, unknown>>;

/** The messages of one task: two calls and their answers. */
export interface Messages {
  readonly logged: LoggedWorld;
  readonly first: string;
  readonly clean: readonly Message[];
  /** The messages of the task, and then a message that presents the first handle after the second handle was seen. */
  readonly replay: readonly Message[];
}

export async function newMessages(): Promise<Messages> {
  const { logged, first } = await newStartedTask();
  const messages = () => logged.lines.map((line) => JSON.parse(line).message);
  const clean = messages();
  logged.present(first.handle);
  return { logged, first: first.handle, clean, replay: messages() };
}

/** Returns the time that is `at` seconds after the first message, in ISO 8601. */
export const iso = (at: number) => new Date((NOW + at) * 1000).toISOString();
export const json = (value: unknown) => JSON.stringify(value);
/** Writes each message as a line of a log. The messages are ten seconds apart. */
export const written = (messages: readonly Message[], line: (message: Message, at: number) => string) =>
  messages.map((message, at) => `${line(message, 10 * at)}\n`).join('');
export const pino = (message: Message, at: number) => json({ time: (NOW + at) * 1000, message });
