import type { SecureContextOptions } from 'node:tls';
import type { Logger } from '../../base/logger.ts';
import { type Clock, systemClock } from '../../net/clock.ts';
import type { ListenAddress } from '../../net/listen-address.ts';
import { admissionLimits } from '../limits.ts';
import type { AdmissionMetrics } from '../metrics.ts';
import { closeServer } from './close-server.ts';
import { ServerConnections } from './connections.ts';
import type { DeadlinePolicy } from './deadline.ts';
import { followCertificate } from './follow-certificate.ts';
import { handleRequest, type HandleOptions } from './handle-request.ts';
import { HeldBytes } from './held-bytes.ts';
import { addressOf, beginListening } from './listening.ts';
import { type JudgeReview, type StartTimer, systemTimer, type TlsMaterial, type TlsSource } from './model.ts';
import { createPlainServer } from './plain-server.ts';
import { ReviewQueue } from './review-queue.ts';
import type { AdmissionRoute } from './route.ts';
import { createTlsServer } from './tls-server.ts';

/** Caps that a caller may set otherwise (`admissionLimits` says what each is). */
export type ServerLimits = Partial<
  Record<
    | 'reviewBytes'
    | 'reviewDepth'
    | 'heldBytes'
    | 'judgedAtOnce'
    | 'headTime'
    | 'bodyTime'
    | 'answerTime'
    | 'idleTime'
    | 'connections'
    | 'drainTime'
    | 'closeTime',
    number
  >
>;

/** What a webhook serves. */
export interface AdmissionServerOptions {
  readonly listen: ListenAddress;
  /** Where metrics and health are told without TLS; where it is absent, metrics are served beside the reviews. */
  readonly plainListen?: ListenAddress;
  readonly tls: TlsSource;
  /** The least that is spoken; TLS 1.2 unless said otherwise. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  readonly judge: JudgeReview;
  readonly deadline?: DeadlinePolicy;
  readonly limits?: ServerLimits;
  /** Why nothing can be judged now, in a word each, such as `policies`; empty where all is there. */
  readonly notReady?: () => readonly string[];
  readonly logger: Logger;
  readonly metrics: AdmissionMetrics;
  readonly clock?: Clock;
  readonly startTimer?: StartTimer;
}

/** A webhook that is served. */
export interface AdmissionServer extends AsyncDisposable {
  readonly address: ListenAddress;
  readonly plainAddress?: ListenAddress;
  /**
   * Stops serving: says that it is not ready, goes on to answer until nobody is sent here any more, and then answers what is under
   * way. A second call waits for the first.
   */
  readonly close: () => Promise<void>;
}

/**
 * Serves reviews over TLS, by HTTP/2 and HTTP/1.1, and follows its certificate without ending a connection.
 *
 * @throws ListenError when an address cannot be had
 */
export async function openAdmissionServer(options: AdmissionServerOptions): Promise<AdmissionServer> {
  const { listen, plainListen, tls, logger, metrics, clock = systemClock } = options;
  const limits = { ...admissionLimits, ...options.limits };
  const minVersion = options.minVersion ?? 'TLSv1.2';
  let isClosing = false;
  const connections = new ServerConnections(limits.connections, (open) => metrics.connected(open));
  const shared: Omit<HandleOptions, 'serves'> = {
    ...limits,
    judge: options.judge,
    queue: new ReviewQueue(limits.judgedAtOnce),
    held: new HeldBytes(limits.heldBytes),
    deadline: options.deadline ?? {},
    startTimer: options.startTimer ?? systemTimer,
    monotonic: () => clock.monotonic(),
    metrics,
    logger,
    notReady: () => [...(options.notReady?.() ?? []), ...(isClosing ? ['closing'] : [])],
    isClosing: () => isClosing,
  };
  const states: readonly AdmissionRoute['kind'][] = ['health', 'ready', 'metrics'];
  const own = new Set<AdmissionRoute['kind']>(['review', 'health', 'ready']);
  if (plainListen === undefined) own.add('metrics');
  const served: HandleOptions = { ...shared, serves: own };
  const server = createTlsServer(contextOf(tls.current(), minVersion), limits, (exchange) => {
    exchange.onClose(connections.begin(exchange));
    void handleRequest(exchange, served);
  });
  connections.watch(server);
  server.on('tlsClientError', (error: Error) => {
    metrics.refused('handshake');
    logger.debug('A handshake failed', { message: error.message });
  });
  const stopFollowing = followCertificate({
    tls,
    serve: (material) => server.setSecureContext(contextOf(material, minVersion)),
    logger,
    metrics,
  });
  const plainServed: HandleOptions = { ...shared, serves: new Set(states) };
  const plain = createPlainServer(limits, (exchange) => void handleRequest(exchange, plainServed));
  await using opening = new AsyncDisposableStack();
  opening.defer(stopFollowing);
  await beginListening(server, listen);
  opening.defer(() => void server.close());
  if (plainListen !== undefined) await beginListening(plain, plainListen);
  opening.move();
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= closeServer({
      server,
      plain: plainListen === undefined ? undefined : plain,
      connections,
      clock,
      drainTime: limits.drainTime,
      closeTime: limits.closeTime,
      begin: () => (isClosing = true),
    }).finally(stopFollowing);
    return closed;
  };
  return {
    address: addressOf(server),
    ...(plainListen === undefined ? {} : { plainAddress: addressOf(plain) }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function contextOf(
  { certificate, key }: TlsMaterial,
  minVersion: NonNullable<SecureContextOptions['minVersion']>,
): SecureContextOptions {
  return { cert: certificate, key, minVersion };
}
