import { once } from 'node:events';
import { createSecureServer, type Http2ServerRequest } from 'node:http2';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json as jsonOf } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { makeCertificate } from '../registry/certificate.ts';

/** The `request` of an AdmissionReview (admission.k8s.io/v1), as it came. */
export type ReviewRequest = Readonly<Record<string, unknown>> & { readonly uid: string };

/** The `response`, without the uid. */
export interface ReviewAnswer {
  readonly allowed: boolean;
  readonly status?: { readonly code?: number; readonly message?: string; readonly reason?: string };
  /** Operations of RFC 6902. */
  readonly patch?: readonly object[];
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

/** One call of the API server, and what carried it. */
export interface RecordedCall {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly httpVersion: string;
  readonly tlsVersion: string;
  /** What the client wanted to be spoken to in, as ALPN settled it; false where it named nothing that is spoken here. */
  readonly alpn: string | false;
  /** Whether the client showed a certificate. It is asked for one. */
  readonly clientCertificate: boolean;
  /** The server's name that the client asked for (RFC 6066, 3); false where it asked for none, as for an address. */
  readonly serverName: string | false;
  /** The client's port, which tells connections apart. */
  readonly connection: number;
  readonly review: { readonly request: ReviewRequest } & Readonly<Record<string, unknown>>;
}

/** An admission webhook of this test on loopback, which keeps all calls. */
export interface RecordingWebhook extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** The authority of its certificate for a `caBundle`, base64 of PEM. */
  readonly caBundle: string;
  readonly calls: RecordedCall[];
  /** Decides. Allows everything at first. */
  answer: (request: ReviewRequest, path: string) => ReviewAnswer;
}

/** Starts one that speaks HTTP/2 and HTTP/1.1, and TLS 1.2 and 1.3, as the client wants. Its certificate has these names too. */
export async function startRecordingWebhook(dnsNames: readonly string[] = []): Promise<RecordingWebhook> {
  const authority = makeCertificate('Webhook test authority');
  const { cert, key } = makeCertificate('webhook', { issuer: authority, dnsNames, ips: ['127.0.0.1'] });
  const server = createSecureServer({ cert, key, allowHTTP1: true, requestCert: true, rejectUnauthorized: false });
  const sockets = new Set<TLSSocket>();
  server.on('secureConnection', (socket: TLSSocket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const webhook: RecordingWebhook = {
    url: '',
    port: 0,
    caBundle: Buffer.from(authority.cert).toString('base64'),
    calls: [],
    answer: () => ({ allowed: true }),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  server.on('request', (incoming, outgoing) => {
    const respond = async (): Promise<void> => {
      const review = (await jsonOf(incoming)) as RecordedCall['review'];
      const { method, url: path } = incoming;
      webhook.calls.push({ method, path, review, headers: incoming.headers, ...carrier(incoming) });
      const { patch, ...answer } = webhook.answer(review.request, path);
      const patched =
        patch === undefined
          ? {}
          : { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') };
      const response = { uid: review.request.uid, ...answer, ...patched };
      outgoing.setHeader('content-type', 'application/json');
      outgoing.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }));
    };
    respond().catch((error: unknown) => {
      outgoing.statusCode = 500;
      outgoing.end(String(error));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return Object.assign(webhook, { port, url: `https://127.0.0.1:${port}` });
}

function carrier(
  incoming: Http2ServerRequest,
): Pick<RecordedCall, 'httpVersion' | 'tlsVersion' | 'alpn' | 'clientCertificate' | 'serverName' | 'connection'> {
  // Of HTTP/1.1, there is no stream.
  const stream = incoming.stream as Http2ServerRequest['stream'] | undefined;
  const socket = (stream?.session?.socket ?? incoming.socket) as TLSSocket & { readonly servername?: string | false };
  return {
    httpVersion: incoming.httpVersion,
    tlsVersion: socket.getProtocol() ?? 'none',
    alpn: socket.alpnProtocol ?? false,
    clientCertificate: Object.keys(socket.getPeerCertificate()).length > 0,
    serverName: socket.servername ?? false,
    connection: socket.remotePort ?? 0,
  };
}
