import { errorMessage, isSeaworthyError } from '../base/error.ts';
import type { Logger } from '../base/logger.ts';
import type { Settings } from './config/settings.ts';
import type { Host } from './host.ts';

/** Says on stderr what a server does, as one JSON object a line: time, level, message, and what belongs to it. */
export function serverLogger(
  { debug, quiet }: Pick<Settings, 'debug' | 'quiet'>,
  { stderr, now }: Pick<Host, 'stderr' | 'now'>,
): Logger {
  const say = (level: keyof Logger): Logger[keyof Logger] => {
    return (message, fields = {}) => {
      const facts = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value)]));
      void stderr.write(`${JSON.stringify({ time: now().toISOString(), level, message, ...facts })}\n`);
    };
  };
  const nothing = (): void => undefined;
  return {
    debug: debug ? say('debug') : nothing,
    info: quiet ? nothing : say('info'),
    warn: say('warn'),
    error: say('error'),
  };
}

/** Errors as texts, with what caused them; everything else as it is. */
function plain(value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const text = isSeaworthyError(value) ? `${value.code}: ${value.message}` : errorMessage(value);
  return value.cause === undefined ? text : `${text} (${errorMessage(value.cause)})`;
}
