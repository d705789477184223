import type { Notification } from 'sarif';
import type { Problem } from '../../base/problem.ts';
import { sarifMessageText, sarifText } from './text.ts';

/** What could not be looked at (§3.20.21). */
export function notificationOf({ code, subject, message, incomplete }: Problem): Notification {
  return {
    descriptor: { id: sarifText(code) },
    level: incomplete === true ? 'error' : 'warning',
    message: { text: `${sarifMessageText(subject)}: ${sarifMessageText(message)}` },
  };
}
