import { printableJson } from '../../base/printable-json.ts';
import { parseBundle } from '../../signing/bundle/parse.ts';
import { signingLimits } from '../../signing/limits.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { describeEntity } from '../signing/describe-entity.ts';
import { readInput } from '../signing/read-input.ts';

/** `bundle inspect`: says what is in a bundle, of which nothing is verified. */
export async function bundleInspectCommand(path: string, host: Host): Promise<number> {
  const bytes = await readInput(path, signingLimits.attachmentBytes, 'the bundle', host);
  const entity = parseBundle(bytes, { allowCertificateChain: true });
  await host.stdout.write(`${printableJson(describeEntity(entity))}\n`);
  return exitCode.ok;
}
