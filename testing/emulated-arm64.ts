import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, needsProgram } from './registry/find-program.ts';

/** Where Debian's cross packages (`libc6-arm64-cross` and its like) have the libraries of arm64. */
const libraries = '/usr/aarch64-linux-gnu';
const wanted: readonly string[] = [
  'ld-linux-aarch64.so.1',
  'libc.so.6',
  'libstdc++.so.6',
  'libgcc_s.so.1',
  'libatomic.so.1',
];

/** Programs of arm64: ELF, 64 bits, little-endian, of any ABI, executable or position-independent, machine 183 (ELF header, `e_ident` to `e_machine`). */
const magic = String.raw`\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00`;
const mask = String.raw`\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff`;

/** A command line. */
export interface EmulatedCommand {
  readonly file: string;
  readonly args: readonly string[];
}

/**
 * How a program of 64-bit ARM is run here, and all that it starts itself: the kernel hands both to QEMU, in a user namespace of this one
 * command (binfmt_misc of namespaces, Linux 6.7), so nothing is registered outside of it. The command becomes the program: same process.
 * What QEMU is told of libraries stands in a script of the namespace, since processes with variables of their own have to find them too.
 */
export function onArm64(program: string, args: readonly string[]): EmulatedCommand {
  const mount = findProgram('mount');
  const script = String.raw`set -e
${mount} -t tmpfs none /mnt
printf '#!/bin/sh\nexec ${findProgram('qemu-aarch64')} -L ${libraries} "$@"\n' > /mnt/arm64
/bin/chmod +x /mnt/arm64
${mount} -t binfmt_misc none /proc/sys/fs/binfmt_misc
printf '%s' ':arm64:M::${magic}:${mask}:/mnt/arm64:' > /proc/sys/fs/binfmt_misc/register
exec "$@"`;
  const namespaces = ['--user', '--map-root-user', '--mount'];
  return {
    file: findProgram('unshare') as string,
    args: [...namespaces, '/bin/sh', '-c', script, 'sh', program, ...args],
  };
}

/** Options for a test that runs programs of arm64: skips with the reason where that cannot be done. */
export function needsArm64(): { readonly skip: string | false } {
  if (process.platform !== 'linux') return { skip: 'only Linux hands programs of other machines to an emulator' };
  const programs = needsProgram('qemu-aarch64', 'unshare', 'mount');
  if (programs.skip !== false) return programs;
  const missing = wanted.filter((name) => !existsSync(join(libraries, 'lib', name)));
  if (missing.length > 0) return { skip: `${libraries} lacks ${missing.join(', ')}` };
  const { file, args } = onArm64('/bin/true', []);
  const { status, stderr } = spawnSync(file, args, { encoding: 'utf8' });
  return { skip: status === 0 ? false : `the kernel gives a namespace no binfmt_misc: ${stderr.trim()}` };
}
