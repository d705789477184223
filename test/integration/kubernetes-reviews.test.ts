import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { type ApiAnswer, type ApiObject, type ApiRequest } from '../../testing/kubernetes-server/ask.ts';
import {
  deploymentOf,
  installWebhook,
  makeLoopbackService,
  makeNamespace,
  podOf,
} from '../../testing/kubernetes-server/objects.ts';
import {
  type RecordedCall,
  type RecordingWebhook,
  type ReviewRequest,
  startRecordingWebhook,
} from '../../testing/kubernetes-server/recording-webhook.ts';
import { reviewLine } from '../../testing/kubernetes-server/review-line.ts';
import { type ApiServer, needsApiServer, startApiServer } from '../../testing/kubernetes-server/start-api-server.ts';
import { findProgram, needsProgram } from '../../testing/registry/find-program.ts';

// What an API server really sends to webhooks, and makes of their answers: the ground that admission stands on.

const run = promisify(execFile);
const image = 'registry.test/app:v1';
const pinned = `registry.test/app@sha256:${'a'.repeat(64)}`;

const pod = (metadata: ApiObject, spec: ApiObject = {}): ApiObject => podOf(image, metadata, spec);
const listPaths = {
  pods: '/api/v1/namespaces/by-url/pods',
  deployments: '/apis/apps/v1/namespaces/by-url/deployments',
};

