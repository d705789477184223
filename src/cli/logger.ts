import { silentLogger, type Logger } from '../base/logger.ts';
import { cleanText } from '../report/text/clean-text.ts';
import type { Settings } from './config/settings.ts';
import type { Host } from './host.ts';

/** Whole milliseconds since a moment of `performance.now()`. */
export function since(start: number): number {
  return Math.round(performance.now() - start);
}

/** Says on stderr what the program does, a line each, when the user wants to know (`--debug`); else nothing. */
export function loggerOf({ debug }: Pick<Settings, 'debug'>, { stderr }: Pick<Host, 'stderr'>): Logger {
  if (!debug) return silentLogger;
  const say =
    (level: keyof Logger): Logger[keyof Logger] =>
    (message, fields = {}) => {
      const facts = Object.entries(fields).map(([name, value]) => ` ${name}=${String(value)}`);
      void stderr.write(`${cleanText(`${level}: ${message}${facts.join('')}`)}\n`);
    };
  return { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
}
