import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../src/net/clock.ts';
import type { Admission } from './admission/admit.ts';
import { aggregated, legacy } from './discovery.ts';
import { doCall } from './do-call.ts';
import type { AskedCall, Fault, Faults } from './faults.ts';
import { type ParsedCall, parseCall } from './parse-call.ts';
import type { FakeType } from './resource-types.ts';
import { ApiFailure, failure, type Json } from './status.ts';
import { authenticate, type User } from './users.ts';
import type { OpenWatch } from './watch-stream.ts';

/** What a fake API server is made of. */
export interface HandlerParts {
  readonly types: Map<string, FakeType>;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly calls: AskedCall[];
  readonly watches: Set<OpenWatch>;
  readonly tokens: Map<string, User>;
  readonly passwords: Map<string, User>;
  readonly authorize: (user: User, call: AskedCall) => boolean;
  readonly admission: Admission;
  readonly legacyDiscovery: boolean;
  readonly staleGroups: ReadonlySet<string>;
}

/** What is answered. */
export interface Answer {
  readonly status: number;
  readonly document: unknown;
  readonly warnings?: readonly string[];
}

/** Answers one request, and never throws. */
export async function handleCall(
  request: IncomingMessage,
  response: ServerResponse,
  parts: HandlerParts,
): Promise<void> {
  const user = authenticate(request, parts.tokens, parts.passwords);
  const call = parseCall(request, parts.types, user);
  parts.calls.push(call);
  try {
    const body = await readBody(request);
    if (/protobuf/.test(request.headers['content-type'] ?? '')) {
      throw new ApiFailure(415, 'UnsupportedMediaType', 'only JSON is read here');
    }
    const fault = parts.faults.take(call);
    if (fault !== undefined && (await misbehave(fault, response))) return;
    const answer = await answerCall(call, body, request, response, parts, fault);
    if (answer === undefined) return;
    if (fault?.kind === 'drop') response.destroy();
    else send(response, answer);
  } catch (error) {
    const failed = error instanceof ApiFailure ? error : failure.internal(String(error));
    if (response.headersSent) response.destroy();
    else send(response, { status: failed.status, document: failed.document }, failed.headers);
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** True where nothing else is to be done. */
async function misbehave(fault: Fault, response: ServerResponse): Promise<boolean> {
  switch (fault.kind) {
    case 'status': {
      const { status, reason = '', message = 'injected', retryAfter } = fault;
      const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
      throw new ApiFailure(status, reason, message, { headers });
    }
    case 'answer': {
      response.writeHead(fault.status ?? 200, { 'content-type': 'application/json', ...fault.headers });
      if (typeof fault.body !== 'function') response.end(fault.body);
      else {
        let wake = (): void => undefined;
        response.on('drain', () => wake());
        response.on('close', () => wake());
        for await (const chunk of fault.body()) {
          if (response.destroyed) return true;
          if (response.write(chunk)) continue;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        response.end();
      }
      return true;
    }
    case 'drop':
      if (fault.when === 'before') response.destroy();
      return fault.when === 'before';
    case 'wait':
      await fault.until;
      return false;
    default:
      return false;
  }
}

async function answerCall(
  call: ParsedCall,
  body: Buffer,
  request: IncomingMessage,
  response: ServerResponse,
  parts: HandlerParts,
  fault: Fault | undefined,
): Promise<Answer | undefined> {
  const { user, path } = call;
  if (/^\/(?:readyz|livez|healthz)$/.test(path)) return { status: 200, document: 'ok' };
  if (user === undefined) throw failure.unauthorized();
  if (path === '/version') return { status: 200, document: { major: '1', minor: '34', gitVersion: 'v1.34.1' } };
  if (call.verb === '') {
    const discovered = discovery(path, request.headers.accept ?? '', parts);
    if (discovered !== undefined) return { status: 200, document: discovered };
    throw new ApiFailure(404, 'NotFound', 'the server could not find the requested resource');
  }
  if (call.type === undefined)
    throw new ApiFailure(404, 'NotFound', 'the server could not find the requested resource');
  if (!parts.authorize(user, call)) {
    const { verb, resource, namespace, type } = call;
    const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
    throw failure.forbidden(
      `${resource}${call.name === '' ? '' : ` "${call.name}"`} is forbidden: User "${user.username}" cannot ${verb} resource "${resource}" in API group "${type.group}" ${where}`,
    );
  }
  return await doCall({ call, type: call.type, user, body, request, response, parts, fault });
}

function discovery(
  path: string,
  accept: string,
  { types, staleGroups, legacyDiscovery }: HandlerParts,
): Json | undefined {
  const all = [...types.values()];
  const isAggregated = !legacyDiscovery && accept.includes('as=APIGroupDiscoveryList');
  if (isAggregated && (path === '/api' || path === '/apis')) return aggregated(all, path === '/api', staleGroups);
  if (staleGroups.has(path.replace('/apis/', '')))
    throw new ApiFailure(503, 'ServiceUnavailable', 'the server is currently unable to handle the request');
  return legacy(path, all, staleGroups);
}

function send(response: ServerResponse, answer: Answer, headers: Readonly<Record<string, string>> = {}): void {
  const { status, document, warnings = [] } = answer;
  const isText = typeof document === 'string';
  const escaped = warnings.map((text) => `299 - "${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`);
  if (escaped.length > 0) response.setHeader('warning', escaped);
  response.writeHead(status, { 'content-type': isText ? 'text/plain' : contentTypeOf(document), ...headers });
  response.end(isText ? document : JSON.stringify(document));
}

/** Clients tell the forms of discovery apart by it. */
function contentTypeOf(document: unknown): string {
  const isAggregated = (document as Json)['kind'] === 'APIGroupDiscoveryList';
  return isAggregated ? 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' : 'application/json';
}
