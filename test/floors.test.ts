import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import test from 'node:test';

const root = join(import.meta.dirname, '..');
const src = join(root, 'src');

/** Lowest first. A folder imports from lower floors and from itself. */
const floors: readonly (readonly string[])[] = [
  ['base', 'codec', 'lang', 'net'],
  ['oci', 'package', 'version', 'finding', 'kubernetes', 'cloud'],
  ['rootfs', 'sbom', 'advisory', 'lifecycle', 'vulndb', 'signing', 'store', 'workload'],
  ['catalog', 'misconfig', 'secret', 'license', 'match', 'policy', 'report'],
  ['scan', 'evidence'],
  ['registry', 'admission', 'cluster', 'egress', 'sigstore-dev'],
  ['cli'],
];

/** Imports between folders of one floor that are allowed, each with its reason. */
const exceptions: Readonly<Record<string, string>> = {
  'codec -> base': 'errors and limits are the alphabet of every reader',
  'net -> base': 'errors, progress and text are the alphabet of every part',
  'lang -> base': 'errors are the alphabet of every reader',
  'cloud -> oci': 'what a cloud gives for its registries are credentials as keychains have them',
  'package -> oci': 'a package names the layer that brought it by its DiffId',
  'finding -> package': 'a finding is about a package',
  'finding -> oci': 'a scan report names the image that was scanned',
};

/** What only some folders may touch, by what their source says. */
const privileges: readonly { readonly what: RegExp; readonly name: string; readonly allowed: RegExp }[] = [
  { what: /from 'node:sqlite'/, name: 'node:sqlite', allowed: /^(store|vulndb|codec\/rpm-database)\// },
  { what: /from 'pg(?:-boss)?'/, name: 'PostgreSQL', allowed: /^store\// },
  {
    what: /(?:from |import\()'(?:node:)?(?:https?|http2|net|tls|dns(?:\/promises)?|undici)'/,
    name: 'sockets',
    // sigstore-dev listens on loopback: it is the services that signing talks to, for tests and for a user's desk.
    // A process that scans is handed one end of a socket by whoever started it, and opens none.
    allowed:
      /^(?:(?:net|registry|admission|cluster\/operator\/serve|sigstore-dev\/http)\/|scan\/process\/worker\/main\.ts$)/,
  },
  // Servers stand in several folders, and none of them asks others by itself: what goes out goes through one door.
  {
    what: /\bimport (?!type\b)(?:[^;]*[{,\s](?<!type )(?:connect|createConnection|request|get|Agent|lookup|resolve\w*|Resolver|promises|Socket|TLSSocket|ClientRequest)[\s,}][^;]*|(?:\* as )?\w+(?:, \{[^;]*)? )from 'node:(?:https?|http2|net|tls|dns)(?:\/promises)?';|\bimport\('node:(?:https?|http2|net|tls|dns)(?:\/promises)?'\)/,
    name: 'client connections',
    // A process that scans is handed an open socket by its number, and puts an object around it.
    allowed: /^(?:net\/|registry\/auth\/ldap\/open-socket\.ts$|scan\/process\/worker\/main\.ts$)/,
  },
  // Processes that serve together are started and kept in one place.
  { what: /from 'node:cluster'/, name: 'node:cluster', allowed: /^registry\/workers\// },
  // A directory is asked in no HTTP, and the connections carry users' passwords.
  { what: /from 'ldapts'/, name: 'ldapts', allowed: /^registry\/auth\/ldap\// },
  // Behind a proxy, every client has the same: whoever tells clients apart asks where a request comes from. Connections are told apart by it.
  {
    what: /\bremoteAddress\b/,
    name: 'the address of a connection',
    allowed: /^(?:registry\/http\/(?:client-origin|connections)|admission\/server\/connections)\.ts$/,
  },
  // It takes longer to load than most commands to run: what reads a form loads its schema, and nothing else does.
  {
    what: /^import (?!type\b)[^;]*from 'zod';/m,
    name: 'zod',
    allowed: /(?:^|\/)schema\.ts$|^policy\/seaworthy\/requirement\/with-common\.ts$/,
  },
  { what: /(?<![.\w])fetch\(/, name: 'fetch()', allowed: /^net\// },
  { what: /process\.(?:argv|env|stdout|stderr|exit|exitCode)\b/, name: 'the process', allowed: /^cli\// },
];

function sources(): { readonly path: string; readonly text: string }[] {
  return readdirSync(src, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: relative(src, path), text: readFileSync(path, 'utf8') }));
}

function floorOf(folder: string): number {
  return floors.findIndex((floor) => floor.includes(folder));
}

function importsOf(path: string, text: string): string[] {
  const found = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => match[1] as string);
  return found.map((target) => relative(src, resolve(src, dirname(path), target)));
}

test('every folder of src stands on a floor', () => {
  const folders = readdirSync(src, { withFileTypes: true }).map((entry) => entry.name);
  assert.deepEqual(
    folders.filter((folder) => floorOf(folder) < 0),
    [],
  );
});

test('imports go down, never up or sideways', () => {
  const broken: string[] = [];
  for (const { path, text } of sources()) {
    const from = path.split('/')[0] as string;
    for (const target of importsOf(path, text)) {
      const to = target.split('/')[0] as string;
      const testOnly =
        path.endsWith('.test.ts') && (target.startsWith('../testing/') || target.startsWith('../node_modules/'));
      if (to === from || testOnly || exceptions[`${from} -> ${to}`] !== undefined) continue;
      if (to === '..' || floorOf(to) >= floorOf(from)) broken.push(`${path} imports ${target}`);
    }
  }
  assert.deepEqual(broken, []);
});

test('privileges stay in their folders', () => {
  const broken: string[] = [];
  for (const { path, text } of sources()) {
    if (path.endsWith('.test.ts')) continue;
    const code = text.replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '');
    for (const { what, name, allowed } of privileges) {
      if (what.test(code) && !allowed.test(path)) broken.push(`${path} touches ${name}`);
    }
  }
  assert.deepEqual(broken, []);
});

test('whatever opens connections is known by how it is imported', () => {
  const what = privileges.find(({ name }) => name === 'client connections')?.what ?? /^$/;
  for (const [line, opens] of [
    ["import { connect } from 'node:net';", true],
    ["import { createServer, request as ask } from 'node:http';", true],
    ["import * as http from 'node:http';", true],
    ["import http, { createServer } from 'node:http';", true],
    ["import { Socket } from 'node:net';", true],
    ["import { ClientRequest } from 'node:http';", true],
    ["import { lookup } from 'node:dns/promises';", true],
    ["const { request } = await import('node:https');", true],
    ["import { createServer, type Socket } from 'node:net';", false],
    ["import type { Socket } from 'node:net';", false],
    ["import { Server as HttpsServer } from 'node:https';", false],
    ["import { isIP } from 'node:net';", false],
  ] as const) {
    assert.equal(what.test(line), opens, line);
  }
});
