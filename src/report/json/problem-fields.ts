import type { Problem } from '../../base/problem.ts';
import { omitEmpty } from './go-json.ts';

/** What could not be looked at, as it stands in `Seaworthy.Problems`. */
export function problemFields({ code, subject, message, incomplete }: Problem): unknown {
  return { Code: code, Subject: subject, Message: message, ...omitEmpty({ Incomplete: incomplete }) };
}
