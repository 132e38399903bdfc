/** The configuration cannot be used. The message has one line for each wrong setting. Code: `invalid_configuration`. */
export class ConfigError extends Error {
  readonly code = 'invalid_configuration';
}
