import { localSigner } from '../../src/signing/key/local-signer.ts';
import { generateKeyPair } from '../../src/signing/key/private-key.ts';
import { formatPublicKey } from '../../src/signing/key/public-key-pem.ts';
import { digestHex } from '../../src/oci/digest.ts';
import { openSignatureScene, type SignatureScene } from '../../testing/evidence/signature-scene.ts';
import { signStatement, statementAbout, startTestSigstore } from '../../testing/sigstore.ts';
import { median } from '../measure.ts';
import type { Line } from '../workspace.ts';
import { openAsking } from './ask.ts';
import { verification } from './policies.ts';
import { type BenchFolder, startWebhook } from './program.ts';
import { type SlowRegistry, startSlowRegistry } from './slow-registry.ts';

/** Milliseconds that the registry takes for each request. */
const delay = 20;
const times = 5;

/**
 * The first review of an image whose registry was never asked before, by a webhook that has judged others: each time another registry,
 * with all that comes with that, such as connecting and asking whether it wants a login.
 */
export async function coldBench(folder: BenchFolder): Promise<Line[]> {
  await using opened = new AsyncDisposableStack();
  const sigstore = opened.use(await startTestSigstore());
  const key = localSigner((await generateKeyPair()).privateKey);
  const keyless = { issuer: sigstore.issuers.email, subject: 'dev@example.com', rekor: { url: sigstore.url } };
  const publicKeys = formatPublicKey(key.publicKey);
  const keys = { publicKeys, rekor: { url: 'https://rekor.example', ignoreTlog: true } };
  const forms: Readonly<Record<string, (scene: SignatureScene) => Promise<unknown>>> = {
    'signature at its tag': (scene) => scene.signByTag(key),
    'signature as a referrer': (scene) => scene.signByReferrer(key),
    bundle: (scene) => scene.signByBundle(key),
    'keyless bundle': async (scene) => {
      const bundle: unknown = await signStatement(sigstore, statementAbout(digestHex(scene.digest)));
      scene.attachBundle(Buffer.from(JSON.stringify(bundle)));
    },
  };
  const policies = Object.fromEntries(
    Object.keys(forms).map((form) => {
      const attestor = form === 'keyless bundle' ? { keyless } : { keys };
      return [`${nameOf(form)}.yaml`, JSON.stringify(verification(nameOf(form), [`*/team/app:v1`], attestor))];
    }),
  );
  const lines: Line[] = [];
  for (const [form, sign] of Object.entries(forms)) {
    const file = `${nameOf(form)}.yaml`;
    const start = { policies: { [file]: policies[file] as string }, trustedRoot: sigstore.trustedRoot };
    await using webhook = await startWebhook(folder, start);
    using asking = openAsking(webhook.port, folder.authority);
    const taken: number[] = [];
    let registry: SlowRegistry | undefined;
    // The first is what makes it warm.
    for (let at = 0; at <= times; at += 1) {
      const scene = opened.use(await openSignatureScene());
      await sign(scene);
      registry = opened.use(await startSlowRegistry(scene.registry.host, delay));
      const time = await asking.ask([`${registry.host}/team/app:v1`]);
      if (at > 0) taken.push(time);
    }
    const { length } = registry?.requests ?? [];
    const isBar = form !== 'keyless bundle';
    const slowest = Math.max(...taken);
    lines.push({
      label: `cold, ${form}`,
      value: `${length} requests, median ${median(taken).toFixed(0)} ms, slowest ${slowest.toFixed(0)} ms`,
      ...(isBar ? { bar: `≤ 4 requests, ≤ 300 ms at ${delay} ms each`, met: length <= 4 && slowest <= 300 } : {}),
    });
  }
  return lines;
}

function nameOf(form: string): string {
  return form.replaceAll(' ', '-');
}
