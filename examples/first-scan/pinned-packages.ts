/** A package that a scan of the image is to list. */
export interface HeldPackage {
  /** As OSV names it. */
  readonly ecosystem: 'npm' | 'Go' | 'Maven';
  readonly name: string;
  readonly version: string;
}

/** A release of an npm package, as it was when this was written. */
export interface PinnedRelease {
  readonly name: string;
  readonly version: string;
  /** Subresource Integrity of the tarball, as lock files write it. */
  readonly integrity: string;
}

/** One package release that goes into the image. */
export interface PinnedPackage extends PinnedRelease {
  /** Folder of the image that the tarball is unpacked into. */
  readonly into: string;
  /** The packages with known flaws that the tarball holds, itself or inside its files. */
  readonly holds: readonly HeldPackage[];
}

/**
 * Old releases with public flaws, so that a scan has something to find: libraries of an application, a program written
 * in Go, and a Java archive that other archives were merged into.
 */
export const pinnedPackages: readonly PinnedPackage[] = [
  library(
    'axios',
    '0.21.0',
    'sha512-fmkJBknJKoZwem3/IKSSLpkdNXZeBu5Q7GA/aRsr2btgrptmSCxi2oFjZHqGdK9DoTil9PIHlPIZw2EcRJXRvw==',
  ),
  library(
    'json5',
    '2.2.1',
    'sha512-1hqLFMSrGHRHxav9q9gNjJ5EXznIxGVO09xQRrwplcS8qs28pZ8s8hupZAmqDwZUmVZ2Qb2jnyPOWcDH8m8dlA==',
  ),
  library(
    'lodash',
    '4.17.20',
    'sha512-PlhdFcillOINfeV7Ni6oF1TAEayyZBoZ8bcshTHqOYJYlrqzRK5hagpagky5o4HfCzzd1TRkXPMFq6cKk9rGmA==',
  ),
  library(
    'minimist',
    '1.2.5',
    'sha512-FM9nNUYrRBAELZQT3xeZQ7fmMOBg6nWNmJKTcgsJeaLstP/UODVpGsr5OhXhhXg6f+qtJ8uiZ+PUxkDWcgIXLw==',
  ),
  library(
    'qs',
    '6.5.2',
    'sha512-N5ZAX4/LxJmF+7wN74pUD6qAh9/wnvdQcjq9TZjevvXzSUo7bfmw91saqMjzGS2xq91/odN2dW/WOl7qQHNDGA==',
  ),
  library(
    'semver',
    '7.3.7',
    'sha512-QlYTucUYOews+WeEujDoEGziz4K6c47V/Bd+LjSSYcA94p+DmINdf7ncaUinThfvZyu13lN9OY1XDxt8C0Tw0g==',
  ),
  library(
    'systeminformation',
    '5.3.0',
    'sha512-pNvwU7Oray7xNkS+WOH+FE8Aks8BQ2sV8zwUiZQq97C3Co7oJVnOrgvAJwSwRlIdQTIBbe+0HZLaRrY8pdXsVw==',
  ),
  {
    name: 'esbuild-linux-64',
    version: '0.14.0',
    integrity: 'sha512-7buo31kp1/yKWPm9vU44FEUwkeIROrIgnCDV9KLMLSbOjGEHBZXYJ2L0p4ZnB7Z+m5YiW7F/AfJu0/1E87nOeQ==',
    into: 'opt/esbuild',
    holds: [
      { ecosystem: 'Go', name: 'stdlib', version: '1.17.2' },
      { ecosystem: 'Go', name: 'golang.org/x/sys', version: '0.0.0-20210908233432-aa78b53d3365' },
    ],
  },
  {
    name: 'google-closure-compiler',
    version: '20161201.0.0',
    integrity: 'sha512-dBkqMkQvLRxAdISa3QV+VCFWLLOBYZKk28ix5chQQzEage7Tl2i/1rt0atH3q3Ko9IUiCzPZ913HuhcKueCYBw==',
    into: 'opt/closure-compiler',
    holds: [
      { ecosystem: 'Maven', name: 'com.google.code.gson:gson', version: '2.7' },
      { ecosystem: 'Maven', name: 'com.google.protobuf:protobuf-java', version: '3.0.2' },
    ],
  },
];

function library(name: string, version: string, integrity: string): PinnedPackage {
  const holds: readonly HeldPackage[] = [{ ecosystem: 'npm', name, version }];
  return { name, version, integrity, into: `srv/app/node_modules/${name}`, holds };
}
