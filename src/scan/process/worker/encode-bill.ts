import { encodeCycloneDx } from '../../../sbom/cyclonedx/encode.ts';
import { documentOfReport } from '../../../sbom/from-inventory.ts';
import { unpack } from './pack.ts';
import type { BillTask, KeptInventory } from './tasks.ts';

/** The bill of materials of an image that was scanned before, in CycloneDX. The same inventory gives the same bytes. */
export async function encodeBill(
  packed: Uint8Array,
  { version, signature }: Pick<BillTask, 'version' | 'signature'>,
): Promise<Uint8Array> {
  const { artifact, inventory } = JSON.parse((await unpack(packed)).toString('utf8')) as KeptInventory;
  // What is read twice must be the same document, so no clock tells its time.
  const createdAt = new Date(0).toISOString();
  const tool = { name: 'seaworthy', version };
  const document = documentOfReport({ artifact, inventory, createdAt }, { tool, scanSignature: signature });
  return Buffer.from(encodeCycloneDx(document));
}
