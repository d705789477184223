import { openSignatureScene } from '../evidence/signature-scene.ts';
import { temporaryDirectory } from '../image/temporary-directory.ts';
import { movedClock } from '../moved-clock.ts';
import { localSigner } from '../../src/signing/key/local-signer.ts';
import { generateKeyPair } from '../../src/signing/key/private-key.ts';
import { startAdmissionLab } from './admission-lab.ts';
import { podOfImages, verifyPolicy } from './admission-scene.ts';
import { openClient } from './review-client.ts';

/** What came of a registry that answers 429 for a while. */
export interface OutageResult {
  /** Reviews of the image that was verified before, and those of them that were denied. */
  readonly asked: number;
  readonly denied: number;
  /** What was told of the image that was verified when it was let in, each once. */
  readonly warnings: readonly string[];
  /** What was told of the image that never was, each once. */
  readonly reasons: readonly string[];
  /** When the registry was asked meanwhile, in milliseconds since it began to refuse. */
  readonly requests: readonly number[];
  /** Whether the image that was never verified is let in once the registry answers again. */
  readonly recovers: boolean;
}

/** How long, and how often. Times in milliseconds. */
export interface Outage {
  readonly lasts: number;
  /** Between two reviews of each image. */
  readonly every: number;
  /** What the registry says in `Retry-After`, in seconds; absent where it says nothing. */
  readonly retryAfter?: number;
  /** How long before it begins the first image was verified. */
  readonly age: number;
}

interface Answer {
  readonly allowed: boolean;
  readonly warnings?: readonly string[];
  readonly status?: { readonly message: string };
}

/**
 * Has a webhook judge two signed images while their registry refuses: one that was verified before, and one that never was. The clock is
 * moved by hand, so that minutes take no time.
 */
export async function runOutage({ lasts, every, retryAfter, age }: Outage): Promise<OutageResult> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryDirectory());
  const scene = opened.use(await openSignatureScene());
  const { registry } = scene;
  const clock = movedClock();
  const lab = opened.use(await startAdmissionLab({ cacheFolder: folder.path, clock }));
  const key = localSigner((await generateKeyPair()).privateKey);
  const policy = verifyPolicy({ key, references: [`${registry.host}/team/*`] });
  await lab.policies(JSON.stringify(policy));
  await scene.signByTag(key);
  const client = opened.use(openClient('HTTP/2', lab.port, lab.authority));
  const ask = async (name: string): Promise<Answer> => {
    const body = reviewOf(`${registry.host}/${name}`);
    const { body: text } = await clock.until(client.send({ path: '/mutate/fail?timeout=10s', body }));
    return (JSON.parse(text) as { readonly response: Answer }).response;
  };
  const known = 'team/app:v1';
  // Whatever is there of it, its name alone cannot be looked up.
  const fresh = 'team/app:v2';
  const manifest = registry.store.manifest('team/app', 'v1');
  if (manifest === undefined || !(await ask(known)).allowed) throw new Error('What is signed is let in at first');
  registry.store.putManifest('team/app', 'v2', manifest.mediaType, manifest.bytes);
  await clock.move(age);
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  registry.faults.add({ kind: 'status', status: 429, headers, path: '/v2/team/' });
  const begun = clock.now();
  const requests: number[] = [];
  let seen = registry.requests.length;
  let [asked, denied] = [0, 0];
  const warnings = new Set<string>();
  const reasons = new Set<string>();
  while (clock.now() - begun < lasts) {
    const one = await ask(known);
    asked += 1;
    if (!one.allowed) denied += 1;
    for (const warning of one.warnings ?? []) warnings.add(warning);
    const other = await ask(fresh);
    if (other.allowed) throw new Error('What was never verified was let in');
    reasons.add(other.status?.message ?? '');
    await clock.move(every);
    for (; seen < registry.requests.length; seen += 1) requests.push(clock.now() - begun);
  }
  registry.faults.clear();
  await clock.move(600_000);
  const { allowed: recovers } = await ask(fresh);
  return { asked, denied, warnings: [...warnings], reasons: [...reasons], requests, recovers };
}

function reviewOf(image: string): Buffer {
  const pod = podOfImages('web', [image]);
  const kind = { group: '', version: 'v1', kind: 'Pod' };
  const request = {
    uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
    kind,
    resource: { group: '', version: 'v1', resource: 'pods' },
    name: 'web',
    namespace: 'default',
    operation: 'CREATE',
    userInfo: { username: 'alice', groups: [] },
    object: pod,
  };
  return Buffer.from(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request }));
}
