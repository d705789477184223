/** Bytes that tell a program. */
export const programMagicSize = 4;

/** True for the first bytes of ELF, PE (MZ) and Mach-O, thin and fat, in both byte orders. */
export function isProgram(head: Buffer): boolean {
  if (head.length < programMagicSize) return false;
  const magic = head.readUInt32BE(0);
  return (
    magic === 0x7f454c46 ||
    magic >>> 16 === 0x4d5a ||
    magic === 0xfeedface ||
    magic === 0xfeedfacf ||
    magic === 0xcefaedfe ||
    magic === 0xcffaedfe ||
    magic === 0xcafebabe ||
    magic === 0xcafebabf
  );
}
