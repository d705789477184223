import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type ApiOptions, type ApiPath, DistributionApi, parseApiPath, problem } from './distribution-api.ts';
import { type Answer, type Fault, FaultPlan, respond } from './fault.ts';
import { listen } from './listen.ts';
import { RegistryStore } from './store.ts';
import { isBasic, TokenService, type TokenServiceOptions } from './token-service.ts';

/** How a test registry behaves. */
export interface TestRegistryOptions extends ApiOptions {
  readonly auth?: 'none' | 'basic' | 'bearer';
  readonly username?: string;
  readonly password?: string;
  readonly tokens?: Omit<TokenServiceOptions, 'username' | 'password'>;
  /** Names another address in the Bearer challenge than the registry's own `/token`. */
  readonly realm?: string;
  /** Sends this challenge word for word. */
  readonly challenge?: string;
  readonly faults?: readonly Fault[];
  readonly store?: RegistryStore;
  /** Serves TLS with this PEM certificate and key. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** One request that came, as tests want to see it. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly range: string | undefined;
  readonly body: string;
}

/** A registry in this process, on loopback. */
export interface TestRegistry extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly host: string;
  readonly url: string;
  readonly store: RegistryStore;
  readonly requests: readonly SeenRequest[];
  readonly tokens: TokenService;
  /** Misbehaves from now on, or not any more. */
  readonly faults: FaultPlan;
  close(): Promise<void>;
}

/** Starts a registry that speaks the OCI distribution API and misbehaves as it is told. */
export async function startTestRegistry(options: TestRegistryOptions = {}): Promise<TestRegistry> {
  const { username = 'sailor', password = 'hold-fast' } = options;
  const store = options.store ?? new RegistryStore();
  const api = new DistributionApi(store, options);
  const tokens = new TokenService({ username, password, ...options.tokens });
  const plan = new FaultPlan(options.faults ?? []);
  const requests: SeenRequest[] = [];
  let url = '';

  function refusal(path: ApiPath | undefined, method: string, authorization: string | undefined): Answer | undefined {
    const repository = path?.repository ?? '';
    const action = method === 'GET' || method === 'HEAD' ? 'pull' : method === 'DELETE' ? 'delete' : 'push';
    if (options.auth === 'basic') {
      if (isBasic(authorization, username, password)) return undefined;
      return denied(options.challenge ?? 'Basic realm="test registry"');
    }
    if (options.auth !== 'bearer' || tokens.allows(authorization, repository, action)) return undefined;
    const actions = action === 'push' ? 'pull,push' : action;
    const scope = repository === '' ? '' : `,scope="repository:${repository}:${actions}"`;
    return denied(options.challenge ?? `Bearer realm="${options.realm ?? `${url}/token`}",service="test"${scope}`);
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? 'GET';
    const target = new URL(request.url ?? '/', url);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { authorization } = request.headers;
    const seenBody = target.pathname === '/token' ? body.toString() : '';
    const { range } = request.headers;
    requests.push({ method, path: `${target.pathname}${target.search}`, authorization, range, body: seenBody });
    const headers = request.headers as Record<string, string | undefined>;
    const path = parseApiPath(target.pathname);
    const fault = plan.next(method, target.pathname);
    let answer: Answer;
    if (target.pathname === '/token') answer = tokens.answer(method, target, authorization, body.toString());
    else {
      answer = refusal(path, method, authorization) ?? {
        status: target.pathname === '/v2/' ? 200 : 404,
        headers: {},
        body: Buffer.alloc(0),
      };
      if (path !== undefined && answer.status !== 401)
        answer = api.answer(path, { method, url: target, headers, body });
    }
    // A client that is not let in sees no fault of what lies behind the door.
    await respond(request, response, answer, answer.status === 401 && fault?.kind !== 'status' ? undefined : fault);
  }

  const listener: RequestListener = (request, response) => {
    handle(request, response).catch(() => response.destroy());
  };
  const listening = await listen(listener, options.tls);
  ({ url } = listening);
  const close = async (): Promise<void> => {
    await listening[Symbol.asyncDispose]();
  };
  return { host: listening.host, url, store, requests, tokens, faults: plan, close, [Symbol.asyncDispose]: close };
}

function denied(challenge: string): Answer {
  const headers: Record<string, string> = challenge === '' ? {} : { 'www-authenticate': challenge };
  return problem(401, 'UNAUTHORIZED', 'authentication required', headers);
}
