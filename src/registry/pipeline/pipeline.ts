import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../../base/logger.ts';
import type { Identity } from '../auth/identity.ts';
import type { Content, ContentEvent, Journal } from '../content/content.ts';
import { RegistryError } from '../error.ts';
import type { Answer, RefusedPart } from '../http/answer.ts';
import { checkHead } from '../http/check-head.ts';
import { errorAnswer, isOwnFault } from '../http/error-answer.ts';
import { sendAnswer } from '../http/send.ts';
import { withWarnings } from '../http/warning.ts';
import { parseRoute } from '../route/parse-route.ts';
import type { Route } from '../route/route.ts';
import type { AccessControl } from './access-control.ts';
import type { Call } from './call.ts';
import { type Endpoint, endpoints } from './endpoints.ts';
import type { Gate } from './gate.ts';
import { OpenCall } from './open-call.ts';
import type { Origin } from './origin.ts';
import { ServedRequest } from './served-request.ts';
import type { Subject } from './subject.ts';

/** What came of a request, for the audit trail and the metrics. */
export interface Outcome {
  readonly request: IncomingMessage;
  readonly method: string;
  /** Undefined when the path could not be read. */
  readonly route: Route | undefined;
  /** Undefined when nobody could be told. */
  readonly identity: Identity | undefined;
  readonly status: number;
  readonly error: unknown;
  /** What the gate refused although the request was done in another way. */
  readonly refused: RefusedPart | undefined;
  /** The digest of what was asked for, where it is known. */
  readonly digest: string | undefined;
  /** Of the body that was sent, and of that which came. */
  readonly bytes: number;
  readonly receivedBytes: number;
  /** From its head to the end of its answer. */
  readonly seconds: number;
}

/** The parts of the way that each request goes. */
export interface PipelineParts {
  readonly content: Content;
  readonly access: AccessControl;
  readonly gate: Gate;
  readonly origin: Origin;
  /**
   * The repository that a request means, which may have several names.
   *
   * @param query as it came, without its question mark
   * @throws RegistryError NAME_INVALID or DENIED for names that mean none
   */
  readonly rename: (route: Route, query: string) => Route;
  /** Is told that a request began. */
  readonly begin: () => void;
  /** Writes into a transaction what a request changes. */
  readonly journalFor: (request: IncomingMessage, identity: Identity) => Journal;
  /** Is told what came of each request. */
  readonly observe: (outcome: Outcome) => void;
  /** The trace that a request belongs to, for the log. */
  readonly traceIdOf: (request: IncomingMessage) => string | undefined;
  readonly logger: Logger;
}

/** For the books alone, since nobody reads it: the client went before its answer. The status is what nginx writes down. */
const goneAnswer: Answer = { status: 499, headers: {} };

/**
 * What docker tells registries by, when it logs in: where the first answer, which is a challenge, has it not, docker takes a wrong
 * password for a registry that is somewhere else, and shows what came of its further tries (distribution, spec/api.md, "API Version
 * Check").
 */
const baseHeaders = { 'docker-distribution-api-version': 'registry/2.0' } as const;

/**
 * The one way of a request through the registry: route, authenticate, authorise, find, gate, answer, observe. There is no other
 * way to content, so what a step refuses is refused everywhere.
 */
export async function serveRequest(
  parts: PipelineParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const served = new ServedRequest(request, response);
  parts.begin();
  let answer: Answer;
  let failure: unknown;
  try {
    answer = await answerTo(parts, served);
  } catch (error) {
    failure = error;
    if (served.gone) answer = goneAnswer;
    else {
      if (isOwnFault(error))
        parts.logger.error('A request failed', { error, method: served.method, ...aboutOf(parts, request) });
      answer = errorAnswer(error);
    }
  }
  if (served.route?.kind === 'base') answer = { ...answer, headers: { ...answer.headers, ...baseHeaders } };
  let bytes = 0;
  try {
    bytes = await sendAnswer(served, answer);
  } catch (error) {
    // The head is out: all that can be done is to break off, so that nobody takes a part for the whole.
    failure ??= error;
    response.destroy();
    const isOwn = !served.gone && !isReset(error);
    if (isOwn) parts.logger.error('An answer broke off', { error, ...aboutOf(parts, request) });
  }
  const digest = answer.headers['docker-content-digest'];
  parts.observe({
    request,
    method: served.method,
    route: served.route,
    identity: served.identity,
    status: answer.status,
    error: failure,
    refused: answer.refused,
    digest: typeof digest === 'string' ? digest : undefined,
    bytes,
    receivedBytes: served.receivedBytes,
    seconds: served.seconds,
  });
}

