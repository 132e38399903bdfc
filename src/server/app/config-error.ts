/** The error for a configuration that cannot be used. The message has one line for each problem that was found. */
export class ConfigError extends Error {
  readonly code = 'invalid_configuration';
}
