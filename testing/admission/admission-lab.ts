import { Registry } from 'prom-client';
import { AdmissionMetrics } from '../../src/admission/metrics.ts';
import { imageLimits } from '../../src/admission/image/limits.ts';
import type { AdmissionSettings } from '../../src/admission/service/model.ts';
import { type Admission, type AdmissionParts, openAdmission } from '../../src/admission/service/open-admission.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { KubernetesClient } from '../../src/kubernetes/client.ts';
import { type Clock, systemClock } from '../../src/net/clock.ts';
import { openNetwork } from '../../src/net/open-network.ts';
import { usualNaming } from '../../src/policy/kyverno/image-name.ts';
import { strictStyle } from '../../src/policy/kyverno/style.ts';
import { makeCertificate } from '../registry/certificate.ts';
import { noClouds } from '../no-clouds.ts';
import { ownTls } from './own-server.ts';

/** The authority that webhooks of tests are known by. */
const authority = makeCertificate('Admission CA');

/** A webhook that judges, on loopback. */
export interface AdmissionLab extends AsyncDisposable {
  readonly admission: Admission;
  /** PEM of what signed its certificate. */
  readonly authority: string;
  readonly port: number;
  /** Puts policies in the place of all before; throws where they are wrong. */
  policies(...texts: readonly string[]): Promise<void>;
}

/** Where a test has something else. */
export interface AdmissionLabOptions {
  readonly settings?: Partial<AdmissionSettings>;
  readonly parts?: Partial<AdmissionParts>;
  readonly client?: KubernetesClient;
  readonly clock?: Clock;
  /** Of its certificate. */
  readonly dnsNames?: readonly string[];
  readonly cacheFolder: string;
}

/** Starts one. */
export async function startAdmissionLab(options: AdmissionLabOptions): Promise<AdmissionLab> {
  const { clock = systemClock, dnsNames = ['localhost', 'webhook.default.svc'], cacheFolder } = options;
  await using opened = new AsyncDisposableStack();
  const network = opened.use(openNetwork({ clock }));
  const { cert, key } = makeCertificate('webhook', { issuer: authority, dnsNames, ips: ['127.0.0.1'] });
  const settings: AdmissionSettings = {
    listen: { host: '127.0.0.1', port: 0 },
    kyverno: { style: strictStyle, naming: usualNaming, namespace: 'kyverno' },
    logKeys: false,
    platforms: [{ os: 'linux', architecture: 'amd64' }],
    pullSecrets: [],
    providers: [],
    // Registries of tests are on loopback.
    reach: { allow: ['127.0.0.1', 'localhost'].map((host) => ({ host, port: undefined })), deny: [], refuse: [] },
    exceptNamespaces: ['kube-system'],
    times: imageLimits,
    cacheFolder,
    ...options.settings,
  };
  const admission = opened.use(
    await openAdmission(settings, {
      tls: ownTls({ certificate: cert, key, expires: Date.now() + 86_400_000 }),
      network,
      machine: { find: () => Promise.resolve(undefined) },
      clouds: noClouds,
      keyDeps: {
        env: {},
        network,
        openNetwork: () => network,
        readFile: () => Promise.reject(new Error('no files')),
        password: () => Promise.resolve(Buffer.alloc(0)),
        now: () => new Date(clock.now()),
      },
      metrics: new AdmissionMetrics(new Registry()),
      clock,
      logger: silentLogger,
      limits: { drainTime: 0 },
      ...(options.client === undefined ? {} : { client: options.client }),
      ...options.parts,
    }),
  );
  const held = opened.move();
  return {
    admission,
    authority: authority.cert,
    port: admission.server.address.port,
    async policies(...texts) {
      const { mistakes } = await admission.policies.replace(texts.map((text, at) => ({ file: `${at}.yaml`, text })));
      const [first] = mistakes;
      if (first !== undefined) throw new Error(`${first.file}:${first.line}: ${first.path} ${first.sentence}`);
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
