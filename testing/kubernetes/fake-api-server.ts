import { Agent } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, systemClock } from '../../src/net/clock.ts';
import { makeCertificate, type TestCertificate } from '../registry/certificate.ts';
import { listen } from '../registry/listen.ts';
import type { WebhookCall } from './admission/admit.ts';
import { definedTypes } from './defined-types.ts';
import type { AskedCall } from './faults.ts';
import { Faults } from './faults.ts';
import { handleCall, type HandlerParts } from './handle-call.ts';
import { objectKey, ObjectStore } from './object-store.ts';
import { builtInTypes, type FakeType, typeKey } from './resource-types.ts';
import type { Json } from './status.ts';
import type { User } from './users.ts';
import type { OpenWatch } from './watch-stream.ts';

/** How a fake API server behaves. */
export interface FakeApiServerOptions {
  /** Who may ask, by bearer token. `test-token` is an administrator where nothing is said. */
  readonly tokens?: Readonly<Record<string, User>>;
  /** Who may ask, by `name:password`. */
  readonly passwords?: Readonly<Record<string, User>>;
  /** Who may do what; all who are known where nothing is said. */
  readonly authorize?: (user: User, call: AskedCall) => boolean;
  /** For the deadlines of webhooks and watches. */
  readonly clock?: Clock;
  /** Answers discovery in the form of before 1.26. */
  readonly legacyDiscovery?: boolean;
  /** Versions of groups whose servers do not answer. */
  readonly staleGroups?: readonly string[];
}

/** An API server in this process: objects with versions, watches, admission by webhooks, and faults as a test wants them. */
export interface FakeApiServer extends AsyncDisposable {
  /** `https://127.0.0.1:port` */
  readonly url: string;
  readonly port: number;
  /** PEM of what signed its certificate, and may sign client certificates. */
  readonly authority: TestCertificate;
  readonly faults: Faults;
  /** All that was asked, in order. */
  readonly calls: readonly AskedCall[];
  /** What webhooks were asked, in order. */
  readonly webhookCalls: readonly WebhookCall[];
  readonly watches: ReadonlySet<OpenWatch>;
  readonly store: ObjectStore;
  readonly tokens: Map<string, User>;
  /** Adds a type. Definitions of custom resources that are created do so by themselves. */
  register(type: FakeType): void;
  /** Says where a service of the cluster is: a port on loopback. */
  service(namespacedName: string, port: number): void;
  /** Keeps an object without asking anybody. */
  seed(type: FakeType, ...objects: readonly Json[]): void;
  /** Tells all watches that nothing happened up to now. */
  bookmark(): void;
  /** A kubeconfig with one context, as JSON, which is YAML too. @param user fields of the user; the administrator's token by default */
  kubeconfig(user?: Json, cluster?: Json): string;
}

/** The administrator's token where a test names none. */
export const testToken = 'test-token';

const administrator: User = { username: 'admin', groups: ['system:masters', 'system:authenticated'] };

/** Starts one on loopback. */
export async function startFakeApiServer(options: FakeApiServerOptions = {}): Promise<FakeApiServer> {
  const { clock = systemClock } = options;
  const authority = makeCertificate('kubernetes-ca');
  const own = makeCertificate('kube-apiserver', {
    issuer: authority,
    ips: ['127.0.0.1'],
    dnsNames: ['localhost', 'kubernetes.default.svc'],
  });
  const types = new Map<string, FakeType>(Object.values(builtInTypes).map((type) => [typeKey(type), type]));
  const store = new ObjectStore();
  const services = new Map<string, number>();
  const agent = new Agent({ keepAlive: true });
  const parts: HandlerParts = {
    types,
    clock,
    faults: new Faults(),
    calls: [],
    watches: new Set(),
    tokens: new Map(Object.entries(options.tokens ?? { [testToken]: administrator })),
    passwords: new Map(Object.entries(options.passwords ?? {})),
    authorize: options.authorize ?? (() => true),
    admission: { store, door: { agent, clock, services }, calls: [] },
    legacyDiscovery: options.legacyDiscovery === true,
    staleGroups: new Set(options.staleGroups ?? []),
  };
  store.listen(({ type, object }) => {
    if (type !== typeKey(builtInTypes.customResourceDefinitions)) return;
    for (const defined of definedTypes(object)) types.set(typeKey(defined), defined);
  });
  const seed = (type: FakeType, ...objects: readonly Json[]): void => {
    for (const object of objects) {
      const metadata = {
        uid: `uid-${store.version}`,
        creationTimestamp: '2026-01-01T00:00:00Z',
        ...(object['metadata'] as Json),
      };
      const { name, namespace = type.namespaced ? 'default' : undefined } = metadata as unknown as {
        name: string;
        namespace?: string;
      };
      const apiVersion = type.group === '' ? type.version : `${type.group}/${type.version}`;
      const placed = { ...metadata, name, ...(namespace === undefined ? {} : { namespace }) };
      store.put(typeKey(type), objectKey(namespace, name), {
        apiVersion,
        kind: type.kind,
        ...object,
        metadata: placed,
      });
    }
  };
  for (const name of ['default', 'kube-system']) {
    seed(builtInTypes.namespaces, { metadata: { name, labels: { 'kubernetes.io/metadata.name': name } } });
  }
  const tls = { cert: own.cert, key: own.key, ca: authority.cert, requestCert: true, rejectUnauthorized: false };
  const server = await listen(
    (request: IncomingMessage, response: ServerResponse) => void handleCall(request, response, parts),
    tls,
  );
  return {
    url: server.url,
    port: server.port,
    authority,
    faults: parts.faults,
    calls: parts.calls,
    webhookCalls: parts.admission.calls,
    watches: parts.watches,
    store,
    tokens: parts.tokens,
    register: (type) => void types.set(typeKey(type), type),
    service: (name, port) => void services.set(name, port),
    seed,
    bookmark: () => parts.watches.forEach((watch) => watch.bookmark()),
    kubeconfig: (user = { token: testToken }, cluster = {}) =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'test',
        contexts: [{ name: 'test', context: { cluster: 'fake', user: 'someone' } }],
        clusters: [
          {
            name: 'fake',
            cluster: {
              server: server.url,
              'certificate-authority-data': Buffer.from(authority.cert).toString('base64'),
              ...cluster,
            },
          },
        ],
        users: [{ name: 'someone', user }],
      }),
    async [Symbol.asyncDispose]() {
      agent.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}
