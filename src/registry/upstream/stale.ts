import type { AnswerHeaders } from '../http/answer.ts';

/** What an answer says that may be out of date (RFC 7234, 5.5.1), since its upstream could not be asked. */
export const staleHeaders: AnswerHeaders = { warning: '110 - "Response is Stale"' };
