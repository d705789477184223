import { constants } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';
import type { Logger } from '../../../base/logger.ts';
import type { Clock } from '../../../net/clock.ts';
import type { ListenAddress } from '../../../net/listen-address.ts';
import { admissionLimits } from '../../limits.ts';
import { closeServer } from '../../server/close-server.ts';
import { ServerConnections } from '../../server/connections.ts';
import { followCertificate } from '../../server/follow-certificate.ts';
import { HeldBytes } from '../../server/held-bytes.ts';
import { addressOf, beginListening } from '../../server/listening.ts';
import { type StartTimer, systemTimer, type TlsMaterial, type TlsSource } from '../../server/model.ts';
import type { ServerLimits } from '../../server/open-admission-server.ts';
import { ReviewQueue } from '../../server/review-queue.ts';
import { createTlsServer } from '../../server/tls-server.ts';
import type { JudgeProviderKey } from '../answer.ts';
import { gatekeeperLimits } from '../limits.ts';
import { openClientAuthorities } from './client-authorities.ts';
import { handleProviderRequest, type HandleOptions } from './handle-request.ts';
import { KnownClients } from './known-clients.ts';
import type { ProviderMetrics } from './metrics.ts';

/** How Gatekeeper is answered. */
export interface ProviderSettings {
  readonly listen: ListenAddress;
  /** A file with the authorities of clients, in PEM. Anybody may ask where it is absent. */
  readonly clientCa?: string;
  /** Seconds that Gatekeeper's webhooks wait: the validating one, and the mutating one. */
  readonly verifySeconds: number;
  readonly mutateSeconds: number;
}

/** What Gatekeeper is answered with. */
export interface ProviderServerParts {
  readonly judge: JudgeProviderKey;
  readonly tls: TlsSource;
  readonly metrics: ProviderMetrics;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly startTimer?: StartTimer;
  readonly limits?: Omit<ServerLimits, 'reviewBytes' | 'reviewDepth'>;
}

/** A provider that is served. */
export interface ProviderServer extends AsyncDisposable {
  readonly address: ListenAddress;
  /** Looks at the file with authorities now. */
  readonly check: () => Promise<void>;
  /** Stops serving when what is under way is answered. A second call waits for the first. */
  readonly close: () => Promise<void>;
}

/**
 * Serves Gatekeeper on a listener of its own: with TLS 1.3 alone, which is what its client speaks, and with client certificates where
 * authorities of them are named. API servers have none, and are not asked for one where reviews are served.
 *
 * @throws ListenError, AdmissionError CERTIFICATE_UNREADABLE
 */
export async function openProviderServer(
  settings: ProviderSettings,
  parts: ProviderServerParts,
): Promise<ProviderServer> {
  const { tls, metrics, logger, clock, startTimer = systemTimer } = parts;
  const limits = {
    ...admissionLimits,
    ...gatekeeperLimits,
    judgedAtOnce: gatekeeperLimits.answeredAtOnce,
    ...parts.limits,
  };
  await using opening = new AsyncDisposableStack();
  const connections = new ServerConnections(limits.connections, (open) => metrics.connected(open));
  let renew: () => void = () => undefined;
  const authorities =
    settings.clientCa === undefined
      ? undefined
      : await openClientAuthorities({ path: settings.clientCa, clock, logger, onChange: () => renew() });
  if (authorities === undefined) {
    logger.warn('Anybody who reaches the listener for Gatekeeper may ask about images; name its authority', {});
  }
  const contextOf = ({ certificate, key }: TlsMaterial): SecureContextOptions => ({
    cert: certificate,
    key,
    minVersion: 'TLSv1.3',
    // Each connection shows its certificate, and none goes on with what an earlier one showed.
    secureOptions: constants.SSL_OP_NO_TICKET,
    ...(authorities === undefined ? {} : { ca: [...authorities.current()] }),
  });
  let isClosing = false;
  const clients = new KnownClients();
  const options: HandleOptions = {
    judge: parts.judge,
    waits: waitsOf(settings),
    queue: new ReviewQueue(limits.judgedAtOnce),
    held: new HeldBytes(limits.heldBytes),
    bodyTime: limits.bodyTime,
    startTimer,
    monotonic: () => clock.monotonic(),
    metrics,
    logger,
    mayAsk: (exchange) => authorities === undefined || clients.holds(exchange, clock.now()),
    isClosing: () => isClosing,
  };
  const verified = authorities === undefined ? {} : { requestCert: true, rejectUnauthorized: true };
  const server = createTlsServer({ ...contextOf(tls.current()), ...verified }, limits, (exchange) => {
    exchange.onClose(connections.begin(exchange));
    void handleProviderRequest(exchange, options);
  });
  connections.watch(server);
  server.on('tlsClientError', (error: Error) => {
    metrics.refused('handshake');
    logger.debug('A handshake with a client of the provider failed', { message: error.message });
  });
  const stopFollowing = followCertificate({
    tls,
    serve: (material) => server.setSecureContext(contextOf(material)),
    logger,
  });
  opening.defer(stopFollowing);
  renew = (): void => {
    server.setSecureContext(contextOf(tls.current()));
    // Those that the authorities before vouched for show their certificates anew.
    connections.renew();
  };
  await beginListening(server, settings.listen);
  const over = new AbortController();
  const watching = authorities?.run(over.signal);
  opening.move();
  let closed: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await closeServer({
      server,
      plain: undefined,
      connections,
      clock,
      drainTime: limits.drainTime,
      closeTime: limits.closeTime,
      begin: () => (isClosing = true),
    });
    stopFollowing();
    over.abort();
    await watching;
  };
  const close = (): Promise<void> => (closed ??= stop());
  return {
    address: addressOf(server),
    check: async () => await authorities?.check(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function waitsOf({ verifySeconds, mutateSeconds }: ProviderSettings): HandleOptions['waits'] {
  return { verify: verifySeconds * 1000, scan: verifySeconds * 1000, mutate: mutateSeconds * 1000 };
}