async function answerTo(parts: PipelineParts, served: ServedRequest): Promise<Answer> {
  const { request, method } = served;
  checkHead(request);
  const { path, query } = splitUrl(request.url ?? '');
  const asked = parseRoute(path);
  const route = asked === undefined ? undefined : parts.rename(asked, query);
  if (route === undefined) throw new RegistryError('UNSUPPORTED', 'This is no path of the registry', { status: 404 });
  served.route = route;
  const endpoint = findEndpoint(route, method);
  const identified = parts.access.identify(request);
  const identity = identified instanceof Promise ? await identified : identified;
  served.identity = identity;
  authorise(parts.access, identity, route, endpoint);
  const { content } = parts;
  let journal: Journal | undefined;
  const call: Call = new OpenCall(served, query, {
    route,
    identity,
    content,
    origin: parts.origin,
    // Made when something is changed, which most requests do not.
    journal: (queries, event: ContentEvent) => (journal ??= parts.journalFor(request, identity))(queries, event),
    may: (action, repository) => parts.access.allows(identity, action, repository),
    refusal: (subject) => refusalOf(parts, subject, call),
    sees: (repository) => parts.access.inCatalog(identity, repository),
  });
  parts.gate.enter(call);
  const found = await endpoint.handle(call);
  if (!('subject' in found)) return found;
  const judged = parts.gate.judge(found.subject, call);
  const warnings = judged instanceof Promise ? await judged : judged;
  const answer = await found.pass();
  return warnings === undefined ? answer : { ...answer, headers: withWarnings(answer.headers, warnings) };
}

/** What cannot be told does not pass, whatever the cause. */
async function refusalOf(
  { gate, logger, traceIdOf }: Pick<PipelineParts, 'gate' | 'logger' | 'traceIdOf'>,
  subject: Subject,
  call: Call,
): Promise<Error | undefined> {
  try {
    await gate.judge(subject, call);
    return undefined;
  } catch (error) {
    call.signal.throwIfAborted();
    if (isOwnFault(error))
      logger.error('Content could not be judged', { error, ...aboutOf({ traceIdOf }, call.request) });
    return error instanceof Error ? error : new Error(String(error));
  }
}

function findEndpoint({ kind }: Route, method: string): Endpoint {
  const methods = endpoints[kind] as Readonly<Partial<Record<string, Endpoint>>>;
  const endpoint = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (endpoint !== undefined) return endpoint;
  throw new RegistryError('UNSUPPORTED', 'This cannot be done here', {
    headers: { allow: Object.keys(methods).join(', ') },
  });
}

function authorise(access: AccessControl, identity: Identity, route: Route, { action }: Endpoint): void {
  if (route.kind === 'base') {
    if (access.wantsLogin(identity)) throw access.refuse(identity, undefined, undefined);
  } else if (route.kind === 'catalog') {
    if (!access.allowsCatalog(identity)) throw access.refuse(identity, 'list', undefined);
  } else if (action !== undefined && !access.allows(identity, action, route.repository)) {
    throw access.refuse(identity, action, route.repository);
  }
}

/** Whether a client went, where the connection did not say so yet. */
function isReset(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ECONNRESET' || code === 'EPIPE';
}

/** For the log: without the query, in which clients may send what nobody should read. */
function aboutOf(
  { traceIdOf }: Pick<PipelineParts, 'traceIdOf'>,
  request: IncomingMessage,
): Readonly<Record<string, string>> {
  const traceId = traceIdOf(request);
  return { path: splitUrl(request.url ?? '').path, ...(traceId === undefined ? {} : { traceId }) };
}

function splitUrl(url: string): { readonly path: string; readonly query: string } {
  const mark = url.indexOf('?');
  return mark < 0 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) };
}
