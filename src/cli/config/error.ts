import { SeaworthyError } from '../../base/error.ts';

/** What can be wrong with what a user set. */
export type ConfigErrorCode =
  /** A value is not of the setting's type. */
  | 'SETTING_INVALID'
  /** The file names a setting that does not exist. */
  | 'SETTING_UNKNOWN'
  /** The file cannot be read. */
  | 'SETTINGS_FILE_UNREADABLE'
  /** The file is not YAML, or not of the form that settings have. */
  | 'SETTINGS_FILE_MALFORMED';

/** A flag, an environment variable or a line of the settings file cannot be used. */
export class ConfigError extends SeaworthyError<ConfigErrorCode> {
  override readonly name = 'ConfigError';
}
