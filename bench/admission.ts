import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueAuthority, issueLeaf } from '../src/admission/certificates/issue.ts';
import { defaultLifetimes } from '../src/admission/certificates/model.ts';
import { burstBench } from './admission/burst.ts';
import { coldBench } from './admission/cold.ts';
import { memoryBench } from './admission/memory.ts';
import { outageBench } from './admission/outage.ts';
import { podReview } from './admission/pod-review.ts';
import { type BenchFolder, buildProgram } from './admission/program.ts';
import { rolloutBench } from './admission/rollout.ts';
import { openSignedImages, type SignedImages } from './admission/signed-images.ts';
import { pacedBench, unpacedBench } from './admission/speed.ts';
import type { Line } from './workspace.ts';

/** Some alone: SEAWORTHY_BENCH_PARTS, as `cold,burst`. */
const parts: Readonly<Record<string, (folder: BenchFolder, images: SignedImages) => Promise<readonly Line[]>>> = {
  paced: pacedBench,
  unpaced: unpacedBench,
  cold: coldBench,
  burst: burstBench,
  rollout: rolloutBench,
  outage: outageBench,
  memory: memoryBench,
};

/**
 * The webhook as it is published, with 18 rules and images that are really signed, beside a bare HTTPS server of Node that answers the
 * same without looking. Load comes from a process on the same machine, over TLS and kept connections.
 */
export async function admissionBench(): Promise<readonly Line[]> {
  const wanted = process.env['SEAWORTHY_BENCH_PARTS']?.split(',') ?? Object.keys(parts);
  const path = mkdtempSync(join(tmpdir(), 'seaworthy-bench-'));
  try {
    const lines: Line[] = [
      { label: 'load of the machine before', value: (loadavg()[0] ?? 0).toFixed(2) },
      { label: 'size of a review', value: `${podReview().length} bytes` },
    ];
    const folder = { path, authority: writeCertificates(path) };
    await buildProgram(path);
    await using images = await openSignedImages();
    for (const name of wanted) lines.push(...((await parts[name]?.(folder, images)) ?? []));
    return lines;
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

function writeCertificates(folder: string): string {
  const authority = issueAuthority(Date.now(), defaultLifetimes);
  const leaf = issueLeaf(authority, { dnsNames: ['localhost'] }, Date.now(), defaultLifetimes);
  writeFileSync(join(folder, 'ca.crt'), authority.certificate);
  writeFileSync(join(folder, 'tls.crt'), leaf.certificate);
  writeFileSync(join(folder, 'tls.key'), leaf.key, { mode: 0o600 });
  return authority.certificate;
}
