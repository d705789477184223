import type { Migration } from '../sql/migrate.ts';

/**
 * The tables of the registry. Times are milliseconds since 1970, digests and names their texts. What makes bytes reachable is
 * here alone: a blob that no row names does not exist, whatever lies in the blob store. Columns that may be long come last in
 * their tables: SQLite reads through a row from its start to the columns it needs.
 *
 * - `blobs`: bytes that are kept once for all repositories. `stored` is 1 when they lie in the blob store or may come to lie
 *   there. `stored_at` tells the row from a later one of the same digest. A row with `deleting` set (since when) is on its way
 *   out: nothing names it, and nothing may link to it until it is gone. One with `damaged` set (since when) has bytes that are
 *   wrong or lost: it is shown to nobody, until somebody pushes them again.
 * - `blob_contents`: the bytes of small blobs. Apart, so that a lease is renewed, and a million blobs are looked through,
 *   without touching any bytes.
 * - `repository_blobs`: what a repository may show and its manifests may name. `used_at` is the lease: when it was linked,
 *   mounted or asked for last.
 * - `manifests`, `manifest_links`: documents of a repository, and what each names.
 * - `tags`: names for manifests.
 * - `attachments`: counts the changes in a repository by which something is attached to a manifest, or taken from it.
 * - `uploads`: what is being sent; small beginnings in `content`.
 * - `robots`: robot accounts; `revision` counts the changes of each.
 * - `settings`: what a registry makes once for all its processes, such as the key of its token service.
 * - `audit`: who did what. Entries are written in the transaction that does it; `sequence`, `previous` and `hash` are added when they
 *   are sealed into the chain of the process that wrote them.
 * - `upstream_tags`: when the upstream of a tag was asked for it last, and when that failed. `upstream_lists`: lists of an upstream, as
 *   JSON. `upstream_leases`: what a process is fetching, so that others wait for it. `upstream_budgets`: requests that were made.
 *   `upstream_blobs`: which upstreams sent the bytes of a blob, by their addresses. `upstream_spool`: room for blobs on their way,
 *   and the upstream that takes it, by its address; an empty one for what a program took that did not know it.
 * - `scans`: images by their digests, in whatever repositories they lie, and how far the scan of each has come. `scan_evidence`:
 *   what is known of those that were scanned; `built_at` is that of the vulnerability database, and null where there was none.
 *   `scan_inventories`: what they hold, whole and by the numbers of its packages.
 * - `scan_offers`: manifests that are scanned before they are kept, for as long as that may take.
 *   `scan_attachments`: what the registry attached itself to images of a repository; `mark` tells whether it is still true.
 * - `packages`: distinct packages of all images. `image_packages`: which images have each. `package_flaws`: the ids of its flaws,
 *   since when each is known here, and when it was gone again; 0 for one that is there.
 */
