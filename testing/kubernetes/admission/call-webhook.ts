import { randomUUID } from 'node:crypto';
import { type Agent, request as httpsRequest } from 'node:https';
import type { Clock } from '../../../src/net/clock.ts';
import type { Json } from '../status.ts';
import type { Attributes } from './attributes.ts';
import { admissionRequest, readAnswer, type WebhookAnswer } from './review.ts';
import type { Webhook } from './webhook.ts';

/** How webhooks are reached. */
export interface WebhookDoor {
  readonly agent: Agent;
  readonly clock: Clock;
  /** Where a service is, by `namespace/name`: a port on loopback. */
  readonly services: ReadonlyMap<string, number>;
}

/** A webhook could not be asked, or answered with something that is no answer. */
export class CallFailure extends Error {}

interface Place {
  readonly url: URL;
  readonly host: string;
  readonly port: number;
  readonly serverName: string;
}

/** Asks a webhook. @throws CallFailure */
export async function callWebhook(webhook: Webhook, attributes: Attributes, door: WebhookDoor): Promise<WebhookAnswer> {
  const uid = randomUUID();
  const body = {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: admissionRequest(attributes, uid),
  };
  const place = placeOf(webhook, door);
  try {
    const answer = await post(place, webhook, Buffer.from(JSON.stringify(body)), door);
    return readAnswer(answer, uid, webhook.kind === 'mutating');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const called = cause instanceof PostFailure ? `failed to call webhook: Post "${place.url.href}": ${why}` : why;
    throw new CallFailure(`failed calling webhook "${webhook.name}": ${called}`, { cause });
  }
}

class PostFailure extends Error {}

function placeOf(webhook: Webhook, { services }: WebhookDoor): Place {
  const { url: address, service } = webhook.clientConfig as { readonly url?: string; readonly service?: Json };
  if (service === undefined) {
    const url = new URL(String(address));
    url.searchParams.set('timeout', `${webhook.timeoutSeconds}s`);
    return { url, host: url.hostname, port: Number(url.port || 443), serverName: url.hostname };
  }
  const { namespace, name, path = '/', port: wanted = 443 } = service as Readonly<Record<string, string>>;
  const serverName = `${name}.${namespace}.svc`;
  const url = new URL(`https://${serverName}:${wanted}${path}?timeout=${webhook.timeoutSeconds}s`);
  const port = services.get(`${namespace}/${name}`);
  if (port === undefined)
    throw new CallFailure(
      `failed calling webhook "${webhook.name}": failed to call webhook: Post "${url.href}": service "${name}" not found`,
    );
  return { url, host: '127.0.0.1', port, serverName };
}

/** The only name that counts is that of the service, and the only authority that of the configuration. */
async function post(place: Place, webhook: Webhook, body: Buffer, { agent, clock }: WebhookDoor): Promise<Buffer> {
  const answeredInTime = new AbortController();
  const late = new AbortController();
  const { caBundle } = webhook.clientConfig as { readonly caBundle?: string };
  const answered = new Promise<Buffer>((resolve, reject) => {
    const fail = (error: Error): void => reject(new PostFailure(error.message));
    const request = httpsRequest(
      {
        agent,
        host: place.host,
        port: place.port,
        path: `${place.url.pathname}${place.url.search}`,
        method: 'POST',
        ...(/^[\d.]+$/.test(place.serverName) ? {} : { servername: place.serverName }),
        ...(caBundle === undefined ? {} : { ca: Buffer.from(caBundle, 'base64') }),
        headers: {
          host: place.url.host,
          'content-type': 'application/json',
          accept: 'application/json, */*',
          'content-length': String(body.length),
        },
        signal: late.signal,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          if (response.statusCode === 200) return resolve(Buffer.concat(chunks));
          const said = Buffer.concat(chunks).toString('utf8').slice(0, 200);
          fail(new Error(`the server responded with status ${response.statusCode}: ${said}`));
        });
      },
    );
    request.on('error', fail);
    request.end(body);
  });
  const timeout = clock.sleep(webhook.timeoutSeconds * 1000, answeredInTime.signal).then(() => {
    late.abort();
    throw new PostFailure('context deadline exceeded');
  });
  // One of the two is given up when the other one is over.
  timeout.catch(() => undefined);
  answered.catch(() => undefined);
  try {
    return await Promise.race([answered, timeout]);
  } finally {
    answeredInTime.abort();
  }
}
