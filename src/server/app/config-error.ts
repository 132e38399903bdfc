/** A configuration that cannot be used; the message has a line for each setting that is wrong. */
export class ConfigError extends Error {
  readonly code = 'invalid_configuration';
}
