/** Magic numbers of Mach-O read in big-endian order (`mach-o/loader.h`, `mach-o/fat.h`). */
export const machoMagic32 = 0xfe_ed_fa_ce;
export const machoMagic64 = 0xfe_ed_fa_cf;
export const fatMagic = 0xca_fe_ba_be;
export const fatMagic64 = 0xca_fe_ba_bf;

const elfMagic = 0x7f_45_4c_46;
const swappedMachoMagic32 = 0xce_fa_ed_fe;
const swappedMachoMagic64 = 0xcf_fa_ed_fe;

/**
 * Java class files share the magic of fat Mach-O; where that counts its architectures, they have their version, of
 * which none is below 45.
 */
const mostArchitectures = 40;

/** The format that the first bytes of a file announce; `dos` stands for PE and for DOS programs, which look alike. */
export type ExecutableMagic = 'elf' | 'dos' | 'macho';

/** Names the format by a file's first bytes: 4 suffice for all but fat Mach-O, which needs 8. */
export function executableMagic(head: Buffer): ExecutableMagic | undefined {
  if (head.length < 4) return undefined;
  switch (head.readUInt32BE(0)) {
    case elfMagic:
      return 'elf';
    case machoMagic32:
    case machoMagic64:
    case swappedMachoMagic32:
    case swappedMachoMagic64:
      return 'macho';
    case fatMagic:
    case fatMagic64:
      return isFat(head) ? 'macho' : undefined;
    default:
      return head[0] === 0x4d && head[1] === 0x5a ? 'dos' : undefined;
  }
}

/** True when a file that starts so may be a program; pass 8 bytes or more. */
export function isExecutableMagic(head: Buffer): boolean {
  return executableMagic(head) !== undefined;
}

function isFat(head: Buffer): boolean {
  if (head.length < 8) return false;
  const count = head.readUInt32BE(4);
  return count > 0 && count <= mostArchitectures;
}
