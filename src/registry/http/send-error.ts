import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { errorAnswer } from './error-answer.ts';

/** Answers with an error, or breaks off where an answer has begun. */
export function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, headers, body } = errorAnswer(error);
  response.writeHead(status, headers as OutgoingHttpHeaders).end(body);
}
