import { ConfigError } from '../config/error.ts';

/** @throws ConfigError where a text is no name of a namespace (RFC 1123, a label) */
export function checkNamespace(name: string): void {
  if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) return;
  throw new ConfigError('SETTING_INVALID', `"${name}" is no name of a namespace; write letters, digits and dashes`);
}

/** @throws ConfigError where a text is no name of an object (RFC 1123, a subdomain) */
export function checkObjectName(name: string): void {
  if (/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/.test(name)) return;
  throw new ConfigError('SETTING_INVALID', `"${name}" is no name of an object; write letters, digits, dots and dashes`);
}
