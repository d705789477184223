import { makeCertificate } from '../../registry/certificate.ts';
import { listen } from '../../registry/listen.ts';
import type { FakeApiServer } from '../fake-api-server.ts';
import { builtInTypes } from '../resource-types.ts';
import type { Json } from '../status.ts';

/** What a webhook is asked: the request of an AdmissionReview. */
export type AskedReview = Json & { readonly uid: string; readonly operation: string; readonly object: Json | null };

/** Answers a review: the response without its uid, or a whole body, or a promise of either. */
export type Answerer = (
  request: AskedReview,
) => Json | { readonly body: unknown; readonly status?: number } | Promise<Json>;

/** A webhook server of a test, behind the service `webhook` in `default`. */
export interface WebhookLab extends AsyncDisposable {
  readonly asked: readonly AskedReview[];
  /** Where each was asked, with the query. */
  readonly paths: readonly string[];
  /** PEM of what signed its certificate. */
  readonly authority: string;
  /** Decides what is answered at a path. */
  answer(path: string, answerer: Answerer): void;
  /** Makes a configuration of one webhook that is asked at `/name`. */
  register(kind: 'mutating' | 'validating', name: string, changes?: Json): void;
}

/** The operations of a patch, as a webhook answers with them. */
export function patchResponse(...operations: readonly object[]): Json {
  return { allowed: true, patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(operations)).toString('base64') };
}

/** Starts one. @param dnsNames of its certificate */
export async function startWebhookLab(
  api: FakeApiServer,
  dnsNames: readonly string[] = ['webhook.default.svc'],
): Promise<WebhookLab> {
  const authority = makeCertificate('webhook-ca');
  const leaf = makeCertificate('webhook', { issuer: authority, dnsNames });
  const asked: AskedReview[] = [];
  const paths: string[] = [];
  const answerers = new Map<string, Answerer>();
  const server = await listen((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { request: review } = JSON.parse(Buffer.concat(chunks).toString()) as { readonly request: AskedReview };
      asked.push(review);
      paths.push(request.url ?? '');
      const answerer = answerers.get((request.url ?? '').replace(/\?.*/, '')) ?? (() => ({ allowed: true }));
      void Promise.resolve(answerer(review)).then((answer) => {
        const whole = 'body' in answer ? (answer as { readonly body: unknown; readonly status?: number }) : undefined;
        const body = {
          apiVersion: 'admission.k8s.io/v1',
          kind: 'AdmissionReview',
          response: { uid: review.uid, ...answer },
        };
        response.writeHead(whole?.status ?? 200, { 'content-type': 'application/json' });
        response.end(typeof whole?.body === 'string' ? whole.body : JSON.stringify(whole?.body ?? body));
      });
    });
  }, leaf);
  api.service('default/webhook', server.port);
  const rules = [
    { apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['pods', 'pods/ephemeralcontainers'] },
  ];
  return {
    asked,
    paths,
    authority: authority.cert,
    answer: (path, answerer) => void answerers.set(path, answerer),
    register(kind, name, changes = {}) {
      const type = kind === 'mutating' ? builtInTypes.mutatingWebhooks : builtInTypes.validatingWebhooks;
      const clientConfig = {
        service: { namespace: 'default', name: 'webhook', path: `/${name}` },
        caBundle: Buffer.from(authority.cert).toString('base64'),
      };
      const webhook = {
        name: `${name}.sea.example`,
        clientConfig,
        rules,
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        ...changes,
      };
      api.seed(type, { metadata: { name }, webhooks: [webhook] });
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
