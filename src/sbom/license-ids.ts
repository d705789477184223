import deprecatedIds from 'spdx-license-ids/deprecated.json' with { type: 'json' };
import currentIds from 'spdx-license-ids/index.json' with { type: 'json' };

/** Deprecated ids that end in `+`: the list has them, the package of ids leaves them to the grammar's operator. */
const plusIds = ['GPL-1.0+', 'GPL-2.0+', 'GPL-3.0+', 'LGPL-2.0+', 'LGPL-2.1+', 'LGPL-3.0+'];

/** Ids of the SPDX License List after version 3.28, the one that CycloneDX 1.6's `spdx.schema.json` enumerates. */
const newerIds: ReadonlySet<string> = new Set([
  'BSD-2-Clause-pos-unchanged',
  'BSD-3-Clause-OpenWebUI',
  'BSD-Source-Code-no-disclaimer',
  'BSD-Source-alt-GPL',
  'BSD-ask-to-endorse',
  'Brian-Gladman-3-Clause-no-conversion',
  'Bugroff',
  'CC-BY-NC-3.0-IGO',
  'FDK-MPEG-H',
  'Hippocratic-3.0-core',
  'Informatica',
  'MVT-1.1',
  'atc-game',
]);

const idsByLower: ReadonlyMap<string, string> = new Map(
  [...currentIds, ...deprecatedIds, ...plusIds].map((id) => [id.toLowerCase(), id]),
);

/** Exceptions of the SPDX License List that stand after `WITH`. */
const exceptionsByLower: ReadonlyMap<string, string> = new Map(
  [
    '389-exception',
    'Asterisk-exception',
    'Asterisk-linking-protocols-exception',
    'Autoconf-exception-2.0',
    'Autoconf-exception-3.0',
    'Autoconf-exception-generic',
    'Autoconf-exception-generic-3.0',
    'Autoconf-exception-macro',
    'Bison-exception-1.24',
    'Bison-exception-2.2',
    'Bootloader-exception',
    'CGAL-linking-exception',
    'CLISP-exception-2.0',
    'Classpath-exception-2.0',
    'Classpath-exception-2.0-short',
    'DigiRule-FOSS-exception',
    'Digia-Qt-LGPL-exception-1.1',
    'FLTK-exception',
    'Fawkes-Runtime-exception',
    'Font-exception-2.0',
    'GCC-exception-2.0',
    'GCC-exception-2.0-note',
    'GCC-exception-3.1',
    'GNAT-exception',
    'GNOME-examples-exception',
    'GNU-compiler-exception',
    'GPL-3.0-389-ds-base-exception',
    'GPL-3.0-interface-exception',
    'GPL-3.0-linking-exception',
    'GPL-3.0-linking-source-exception',
    'GPL-CC-1.0',
    'GStreamer-exception-2005',
    'GStreamer-exception-2008',
    'Gmsh-exception',
    'Independent-modules-exception',
    'KiCad-libraries-exception',
    'LGPL-3.0-linking-exception',
    'LLGPL',
    'LLVM-exception',
    'LZMA-exception',
    'Libtool-exception',
    'Linux-syscall-note',
    'Nokia-Qt-exception-1.1',
    'OCCT-exception-1.0',
    'OCaml-LGPL-linking-exception',
    'OpenJDK-assembly-exception-1.0',
    'PCRE2-exception',
    'PS-or-PDF-font-exception-20170817',
    'QPL-1.0-INRIA-2004-exception',
    'Qt-GPL-exception-1.0',
    'Qt-LGPL-exception-1.1',
    'Qwt-exception-1.0',
    'RRDtool-FLOSS-exception-2.0',
    'SANE-exception',
    'SHL-2.0',
    'SHL-2.1',
    'SWI-exception',
    'Simple-Library-Usage-exception',
    'Swift-exception',
    'Texinfo-exception',
    'UBDL-exception',
    'Universal-FOSS-exception-1.0',
    'WxWindows-exception-3.1',
    'cryptsetup-OpenSSL-exception',
    'eCos-exception-2.0',
    'erlang-otp-linking-exception',
    'fmt-exception',
    'freertos-exception-2.0',
    'gnu-javamail-exception',
    'harbour-exception',
    'i2p-gpl-java-exception',
    'kvirc-openssl-exception',
    'libpri-OpenH323-exception',
    'mif-exception',
    'mxml-exception',
    'openvpn-openssl-exception',
    'polyparse-exception',
    'romic-exception',
    'rsync-linking-exception',
    'sqlitestudio-OpenSSL-exception',
    'stunnel-exception',
    'u-boot-exception-2.0',
    'vsftpd-openssl-exception',
    'x11vnc-openssl-exception',
  ].map((id) => [id.toLowerCase(), id]),
);

/** The SPDX spelling of a licence id, which is compared without case (SPDX 2.3, annex D.2). */
export function spdxLicenseId(text: string): string | undefined {
  return idsByLower.get(text.toLowerCase());
}

/** The SPDX spelling of a licence exception. */
export function spdxExceptionId(text: string): string | undefined {
  return exceptionsByLower.get(text.toLowerCase());
}

/** True when CycloneDX 1.6 accepts the id as `license.id`; others must be written as names. */
export function isCycloneDxLicenseId(id: string): boolean {
  return idsByLower.get(id.toLowerCase()) === id && !newerIds.has(id);
}