export const migrations: readonly Migration[] = [
  {
    statements: ({ id, text, integer, bytes, inKeyOrder }) => [
      `CREATE TABLE repositories (id ${id}, name ${text} NOT NULL UNIQUE, created_at ${integer} NOT NULL)`,
      `CREATE TABLE blobs (
        digest ${text} PRIMARY KEY, size ${integer} NOT NULL, stored ${integer} NOT NULL, stored_at ${integer} NOT NULL,
        used_at ${integer} NOT NULL, deleting ${integer} NOT NULL DEFAULT 0, damaged ${integer} NOT NULL DEFAULT 0) ${inKeyOrder}`,
      'CREATE INDEX blobs_deleting ON blobs (deleting) WHERE deleting > 0',
      `CREATE TABLE blob_contents (digest ${text} PRIMARY KEY, content ${bytes} NOT NULL)`,
      `CREATE TABLE repository_blobs (
        repository ${integer} NOT NULL, digest ${text} NOT NULL, used_at ${integer} NOT NULL,
        PRIMARY KEY (repository, digest)) ${inKeyOrder}`,
      'CREATE INDEX repository_blobs_digest ON repository_blobs (digest, repository)',
      `CREATE TABLE manifests (
        repository ${integer} NOT NULL, digest ${text} NOT NULL, media_type ${text} NOT NULL, size ${integer} NOT NULL,
        artifact_type ${text}, subject ${text}, pushed_at ${integer} NOT NULL, pulled_at ${integer},
        annotations ${text}, PRIMARY KEY (repository, digest))`,
      'CREATE INDEX manifests_digest ON manifests (digest, repository)',
      'CREATE INDEX manifests_subject ON manifests (repository, subject, digest) WHERE subject IS NOT NULL',
      `CREATE INDEX manifests_artifact ON manifests (repository, subject, artifact_type, digest)
        WHERE subject IS NOT NULL`,
      `CREATE TABLE manifest_links (
        repository ${integer} NOT NULL, manifest ${text} NOT NULL, target ${text} NOT NULL, kind ${text} NOT NULL,
        PRIMARY KEY (repository, manifest, target)) ${inKeyOrder}`,
      'CREATE INDEX manifest_links_target ON manifest_links (repository, target)',
      `CREATE TABLE tags (
        repository ${integer} NOT NULL, name ${text} NOT NULL, digest ${text} NOT NULL,
        created_at ${integer} NOT NULL, pushed_at ${integer} NOT NULL, pulled_at ${integer},
        PRIMARY KEY (repository, name)) ${inKeyOrder}`,
      'CREATE INDEX tags_digest ON tags (repository, digest)',
      `CREATE TABLE uploads (
        id ${text} PRIMARY KEY, repository ${integer} NOT NULL, owner ${text} NOT NULL,
        size ${integer} NOT NULL, version ${integer} NOT NULL, locked_until ${integer} NOT NULL DEFAULT 0,
        created_at ${integer} NOT NULL, updated_at ${integer} NOT NULL, parts ${text}, content ${bytes})`,
      'CREATE INDEX uploads_updated ON uploads (updated_at)',
      'CREATE INDEX uploads_owner ON uploads (owner)',
      `CREATE TABLE robots (name ${text} PRIMARY KEY, revision ${integer} NOT NULL, record ${text} NOT NULL)`,
      `CREATE TABLE settings (name ${text} PRIMARY KEY, value ${text} NOT NULL)`,
      `CREATE TABLE audit (
        id ${id}, chain ${text} NOT NULL, sequence ${integer}, previous ${text}, hash ${text}, time ${integer} NOT NULL,
        actor ${text} NOT NULL, action ${text} NOT NULL, outcome ${text} NOT NULL, repository ${text}, entry ${text} NOT NULL)`,
      'CREATE UNIQUE INDEX audit_chain ON audit (chain, sequence)',
      'CREATE INDEX audit_pending ON audit (chain, id) WHERE sequence IS NULL',
      'CREATE INDEX audit_time ON audit (time, id)',
      'CREATE INDEX audit_repository ON audit (repository, time) WHERE repository IS NOT NULL',
    ],
  },
  {
    statements: ({ text, integer, inKeyOrder }) => [
      `CREATE TABLE upstream_tags (
        repository ${integer} NOT NULL, name ${text} NOT NULL, checked_at ${integer} NOT NULL,
        failed_at ${integer} NOT NULL DEFAULT 0, PRIMARY KEY (repository, name)) ${inKeyOrder}`,
      `CREATE TABLE upstream_lists (
        repository ${text} NOT NULL, subject ${text} NOT NULL, checked_at ${integer} NOT NULL,
        failed_at ${integer} NOT NULL DEFAULT 0, entries ${text} NOT NULL, PRIMARY KEY (repository, subject))`,
      `CREATE TABLE upstream_leases (
        name ${text} PRIMARY KEY, holder ${text} NOT NULL, expires_at ${integer} NOT NULL) ${inKeyOrder}`,
      `CREATE TABLE upstream_budgets (
        upstream ${text} NOT NULL, kind ${text} NOT NULL, since ${integer} NOT NULL, used ${integer} NOT NULL,
        PRIMARY KEY (upstream, kind)) ${inKeyOrder}`,
    ],
  },
  {
    statements: ({ id, text, integer, bytes, inKeyOrder }) => [
      `CREATE TABLE scans (
        id ${id}, digest ${text} NOT NULL UNIQUE, state ${text} NOT NULL, attempts ${integer} NOT NULL, claims ${integer} NOT NULL,
        claim ${text}, lease_until ${integer} NOT NULL DEFAULT 0, retry_at ${integer} NOT NULL DEFAULT 0, code ${text},
        updated_at ${integer} NOT NULL, repository ${text} NOT NULL, message ${text})`,
      `CREATE INDEX scans_running ON scans (lease_until) WHERE state = 'running'`,
      `CREATE INDEX scans_state ON scans (state, updated_at)`,
      `CREATE TABLE scan_evidence (
        scan ${integer} PRIMARY KEY, signature ${text} NOT NULL, incomplete ${integer} NOT NULL, packages ${integer} NOT NULL,
        built_at ${integer}, scanned_at ${integer} NOT NULL, judged_at ${integer}, content ${bytes} NOT NULL)`,
      'CREATE INDEX scan_evidence_signature ON scan_evidence (signature, scan)',
      `CREATE TABLE scan_inventories (scan ${integer} PRIMARY KEY, facts ${text} NOT NULL, inventory ${bytes} NOT NULL)`,
      `CREATE TABLE packages (
        id ${id}, key ${text} NOT NULL UNIQUE, type ${text} NOT NULL, name ${text} NOT NULL, version ${text} NOT NULL,
        source ${text}, source_version ${text}, distro ${text} NOT NULL, purl ${text} NOT NULL, record ${text} NOT NULL)`,
      'CREATE INDEX packages_name ON packages (name)',
      'CREATE INDEX packages_source ON packages (source) WHERE source IS NOT NULL',
      `CREATE TABLE image_packages (
        package ${integer} NOT NULL, scan ${integer} NOT NULL, PRIMARY KEY (package, scan)) ${inKeyOrder}`,
      `CREATE TABLE package_flaws (
        flaw ${text} NOT NULL, package ${integer} NOT NULL, PRIMARY KEY (flaw, package)) ${inKeyOrder}`,
      'CREATE INDEX package_flaws_package ON package_flaws (package, flaw)',
      `CREATE TABLE scan_attachments (
        repository ${integer} NOT NULL, scan ${integer} NOT NULL, kind ${text} NOT NULL, digest ${text} NOT NULL,
        bytes ${integer} NOT NULL, mark ${text} NOT NULL, PRIMARY KEY (repository, scan, kind)) ${inKeyOrder}`,
    ],
  },
  {
    statements: ({ text, integer, bytes }) => [
      `CREATE TABLE scan_offers (
        digest ${text} PRIMARY KEY, repository ${text} NOT NULL, media_type ${text} NOT NULL, offered_at ${integer} NOT NULL,
        content ${bytes} NOT NULL)`,
      'CREATE INDEX scan_offers_offered ON scan_offers (offered_at)',
    ],
  },
  {
    statements: ({ integer }) => [
      `ALTER TABLE package_flaws ADD COLUMN since ${integer} NOT NULL DEFAULT 0`,
      `ALTER TABLE package_flaws ADD COLUMN gone_at ${integer} NOT NULL DEFAULT 0`,
      // Judging anew reads all flaws by their packages: from the index alone.
      'DROP INDEX package_flaws_package',
      'CREATE INDEX package_flaws_package ON package_flaws (package, flaw, gone_at, since)',
      'CREATE INDEX package_flaws_gone ON package_flaws (gone_at) WHERE gone_at > 0',
      'CREATE INDEX image_packages_scan ON image_packages (scan)',
      'CREATE INDEX scan_attachments_scan ON scan_attachments (scan)',
    ],
  },
  {
    // With the kind, without which SQLite would rather go through all links of a repository than look into the table for it.
    statements: () => [
      'CREATE INDEX manifest_links_named ON manifest_links (repository, target, kind)',
      'DROP INDEX manifest_links_target',
    ],
  },
  {
    statements: ({ integer, inKeyOrder }) => [
      `CREATE TABLE attachments (repository ${integer} PRIMARY KEY, revision ${integer} NOT NULL) ${inKeyOrder}`,
    ],
  },
  {
    statements: ({ text, inKeyOrder }) => [
      `CREATE TABLE upstream_blobs (
        digest ${text} NOT NULL, upstream ${text} NOT NULL, PRIMARY KEY (digest, upstream)) ${inKeyOrder}`,
    ],
  },
  {
    statements: ({ text, integer, inKeyOrder }) => [
      `CREATE TABLE upstream_spool (
        place ${text} NOT NULL, holder ${text} NOT NULL, bytes ${integer} NOT NULL, PRIMARY KEY (place, holder)) ${inKeyOrder}`,
      'CREATE INDEX upstream_leases_holder ON upstream_leases (holder)',
    ],
  },
  {
    statements: ({ text }) => [`ALTER TABLE upstream_spool ADD COLUMN upstream ${text} NOT NULL DEFAULT ''`],
  },
  {
    // Of packages whose names are the same in several spellings, and of artifacts of Maven without their groups, which is what stands
    // behind the last colon; "triage.ts" asks in these very words.
    statements: () => [
      `CREATE INDEX packages_spelling ON packages (lower(replace(replace(name, '_', '-'), '.', '-')))
        WHERE type IN ('bitnami', 'composer', 'nuget', 'pypi')`,
      `CREATE INDEX packages_artifact ON packages (replace(name, rtrim(name, replace(name, ':', '')), ''))
        WHERE type = 'maven'`,
    ],
  },
];
