/** Logs of one task, written line by line in any way. */
import { type LoggedWorld, NOW, newStartedTask } from '../support.ts';

export type Message = Readonly<Record<string, unknown>>;

/** Two calls and their answers. */
export interface Messages {
  readonly logged: LoggedWorld;
  readonly first: string;
  readonly clean: readonly Message[];
  /** The same, and a message that presents the first handle after the second one. */
  readonly replay: readonly Message[];
}

export async function newMessages(): Promise<Messages> {
  const { logged, first } = await newStartedTask();
  const messages = () => logged.lines.map((line) => JSON.parse(line).message);
  const clean = messages();
  logged.present(first.handle);
  return { logged, first: first.handle, clean, replay: messages() };
}

/** A time so many seconds after the first one. */
export const iso = (at: number) => new Date((NOW + at) * 1000).toISOString();
export const json = (value: unknown) => JSON.stringify(value);
/** The messages, ten seconds apart, each written in a line. */
export const written = (messages: readonly Message[], line: (message: Message, at: number) => string) =>
  messages.map((message, at) => `${line(message, 10 * at)}\n`).join('');
export const pino = (message: Message, at: number) => json({ time: (NOW + at) * 1000, message });
