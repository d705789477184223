/** The services of a sigstore; faults name them. */
export type ServiceName = 'oidc' | 'fulcio' | 'rekor-v1' | 'rekor-v2' | 'tsa' | 'tuf';

/** What a service can be told to make wrong while it answers as if all were well. */
export const spoils = {
  'fulcio.expired-leaf': 'a certificate whose time was over an hour ago',
  'fulcio.future-leaf': 'a certificate whose time begins in an hour',
  'fulcio.expired-intermediate': 'a certificate under an intermediate whose time is over',
  'fulcio.other-authority': 'a certificate of an authority that nobody trusts',
  'fulcio.wrong-signature': 'a certificate that its issuer did not sign',
  'fulcio.other-key': 'a certificate for another key than the one asked for',
  'fulcio.no-intermediate': 'a chain without its intermediate',
  'fulcio.no-sct': 'a certificate that no log has seen',
  'fulcio.wrong-sct': 'a log promise that another key signed',
  'fulcio.empty-sct-list': 'a list of log promises with nothing in it',
  'fulcio.two-scts': 'the same log promise twice',
  'fulcio.no-extended-usage': 'a certificate without extended key usage',
  'fulcio.server-usage': 'a certificate for TLS servers',
  'fulcio.authority-leaf': 'a leaf that says it is an authority',
  'fulcio.unknown-critical': 'a critical extension that nobody knows',
  'fulcio.no-name': 'a certificate that names nobody',
  'fulcio.two-names': 'a certificate with a second name',
  'fulcio.dns-name': 'a certificate for the name of a host',
  'fulcio.no-issuer': 'a certificate that does not say who vouched',
  'fulcio.protocol': 'an answer that is no certificate',
  'rekor.wrong-promise': 'a signed entry timestamp that another key signed',
  'rekor.no-promise': 'an entry without a signed entry timestamp',
  'rekor.wrong-index': 'an index that is one too high',
  'rekor.wrong-proof': 'an inclusion proof with a changed hash',
  'rekor.wrong-root': 'an inclusion proof of another root than the checkpoint',
  'rekor.wrong-checkpoint': 'a checkpoint that another key signed',
  'rekor.no-proof': 'an entry without an inclusion proof',
  'rekor.wrong-log': 'the id of another log',
  'rekor.other-body': 'the body of an entry about something else, rightly in the log',
  'rekor.future-time': 'an entry of tomorrow',
  'rekor.past-time': 'an entry of yesterday',
  'rekor.no-etag': 'an answer that does not name the entry in its headers',
  'rekor.protocol': 'an answer that is no entry',
  'tsa.wrong-signature': 'a timestamp that another key signed',
  'tsa.wrong-imprint': 'a timestamp of something else',
  'tsa.wrong-nonce': 'another nonce than the one asked for',
  'tsa.no-nonce': 'no nonce where one was asked for',
  'tsa.rejection': 'a response that says no',
  'tsa.expired-chain': 'a certificate whose time was over before the timestamp',
  'tsa.no-usage': 'a certificate that is not for timestamps',
  'tsa.other-authority': 'an authority that nobody trusts',
  'tsa.future-time': 'a timestamp of tomorrow',
  'tsa.past-time': 'a timestamp of yesterday',
  'tsa.protocol': 'an answer that is no timestamp',
  'oidc.expired': 'a token whose time is over',
  'oidc.wrong-audience': 'a token for somebody else',
  'oidc.wrong-nonce': 'a token for another login',
  'oidc.wrong-signature': 'a token that another key signed',
  'oidc.unverified-email': 'a token whose address nobody checked',
  'tuf.expired-timestamp': 'metadata whose time is over',
  'tuf.wrong-signature': 'metadata that another key signed',
  'tuf.wrong-target': 'a target that is not what the metadata say',
} as const;

/** Names one way to be wrong. */
export type Spoil = keyof typeof spoils;

/** One thing that goes wrong, and how often; for ever where `times` is absent. */
export type Fault = { readonly times?: number } & (
  | { readonly kind: 'spoil'; readonly what: Spoil }
  /** Answers with a status in place of the work. */
  | {
      readonly kind: 'status';
      readonly service: ServiceName;
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      readonly path?: string;
    }
  | { readonly kind: 'delay'; readonly service: ServiceName; readonly ms: number; readonly path?: string }
  /** Breaks the connection before any answer. */
  | { readonly kind: 'drop'; readonly service: ServiceName; readonly path?: string }
  /** Never answers. */
  | { readonly kind: 'hang'; readonly service: ServiceName; readonly path?: string }
);

/** A fault of the way, not of what is sent. */
export type TransportFault = Exclude<Fault, { kind: 'spoil' }>;

/** Which faults are due. Tests add to it and clear it while the services run. */
export class FaultPlan {
  #left: { readonly fault: Fault; times: number }[] = [];

  constructor(faults: readonly Fault[] = []) {
    this.add(...faults);
  }

  add(...faults: readonly Fault[]): void {
    this.#left.push(...faults.map((fault) => ({ fault, times: fault.times ?? Number.POSITIVE_INFINITY })));
  }

  clear(): void {
    this.#left = [];
  }

  /** Whether something is to be spoilt now; counts it. */
  spoils(what: Spoil): boolean {
    return this.#take((fault) => fault.kind === 'spoil' && fault.what === what) !== undefined;
  }

  /** The next fault of the way to a service; counts it. */
  transport(service: ServiceName, path: string): TransportFault | undefined {
    return this.#take(
      (fault) => fault.kind !== 'spoil' && fault.service === service && path.includes(fault.path ?? ''),
    ) as TransportFault | undefined;
  }

  #take(isDue: (fault: Fault) => boolean): Fault | undefined {
    const found = this.#left.find(({ fault, times }) => times > 0 && isDue(fault));
    if (found !== undefined) found.times -= 1;
    return found?.fault;
  }
}