describe('a real API server with webhooks', needsApiServer(), () => {
  let server: ApiServer;
  let webhook: RecordingWebhook;
  const cleanup = new AsyncDisposableStack();

  before(async () => {
    server = cleanup.use(await startApiServer());
    webhook = cleanup.use(await startRecordingWebhook(['seaworthy.by-service.svc']));
    const { caBundle, url, port } = webhook;
    for (const namespace of ['by-url', 'by-service']) {
      await makeNamespace(server, namespace);
      await makeLoopbackService(server, namespace, 'seaworthy');
      const at = (path: string): ApiObject =>
        namespace === 'by-url' ? { url: `${url}${path}` } : { service: { namespace, name: 'seaworthy', path, port } };
      const rules = [{ apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], operations: ['*'] }];
      for (const kind of ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'] as const) {
        const clientConfig = { caBundle, ...at(kind.startsWith('M') ? '/mutate' : '/validate') };
        await installWebhook(server, { kind, name: namespace, clientConfig, rules, namespace });
      }
      await untilAsked(namespace);
    }
  });
  after(() => cleanup.disposeAsync());

  /** Asks for Pods that nobody gets until both webhooks hear of one. */
  async function untilAsked(namespace: string): Promise<void> {
    for (let attempt = 0; attempt < 200; attempt++) {
      const { mutating, validating } = await reviewed(
        create('pods', pod({ name: 'nobody' }), namespace, '?dryRun=All'),
      );
      if (mutating !== undefined && validating !== undefined) return;
      await sleep(50);
    }
    assert.fail(`no review for ${namespace}:\n${await server.log()}`);
  }

  function create(list: 'pods' | 'deployments', body: ApiObject, namespace = 'by-url', query = ''): ApiRequest {
    return { method: 'POST', path: `${listPaths[list].replace('by-url', namespace)}${query}`, body };
  }

  /** The last reviews of a request, which may be tried more than once, and what came of it. */
  async function reviewed(
    request: ApiRequest,
    answer: RecordingWebhook['answer'] = () => ({ allowed: true }),
  ): Promise<{ answer: ApiAnswer; mutating: RecordedCall | undefined; validating: RecordedCall | undefined }> {
    webhook.calls.length = 0;
    webhook.answer = answer;
    const got = await server.ask(request);
    const last = (start: string): RecordedCall | undefined =>
      webhook.calls.findLast(({ path }) => path.startsWith(start));
    return { answer: got, mutating: last('/mutate'), validating: last('/validate') };
  }

  async function requestsOf(
    request: ApiRequest,
    status: number,
  ): Promise<{ mutating: ReviewRequest; validating: ReviewRequest }> {
    const { answer, mutating, validating } = await reviewed(request);
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.ok(mutating && validating);
    return { mutating: mutating.review.request, validating: validating.review.request };
  }

  test('refuses a Pod that a webhook denies, with its code, reason, words and warnings', async () => {
    const { answer } = await reviewed(create('pods', pod({ name: 'denied' })), (_request, path) =>
      path.startsWith('/mutate')
        ? { allowed: true }
        : {
            allowed: false,
            status: { code: 403, reason: 'Forbidden', message: 'app: not signed' },
            warnings: ['sign it'],
          },
    );
    const { code, reason, message } = answer.body;
    const denial = 'admission webhook "by-url.seaworthy.test" denied the request: app: not signed';
    assert.deepEqual([answer.status, code, reason, message], [403, 403, 'Forbidden', denial]);
    assert.deepEqual(answer.warnings, ['299 - "sign it"']);
    assert.equal((await server.ask({ method: 'GET', path: '/api/v1/namespaces/by-url/pods/denied' })).status, 404);
  });

  test('tells kubectl why a Pod is denied', needsProgram('kubectl'), async () => {
    webhook.answer = () => ({ allowed: false, status: { code: 403, message: 'app: not signed' } });
    using folder = temporaryDirectory();
    const env = { HOME: folder.path, KUBECONFIG: folder.write('config', server.kubeconfig) };
    const file = folder.write('pod.json', JSON.stringify(pod({ name: 'denied', namespace: 'by-url' })));
    const applied = run(findProgram('kubectl') as string, ['apply', '-f', file], { env, timeout: 60_000 });
    await assert.rejects(applied, { stderr: /"by-url\.seaworthy\.test" denied the request: app: not signed/ });
  });

  test('stores what a webhook makes of a Pod, and shows that to those who validate', async () => {
    const patch = [{ op: 'replace', path: '/spec/containers/0/image', value: pinned }];
    const { answer, mutating, validating } = await reviewed(
      create('pods', pod({ name: 'pinned' })),
      (_request, path) => ({
        allowed: true,
        ...(path.startsWith('/mutate') ? { patch } : {}),
      }),
    );
    assert.equal(answer.status, 201);
    const imageOf = (object: unknown): unknown =>
      (object as { spec: { containers: [{ image: string }] } }).spec.containers[0].image;
    const images = [mutating?.review.request['object'], validating?.review.request['object'], answer.body].map(imageOf);
    assert.deepEqual(images, [image, pinned, pinned]);
  });

  test('fails a request when a webhook answers with an error, for that is no verdict', async () => {
    const { answer } = await reviewed(create('pods', pod({ name: 'failed' })), () => {
      throw new Error('sunk');
    });
    assert.deepEqual([answer.status, answer.body['reason']], [500, 'InternalError']);
    assert.match(String(answer.body['message']), /failed calling webhook "by-url\.seaworthy\.test".*sunk/s);
  });

  const transports = [
    { namespace: 'by-url', httpVersion: '2.0', alpn: 'h2', serverName: false },
    { namespace: 'by-service', httpVersion: '1.1', alpn: 'http/1.1', serverName: 'seaworthy.by-service.svc' },
  ];
  for (const { namespace, ...expected } of transports) {
    test(`asks ${namespace} over HTTP ${expected.httpVersion} and TLS 1.3, on connections that it keeps`, async () => {
      const calls: (RecordedCall | undefined)[] = [];
      for (const name of ['one', 'two', 'three']) {
        calls.push((await reviewed(create('pods', pod({ name }), namespace, '?dryRun=All'))).validating);
      }
      for (const call of calls) {
        assert.ok(call);
        const { method, path, headers, httpVersion, alpn, serverName, tlsVersion, clientCertificate } = call;
        assert.deepEqual({ httpVersion, alpn, serverName }, expected);
        assert.deepEqual({ tlsVersion, clientCertificate }, { tlsVersion: 'TLSv1.3', clientCertificate: false });
        assert.equal(`${method} ${path}`, 'POST /validate?timeout=10s');
        assert.equal(headers['content-type'], 'application/json');
        assert.equal(headers['accept'], 'application/json, */*');
        assert.equal(headers['accept-encoding'], 'gzip');
        assert.equal(headers['user-agent'], 'kube-apiserver-admission');
        assert.match(headers['content-length'] ?? '', /^\d+$/);
        assert.equal(headers['authorization'], undefined);
      }
      assert.equal(new Set(calls.map((call) => call?.connection)).size, 1);
    });
  }

  test('sends the same fields in every review, and others only where they say something', async () => {
    const { mutating, validating } = await requestsOf(create('pods', pod({ name: 'fields' })), 201);
    // `null` where there is nothing to say.
    const always = ['dryRun', 'kind', 'namespace', 'object', 'oldObject', 'operation', 'options', 'requestKind'].concat(
      'requestResource',
      'resource',
      'uid',
      'userInfo',
    );
    const fields = [...always, 'name'].toSorted();
    for (const request of [mutating, validating]) assert.deepEqual(Object.keys(request).toSorted(), fields);
    const { userInfo, namespace } = validating as unknown as { userInfo: ApiObject; namespace: string };
    assert.equal(namespace, 'by-url');
    assert.equal(userInfo['username'], 'admin');
    assert.deepEqual(userInfo['groups'], ['system:masters', 'system:authenticated']);
    const metadata = (request: ReviewRequest): string[] =>
      Object.keys((request['object'] as { metadata: ApiObject }).metadata).toSorted();
    assert.deepEqual(metadata(mutating), ['managedFields', 'name', 'namespace']);
    assert.deepEqual(metadata(validating), [
      'creationTimestamp',
      'generation',
      'managedFields',
      'name',
      'namespace',
      'uid',
    ]);
  });

  test('names an object that wants a generated name only after it was mutated', async () => {
    const { mutating, validating } = await requestsOf(create('pods', pod({ generateName: 'made-' })), 201);
    assert.equal(reviewLine(mutating), 'CREATE pods Pod (no name) object CreateOptions');
    assert.equal('name' in mutating, false);
    assert.match(reviewLine(validating), /^CREATE pods Pod made-\w{5} object CreateOptions$/);
  });

  test('reviews what is asked for, one line for each', async () => {
    const { pods: at, deployments } = listPaths;
    const json = 'application/json-patch+json' as const;
    const merge = 'application/merge-patch+json' as const;
    const debug = { spec: { ephemeralContainers: [{ name: 'debug', image }] } };
    const repin = [{ op: 'replace', path: '/spec/containers/0/image', value: pinned }];
    const hold = { metadata: { finalizers: ['seaworthy.test/hold'] } };
    const letGo = { metadata: { finalizers: null } };
    const options = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Orphan' };
    const steps: readonly (readonly [string, number, ApiRequest])[] = [
      [
        'CREATE pods Pod one object CreateOptions dry',
        201,
        create('pods', pod({ name: 'one' }), 'by-url', '?dryRun=All'),
      ],
      ['CREATE pods Pod one object CreateOptions', 201, create('pods', pod({ name: 'one' }))],
      [
        'UPDATE pods Pod one object+oldObject UpdateOptions',
        200,
        { method: 'PATCH', path: `${at}/one`, body: repin, contentType: json },
      ],
      [
        'UPDATE pods/ephemeralcontainers Pod one object+oldObject UpdateOptions',
        200,
        { method: 'PATCH', path: `${at}/one/ephemeralcontainers`, body: debug, contentType: merge },
      ],
      [
        'UPDATE pods Pod one object+oldObject UpdateOptions',
        200,
        { method: 'PATCH', path: `${at}/one`, body: hold, contentType: merge },
      ],
      ['DELETE pods Pod one oldObject DeleteOptions', 200, { method: 'DELETE', path: `${at}/one` }],
      // The last update of what is being deleted comes like any other.
      [
        'UPDATE pods Pod one object+oldObject UpdateOptions',
        200,
        { method: 'PATCH', path: `${at}/one`, body: letGo, contentType: merge },
      ],
      [
        'CREATE deployments Deployment web object CreateOptions',
        201,
        create('deployments', deploymentOf(image, 'web')),
      ],
      [
        'UPDATE deployments/scale Scale web object+oldObject UpdateOptions',
        200,
        { method: 'PATCH', path: `${deployments}/web/scale`, body: { spec: { replicas: 2 } }, contentType: merge },
      ],
      [
        'DELETE deployments Deployment web oldObject DeleteOptions',
        200,
        { method: 'DELETE', path: `${deployments}/web`, body: options },
      ],
      // One review for each Pod that goes, and none of them has a name.
      ['DELETE pods Pod (no name) oldObject DeleteOptions', 200, { method: 'DELETE', path: at }],
    ];
    for (const [line, status, request] of steps) {
      const { mutating, validating } = await requestsOf(request, status);
      assert.deepEqual([reviewLine(mutating), reviewLine(validating)], [line, line]);
    }
  });

  test('shows the whole Pod when a container is added for debugging', async () => {
    await requestsOf(create('pods', pod({ name: 'debugged' })), 201);
    const path = '/api/v1/namespaces/by-url/pods/debugged/ephemeralcontainers';
    const body = { spec: { ephemeralContainers: [{ name: 'debug', image: 'registry.test/debug:v1' }] } };
    const asked = { method: 'PATCH', path, body, contentType: 'application/merge-patch+json' } as const;
    const { validating } = await requestsOf(asked, 200);
    const { object, oldObject, subResource, requestSubResource } = validating as unknown as Record<
      string,
      { spec: ApiObject }
    >;
    assert.deepEqual([subResource, requestSubResource], ['ephemeralcontainers', 'ephemeralcontainers']);
    const images = (list: unknown): unknown =>
      (list as { image: string }[] | undefined)?.map((container) => container.image);
    assert.deepEqual(images(object?.spec['containers']), [image]);
    assert.deepEqual(images(object?.spec['ephemeralContainers']), ['registry.test/debug:v1']);
    assert.equal(oldObject?.spec['ephemeralContainers'], undefined);
  });

  test('shows the images of volumes, and what its own plugins added to a Pod', async () => {
    const account = '/api/v1/namespaces/by-url/serviceaccounts/default';
    const body = { imagePullSecrets: [{ name: 'pull' }] };
    await server.ask({ method: 'PATCH', path: account, body, contentType: 'application/merge-patch+json' });
    const volumes = [{ name: 'model', image: { reference: 'registry.test/model:v1' } }];
    const { mutating } = await requestsOf(create('pods', pod({ name: 'volumes' }, { volumes })), 201);
    const { spec } = mutating['object'] as {
      spec: { volumes: ApiObject[]; imagePullSecrets: unknown; serviceAccountName: string };
    };
    assert.deepEqual(spec.volumes[0], {
      name: 'model',
      image: { reference: 'registry.test/model:v1', pullPolicy: 'IfNotPresent' },
    });
    assert.match(String(spec.volumes[1]?.['name']), /^kube-api-access-/);
    assert.deepEqual([spec.serviceAccountName, spec.imagePullSecrets], ['default', [{ name: 'pull' }]]);
  });
});
