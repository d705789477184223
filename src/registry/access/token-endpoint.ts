import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../../base/logger.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Identity } from '../auth/identity.ts';
import { answerTokenRequest } from '../auth/token/answer.ts';
import type { RefusedLogin } from '../auth/refused-login.ts';
import type { TokenService } from '../auth/token/service.ts';
import { clientOrigin } from '../http/client-origin.ts';
import { checkHead } from '../http/check-head.ts';
import { readBody } from '../http/read-body.ts';
import { sendError } from '../http/send-error.ts';

/** Bytes of a form that asks for a token; real ones have some hundred. */
const formBytes = 65_536;

/** What the endpoint works with. */
export interface TokenEndpointOptions {
  readonly service: TokenService;
  readonly authenticator: Authenticator;
  readonly logger: Logger;
  /** Is told of each answer. */
  readonly observe: (request: IncomingMessage, status: number, identity: Identity | undefined) => void;
  /** Is told of each login that is refused. */
  readonly onRefused: (request: IncomingMessage, login: RefusedLogin) => void;
}

/** Answers requests for tokens at `/token` (distribution, spec/auth/token.md and oauth.md). */
export async function serveToken(
  { service, authenticator, logger, observe, onRefused }: TokenEndpointOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    checkHead(request);
    const url = request.url ?? '';
    const mark = url.indexOf('?');
    const exchange = {
      method: request.method ?? '',
      query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)),
      authorization: request.headers.authorization,
      contentType: request.headers['content-type'],
      body: request.method === 'POST' ? (await readBody(request, formBytes, 'form')).toString() : '',
    };
    const { address } = clientOrigin(request);
    const context = address === undefined ? {} : { address };
    const answer = await answerTokenRequest(service, authenticator, exchange, context);
    // Whatever is the client's own fault would let anybody fill the log.
    if (answer.error !== undefined) {
      const level = answer.status >= 500 ? 'warn' : 'debug';
      logger[level]('A token could not be issued', { error: answer.error });
    }
    if (answer.refused !== undefined) onRefused(request, answer.refused);
    const body = JSON.stringify(answer.body);
    response
      .writeHead(answer.status, {
        ...answer.headers,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      })
      .end(body);
    observe(request, answer.status, answer.identity);
  } catch (error) {
    sendError(response, error);
    observe(request, response.statusCode, undefined);
  }
}
