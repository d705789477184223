import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Logger } from '../../base/logger.ts';
import type { Identity } from '../auth/identity.ts';
import type { Content } from '../content/content.ts';
import { RegistryError } from '../error.ts';
import { checkHead } from '../http/check-head.ts';
import { isOwnFault } from '../http/error-answer.ts';
import { sendError } from '../http/send-error.ts';
import { type RouteObserver, watchedRoute } from '../http/watched-route.ts';
import type { AccessControl } from '../pipeline/access-control.ts';
import type { ApiCall } from './api-route.ts';
import { openApiDocument } from './openapi.ts';
import { apiRoutes } from './routes.ts';

/** What the API needs of the registry. */
export interface ApiParts {
  readonly content: Content;
  /** As it is now. */
  readonly access: () => AccessControl;
  readonly version: string;
  readonly logger: Logger;
  /** The trace that a request belongs to, for the log. */
  readonly traceIdOf: (request: IncomingMessage) => string | undefined;
  /** Is told of requests; nobody when undefined. */
  readonly observer: RouteObserver | undefined;
  /** Is told who was refused what. */
  readonly refused: (refusal: ApiRefusal) => void;
}

/** Somebody who asked the API for what they may not have. */
export interface ApiRefusal {
  readonly request: IncomingMessage;
  /** Undefined when nobody could be told. */
  readonly identity: Identity | undefined;
  /** The path, with names of parameters for their values: `/api/v1/audit`. */
  readonly template: string;
  readonly repository: string | undefined;
  readonly error: RegistryError;
}

/** Adds the JSON API below `/api/v1`, and the document that describes it at `/api/v1/openapi.json`. */
export function addApi(server: FastifyInstance, parts: ApiParts): void {
  const { content, access: current, version, logger, traceIdOf, observer, refused } = parts;
  for (const route of apiRoutes) {
    const schema = {
      params: objectSchema(route.parameters),
      querystring: { ...objectSchema(route.query), additionalProperties: false },
      response: { 200: route.answer },
    };
    const url = `/api/v1${route.path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
    const template = `/api/v1${route.path}`;
    const watched = watchedRoute(observer, 'api', template);
    server.get(url, { schema, ...watched }, async (request, reply) => {
      let identity: Identity | undefined;
      const parameters = request.params as ApiCall['parameters'];
      try {
        checkHead(request.raw);
        const access = current();
        const found = access.identify(request.raw);
        identity = found instanceof Promise ? await found : found;
        const query = request.query as ApiCall['query'];
        return await route.handle({ parameters, query, identity, content, access });
      } catch (error) {
        if (error instanceof RegistryError) {
          refused({ request: request.raw, identity, template, repository: parameters['repository'], error });
        }
        if (isOwnFault(error))
          logger.error('A request to the API failed', {
            error,
            path: request.url.replace(/\?.*$/s, ''),
            traceId: traceIdOf(request.raw),
          });
        return refuse(reply, error);
      }
    });
  }
  const document = openApiDocument(apiRoutes, version);
  const description = '/api/v1/openapi.json';
  server.get(description, watchedRoute(observer, 'api', description), () => document);
  server.setErrorHandler((error, _request, reply) => {
    const { statusCode = 500, message } = error as { readonly statusCode?: number; readonly message: string };
    // Parameters that are not as they are described, and what else the framework refuses.
    const isTheirs = statusCode >= 400 && statusCode < 500;
    const told = isTheirs ? new RegistryError('UNSUPPORTED', message, { status: statusCode }) : error;
    if (!isTheirs) logger.error('A request to the API failed', { error });
    return refuse(reply, told);
  });
}

function refuse(reply: FastifyReply, error: unknown): FastifyReply {
  reply.hijack();
  sendError(reply.raw, error);
  return reply;
}

function objectSchema(
  schemas: Readonly<Record<string, { readonly description: string }>>,
): Readonly<Record<string, unknown>> {
  return { type: 'object', properties: { ...schemas } };
}
